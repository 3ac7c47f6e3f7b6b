import os
import subprocess
import sys
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


def test_asking_makes_no_data_dir_and_leaves_no_home(tmp_path: Path) -> None:
    with prefect_env.home_for_now(tmp_path) as home:
        assert home == {}
    with prefect_env.home_for_now(tmp_path / "data") as home:
        assert Path(home["PREFECT_HOME"]).is_dir()
    assert not Path(home["PREFECT_HOME"]).exists()
    assert not (tmp_path / "data").exists()


def test_deploy_where_nothing_is_says_one_line(tmp_path: Path) -> None:
    """A process of its own: Prefect says what it has to say about its home when it is imported."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    command = [str(Path(sys.executable).parent / "broadsheet"), "deploy", "--project", str(Path(__file__).parents[2])]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    words = "no Prefect server: start one with `broadsheet serve`, or name one in PREFECT_API_URL"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"broadsheet: {words}\n")
    assert list(tmp_path.iterdir()) == []


def test_the_servers_port_is_told_twice(tmp_path: Path) -> None:
    env = prefect_env.server_environment(tmp_path, 4321)
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert env["PREFECT_SERVER_API_PORT"] == "4321"
    assert env["PREFECT_HOME"] == str(tmp_path / "prefect")


def test_what_is_set_for_a_long_life_is_what_prefect_understands(tmp_path: Path) -> None:
    code = """
from prefect.settings import get_current_settings
s = get_current_settings()
print(sorted(s.server.services.db_vacuum.enabled_vacuum_types), s.server.services.db_vacuum.retention_period.days,
      s.server.events.retention_period.days, s.server.concurrency.lease_storage.rpartition(".")[2],
      s.server.database.timeout, s.client.max_retries, s.flows.heartbeat_frequency, s.server.api.host,
      s.api.auth_string.get_secret_value())
"""
    environ = {**os.environ, "PREFECT_SERVER_API_AUTH_STRING": "a:b", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "60"}
    env = {**environ, **prefect_env.server_environment(tmp_path, 4321, environ)}
    (tmp_path / "prefect").mkdir()
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    expected = "['events', 'flow_runs', 'orphans'] 30 7 filesystem 60.0 7 60 127.0.0.1 a:b"
    assert done.stdout.strip() == expected


def test_what_the_user_says_about_retention_wins(tmp_path: Path) -> None:
    name = "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"
    assert prefect_env.server_environment(tmp_path, 4321, {name: "7200"})[name] == "7200"
    assert "PREFECT_API_AUTH_STRING" not in prefect_env.server_environment(tmp_path, 4321)
