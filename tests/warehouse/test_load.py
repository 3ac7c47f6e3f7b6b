from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from synthetic import EXTRACTOR, NOW, Shown, fetch, put, query, rows

from transforms.outcome import Outcome
from transforms.url import article_id
from warehouse.datadir import DataDir
from warehouse.load import LoadReport, load
from warehouse.rebuild import rebuild
from warehouse.records import SourceRow

URL = "https://news.example/a"


@pytest.fixture
def datadir(ready: DataDir) -> DataDir:
    return ready


A, B = "The ferry is back. " * 10, "The ferry is gone. " * 10

SPANS = """
SELECT text[:17], version_number, minute(valid_from), minute(valid_to), is_current
FROM article_versions ORDER BY version_number
"""


def load_now(datadir: DataDir, **changes: object) -> LoadReport:
    return load(datadir, run_id="run-1", now=NOW, **changes)  # type: ignore[arg-type]


def put_and_load(datadir: DataDir, *batches: list[Shown]) -> LoadReport:
    """Load batches one after the other, named by their numbers after those that are there."""
    known = len(list((datadir.lake / "captures").glob("*/*"))) if (datadir.lake / "captures").exists() else 0
    for number, shown in enumerate(batches, known):
        put(datadir, f"batch-{number}-{shown[0].minute}", shown)
        report = load_now(datadir)
    return report


HISTORIES: list[tuple[str, list[list[tuple[int, str]]], list[tuple[str, int, int | None]], list[str]]] = [
    ("one capture", [[(0, A)]], [("A", 0, None)], ["new"]),
    ("seen again", [[(0, A)], [(1, A)]], [("A", 0, None)], ["new", "unchanged"]),
    ("an edit", [[(0, A), (1, B)]], [("A", 0, 1), ("B", 1, None)], ["new", "changed"]),
    (
        "there and back is three spans",
        [[(0, A)], [(1, B)], [(2, A)]],
        [("A", 0, 1), ("B", 1, 2), ("A", 2, None)],
        ["new", "changed", "changed"],
    ),
    (
        "a late capture takes its place and replaces no newer one",
        [[(3, B)], [(1, A)]],
        [("A", 1, 3), ("B", 3, None)],
        ["new", "changed"],
    ),
    (
        "a late capture of the same version moves its beginning",
        [[(5, A)], [(2, A)]],
        [("A", 2, None)],
        ["new", "unchanged"],
    ),
    (
        "a late capture splits a span, whose second half starts at a capture loaded long ago",
        [[(0, A)], [(4, A)], [(2, B)]],
        [("A", 0, 2), ("B", 2, 4), ("A", 4, None)],
        ["new", "changed", "changed"],
    ),
    (
        "a late capture joins nothing that a change divides",
        [[(0, A), (4, B)], [(2, B)], [(3, A)]],
        [("A", 0, 2), ("B", 2, 3), ("A", 3, 4), ("B", 4, None)],
        ["new", "changed", "changed", "changed"],
    ),
    (
        "a late capture comes before all others",
        [[(1, A), (2, B), (3, A)], [(0, B)]],
        [("B", 0, 1), ("A", 1, 2), ("B", 2, 3), ("A", 3, None)],
        ["new", "changed", "changed", "changed"],
    ),
]


