"""Each misbehaviour ends in its outcome, in bounded time and memory, and stops nobody else's pages."""

from __future__ import annotations

import asyncio
import resource
import ssl
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
import trustme
from fault_server import FAULTS, HTML, Fault, Server, answer, endless, hang, raw, serving

from flows.fetch.crawl import CrawlBatch, crawl
from flows.settings import Settings
from flows.sources import Kind, Source
from transforms.schema import Fetch
from warehouse.datadir import DataDir

SETTINGS = Settings(
    host_gap_s=0.0,
    latency_factor=0.0,
    allow_private=(ip_network("127.0.0.0/8"),),
    # wide enough that a busy machine ends no answer early
    connect_timeout_s=5.0,
    idle_timeout_s=2.5,
    total_timeout_s=5.0,
    raw_bytes_max=1_000_000,
    decoded_bytes_max=2_000_000,
    fetch_tries=2,
    hosts_at_once=200,
)


def run(folder: Path, urls: list[str], tls: ssl.SSLContext | None = None) -> dict[str, Fetch]:
    batches: list[CrawlBatch] = []
    source = Source(id="faults", kind=Kind.URLS, urls=tuple(urls))
    datadir = DataDir.open(folder, create=True)
    report = asyncio.run(
        crawl([source], settings=SETTINGS, datadir=datadir, run_id="r", on_batch=batches.append, tls=tls)
    )
    assert report.is_balanced
    return {f.url: f for b in batches for f in b.fetches if f.kind == "page"}


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[dict[str, Fetch], dict[str, Server], float, int]]:
    with serving({name: fault for name, (fault, _) in FAULTS.items()}) as servers:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.monotonic()
        fetches = run(tmp_path_factory.mktemp("faults") / "data", [s.url for s in servers.values()])
        took = time.monotonic() - started
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        by_name = {name: fetches[f"{server.url}/"] for name, server in servers.items()}
        yield by_name, servers, took, grown


@pytest.mark.parametrize(("name", "expected"), [(name, expected) for name, (_, expected) in FAULTS.items()])
def test_each_fault_ends_in_its_outcome(
    outcomes: tuple[dict[str, Fetch], dict[str, Server], float, int], name: str, expected: str
) -> None:
    fetch = outcomes[0][name]
    assert fetch.outcome.value == expected, fetch.detail
    assert fetch.attempts


@pytest.mark.parametrize("name", FAULTS)
def test_no_request_is_made_that_the_ledger_does_not_tell_of(
    outcomes: tuple[dict[str, Fetch], dict[str, Server], float, int], name: str
) -> None:
    fetches, servers, _, _ = outcomes
    told = sum(attempt.url.startswith(servers[name].url) for attempt in fetches[name].attempts)
    assert len([path for path in servers[name].requests if path != "/robots.txt"]) <= told


def test_all_of_them_together_take_bounded_time_and_memory(
    outcomes: tuple[dict[str, Fetch], dict[str, Server], float, int],
) -> None:
    _, _, took, grown_kb = outcomes
    assert took < 120  # two tries of five seconds and what slowing down adds; ten times that is no bound any more
    assert grown_kb * (1 if sys.platform == "linux" else 1 / 1024) < 300_000


def certificate(authority: trustme.CA, name: str, not_after: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=not_after).configure_cert(context)
    return context


def test_certificates(tmp_path: Path) -> None:
    trusted, strange = trustme.CA(), trustme.CA()
    client = ssl.create_default_context()
    trusted.configure_trust(client)
    servers = {
        "captured": Server(answer(), certificate(trusted, "127.0.0.1")),
        "tls: self-made": Server(answer(), certificate(strange, "127.0.0.1")),
        "tls: another name": Server(answer(), certificate(trusted, "press.example")),
        "tls: expired": Server(answer(), certificate(trusted, "127.0.0.1", datetime(2020, 1, 1, tzinfo=UTC))),
    }
    plain = Server(answer(), greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    try:
        fetches = run(
            tmp_path / "data", [s.url for s in servers.values()] + [plain.url.replace("http", "https")], client
        )
    finally:
        for server in [*servers.values(), plain]:
            server.close()
    for name, server in servers.items():
        assert fetches[f"{server.url}/"].outcome.value == name.partition(":")[0], name
    assert fetches[plain.url.replace("http", "https") + "/"].outcome.value == "tls"


ROBOTS_FAULTS: dict[str, tuple[Fault, str]] = {
    "hangs": (hang(), "robots_unreachable"),
    "closes at once": (raw(b""), "robots_unreachable"),
    "is cut": (answer(b"User-agent: *", length=99), "robots_unreachable"),
    "is no HTTP": (raw(b"no\r\n\r\n"), "robots_unreachable"),
    "fails": (answer(b"", status="502 Bad"), "robots_unreachable"),
    "has a wrong coding": (answer(b"User-agent: *", "Content-Encoding: gzip"), "robots_unreachable"),
    "is a bomb": (FAULTS["gzip bomb"][0], "robots_unreachable"),
    "has no end": (
        endless(b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\r\nDisallow: /\r\n", b"# more\r\n" * 8_000),
        "robots_denied",
    ),
    "is a page": (answer(HTML), "captured"),
    "is empty": (answer(b"", kind="text/plain"), "captured"),
    "asks for a login": (answer(b"", status="401 No"), "captured"),
}


def for_robots(fault: Fault) -> Fault:
    def either(connection: object, path: str, server: Server) -> None:
        (fault if path == "/robots.txt" else answer())(connection, path, server)  # type: ignore[arg-type]

    return either


def test_robots_txt_that_misbehaves(tmp_path: Path) -> None:
    servers = {name: Server(for_robots(fault), robots=False) for name, (fault, _) in ROBOTS_FAULTS.items()}
    try:
        fetches = run(tmp_path / "data", [s.url for s in servers.values()])
    finally:
        for server in servers.values():
            server.close()
    found = {name: fetches[f"{server.url}/"].outcome.value for name, server in servers.items()}
    assert found == {name: expected for name, (_, expected) in ROBOTS_FAULTS.items()}
    assert all("/" not in s.requests for n, s in servers.items() if found[n].startswith("robots"))
