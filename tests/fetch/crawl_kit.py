"""A well-behaved site on loopback, with an access log, for tests of the crawl."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread
from typing import Any

from flows.fetch.crawl import CrawlBatch, CrawlReport, crawl
from flows.settings import Settings
from flows.sources import Kind, Source
from transforms.schema import Fetch
from warehouse.datadir import DataDir

Route = Callable[[dict[str, str]], tuple[int, dict[str, str], bytes]]


def page(title: str, text: str = "A ferry ran late.") -> bytes:
    body = f"<p>{text}</p>" * 5
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>".encode()
    )


@dataclass
class Site:
    """Paths and what they answer; `log` has (time, path, request headers) for each request."""

    url: str = ""
    routes: dict[str, Route] = field(default_factory=dict)
    log: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)
    delay_s: float = 0.0

    def add(
        self, path: str, body: bytes | str, content_type: str = "text/html", status: int = 200, **headers: str
    ) -> str:
        given = body.encode() if isinstance(body, str) else body
        named = {k.replace("_", "-"): v for k, v in headers.items()}

        def route(asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
            if named.get("ETag") and asked.get("if-none-match") == named["ETag"]:
                return 304, named, b""
            return status, {"Content-Type": content_type, **named}, given

        self.routes[path] = route
        return self.url + path

    def feed(self, path: str, urls: Sequence[str], **headers: str) -> str:
        items = "".join(f"<item><title>x</title><link>{u}</link></item>" for u in urls)
        return self.add(path, f"<rss version='2.0'><channel>{items}</channel></rss>", "application/rss+xml", **headers)

    def asked(self, path: str) -> list[dict[str, str]]:
        return [headers for _, p, headers in self.log if p == path]

    def paths(self) -> list[str]:
        return [p for _, p, _ in self.log]


@contextmanager
def sites() -> Iterator[Callable[[], Site]]:
    """Makes sites; they are served until the block ends."""
    servers: list[ThreadingHTTPServer] = []

    def make() -> Site:
        site = Site()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {k.lower(): v for k, v in self.headers.items()}
                site.log.append((time.monotonic(), self.path, headers))
                time.sleep(site.delay_s)
                route = site.routes.get(self.path)
                status, given, body = route(headers) if route else (404, {"Content-Type": "text/plain"}, b"none")
                self.send_response(status)
                for name, value in given.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        return site

    try:
        yield make
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


@dataclass
class Outcome:
    report: CrawlReport
    batches: list[CrawlBatch]

    @property
    def fetches(self) -> list[Fetch]:
        return [f for b in self.batches for f in b.fetches]

    def of(self, kind: str = "page") -> dict[str, str]:
        return {f.url: f.outcome.value for f in self.fetches if f.kind == kind}

    def fetch(self, url: str) -> Fetch:
        (found,) = [f for f in self.fetches if f.url == url]
        return found


QUICK: dict[str, Any] = {
    "host_gap_s": 0.0,
    "latency_factor": 0.0,
    "allow_private": (ip_network("127.0.0.0/8"),),
    "fetch_tries": 2,
    "revisit_after": (0,) * 9,
}


@dataclass
class Crawler:
    datadir: DataDir
    number: int = 0

    def run(self, *sources: Source, take: bool = True, given: dict[str, Any] | None = None, **settings: Any) -> Outcome:
        self.number += 1
        batches: list[CrawlBatch] = []
        report = asyncio.run(
            crawl(
                sources,
                settings=Settings(**{**QUICK, **settings}),
                datadir=self.datadir,
                run_id=f"run-{self.number}",
                **{"on_batch": batches.append, **(given or {})},
            )
        )
        assert report.is_balanced, report
        assert sum(len(b.fetches) for b in batches) == report.discovered
        outcome = Outcome(report, batches)
        if take:
            for batch in batches:
                batch.taken()
        return outcome


def urls_of(*urls: str, **given: Any) -> Source:
    return Source(id="list", kind=Kind.URLS, urls=urls, **given)


def feed_of(url: str, **given: Any) -> Source:
    from datetime import timedelta

    return Source(id="feed", kind=Kind.FEED, urls=(url,), interval=timedelta(0), **given)
