from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic import EXTRACTOR, NOW, Shown, fetch, put, query, rows, tables

from transforms.outcome import Outcome
from warehouse.contracts_page import page as contracts_page
from warehouse.contracts_page import rules
from warehouse.datadir import DataDir
from warehouse.lake import write_batch
from warehouse.load import load
from warehouse.manifest import Entry, Manifest
from warehouse.quarantine import replay, violations
from warehouse.rebuild import rebuild
from warehouse.statements import statement

GOOD = Shown(url="https://news.example/good", comments=[("g", "Fine")])
BAD = Shown(url="https://news.example/bad", offset=5, comments=[("b", "Fine")])
LATER = BAD.captured_at + timedelta(days=3)

RULES: list[tuple[str, str, Any, str]] = [
    ("articles", "article_id", "short", "article_id is no key"),
    ("articles", "content_hash", "", "no content hash"),
    ("articles", "modified_at", datetime(999, 12, 31, tzinfo=UTC), "modified at an impossible time"),
    ("articles", "final_url", "", "no address"),
    ("articles", "title", "  ", "blank title"),
    ("articles", "word_count", 0, "no words"),
    ("articles", "published_at", LATER, "published after its capture"),
    ("articles", "modified_at", LATER, "modified after its capture"),
    ("articles", "published_at", datetime(1, 1, 1, tzinfo=UTC), "published at an impossible time"),
    ("articles", "comment_count", -1, "negative count"),
    ("captures", "final_url", "", "no address"),
    ("captures", "payload_bytes", -1, "no such place in the archive"),
    ("captures", "status", 7, "no such HTTP status"),
    ("captures", "captured_at", datetime(1, 1, 1, tzinfo=UTC), "captured at an impossible time"),
    ("comments", "text", " ", "blank text"),
    ("comments", "position", -1, "negative position"),
    ("comments", "published_at", LATER, "published after its capture"),
    ("comments", "published_at", datetime(999, 12, 31, tzinfo=UTC), "published at an impossible time"),
    ("fetches", "outcome", "new", "unknown outcome"),
    ("fetches", "status", 99, "no such HTTP status"),
    ("fetches", "fetched_at", datetime(1969, 12, 31, tzinfo=UTC), "fetched at an impossible time"),
    ("fetches", "raw_bytes", -5, "negative amount"),
    ("fetches", "capture_id", None, "captured without a capture"),
]
ELSEWHERE = {
    ("captures", "unknown outcome"),
    ("captures", "capture without its article"),
    ("articles", "article of no capture"),
    ("comments", "comment on no article"),
    ("fetches", "no address"),
}
"""Rules that a test of their own breaks: it takes another row, or none, to do so."""
BORDERS: list[tuple[str, str, Any]] = [
    ("articles", "title", None),
    ("articles", "title", "x"),
    ("articles", "word_count", 1),
    ("articles", "published_at", BAD.captured_at + timedelta(days=1)),
    ("articles", "modified_at", BAD.captured_at + timedelta(days=1)),
    ("articles", "published_at", datetime(1000, 1, 1, tzinfo=UTC)),
    ("articles", "modified_at", datetime(1000, 1, 1, tzinfo=UTC)),
    ("articles", "published_date", date(1000, 1, 1)),
    ("articles", "comment_count", 0),
    ("captures", "payload_bytes", 0),
    ("captures", "warc_offset", 0),
    ("captures", "status", 100),
    ("captures", "status", 999),
    ("captures", "status", None),
    ("captures", "captured_at", datetime(1970, 1, 1, tzinfo=UTC)),
    ("captures", "captured_at", datetime(9998, 12, 31, tzinfo=UTC)),
    ("comments", "text", "x"),
    ("comments", "position", 0),
    ("comments", "published_at", BAD.captured_at + timedelta(days=1)),
    ("comments", "published_at", datetime(1000, 1, 1, tzinfo=UTC)),
    ("fetches", "raw_bytes", 0),
    ("fetches", "wait_s", 0.0),
    ("fetches", "status", None),
    ("fetches", "fetched_at", datetime(1970, 1, 1, tzinfo=UTC)),
]
PAGES = [Shown(url=f"https://news.example/{n}", offset=n, comments=[("1", "Fine")]) for n in range(len(RULES))]


