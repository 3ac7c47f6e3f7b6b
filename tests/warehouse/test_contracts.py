from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from synthetic import EXTRACTOR, NOW, Shown, fetch, put, query, rows, tables

from transforms.outcome import Outcome
from warehouse.datadir import DataDir
from warehouse.lake import write_batch
from warehouse.load import load
from warehouse.quarantine import replay, violations
from warehouse.rebuild import rebuild
from warehouse.statements import statement

GOOD = Shown(url="https://news.example/good", comments=[("g", "Fine")])
BAD = Shown(url="https://news.example/bad", offset=5, comments=[("b", "Fine")])


def with_value(table: pa.Table, column: str, value: object, key: str) -> pa.Table:
    """The table with one value set in the rows of one capture or URL."""
    keys = table["capture_id" if "capture_id" in table.column_names and key == BAD.capture_id else "url"].to_pylist()
    values = [value if k == key else v for k, v in zip(keys, table[column].to_pylist(), strict=True)]
    at = table.schema.get_field_index(column)
    return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))


def spoiled(record: str, column: str, value: object) -> dict[str, pa.Table]:
    made = tables([GOOD, BAD], [fetch(GOOD.url, capture_id="c"), fetch(BAD.url, capture_id="c")])
    key = BAD.url if record == "fetches" else BAD.capture_id
    return {**made, record: with_value(made[record], column, value, key)}


LATER = BAD.captured_at + timedelta(days=3)


@pytest.mark.parametrize(
    ("record", "column", "value", "rule"),
    [
        ("articles", "article_id", "short", "article_id is no key"),
        ("articles", "final_url", "", "no address"),
        ("articles", "title", "  ", "blank title"),
        ("articles", "word_count", 0, "no words"),
        ("articles", "published_at", LATER, "published after its capture"),
        ("articles", "modified_at", LATER, "modified after its capture"),
        ("articles", "published_at", datetime(1, 1, 1, tzinfo=UTC), "published at an impossible time"),
        ("articles", "comment_count", -1, "negative count"),
        ("captures", "payload_bytes", -1, "no such place in the archive"),
        ("captures", "status", 7, "no such HTTP status"),
        ("captures", "captured_at", datetime(1, 1, 1, tzinfo=UTC), "captured at an impossible time"),
        ("comments", "text", " ", "blank text"),
        ("comments", "published_at", LATER, "published after its capture"),
        ("fetches", "outcome", "new", "unknown outcome"),
        ("fetches", "raw_bytes", -5, "negative amount"),
        ("fetches", "capture_id", None, "captured without a capture"),
    ],
)
def test_what_breaks_a_rule_goes_to_quarantine_and_the_rest_loads(
    ready: DataDir, record: str, column: str, value: Any, rule: str
) -> None:
    write_batch(ready, "b", spoiled(record, column, value), extractor=EXTRACTOR)
    report = load(ready, run_id="r", now=NOW)
    [found] = violations(ready)
    assert (found.record, found.rule, found.batch_id) == (record, rule, "b")
    assert found.payload[column] is None if value is None else column in found.payload
    [counts] = query(
        ready.warehouse,
        "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM articles), (SELECT count(*) FROM comments), "
        "(SELECT count(*) FROM fetches)",
    )
    lost = {"captures": (1, 1, 1, 0), "articles": (0, 1, 1, 0), "comments": (0, 0, 1, 0), "fetches": (0, 0, 0, 1)}
    assert counts == tuple(2 - n for n in lost[record])
    if record == "articles":
        assert report.counts == {"new": 1, "quarantined": 1}
        assert query(ready.warehouse, "SELECT detail FROM rejections") == [(rule,)]
    assert load(ready, run_id="r", now=NOW).is_empty


def test_the_times_of_files_given_by_hand_prove_nothing(ready: DataDir) -> None:
    page = Shown(url="file:///home/kim/page.html")
    made = tables([page])
    at = made["articles"].schema.get_field_index("published_at")
    future = pa.array([page.captured_at + timedelta(days=900)], made["articles"].schema.field(at).type)
    articles = made["articles"].set_column(at, made["articles"].schema.field(at), future)
    write_batch(ready, "b", {**made, "articles": articles}, extractor=EXTRACTOR)
    assert load(ready, run_id="r", now=NOW).counts == {"new": 1}


def test_a_record_can_break_several_rules(ready: DataDir) -> None:
    made = spoiled("articles", "title", " ")
    made["articles"] = with_value(made["articles"], "word_count", 0, BAD.capture_id)
    write_batch(ready, "b", made, extractor=EXTRACTOR)
    load(ready, run_id="r", now=NOW)
    assert [v.rule for v in violations(ready)] == ["blank title", "no words"]
    assert query(ready.warehouse, "SELECT detail FROM rejections") == [("blank title",)]
    before = rows(ready.warehouse)
    rebuild(ready, run_id="r", now=NOW)
    assert rows(ready.warehouse) == before


def test_after_a_rule_was_changed_the_quarantine_can_be_replayed(
    ready: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ready, "a", [replace(GOOD, minute=5)])
    write_batch(ready, "b", spoiled("articles", "title", " "), extractor=EXTRACTOR)
    load(ready, run_id="r", now=NOW)
    before = rows(ready.warehouse)
    assert replay(ready, run_id="again", now=NOW).counts == {}
    assert rows(ready.warehouse) == before

    def lenient(name: str) -> str:
        return statement(name).replace("trim(title) = ''", "false")

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
