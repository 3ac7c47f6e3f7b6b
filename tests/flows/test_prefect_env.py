import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from flows import prefect_env


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_the_users_own_server_wins(tmp_path: Path) -> None:
    assert prefect_env.find_server(tmp_path, {"PREFECT_API_URL": "http://there/api"}) == "http://there/api"


def test_no_server_is_found_where_none_runs(tmp_path: Path) -> None:
    assert prefect_env.find_server(tmp_path, {}) is None
    stale = prefect_env.address_file(tmp_path)
    stale.parent.mkdir()
    stale.write_text("http://127.0.0.1:1/api")
    assert prefect_env.find_server(tmp_path, {}) is None


def test_the_data_dirs_server_is_found_while_it_answers(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Healthy)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/api"
        left = prefect_env.address_file(tmp_path)
        left.parent.mkdir()
        left.write_text(address)
        # a proxy in the environment must not be asked for loopback
        assert prefect_env.find_server(tmp_path, {"http_proxy": "http://127.0.0.1:1"}) == address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert prefect_env.find_server(tmp_path, {}) is None


def test_the_servers_port_is_told_twice(tmp_path: Path) -> None:
    env = prefect_env.server_environment(tmp_path, 4321)
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert env["PREFECT_SERVER_API_PORT"] == "4321"
    assert env["PREFECT_HOME"] == str(tmp_path / "prefect")
