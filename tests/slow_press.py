"""Sites of fiction that take their time to answer, for tests that break off a crawl in its middle."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

LATENCY_S = 0.1


@contextmanager
def slow_press(count: int, words: str) -> Iterator[tuple[Sequence[str], list[str]]]:
    """The addresses of so many sites, and the URLs that they were asked for. `words` may hold `{path}`."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(f"http://{self.headers['Host']}{self.path}")
            time.sleep(LATENCY_S)
            body = f"<html><title>{self.path}</title>{words.format(path=self.path)}</html>".encode()
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(count)]
    for server in servers:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield [f"http://127.0.0.1:{server.server_address[1]}" for server in servers], asked
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
