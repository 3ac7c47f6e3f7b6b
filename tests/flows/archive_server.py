"""A local server of files with ranges and validators, that can be told to break off, refuse or be slow."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ArchiveServer:
    """Serves `files` (path to bytes). A context manager; `asked` has (path, Range header) of every request."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[tuple[str, str | None]] = []
        self.sent = 0
        self.break_after: dict[str, int] = {}
        """Bytes of a path after which the connection is cut, once for each time that it is asked for."""
        self.statuses: dict[str, int] = {}
        self.redirects: dict[str, str] = {}
        self.chunk_pause_s = 0.0
        self.has_ranges = True
        self.has_length = True
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "ArchiveServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path, wanted = handler.path, handler.headers.get("Range")
        self.asked.append((path, wanted))
        if path in self.redirects:
            handler.send_response(302)
            handler.send_header("Location", self.redirects[path])
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        body = self.files.get(path)
        status = self.statuses.get(path, 200 if body is not None else 404)
        if status != 200 or body is None:
            handler.send_response(status)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        tag, start = f'"{hashlib.sha256(body).hexdigest()[:16]}"', 0
        if self.has_ranges and wanted and handler.headers.get("If-Range") == tag:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            if start >= len(body):
                handler.send_response(416)
                handler.send_header("Content-Length", "0")
                handler.end_headers()
                return
        handler.send_response(206 if start else 200)
        handler.send_header("ETag", tag)
        if self.has_length:
            handler.send_header("Content-Length", str(len(body) - start))
        else:
            handler.send_header("Connection", "close")
        handler.end_headers()
        end = min(len(body), start + self.break_after.get(path, len(body)))
        try:
            for at in range(start, end, 65_536):
                handler.wfile.write(body[at : min(end, at + 65_536)])
                self.sent += min(end, at + 65_536) - at
                time.sleep(self.chunk_pause_s)
        except OSError:
            pass
        if end < len(body) or not self.has_length:
            handler.close_connection = True