@pytest.fixture(scope="module")
def histories(empty_template: Path, tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """Each history as the captures of one page; the first load has the first batch of each, and so on."""
    root = shutil.copytree(empty_template, tmp_path_factory.mktemp("histories") / "data")
    datadir = DataDir.open(Path(root), create=True)
    for number in range(max(len(batches) for _, batches, _, _ in HISTORIES)):
        shown = [
            Shown(url=f"{URL}/{page}", minute=minute, text=text, offset=minute)
            for page, (_, batches, _, _) in enumerate(HISTORIES)
            for minute, text in (batches[number] if number < len(batches) else [])
        ]
        put(datadir, f"batch-{number}", shown)
        load_now(datadir)
    return datadir


@pytest.mark.parametrize("page", range(len(HISTORIES)), ids=[name for name, _, _, _ in HISTORIES])
def test_history(histories: DataDir, page: int) -> None:
    _, _, spans, outcomes = HISTORIES[page]
    expected = [
        ({"A": A, "B": B}[letter][:17], number, start, end, end is None)
        for number, (letter, start, end) in enumerate(spans, 1)
    ]
    own = f"WHERE url = '{URL}/{page}'"
    assert query(histories.warehouse, SPANS.replace("ORDER", f"{own} ORDER")) == expected
    found = query(histories.warehouse, f"SELECT outcome FROM captures {own} ORDER BY captured_at")
    assert [o for (o,) in found] == outcomes
    evidence = query(
        histories.warehouse,
        f"SELECT count(*), count(DISTINCT capture_id) FROM evidence JOIN captures USING (capture_id) {own}",
    )
    assert evidence == [(len(spans), len(spans))]


def test_captures_of_one_moment_are_in_order_of_file_and_offset(datadir: DataDir) -> None:
    late_file = Shown(text=A, warc_file="b.warc.gz", offset=0)
    early_file = [
        Shown(text=B, warc_file="a.warc.gz", offset=90),
        Shown(text=A[:60], warc_file="a.warc.gz", offset=100),
    ]
    put_and_load(datadir, [late_file], early_file)
    found = query(datadir.warehouse, "SELECT text FROM article_versions ORDER BY version_number")
    assert found == [(B,), (A[:60],), (A,)]


def test_a_version_is_a_change_of_what_the_content_hash_covers(datadir: DataDir) -> None:
    edited = Shown(minute=1, title="Ferry returns to harbour")
    put_and_load(datadir, [Shown(), edited, replace(edited, minute=2, source="other")])
    assert query(datadir.warehouse, "SELECT count(*) FROM article_versions") == [(2,)]


def test_a_report_counts_this_load_by_source_and_outcome(datadir: DataDir) -> None:
    put(datadir, "b", [Shown(), Shown(minute=1, rejected=Outcome.EXTRACT_EMPTY, source="blog")], [fetch()])
    first = load_now(datadir)
    assert first.counts == {"new": 1, "extract_empty": 1}
    assert [(t.source, t.outcome, t.count) for t in first.captures] == [
        ("blog", "extract_empty", 1),
        ("paper", "new", 1),
    ]
    assert [(t.source, t.outcome, t.count) for t in first.fetches] == [("paper", "captured", 1)]
    assert first.rebuilt is None
    second = put_and_load(datadir, [Shown(minute=2, text=B, comments=[("1", "So"), ("2", "No")])])
    assert (second.counts, second.comments, second.batches) == ({"changed": 1}, 2, 1)
    found = query(
        datadir.warehouse,
        "SELECT new_count, changed_count, rejected_count, extractor FROM loads WHERE run_id = 'run-1' ORDER BY 1",
    )
    assert found == [(0, 1, 0, EXTRACTOR), (1, 0, 1, EXTRACTOR)]


def test_loading_twice_changes_nothing_and_publishes_nothing(datadir: DataDir) -> None:
    put_and_load(datadir, [Shown(comments=[("1", "So")])])
    before, inode = rows(datadir.warehouse, without=()), datadir.warehouse.stat().st_ino
    put(datadir, "batch-0-0", [Shown(comments=[("1", "So")])])  # extracted again, with the same result
    report = load_now(datadir)
    assert report.is_empty
    assert report.replaced == ()
    assert datadir.warehouse.stat().st_ino == inode
    assert rows(datadir.warehouse, without=()) == before


def test_an_empty_lake_makes_a_warehouse_to_ask(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    report = load_now(datadir)
    assert (report.counts, report.is_empty) == ({}, False)
    assert query(datadir.warehouse, "SELECT count(*) FROM articles") == [(0,)]
    assert load_now(datadir).is_empty


# the same response in several files, and batches made anew


def test_a_response_in_two_files_is_one_capture_at_the_first_place(datadir: DataDir) -> None:
    late, early = Shown(warc_file="b.warc.gz", source="late"), Shown(warc_file="a.warc.gz", source="early")
    put_and_load(datadir, [late], [early])
    assert query(datadir.warehouse, "SELECT warc_file, source FROM captures") == [("a.warc.gz", "early")]
    assert query(datadir.warehouse, "SELECT source FROM articles") == [("early",)]
    assert query(datadir.warehouse, "SELECT count(*) FROM evidence") == [(1,)]
    again = put_and_load(datadir, [replace(late, warc_file="c.warc.gz", minute=0)])
    assert again.counts == {}
    assert query(datadir.warehouse, "SELECT warc_file FROM captures") == [("a.warc.gz",)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_reading_that_gave_an_article_stands_before_one_that_gave_none(
    datadir: DataDir, order: tuple[int, int]
) -> None:
    one = Shown(warc_file="a.warc.gz")
    readings = (replace(one, rejected=Outcome.EXTRACT_TIMEOUT), replace(one, warc_file="b.warc.gz"))
    put_and_load(datadir, *([readings[n]] for n in order))
    assert query(datadir.warehouse, "SELECT warc_file, outcome FROM captures") == [("b.warc.gz", "new")]


def test_contradictory_readings_are_settled_by_building_anew(datadir: DataDir) -> None:
    loaded = Shown(warc_file="b.warc.gz", comments=[("1", "So")])
    other = replace(loaded, warc_file="a.warc.gz", extractor="made-up 2")
    put_and_load(datadir, [loaded])
    report = put_and_load(datadir, [other])
    assert report.rebuilt
    assert query(datadir.warehouse, "SELECT extractor FROM articles") == [("made-up 2",)]
    before = rows(datadir.warehouse)
    rebuild(datadir, run_id="r", now=NOW)
    assert rows(datadir.warehouse) == before


def test_a_batch_made_anew_is_left_to_a_rebuild(datadir: DataDir) -> None:
    put(datadir, "b", [Shown(), Shown(url=URL + "b")])
    load_now(datadir)
    before = rows(datadir.warehouse)
    put(datadir, "b", [Shown(extractor="made-up 2")])
    report = load_now(datadir)
    assert (report.is_empty, report.replaced) == (True, ("b",))
    assert rows(datadir.warehouse) == before
    applied = rebuild(datadir, run_id="r", now=NOW)
    assert applied.load.is_rebuild
    assert query(datadir.warehouse, "SELECT url, extractor FROM articles") == [(URL, "made-up 2")]
    assert load_now(datadir).replaced == ()


def test_content_that_its_batch_no_longer_has_is_settled_by_building_anew(datadir: DataDir) -> None:
    put(datadir, "b", [Shown(minute=0), Shown(minute=4)])
    load_now(datadir)
    put(datadir, "b", [Shown(minute=0), Shown(minute=4, text=A[:40])])
    assert put_and_load(datadir, [Shown(minute=2, text=B)]).rebuilt
    assert query(datadir.warehouse, "SELECT text FROM article_versions ORDER BY version_number") == [
        (A,),
        (B,),
        (A[:40],),
    ]


# identity


PRINT = URL + "?print=1"


@pytest.mark.parametrize("together", [True, False])
def test_pages_that_agree_become_one_article_with_all_that_hangs_on_it(datadir: DataDir, together: bool) -> None:
    printed = Shown(url=PRINT, canonical=URL, minute=1, text=B, comments=[("1", "So"), ("2", "No")])
    plain = Shown(minute=3, comments=[("2", "No"), ("3", "Ah")])
    put_and_load(datadir, *([[printed, plain]] if together else [[printed], [plain]]))
    assert query(datadir.warehouse, "SELECT DISTINCT article_id FROM article_versions") == [(article_id(URL),)]
    assert query(datadir.warehouse, "SELECT DISTINCT article_id FROM evidence") == [(article_id(URL),)]
    found = query(
        datadir.warehouse,
        "SELECT comment_id, article_id, minute(first_seen_at), minute(last_seen_at) FROM comments ORDER BY 1",
    )
    key = article_id(URL)
    assert found == [("1", key, 1, 1), ("2", key, 1, 3), ("3", key, 3, 3)]


def test_pages_that_only_claim_so_stay_apart_and_keep_the_claim(datadir: DataDir) -> None:
    put_and_load(
        datadir,
        [
            Shown(url=PRINT, canonical=URL, title="Tram", text=B),
            Shown(title="Ferry", text=A),
            Shown(url="https://other.example/a", canonical=URL, title="Ferry", text=A),
            Shown(url="https://news.example/b", canonical="https://news.example/", title="Ferry", text=A),
        ],
    )
    assert query(datadir.warehouse, "SELECT count(DISTINCT article_id) FROM articles") == [(4,)]
    assert query(datadir.warehouse, "SELECT count(declared_canonical_url) FROM articles") == [(3,)]


# comments, fetches, sources


def test_comments_are_first_and_last_seen_and_say_what_they_last_said(datadir: DataDir) -> None:
    middle = Shown(minute=5, comments=[("1", "First"), ("2", "Second")])
    late = Shown(minute=9, comments=[("2", "Second"), ("1", "First, edited")])
    early = Shown(minute=1, comments=[("1", "Frist")])
    reports = [put_and_load(datadir, [shown]) for shown in (middle, late, early)]
    assert [r.comments for r in reports] == [2, 0, 0]
    found = query(
        datadir.warehouse,
        "SELECT comment_id, text, position, minute(first_seen_at), minute(last_seen_at) FROM comments ORDER BY 1",
    )
    assert found == [("1", "First, edited", 1, 1, 9), ("2", "Second", 0, 5, 9)]


def test_a_fetch_in_two_batches_is_one_row(datadir: DataDir) -> None:
    put(datadir, "a", [], [fetch(), fetch(minute=1, outcome=Outcome.TIMEOUT, status=None)])
    load_now(datadir)
    put(datadir, "b", [], [fetch(), fetch(minute=2)])
    load_now(datadir)
    found = query(datadir.warehouse, "SELECT outcome, len(attempts) FROM fetches ORDER BY fetched_at")
    assert found == [("captured", 1), ("timeout", 1), ("captured", 1)]


def test_sources_are_kept_as_last_configured(datadir: DataDir) -> None:
    paper = SourceRow(source="paper", kind="feed", urls=["https://news.example/feed"], include=[], exclude=["/ads/"])
    assert not load_now(datadir, sources=[paper]).is_empty
    assert load_now(datadir, sources=[paper]).is_empty
    slower = replace(paper, interval_s=3600.0)
    assert not load_now(datadir, sources=[slower]).is_empty
    assert query(datadir.warehouse, "SELECT source, exclude, interval_s FROM sources") == [("paper", ["/ads/"], 3600.0)]


def test_source_days_balance(datadir: DataDir) -> None:
    put(
        datadir,
        "b",
        [Shown(), Shown(minute=1), Shown(minute=2, text=B), Shown(minute=3, rejected=Outcome.EXTRACT_EMPTY)],
        [fetch(), fetch(minute=1, outcome=Outcome.DNS), fetch(minute=60 * 24)],
    )
    load_now(datadir)
    found = query(
        datadir.warehouse,
        "SELECT capture_count, new_count, changed_count, unchanged_count, rejected_count, dated_share, authored_share, "
        "fetch_count, fetch_outcomes FROM source_days ORDER BY day_date",
    )
    assert found == [
        (4, 1, 1, 1, 1, 1.0, 1.0, 2, {"captured": 1, "dns": 1}),
        (0, 0, 0, 0, 0, None, None, 1, {"captured": 1}),
    ]


def test_articles_as_of_a_moment(datadir: DataDir) -> None:
    put_and_load(datadir, [Shown(), Shown(minute=10, text=B)])
    for minute, text in ((-1, None), (0, A), (9, A), (10, B), (99, B)):
        at = Shown().captured_at + timedelta(minutes=minute)
        found = query(datadir.warehouse, f"SELECT text FROM articles_as_of('{at.isoformat()}')")
        assert found == ([(text,)] if text else [])
