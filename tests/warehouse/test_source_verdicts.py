"""Source health in the warehouse: rows that do not depend on how they were loaded, verdicts in source_days, silence."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from synthetic import START, WORDS, Shown, fetch, put, query, rows

from transforms.outcome import Outcome
from warehouse.datadir import DataDir
from warehouse.health import judge_sources
from warehouse.health_board import read_board
from warehouse.health_news import Memory, Told, news_of, read_memory, write_memory
from warehouse.load import load
from warehouse.rebuild import rebuild

DAYS, BROKEN_FROM, A_DAY = 16, 12, 24 * 60
HEALTH_TABLES = ("source_periods", "source_verdicts", "source_days")


def at_end_of(day: int) -> datetime:
    return START + timedelta(days=day, hours=4)


def put_day(datadir: DataDir, day: int, *, is_broken: bool = False, is_down: bool = False, part: int = 0) -> None:
    """Six new pages of a paper, asked for and captured on one day; on a broken day two of three hold no text."""
    rng = random.Random(f"{day} {part}")
    pages = [
        Shown(
            url=f"https://news.example/{day}-{part}-{n}",
            text=" ".join(rng.choices(WORDS, k=60)),
            minute=day * A_DAY + n,
            offset=(day * 10 + n) * 1_000 + part,
            rejected=Outcome.EXTRACT_EMPTY if is_broken and n % 3 else None,
        )
        for n in range(0 if is_down else 6)
    ]
    asked = [
        fetch(page.url, minute=page.minute, run_id=f"r{day}", capture_id=page.capture_id, attempts=[]) for page in pages
    ]
    if is_down:
        asked = [
            fetch(f"https://news.example/{day}-{n}", minute=day * A_DAY + n, run_id=f"r{day}", outcome=Outcome.TIMEOUT,
                  capture_id=None, attempts=[])
            for n in range(6)
        ]  # fmt: skip
    put(datadir, f"day-{day}-{part}", pages, asked)


def of_health(datadir: DataDir) -> dict[str, list[str]]:
    held = rows(datadir.warehouse)
    return {name: held[name] for name in HEALTH_TABLES}


def verdicts(datadir: DataDir) -> list[tuple[object, ...]]:
    return query(
        datadir.warehouse, "SELECT verdict, is_open, period_at FROM source_verdicts ORDER BY period_at, verdict"
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen days, each loaded at its end; from the twelfth on two pages of three hold no text."""
    made = DataDir.open(tmp_path_factory.mktemp("health") / "data", create=True)
    for day in range(DAYS):
        put_day(made, day, is_broken=day >= BROKEN_FROM)
        load(made, run_id=f"load-{day}", now=at_end_of(day))
    return made.root


def test_a_break_is_named_on_its_day_and_stands_in_source_days(template: Path) -> None:
    found = verdicts(DataDir.open(template, create=False))
    assert {name for name, _, _ in found} == {"empty_pages"}
    assert len(found) == DAYS - BROKEN_FROM
    assert [is_open for _, is_open, _ in found] == [False] * (DAYS - BROKEN_FROM - 1) + [True]
    days = query(
        template / "warehouse.duckdb", "SELECT day_date - DATE '2026-10-30', verdicts FROM source_days ORDER BY 1"
    )
    assert days == [(day, ["empty_pages"] if day >= BROKEN_FROM else []) for day in range(DAYS)]


def test_a_rebuild_and_one_load_of_all_come_to_the_same_rows(template: Path, tmp_path: Path) -> None:
    source = DataDir.open(template, create=False)
    day_by_day = of_health(source)
    rebuild(source, run_id="again", now=at_end_of(DAYS - 1))
    assert of_health(source) == day_by_day
    at_once = DataDir.open(tmp_path / "data", create=True)
    for day in reversed(range(DAYS)):
        put_day(at_once, day, is_broken=day >= BROKEN_FROM)
    load(at_once, run_id="all", now=at_end_of(DAYS - 1))
    assert of_health(at_once) == day_by_day


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_days_that_come_late_and_in_any_order_change_nothing_in_the_end(
    template: Path, tmp_path: Path, seed: int
) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    order = random.Random(seed).sample(range(DAYS), DAYS)
    for step, day in enumerate(order):
        put_day(datadir, day, is_broken=day >= BROKEN_FROM)
        if step % 4 == 3:
            load(datadir, run_id=f"step-{step}", now=at_end_of(DAYS - 1))
    assert of_health(datadir) == of_health(DataDir.open(template, create=False))


def test_another_period_is_judged_anew_and_back_again(template: Path) -> None:
    datadir = DataDir.open(template, create=False)
    before = of_health(datadir)
    put_day(datadir, DAYS - 1, is_broken=True, part=1)
    load(datadir, run_id="weeks", now=at_end_of(DAYS - 1), health_period=timedelta(days=7))
    assert query(datadir.warehouse, "SELECT DISTINCT period_s FROM source_periods") == [(604_800.0,)]
    assert judge_sources(datadir, now=at_end_of(DAYS - 1), period=timedelta(days=1))
    assert set(before["source_verdicts"]) != set()
    assert query(datadir.warehouse, "SELECT DISTINCT period_s FROM source_periods") == [(86_400.0,)]


def test_silence_is_judged_though_nothing_is_loaded_and_published_once(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    for day in range(DAYS):
        put_day(datadir, day)
    load(datadir, run_id="r", now=at_end_of(DAYS - 1))
    put(
        datadir, "other", [], [fetch("https://else.example/", minute=m * A_DAY, source="else") for m in range(DAYS + 6)]
    )
    load(datadir, run_id="r", now=at_end_of(DAYS - 1))
    assert verdicts(datadir) == []
    later = at_end_of(DAYS + 5)
    assert judge_sources(datadir, now=later)
    assert {(name, is_open) for name, is_open, _ in verdicts(datadir)} >= {("not_asked", True)}
    published = datadir.warehouse.stat()
    assert not judge_sources(datadir, now=later)
    assert datadir.warehouse.stat() == published


def test_a_source_that_is_down_is_first_on_the_board(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    for day in range(4):
        put_day(datadir, day, is_down=day == 3)
    put(datadir, "well", [], [fetch("https://a.example/", minute=3 * A_DAY, source="a-well-one", attempts=[])])
    load(datadir, run_id="r", now=at_end_of(3))
    board = read_board(datadir, now=at_end_of(3))
    assert [(s.source, s.state) for s in board.sources] == [("paper", "critical"), ("a-well-one", "well")]
    assert board.sources[0].verdicts[0].sentence.startswith("6 of 6 requests had no answer")
    assert board.volumes(board.sources[0])[-4:] == [6, 6, 6, 0]


def test_news_is_what_was_not_told(template: Path) -> None:
    datadir = DataDir.open(template, create=False)
    board = read_board(datadir, now=at_end_of(DAYS - 1))
    holding = [row for source in board.sources for row in source.verdicts]
    assert [row.verdict for row in news_of((), holding).begun] == ["empty_pages"]
    told = tuple(Told(row.source, row.verdict, row.since_at) for row in holding)
    assert not news_of(told, holding)
    assert news_of(told, ()).ended == told
    write_memory(datadir, Memory(told))
    assert read_memory(datadir).told == told
    (datadir.root / "health.json").write_text("{", encoding="utf-8")
    assert read_memory(datadir) == Memory()
