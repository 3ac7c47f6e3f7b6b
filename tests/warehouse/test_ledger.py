from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from transforms.outcome import Outcome
from transforms.schema import Attempt, Fetch
from warehouse import ledger_tables
from warehouse.errors import UserError
from warehouse.ledger import LEASE_S, Ledger, open_ledger
from warehouse.ledger_rows import DocumentState, HostState, RobotsState, UrlState, is_alive, this_owner

SITE = "https://harbour.example:443"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def url(name: str, **given: object) -> UrlState:
    state = UrlState(url=f"https://harbour.example/{name}", original_url=name, source="harbour", first_seen_at=1.0)
    return replace(state, **given)  # type: ignore[arg-type]


def fetch(name: str, outcome: Outcome = Outcome.CAPTURED) -> Fetch:
    attempt = Attempt(url="https://harbour.example/", at=AT, outcome=outcome, wait_s=1.5, wait_reason="gap")
    return Fetch(
        run_id="r1",
        source="harbour",
        url=f"https://harbour.example/{name}",
        outcome=outcome,
        fetched_at=AT,
        wait_s=1.5,
        raw_bytes=7,
        attempts=[attempt],
    )


def test_urls_come_back_as_they_were_put(ledger: Ledger) -> None:
    states = [url(str(n), due_at=float(n), etag='"1"') for n in range(1_200)]
    ledger.put_urls(states)
    found = ledger.states(s.url for s in states)
    assert found == {s.url: s for s in states}
    ledger.put_urls([replace(states[0], due_at=None, outcome="captured")])
    assert ledger.states([states[0].url])[states[0].url].outcome == "captured"
    assert ledger.counts() == {"captured": 1, "waiting": 1_199}


def test_due_urls_are_free_and_longest_due_first(ledger: Ledger) -> None:
    ledger.put_urls(
        [
            url("late", due_at=5.0),
            url("early", due_at=1.0),
            url("not yet", due_at=99.0),
            url("never"),
            url("taken", due_at=0.0, run_id="r9"),
            url("other", due_at=0.0, source="other"),
        ]
    )
    assert [s.original_url for s in ledger.due_urls("harbour", 10.0, 5)] == ["early", "late"]
    assert [s.original_url for s in ledger.due_urls("harbour", 10.0, 1)] == ["early"]
    assert [s.original_url for s in ledger.claimed_urls("r9")] == ["taken"]


def test_a_commit_is_one_whole(ledger: Ledger) -> None:
    ledger.runs.start("r1", this_owner(), 1.0)
    ledger.runs.open_batch("r1.0", "r1")
    rows = (fetch("a"), fetch("b", Outcome.TIMEOUT))
    document = DocumentState(url="https://harbour.example/feed", source="harbour", due_at=9.0)
    host = HostState(site=SITE, not_before=5.0, latency_s=0.2)
    ledger.commit("r1.0", "crawl/x.warc.gz", rows, urls=[url("a")], documents=[document], hosts=[host])
    assert ledger.runs.fetches_of("r1.0") == rows
    assert ledger.documents("harbour") == {document.url: document}
    assert ledger.next_polls() == {"harbour": 9.0}
    with pytest.raises(TypeError):
        ledger.commit("r1.0", None, [fetch("c")], urls=[None])  # type: ignore[list-item]
    assert ledger.runs.fetches_of("r1.0") == rows
    (batch,) = ledger.runs.open_batches(["r1"])
    assert (batch.warc_file, batch.closed_at) == ("crawl/x.warc.gz", None)
    ledger.runs.close_batch("r1.0", "crawl/x.warc.gz", 3.0)
    assert ledger.runs.orphan_batches() == []
    ledger.runs.finish("r1", 4.0, "finished")
    assert [b.batch_id for b in ledger.runs.orphan_batches()] == ["r1.0"]
    ledger.runs.hand_over("r1.0")
    assert ledger.runs.orphan_batches() == []
    assert ledger.runs.fetches_of("r1.0") == ()


