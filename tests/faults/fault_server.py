"""A server of raw sockets that misbehaves: each fault is a function that is given a connection and does harm to it.

Each fault listens on a port of its own, so that what one does to its site's standing does not touch the others. Its
robots.txt is well-behaved unless the fault is about robots.txt.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import brotli
import zstandard

Fault = Callable[[socket.socket, str, "Server"], None]

HTML = b"<!doctype html><html><head><title>T</title></head><body><h1>T</h1><p>The ferry ran late.</p></body></html>"
ZEROS = bytes(64_000_000)


class Server:
    """One fault on one port. `requests` are the paths asked for; `is_closing` ends what would never end."""

    def __init__(
        self, fault: Fault, tls: ssl.SSLContext | None = None, robots: bool = True, greeting: bytes = b""
    ) -> None:
        self._fault = fault
        self._tls = tls
        self._robots = robots
        self._greeting = greeting
        self.requests: list[str] = []
        self.is_closing = Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.socket.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.is_closing.set()
        self.socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            send(connection, self._greeting)
            while (path := read_request(connection)) is not None:
                self.requests.append(path)
                if path == "/robots.txt" and self._robots:
                    send(connection, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                self._fault(connection, path, self)
                return


def read_request(connection: socket.socket) -> str | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return None
        data += piece
    return data.split(b" ", 2)[1].decode()


def send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(data)


def answer(
    body: bytes = HTML, *headers: str, status: str = "200 OK", kind: str = "text/html", length: int | None = None
) -> Fault:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    whole = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    return lambda connection, path, server: send(connection, whole)


def raw(data: bytes) -> Fault:
    return lambda connection, path, server: send(connection, data)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang(first: bytes = b"") -> Fault:
    def fault(connection: socket.socket, path: str, server: Server) -> None:
        send(connection, first)
        server.is_closing.wait(60)

    return fault


def endless(first: bytes, again: bytes, pause_s: float = 0.0) -> Fault:
    def fault(connection: socket.socket, path: str, server: Server) -> None:
        send(connection, first)
        while not server.is_closing.is_set():
            send(connection, again)
            time.sleep(pause_s)

    return fault


def then_reset(first: bytes) -> Fault:
    def fault(connection: socket.socket, path: str, server: Server) -> None:
        if first:
            send(connection, first)
            time.sleep(0.1)
        reset(connection)

    return fault


def flaky(*faults: Fault) -> Fault:
    """One fault after the other, the last one again and again."""
    calls = iter(faults)
    state: list[Fault] = []

    def fault(connection: socket.socket, path: str, server: Server) -> None:
        state[:] = [next(calls, state[0] if state else faults[-1])]
        state[0](connection, path, server)

    return fault


def zstd_bomb() -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(ZEROS)


def packed(content: bytes) -> bytes:
    """Without the time: as brotli, a stream of some times is wrong and of others only too short."""
    return gzip.compress(content, mtime=0)


def bad_crc() -> bytes:
    whole = packed(HTML)
    return whole[:-8] + bytes(4) + whole[-4:]


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BIG = b"Content-Length: 900000000\r\n\r\n"

FAULTS: dict[str, tuple[Fault, str]] = {
    # silence and slowness
    "hangs before answering": (hang(), "timeout"),
    "hangs in the status line": (hang(b"HTTP/1.1 20"), "timeout"),
    "hangs in the headers": (hang(HEAD), "timeout"),
    "hangs in the body": (hang(HEAD + b"Content-Length: 100\r\n\r\n<html>"), "timeout"),
    "drips its headers": (endless(HEAD, b"X", 0.2), "timeout"),
    "drips its body": (endless(HEAD + BIG, b"x", 0.2), "timeout"),
    "sends 100 Continue for ever": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), "timeout"),
    # early ends
    "closes at once": (raw(b""), "reset"),
    "resets at once": (then_reset(b""), "reset"),
    "resets in the headers": (then_reset(HEAD), "reset"),
    "closes in the headers": (raw(HEAD), "reset"),
    "resets in the body": (then_reset(HEAD + b"Content-Length: 1000\r\n\r\n<html>"), "truncated"),
    "body shorter than announced": (answer(HTML, length=5_000), "truncated"),
    "ends within a chunk": (raw(CHUNKED + b"400\r\n<html>"), "truncated"),
    "ends without the last chunk": (raw(CHUNKED + b"6\r\n<html>\r\n"), "truncated"),
    "gzip ends early": (answer(packed(HTML)[:-12], "Content-Encoding: gzip"), "truncated"),
    "br ends early": (answer(brotli.compress(HTML * 9)[:-9], "Content-Encoding: br"), "truncated"),
    # too much
    "endless body": (endless(HEAD + BIG, b"x" * 65_536), "too_large"),
    "endless body without length": (endless(HEAD + b"\r\n", b"x" * 65_536), "too_large"),
    "endless chunks": (endless(CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n"), "too_large"),
    "endless headers": (endless(HEAD, b"X-More: " + b"y" * 200 + b"\r\n"), "too_large"),
    "endless header line": (endless(HEAD + b"X-Long: ", b"y" * 65_536), "too_large"),
    "endless status line": (endless(b"HTTP/1.1 200 O", b"K" * 65_536), "too_large"),
    "gzip bomb": (answer(packed(ZEROS), "Content-Encoding: gzip"), "too_large"),
    "deflate bomb": (answer(zlib.compress(ZEROS), "Content-Encoding: deflate"), "too_large"),
    "br bomb": (answer(brotli.compress(ZEROS, quality=4), "Content-Encoding: br"), "too_large"),
    "zstd bomb": (answer(zstd_bomb(), "Content-Encoding: zstd"), "too_large"),
    "bomb in a bomb": (answer(packed(packed(ZEROS)), "Content-Encoding: gzip, gzip"), "too_large"),
    # codings
    "plain called gzip": (answer(HTML, "Content-Encoding: gzip"), "bad_encoding"),
    "gzip called br": (answer(packed(HTML), "Content-Encoding: br"), "bad_encoding"),
    "a coding nobody knows": (answer(HTML, "Content-Encoding: rot13"), "bad_encoding"),
    "seventeen codings": (answer(HTML, "Content-Encoding: " + ", ".join(["gzip"] * 17)), "bad_encoding"),
    "bad checksum": (answer(bad_crc(), "Content-Encoding: gzip"), "bad_encoding"),
    # not HTTP
    "another protocol": (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "bad_response"),
    "bare body": (raw(HTML), "bad_response"),
    "bytes": (raw(bytes(range(256)) * 4), "bad_response"),
    "bad chunk size": (raw(CHUNKED + b"zz\r\n<html>\r\n0\r\n\r\n"), "bad_response"),
    "two lengths": (raw(HEAD + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\n<html>"), "bad_response"),
    "a length that is no number": (raw(HEAD + b"Content-Length: many\r\n\r\n<html>"), "bad_response"),
    "a null byte in a header": (raw(HEAD + b"X-Null: a\0b\r\nContent-Length: 0\r\n\r\n"), "bad_response"),
    "part of the page": (answer(HTML, "Content-Range: bytes 0-9/99", status="206 Partial Content"), "bad_response"),
    "304 without asking": (raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "bad_response"),
    # not a page
    "a picture": (answer(b"\x89PNG....", kind="image/png"), "not_html"),
    "a picture called HTML": (answer(b"\x89PNG\r\n\x1a\n" + bytes(400)), "not_html"),
    "a PDF without a type": (answer(b"%PDF-1.7", kind=""), "not_html"),
    "words without a type": (answer(b"only words", kind=""), "not_html"),
    "empty": (answer(b""), "empty"),
    "white space": (answer(b" \r\n\t "), "empty"),
    "no content": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "empty"),
    "empty gzip": (answer(packed(b""), "Content-Encoding: gzip"), "empty"),
    # statuses
    "not found": (answer(b"no", status="404 Not Found"), "http_4xx"),
    "an error with an endless body": (endless(b"HTTP/1.1 404 No\r\n" + BIG, b"x" * 65_536), "http_4xx"),
    "server error": (answer(b"no", status="500 Oh"), "http_5xx"),
    "a status beyond all": (answer(b"no", status="799 Odd"), "bad_response"),
    "unavailable, no wish": (answer(b"no", status="503 Busy"), "http_5xx"),
    "unavailable, in seconds": (answer(b"no", "Retry-After: 0", status="503 Busy"), "rate_limited"),
    "unavailable, with a date": (
        answer(b"no", "Retry-After: Mon, 23 Nov 2026 08:00:00 GMT", status="503 Busy"),
        "rate_limited",
    ),
    "too many, negative": (answer(b"no", "Retry-After: -5", status="429 Slow"), "rate_limited"),
    "too many, a century": (answer(b"no", "Retry-After: 3155760000", status="429 Slow"), "rate_limited"),
    "too many, a far date": (
        answer(b"no", "Retry-After: Sun, 01 Jan 2096 00:00:00 GMT", status="429 Slow"),
        "rate_limited",
    ),
    # redirects
    "to itself": (answer(b"", "Location: /", status="302 Found"), "redirect_loop"),
    "to a file": (answer(b"", "Location: file:///etc/passwd", status="302 Found"), "bad_redirect"),
    "to a script": (answer(b"", "Location: javascript:alert(1)", status="302 Found"), "bad_redirect"),
    "to data": (answer(b"", "Location: data:text/html,x", status="302 Found"), "bad_redirect"),
    "to nowhere": (answer(b"", status="301 Moved"), "bad_redirect"),
    "to what cannot be parsed": (answer(b"", "Location: http://[", status="301 Moved"), "bad_redirect"),
    "to many choices": (answer(b"", "Location: /x", status="300 Many"), "bad_redirect"),
    "to the metadata service": (answer(b"", "Location: http://169.254.169.254/", status="302 F"), "address_forbidden"),
    "to a private address in octal": (answer(b"", "Location: http://012.1/", status="302 F"), "address_forbidden"),
    "to a mapped address": (answer(b"", "Location: http://[::ffff:10.0.0.1]/", status="302 F"), "address_forbidden"),
    "to a very long address": (answer(b"", "Location: /" + "a" * 100_000, status="302 Found"), "too_large"),
    # what must work
    "another try helps": (flaky(raw(b""), answer()), "captured"),
    "more than announced": (
        raw(HEAD + b"Content-Length: %d\r\n\r\n" % len(HTML) + HTML + b"HTTP/1.1 200 OK\r\n"),
        "captured",
    ),
    "no type, but a page": (answer(HTML, kind=""), "captured"),
    "an odd charset": (answer(HTML, kind="text/html; charset=x-nonsense"), "captured"),
    "headers beyond ASCII": (
        raw(HEAD + "X-Ort: Zürich\r\n".encode() + b"Content-Length: %d\r\n\r\n" % len(HTML) + HTML),
        "captured",
    ),
    "old protocol": (raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML), "captured"),
}


@contextmanager
def serving(faults: dict[str, Fault]) -> Iterator[dict[str, Server]]:
    """All these faults, each on its own port, until the block ends."""
    servers = {name: Server(fault) for name, fault in faults.items()}
    try:
        yield servers
    finally:
        for server in servers.values():
            server.close()
