"""The sites that crawlers are measured on: several loopback ports, each answer late by the same latency.

A raw asyncio protocol, so that the server takes little of the machine's cores from the crawler under test. Prints its
ports and serves until its standard input closes.
"""

from __future__ import annotations

import asyncio
import sys

HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n'
ROBOTS = b"User-agent: *\nDisallow: /private\n"
PARAGRAPH = (
    "<p>The harbour office of Saltmere counted %d boats in the night of the storm, and the ferry to the outer islands "
    "stayed at the quay until the wind had turned. Nobody was hurt, the mayor said on Tuesday.</p>\n"
)


def page(path: str) -> bytes:
    """A page of about 24 KB that differs from path to path."""
    seed = sum(path.encode())
    text = "".join(PARAGRAPH % (seed * n % 9_973) for n in range(110))
    return (
        f"<!doctype html><html lang='en'><head><title>Story {path}</title></head>"
        f"<body><article><h1>Story {path}</h1>\n{text}</article></body></html>"
    ).encode()


class Site(asyncio.Protocol):
    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while b"\r\n\r\n" in self._data:
            request, _, self._data = self._data.partition(b"\r\n\r\n")
            path = request.split(b" ", 2)[1].decode()
            asyncio.get_running_loop().call_later(self._latency_s, self._answer, path)

    def _answer(self, path: str) -> None:
        body = ROBOTS if path == "/robots.txt" else page(path)
        if not self._transport.is_closing():
            self._transport.write(HEAD % len(body) + body)  # type: ignore[attr-defined]


async def main(hosts: int, latency_s: float) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: Site(latency_s), "127.0.0.1", 0) for _ in range(hosts)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