def test_a_site_is_leased_to_one_run(ledger: Ledger) -> None:
    ledger.commit("b", None, [], hosts=[HostState(site=SITE, not_before=5.0, failures=2)])
    host = ledger.lease(SITE, "r1", this_owner(), 100.0)
    assert host is not None
    assert (host.not_before, host.failures) == (5.0, 2)
    assert ledger.lease(SITE, "r2", this_owner(), 101.0) is None
    assert ledger.lease(SITE, "r1", this_owner(), 101.0) is not None
    ledger.commit("b", None, [], hosts=[HostState(site=SITE, failures=3)])
    assert ledger.lease(SITE, "r2", this_owner(), 102.0) is None
    ledger.renew_leases("r1", 150.0)
    assert ledger.lease(SITE, "r2", this_owner(), 149.0 + LEASE_S) is None
    assert ledger.lease(SITE, "r2", this_owner(), 151.0 + LEASE_S) is not None


def test_a_lease_ends_with_its_run_and_with_its_process(ledger: Ledger) -> None:
    ledger.runs.start("r1", this_owner(), 1.0)
    assert ledger.lease(SITE, "r1", this_owner(), 1.0) is not None
    ledger.runs.finish("r1", 2.0, "finished")
    machine = this_owner().split(":")[0]
    assert ledger.lease(SITE, "r2", f"{machine}:1:0", 3.0) is not None  # process 1 began at another time
    assert ledger.lease(SITE, "r3", this_owner(), 4.0) is not None


def test_owners() -> None:
    assert is_alive(this_owner())
    machine, pid, started = this_owner().split(":")
    assert not is_alive(f"{machine}:{pid}:{int(started) + 1}")
    assert is_alive("another-machine:1:1")
    context = multiprocessing.get_context("forkserver")
    child = context.Process(target=int)
    child.start()
    child.join()
    assert not is_alive(f"{machine}:{child.pid}:{started}")


def test_interrupted_runs_are_those_of_dead_processes(ledger: Ledger) -> None:
    machine = this_owner().split(":")[0]
    ledger.runs.start("alive", this_owner(), 1.0)
    ledger.runs.start("dead", f"{machine}:1:0", 1.0)
    ledger.runs.start("done", f"{machine}:1:0", 1.0)
    ledger.runs.finish("done", 2.0, "finished")
    assert ledger.runs.interrupted("new") == ["dead"]
    assert sorted(ledger.runs.interrupted("alive")) == ["alive", "dead"]


def test_robots_and_gone(ledger: Ledger) -> None:
    state = RobotsState(site=SITE, fetched_at=1.0, expires_at=2.0, outcome="read", body=b"User-agent: *", body_at=1.0)
    assert ledger.robots(SITE) is None
    ledger.put_robots(state)
    ledger.put_robots(replace(state, expires_at=3.0))
    assert ledger.robots(SITE) == replace(state, expires_at=3.0)
    for digest, body in (("d1", b"one"), ("d2", b"two"), ("d1", b"one")):
        ledger.put_robots(replace(state, digest=digest, body=body))
    assert [ledger.robots_copy(digest) for digest in ("d1", "d2", "d3")] == [b"one", b"two", None]
    ledger.put_urls([url("a", gone_at=7.0), url("b")])
    assert ledger.gone() == {"https://harbour.example/a": 7.0}


def test_several_writers_do_not_lose_each_others_rows(tmp_path: Path) -> None:
    def write(worker: int) -> None:
        with open_ledger(tmp_path / "ledger.sqlite") as mine:
            for n in range(20):
                mine.commit("b", None, [fetch(f"{worker}-{n}")], urls=[url(f"{worker}-{n}")])

    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        threads = [Thread(target=write, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ledger.runs.fetches_of("b")) == 80
        assert ledger.counts() == {"waiting": 80}


def test_a_ledger_that_cannot_be_used_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database at all, whatever its name says" * 40)
    with pytest.raises(UserError, match="cannot be used"):
        Ledger.open(tmp_path / "ledger.sqlite")


def test_forgetting_removes_urls_and_what_is_logged_of_them(ledger: Ledger) -> None:
    moved = url("moved", final_url="https://harbour.example/secret/new")
    ledger.commit("b", None, [fetch("secret/a"), fetch("b")], urls=[url("secret/a"), url("b"), moved])
    assert ledger.forget(lambda address: "/secret/" in address) == 2
    assert list(ledger.states(u.url for u in (url("secret/a"), url("b"), moved))) == ["https://harbour.example/b"]
    assert [f.url for f in ledger.runs.fetches_of("b")] == ["https://harbour.example/b"]


def test_postgresql_could_take_the_tables_over() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in ledger_tables.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
