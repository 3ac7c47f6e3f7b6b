"""Each pair of places that must belong together, and what is said where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthetic import NOW, START, Shown, put

from warehouse.batch_names import batch_name
from warehouse.captures import read_captures
from warehouse.datadir import DataDir
from warehouse.ledger import open_ledger
from warehouse.ledger_rows import UrlState
from warehouse.load import load
from warehouse.publish import publish
from warehouse.reading import reading
from warehouse.search_files import named_index
from warehouse.verify import verify
from warehouse.warc_format import format_date, gzip_member, record_bytes

FILE = "crawl.warc.gz"


def page(url: str) -> bytes:
    headers = [
        ("WARC-Type", "response"),
        ("WARC-Record-ID", f"<urn:made-up:{url}>"),
        ("WARC-Date", format_date(START)),
        ("WARC-Target-URI", url),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    return gzip_member(record_bytes(headers, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>A page."))


@pytest.fixture
def whole(ready: DataDir) -> DataDir:
    """A capture file with two pages, both in the lake, loaded, and known to the ledger."""
    (ready.captures / FILE).write_bytes(page("https://news.example/0") + page("https://news.example/1"))
    offsets = [c.warc_offset for c in read_captures(ready.captures / FILE, root=ready.captures)]  # type: ignore[union-attr]
    shown = [Shown(url=f"https://news.example/{n}", warc_file=FILE, offset=at) for n, at in enumerate(offsets)]
    put(ready, batch_name(FILE, 0, 1), shown)
    load(ready, run_id="r", now=NOW)
    with open_ledger(ready.ledger) as ledger:
        ledger.put_urls([_state(s.url, s.capture_id) for s in shown])
    return ready


def _state(url: str, capture_id: str) -> UrlState:
    return UrlState(url=url, original_url=url, source="paper", first_seen_at=0.0, capture_id=capture_id)


def found(datadir: DataDir) -> list[tuple[str, str]]:
    return [(f.place, f.problem) for f in verify(datadir) if f.mending]


def test_where_all_belongs_together_nothing_is_found(whole: DataDir) -> None:
    assert found(whole) == []


def test_pages_that_the_lake_does_not_know_are_counted(whole: DataDir) -> None:
    with (whole.captures / FILE).open("ab") as file:
        file.write(page("https://news.example/2") + page("https://news.example/3"))
    assert found(whole) == [(f"captures/{FILE}", "2 pages in it are not in the lake")]


def test_what_waits_for_the_next_run_is_no_finding(whole: DataDir) -> None:
    (whole.captures / "new.warc.gz").write_bytes(page("https://news.example/2"))
    with open_ledger(whole.ledger) as ledger:
        ledger.put_urls([_state("https://news.example/2", "not extracted yet")])
    assert found(whole) == []


def test_a_ledger_from_another_day_is_named(whole: DataDir) -> None:
    with open_ledger(whole.ledger) as ledger:
        ledger.put_urls([_state("https://news.example/2", "of another day")])
    assert found(whole) == [("ledger.sqlite", "1 of its 3 captured URLs have a capture that is not there")]
    (whole.captures / "now.warc.gz.open").write_bytes(b"")  # a crawl is under way
    assert found(whole) == []


def _garble(folder: Path) -> None:
    path = max(folder.iterdir(), key=lambda p: p.stat().st_size)
    path.write_bytes(path.read_bytes()[::-1])


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: [p.unlink() for p in folder.iterdir()], "missing or incomplete"),
        (lambda folder: (folder / "meta.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "broadsheet.json").write_text("{"), "not what was written"),
        (_garble, "not what was written"),
    ],
    ids=["empty", "a file lost", "card garbled", "a file garbled"],
)
def test_a_damaged_index_is_named_and_mended_by_what_is_said(whole: DataDir, damage: object, says: str) -> None:
    with reading(whole) as con:
        name = named_index(con)
    assert name is not None
    damage(whole.index / name)  # type: ignore[operator]
    [(place, problem)] = found(whole)
    assert place == f"index/{name}"
    assert says in problem
    for path in (whole.index / name).iterdir():
        path.unlink()
    (whole.index / name).rmdir()
    load(whole, run_id="r", now=NOW)
    assert found(whole) == []


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("UPDATE source_days SET capture_count = capture_count + 1", "source_days count 3 captures, and there are 2"),
        (
            "INSERT INTO story_articles SELECT 's', 'x', 'd', now(), 0, 1, 1, true, false",
            "story s is told and not listed",
        ),
        ("DELETE FROM versions WHERE version_number = 1", "is new or changed and starts no version"),
    ],
)
def test_derived_tables_that_do_not_balance_are_named(whole: DataDir, spoil: str, says: str) -> None:
    publish(whole, lambda con: con.execute(spoil) and None)
    assert [problem for _, problem in found(whole) if says in problem]