def spoil(made: dict[str, pa.Table], page: Shown, record: str, column: str, value: Any) -> None:
    """Set one value in the row of one page."""
    table = made[record]
    key, wanted = ("url", page.url) if record == "fetches" else ("capture_id", page.capture_id)
    rows_of_page = [v == wanted for v in table[key].to_pylist()]
    values = [value if own else v for own, v in zip(rows_of_page, table[column].to_pylist(), strict=True)]
    at = table.schema.get_field_index(column)
    made[record] = table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))


@pytest.fixture(scope="module")
def judged(empty_template: Path, tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """One batch with a page for each rule, which breaks that one, and a good page."""
    root = shutil.copytree(empty_template, tmp_path_factory.mktemp("judged") / "data")
    datadir = DataDir.open(Path(root), create=True)
    made = tables([GOOD, *PAGES], [fetch(page.url) for page in (GOOD, *PAGES)])
    for page, (record, column, value, _) in zip(PAGES, RULES, strict=True):
        spoil(made, page, record, column, value)
    write_batch(datadir, "b", made, extractor=EXTRACTOR)
    load(datadir, run_id="r", now=NOW)
    return datadir


@pytest.mark.parametrize("number", range(len(RULES)), ids=[f"{r[0]}.{r[1]}: {r[3]}" for r in RULES])
def test_what_breaks_a_rule_goes_to_quarantine_and_the_rest_loads(judged: DataDir, number: int) -> None:
    (record, column, value, rule), page = RULES[number], PAGES[number]
    [found] = [v for v in violations(judged) if page.capture_id in v.row_key or v.row_key.endswith(page.url)]
    assert (found.record, found.rule, found.batch_id) == (record, rule, "b")
    assert found.payload[column] is None if value is None else column in found.payload
    [counts] = query(
        judged.warehouse,
        f"""SELECT
          (SELECT count(*) FROM captures WHERE capture_id = '{page.capture_id}'),
          (SELECT count(*) FROM articles WHERE capture_id = '{page.capture_id}'),
          (SELECT count(*) FROM comments WHERE capture_id = '{page.capture_id}'),
          (SELECT count(*) FROM fetches WHERE url = '{page.url}')""",
    )
    left = {"captures": (0, 0, 0, 1), "articles": (1, 0, 0, 1), "comments": (1, 1, 0, 1), "fetches": (1, 1, 1, 0)}
    assert counts == left[record]
    rejected = query(judged.warehouse, f"SELECT outcome, detail FROM rejections WHERE capture_id = '{page.capture_id}'")
    assert rejected == ([("quarantined", rule)] if record == "articles" else [])


def test_the_good_page_is_loaded_and_a_rebuild_comes_to_the_same_quarantine(judged: DataDir) -> None:
    assert query(judged.warehouse, f"SELECT comment_count FROM articles WHERE url = '{GOOD.url}'") == [(1,)]
    assert len(violations(judged)) == len(RULES)
    before = rows(judged.warehouse)
    rebuild(judged, run_id="r", now=NOW)
    assert rows(judged.warehouse) == before


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {(r.record, r.name) for r in rules()} == {(record, rule) for record, _, _, rule in RULES} | ELSEWHERE


def test_the_page_of_contracts_is_what_is_enforced() -> None:
    assert (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8") == contracts_page()


def test_what_is_on_the_border_keeps_the_rules(ready: DataDir) -> None:
    shown = [Shown(url=f"https://news.example/{n}", offset=n, comments=[("1", "Fine")]) for n in range(len(BORDERS))]
    made = tables(shown, [fetch(one.url) for one in shown])
    for one, (record, column, value) in zip(shown, BORDERS, strict=True):
        spoil(made, one, record, column, value)
    write_batch(ready, "b", made, extractor=EXTRACTOR)
    assert load(ready, run_id="r", now=NOW).counts == {"new": len(BORDERS)}
    assert violations(ready) == ()


def test_records_that_hang_on_nothing_go_to_quarantine(ready: DataDir) -> None:
    odd: Any = "an outcome of tomorrow"
    made = tables([GOOD, BAD, Shown(url="https://news.example/odd", rejected=odd)], [fetch(""), fetch(GOOD.url)])
    write_batch(ready, "b", made, extractor=EXTRACTOR)
    manifest = Manifest.read(ready)
    [articles] = [e for e in manifest.entries if e.table == "articles"]
    [captures] = [e for e in manifest.entries if e.table == "captures"]
    only = {  # our own writer refuses such a batch, so a file of another one takes the place
        articles: (lambda row: row["capture_id"] != BAD.capture_id),
        captures: (lambda row: row["capture_id"] != GOOD.capture_id),
    }
    entries = {entry: _rewritten(ready, entry, keep) for entry, keep in only.items()}
    Manifest(tuple(entries.get(e, e) for e in manifest.entries)).write(ready)
    assert load(ready, run_id="r", now=NOW).problems == ()
    found = {(v.record, v.rule) for v in violations(ready)}
    assert found == ELSEWHERE


def _rewritten(datadir: DataDir, entry: Entry, keep: Callable[[dict[str, Any]], bool]) -> Entry:
    path = datadir.lake / entry.path
    table = pq.read_table(path)
    rows_kept = table.filter(pa.array([keep(row) for row in table.to_pylist()]))
    pq.write_table(rows_kept, path)
    digest = sha256(path.read_bytes()).hexdigest()
    return replace(entry, rows=rows_kept.num_rows, bytes=path.stat().st_size, sha256=digest)


def test_the_times_of_files_given_by_hand_prove_nothing(ready: DataDir) -> None:
    page = Shown(url="file:///home/kim/page.html")
    made = tables([page])
    at = made["articles"].schema.get_field_index("published_at")
    future = pa.array([page.captured_at + timedelta(days=900)], made["articles"].schema.field(at).type)
    articles = made["articles"].set_column(at, made["articles"].schema.field(at), future)
    write_batch(ready, "b", {**made, "articles": articles}, extractor=EXTRACTOR)
    assert load(ready, run_id="r", now=NOW).counts == {"new": 1}


def test_a_record_can_break_several_rules(ready: DataDir) -> None:
    made = tables([GOOD, BAD])
    spoil(made, BAD, "articles", "title", " ")
    spoil(made, BAD, "articles", "word_count", 0)
    write_batch(ready, "b", made, extractor=EXTRACTOR)
    load(ready, run_id="r", now=NOW)
    assert [v.rule for v in violations(ready)] == ["blank title", "no words"]
    assert query(ready.warehouse, "SELECT detail FROM rejections") == [("blank title",)]


def test_after_a_rule_was_changed_the_quarantine_can_be_replayed(
    ready: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ready, "a", [replace(GOOD, minute=5)])
    made = tables([GOOD, BAD])
    spoil(made, BAD, "articles", "title", " ")
    write_batch(ready, "b", made, extractor=EXTRACTOR)
    load(ready, run_id="r", now=NOW)
    before = rows(ready.warehouse)
    assert replay(ready, run_id="again", now=NOW).counts == {}
    assert rows(ready.warehouse) == before

    def lenient(name: str) -> str:
        return statement(name).replace("trim(a.title) = ''", "false")

    monkeypatch.setattr("warehouse.contracts.statement", lenient)
    assert replay(ready, run_id="again", now=NOW).counts == {"new": 1}
    assert violations(ready) == ()
    assert query(ready.warehouse, "SELECT outcome, count(*) FROM captures GROUP BY 1 ORDER BY 1") == [
        ("new", 2),
        ("unchanged", 1),
    ]
    assert query(ready.warehouse, "SELECT count(*), count(DISTINCT capture_id) FROM evidence") == [(2, 2)]
    assert replay(ready, run_id="again", now=NOW).is_empty
    replayed = rows(ready.warehouse)
    rebuild(ready, run_id="r", now=NOW)
    assert rows(ready.warehouse) == replayed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s, None),
        (lambda s: replace(s, rejected=Outcome.EXTRACT_EMPTY), "rejected captures went from 0.00 to 1.00"),
        (lambda s: replace(s, text="Sign in."), "words in an article went from 40.00 to 2.00"),
        (lambda s: replace(s, source="unknown before"), None),
    ],
)
def test_a_source_that_changes_its_face_is_named(
    ready: DataDir, change: Callable[[Shown], Shown], says: str | None
) -> None:
    put(ready, "a", [Shown(url=f"https://news.example/{n}", offset=n) for n in range(60)])
    assert load(ready, run_id="r", now=NOW).warnings == ()
    put(ready, "b", [change(Shown(url=f"https://news.example/new/{n}", offset=n)) for n in range(30)])
    assert load(ready, run_id="r", now=NOW).warnings == ((f"source paper: {says}",) if says else ())
