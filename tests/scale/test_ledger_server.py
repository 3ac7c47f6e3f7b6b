"""The ledger on a PostgreSQL server: the same as in a file, several at once, and what it says when unusable."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from postgres_server import PASSWORD, Server
from test_ledger import (  # noqa: F401 - the same tests, with the fixture of this file
    fetch,
    test_a_commit_is_one_whole,
    test_a_lease_ends_with_its_run_and_with_its_process,
    test_a_site_is_leased_to_one_run,
    test_due_urls_are_free_and_longest_due_first,
    test_forgetting_removes_urls_and_what_is_logged_of_them,
    test_interrupted_runs_are_those_of_dead_processes,
    test_robots_and_gone,
    test_urls_come_back_as_they_were_put,
    url,
)

from flows.doctor import Machine, Mark, check_data
from flows.settings import make_settings
from flows.waiting import crawls_under_way
from warehouse.datadir import DataDir
from warehouse.ledger import Ledger, open_ledger
from warehouse.ledger_leases import Leases
from warehouse.ledger_member import DOUBT_S, LeaseLostError, Member, place_of
from warehouse.ledger_outcomes import Outcomes
from warehouse.ledger_place import LAYOUT, LedgerError
from warehouse.ledger_queue import PageQueue, Queued
from warehouse.ledger_rows import HostState, this_owner

SITE = "https://harbour.example:443"
Join = Callable[..., Member]


@pytest.fixture
def address(postgres: Server) -> str:
    return postgres.create(f"ledger-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def ledger(address: str) -> Iterator[Ledger]:
    with open_ledger(address) as opened:
        yield opened


@pytest.fixture
def join(ledger: Ledger) -> Join:
    """A worker that has begun: on another machine, so that only time says whether it lives."""

    def begin(name: str, *, at: float = 0.0, owner: str = "elsewhere:1:1", place: str = "") -> Member:
        member = ledger.member(run_id=name, owner=owner, place=place or name, lease_s=10.0)
        ledger.runs.start(name, owner, at)
        member.join(at)
        return member

    return begin


def pages(count: int, *, site: str = SITE) -> list[Queued]:
    return [Queued(state=url(f"{site[-1]}-{n}", due_at=0.0), site=site) for n in range(count)]


def test_a_page_is_in_the_queue_once(ledger: Ledger, join: Join) -> None:
    anna, boris = PageQueue(join("anna")), PageQueue(join("boris"))
    assert len(anna.enqueue(pages(5), 1.0)) == 5
    assert boris.enqueue(pages(6), 2.0) == {pages(6)[5].state.url}
    assert boris.look(["harbour"], 9).free == {SITE: 6}
    assert boris.look(["harbour"], 0).free == {}
    assert boris.look(["other"], 9).free == {}


def test_a_page_that_another_had_meanwhile_is_not_taken_on_again(ledger: Ledger, join: Join) -> None:
    anna, boris = join("anna"), join("boris")
    as_boris_read_it = pages(1)
    PageQueue(anna).enqueue(pages(1), 1.0)
    Leases(anna).take_hosts([SITE], 1.0)
    (page,) = PageQueue(anna).claim({SITE: 9}, ["harbour"])
    done = replace(page.state, outcome="captured", outcome_at=2.0, captured_at=2.0, visits=1, due_at=99.0)
    Outcomes(anna).commit(1, "b", None, [], urls=[done])
    assert PageQueue(boris).enqueue(as_boris_read_it, 3.0) == set()
    stale = replace(as_boris_read_it[0].state, outcome="out_of_scope", outcome_at=3.0)
    Outcomes(boris).commit(1, "b2", None, [], urls=[stale])
    assert ledger.states([done.url]) == {done.url: done}


def test_a_host_goes_from_one_to_the_other_with_its_next_time(join: Join) -> None:
    anna, boris = Leases(join("anna")), Leases(join("boris"))
    assert list(anna.take_hosts([SITE], 1.0)) == [SITE]
    assert boris.take_hosts([SITE], 1.0) == {}
    memory = HostState(site=SITE, last_request_at=7.5, not_before=9.0, latency_s=0.4, failures=2)
    anna.release_hosts([memory])
    anna.release_hosts([replace(memory, last_request_at=1.0)])  # no longer ours: somebody else may know more
    assert boris.take_hosts([SITE], 8.0)[SITE].host == memory


def test_hosts_are_taken_by_one_worker_each(join: Join) -> None:
    sites = [f"https://{n}.example:443" for n in range(40)]
    got: dict[str, list[str]] = {}

    def take(name: str) -> None:
        got[name] = list(Leases(join(name)).take_hosts(sites, 1.0))

    threads = [Thread(target=take, args=(name,)) for name in ("anna", "boris", "clara")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(site for sites_of in got.values() for site in sites_of) == sorted(sites)


def test_a_dead_worker_is_taken_over_and_told(ledger: Ledger, join: Join) -> None:
    anna, boris = join("anna", at=0.0), join("boris", at=5.0)
    queue = PageQueue(anna)
    queue.enqueue(pages(4), 1.0)
    Leases(anna).take_hosts([SITE], 1.0)
    Leases(anna).take_sources(["harbour"], 0.0, 9)
    claimed = queue.claim({SITE: 3}, ["harbour"])
    Outcomes(anna).intend("anna.0", [claimed[0].state.url])
    assert boris.take_over(9.0) == []
    assert boris.take_over(11.0) == ["anna"]
    assert boris.take_over(12.0) == []

    assert Leases(boris).take_sources(["harbour"], 0.0, 9) == (["harbour"], [])
    host = Leases(boris).take_hosts([SITE], 12.0)[SITE].host
    assert host.last_request_at == 11.0  # the gap begins now, whenever the dead had asked last
    taken = PageQueue(boris).claim({SITE: 9}, ["harbour"])
    assert {page.state.url for page in taken} == {page.state.url for page in pages(4)} - {claimed[0].state.url}

    for step in (lambda: anna.renew(12.0), lambda: queue.claim({SITE: 1}, ["harbour"])):
        with pytest.raises(LeaseLostError, match="no sign of life for 10 s"):
            step()
    done = [replace(page.state, outcome="captured", outcome_at=10.0, visits=1) for page in claimed[:2]]
    with pytest.raises(LeaseLostError):
        Outcomes(anna).commit(1, "anna.0", "a.warc.gz", [fetch(n) for n in ("3-0", "3-1")], urls=done)
    assert [f.url for f in ledger.runs.fetches_of("anna.0")] == [claimed[0].state.url]  # what its disk alone knew
    assert ledger.states([done[1].url])[done[1].url].outcome is None


def test_a_worker_on_this_machine_is_known_to_be_dead_at_once(join: Join) -> None:
    machine = this_owner(is_shared=True).rsplit(":", 2)[0]
    join("anna", owner=f"{machine}:1:0")
    join("clara", owner=this_owner(is_shared=True))
    assert join("boris").take_over(1.0) == ["anna"]


def test_what_was_being_written_waits_for_its_disk(ledger: Ledger, join: Join) -> None:
    anna, boris = join("anna", owner="nobody"), join("boris")
    PageQueue(anna).enqueue(pages(2), 1.0)
    first, second = (page.state.url for page in PageQueue(anna).claim({SITE: 2}, ["harbour"]))
    Outcomes(anna).intend("anna.0", [first, second])
    boris.take_over(20.0)
    assert boris.broken_off_here() == []
    again = ledger.member(run_id="anna-again", owner="nobody", place="anna", lease_s=10.0)
    assert again.broken_off_here() == ["anna"]
    again.resolve("anna", [first])
    ledger.runs.finish("anna", 21.0, "interrupted")
    assert again.broken_off_here() == []
    assert [page.state.url for page in PageQueue(boris).claim({SITE: 9}, ["harbour"])] == [second]


def test_a_disk_that_never_comes_back_is_waited_for_a_day(ledger: Ledger, join: Join) -> None:
    anna, boris = join("anna"), join("boris")
    PageQueue(anna).enqueue(pages(1), 1.0)
    (page,) = PageQueue(anna).claim({SITE: 1}, ["harbour"])
    Outcomes(anna).intend("anna.0", [page.state.url])
    boris.take_over(20.0)
    boris.take_over(20.0 + DOUBT_S / 2)
    assert PageQueue(boris).look(["harbour"], 9).free == {}
    boris.renew(DOUBT_S)
    boris.take_over(30.0 + DOUBT_S)
    assert PageQueue(boris).look(["harbour"], 9).free == {SITE: 1}


def test_a_group_that_is_sent_again_is_written_once(ledger: Ledger, join: Join) -> None:
    outcomes = Outcomes(join("anna"))
    ledger.runs.open_batch("anna.0", "anna")
    for _ in range(2):
        outcomes.commit(1, "anna.0", None, [fetch("a")])
    outcomes.commit(2, "anna.0", None, [fetch("b")])
    assert [f.url[-1] for f in ledger.runs.fetches_of("anna.0")] == ["a", "b"]


def test_batches_are_handed_over_where_they_lie(ledger: Ledger, join: Join) -> None:
    for name in ("anna", "boris"):
        member = join(name)
        ledger.runs.open_batch(f"{name}.0", name)
        member.leave()
        ledger.runs.finish(name, 1.0, "finished")
    assert [b.batch_id for b in ledger.runs.orphan_batches("boris")] == ["boris.0"]
    assert len(ledger.runs.orphan_batches()) == 2


def test_a_hungry_worker_is_seen(join: Join) -> None:
    anna, boris = join("anna"), join("boris")
    PageQueue(anna).enqueue(pages(3), 1.0)
    Leases(anna).take_hosts([SITE], 1.0)
    look = PageQueue(boris).look(["harbour"], 9)
    assert (look.free, look.is_elsewhere) == ({}, True)
    PageQueue(boris).say_hungry(True)
    seen = PageQueue(anna).look(["harbour"], 9)
    assert (seen.ours, seen.is_elsewhere, seen.hungry_held) == ({SITE}, False, 0)


def test_first_workers_make_the_tables_once(address: str) -> None:
    failures: list[Exception] = []

    def begin() -> None:
        try:
            Ledger.open(address).close()
        except Exception as error:  # noqa: BLE001 - of a thread: the test reports it
            failures.append(error)

    threads = [Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("postgresql://press:sesame@127.0.0.1:{port}/ledger", "password authentication failed"),
        ("postgresql://press:sesame@127.0.0.1:1/ledger", "Connection refused"),
        ("postgresql://press@127.0.0.1:{port}/ledger?password=sesame", "password authentication failed"),
        ("mysql://press:sesame@127.0.0.1/ledger", "not the address of a PostgreSQL database"),
        ("sesame", "not the address of a PostgreSQL database"),
    ],
)
def test_one_line_and_no_secret(postgres: Server, given: str, says: str) -> None:
    with pytest.raises(LedgerError, match=says) as raised:
        Ledger.open(given.format(port=postgres.port))
    assert "sesame" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.ledger_place.find_spec", lambda name: None)
    with pytest.raises(LedgerError, match=r"pip install 'broadsheet\[postgres\]'"):
        Ledger.open("postgresql://press@127.0.0.1/ledger")


def test_a_later_layout_is_refused(address: str) -> None:
    import psycopg

    Ledger.open(address).close()
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE ledger_layout SET number = %s", [LAYOUT + 1])
    with pytest.raises(LedgerError, match="use a newer one"):
        Ledger.open(address)


def test_the_commands_that_look_after_a_data_dir(
    tmp_path: Path, address: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADSHEET_LEDGER", address)
    settings = make_settings()
    assert PASSWORD not in repr(settings)
    datadir = DataDir.open(tmp_path / "data", create=True, ledger_url=settings.ledger_url)
    assert PASSWORD not in repr(datadir)
    assert crawls_under_way(datadir) == ()
    owner = this_owner(is_shared=True)
    member = ledger.member(run_id="anna", owner=owner, place=place_of(datadir), lease_s=60.0)
    member.join(member.server_time())
    assert crawls_under_way(datadir) == ("anna",)
    assert crawls_under_way(DataDir.open(tmp_path / "other", create=True, ledger_url=address)) == ()
    found = {f.check: f for f in check_data(datadir.root, Machine(), ledger_url=address)}["ledger"]
    assert (found.mark, "1 workers at it" in found.found) == (Mark.OK, True)
    away = address.replace(PASSWORD, "sesame")
    found = {f.check: f for f in check_data(datadir.root, Machine(), ledger_url=away)}["ledger"]
    assert found.mark is Mark.BAD
    assert "sesame" not in found.found
    assert not datadir.ledger.exists()


def test_a_ledger_in_a_file_is_moved_once(tmp_path: Path, ledger: Ledger) -> None:
    file = tmp_path / "ledger.sqlite"
    with open_ledger(file) as old:
        old.put_urls([url("a", etag="1", run_id="r1"), url("b")])
        old.runs.start("r1", "nobody", 1.0)
    ledger.put_urls([url("b", etag="2")])
    with pytest.raises(LedgerError, match="did not end in good order"):
        ledger.take_in(file)
    with open_ledger(file) as old:
        old.runs.finish("r1", 2.0, "interrupted")
    assert ledger.take_in(file) == 2
    assert {s.original_url: (s.etag, s.run_id) for s in ledger.states([url("a").url, url("b").url]).values()} == {
        "a": ("1", None),
        "b": ("2", None),
    }
    assert ledger.take_in(file) == 0
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == ["ledger.sqlite.moved"]
