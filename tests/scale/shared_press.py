"""Sites of fiction on loopback ports, in a thread, with a log of who asked when: what shared crawls are tried on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class SharedPress:
    """`log` has (began, ended, site, path, who) for each request: monotonic seconds, and the User-Agent."""

    latency_s: float
    paragraphs: int = 1
    sites: list[str] = field(default_factory=list)
    log: list[tuple[float, float, str, str, str]] = field(default_factory=list)

    def urls(self, count: int) -> list[str]:
        return [f"{self.sites[n % len(self.sites)]}/story/{n}" for n in range(count)]

    def asked(self) -> Counter[str]:
        """How often each page was asked for."""
        return Counter(f"{site}{path}" for _, _, site, path, _ in self.log if path != "/robots.txt")

    def count_by(self, who: str) -> int:
        """How many requests somebody made."""
        return sum(who in agent for *_, agent in self.log)

    def last_by(self, who: str) -> float:
        """When somebody last asked for anything."""
        return max(began for began, *_, agent in self.log if who in agent)

    def least_gap_s(self) -> float:
        """The shortest pause that any site had between the end of an answer and the next request, whoever asked."""
        by_site = defaultdict(list)
        for began, ended, site, *_ in self.log:
            by_site[site].append((began, ended))
        gaps = [
            after[0] - before[1]
            for times in by_site.values()
            for before, after in zip(sorted(times), sorted(times)[1:], strict=False)
        ]
        return min(gaps)


class _Site(asyncio.Protocol):
    def __init__(self, press: SharedPress, port: int) -> None:
        self._press = press
        self._site = f"http://127.0.0.1:{port}"
        self._data = b""
        self._waiting: dict[tuple[float, str, str], asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while b"\r\n\r\n" in self._data:
            head, _, self._data = self._data.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            who = head.lower().partition(b"user-agent: ")[2].partition(b"\r\n")[0].decode()
            request = (time.monotonic(), path, who)
            answer = asyncio.get_running_loop().call_later(self._press.latency_s, self._answer, *request)
            self._waiting[request] = answer

    def connection_lost(self, exc: Exception | None) -> None:
        """Who asked is gone, killed perhaps: it waits for no answer any more."""
        for request, answer in self._waiting.items():
            answer.cancel()
            self._log(*request)

    def _log(self, began: float, path: str, who: str) -> None:
        self._press.log.append((began, time.monotonic(), self._site, path, who))

    def _answer(self, began: float, path: str, who: str) -> None:
        del self._waiting[began, path, who]
        self._log(began, path, who)
        status = "404 Not Found" if path == "/robots.txt" else "200 OK"
        told = "".join(
            f"<p>The ferry of {self._site} ran late {n + 1} times, and those on the mole read {path} to each other.</p>"
            for n in range(self._press.paragraphs)
        )
        body = f"<!doctype html><title>{path}</title><h1>{path}</h1>{told}".encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        if not self._transport.is_closing():
            self._transport.write(head + body)  # type: ignore[attr-defined]


@contextmanager
def shared_press(site_count: int, latency_s: float, paragraphs: int = 1) -> Iterator[SharedPress]:
    press = SharedPress(latency_s, paragraphs)
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        for _ in range(site_count):
            server = await loop.create_server(lambda: None, "127.0.0.1", 0)  # type: ignore[arg-type, return-value]
            port = server.sockets[0].getsockname()[1]
            server.close()
            await loop.create_server(lambda port=port: _Site(press, port), "127.0.0.1", port)
            press.sites.append(f"http://127.0.0.1:{port}")

    loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield press
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
