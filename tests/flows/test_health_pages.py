"""What the standing pages, the page of a run and the progress bars say."""

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.charts import beside_usual, stacked
from flows.health_pages import artifact_key, corpus_page, source_page
from flows.health_words import sparkline, summary
from flows.progress import Progress, also_listening, listening, report
from flows.progress_artifacts import share_of
from flows.report import RunReport
from flows.run_page import RunDetails, link, run_page
from transforms.health_grid import Grid
from transforms.health_records import (
    ADVICE,
    VERDICT_DESCRIPTIONS,
    Severity,
    SourcePeriod,
    SourceVerdict,
    VerdictRow,
)
from transforms.outcome import Outcome
from warehouse.apply import Tally
from warehouse.health_board import Board, SourceHealth
from warehouse.run_sources import RunError, RunHost, RunSource
from warehouse.today import FailedFetch, PeriodOutcomes, SlowHost, Today

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GRID = Grid()


def test_the_documentation_names_every_verdict_as_it_is() -> None:
    text = (Path(__file__).parents[2] / "docs" / "health.md").read_text(encoding="utf-8")
    for verdict in SourceVerdict:
        assert f"| `{verdict.value}` | {VERDICT_DESCRIPTIONS[verdict]} | {ADVICE[verdict]} |" in text


def source(name: str, verdicts: Sequence[SourceVerdict] = (), new: int = 5) -> SourceHealth:
    at = GRID.start(GRID.number(NOW) - 1)
    rows = tuple(
        VerdictRow(
            source=name, period_at=at, period_s=86_400.0, verdict=verdict, severity=Severity.WARNING, since_at=at,
            seen_at=at, is_open=True, measure="a share", measured=1.0, sentence="12 of 12 | <b>gone</b>",
            advice="Look.",
        )
        for verdict in verdicts
    )  # fmt: skip
    days = tuple(
        SourcePeriod(
            source=name,
            period_at=GRID.start(GRID.number(NOW) - back),
            period_s=86_400.0,
            new_count=new,
            robots_digests=[],
            templates=[],
        )
        for back in range(9, 0, -1)
    )
    return SourceHealth(source=name, kind="feed", last_new_at=at, last_asked_at=at, recent=days, verdicts=rows)


def today(*sources: SourceHealth) -> Today:
    number = GRID.number(NOW)
    return Today(
        board=Board(GRID, NOW, sources),
        outcomes=(PeriodOutcomes(number - 1, 9, 1, 30, 2, 3),),
        hosts=(SlowHost("slow.example", 10, 2.5, 9.0, 1),),
        errors={"paper": (FailedFetch(NOW - timedelta(hours=1), "https://paper.example/a (1)", "http_5xx", "503"),)},
        article_count=123,
        newest_at=NOW,
        sizes={"captures": 1_500_000, "warehouse": 2_000_000_000},
        free_bytes=50_000_000_000,
    )


def images(page: str) -> list[str]:
    found = re.findall(r"!\[[^]]*\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", page)
    return [base64.b64decode(code).decode() for code in found]


def test_the_corpus_page_holds_charts_health_hosts_and_disk() -> None:
    page = corpus_page(today(source("paper", [SourceVerdict.DATES_GONE]), source("blog")))
    drawn = images(page)
    assert len(drawn) == 2
    assert all(ET.fromstring(svg).tag.endswith("svg") for svg in drawn)
    assert "blog" in drawn[1]
    assert "2 sources: 1 in trouble, 0 with a notice, 1 without" in page
    assert "| slow.example | 10 | 2.500 | 9.000 | 1 |" in page
    assert "| captures | 2 MB |" in page
    assert "| free | 50.0 GB |" in page


def test_the_corpus_page_of_the_first_day_has_no_chart_of_one_column() -> None:
    first = replace(
        today(replace(source("paper"), recent=())), outcomes=(PeriodOutcomes(GRID.number(NOW), 9, 1, 30, 2, 3),)
    )
    page = corpus_page(first)
    assert not images(page)
    assert "| slow.example |" in page
    assert "Charts follow when the first period has ended." in page


def test_the_page_of_a_source_says_what_to_do_and_links_its_errors() -> None:
    ill = source("paper", [SourceVerdict.DATES_GONE, SourceVerdict.TEMPLATE_CHANGED])
    page = source_page(ill, today(ill))
    assert "12 of 12 \\| &lt;b>gone&lt;/b>" in page
    assert "articles no longer state when they were published" in page
    assert "](https://paper.example/a%20(1%29)" in page
    assert "Nothing is unlike its own past." in source_page(source("blog"), today())


def test_charts_are_the_same_for_the_same_figures() -> None:
    columns = {"new": [1, 2], "rejected": [0, 1]}
    assert stacked(["Mon", "Tue"], columns) == stacked(["Mon", "Tue"], columns)
    assert beside_usual([]) == beside_usual([])


@pytest.mark.parametrize(("counts", "line"), [([], ""), ([0, 0], "··"), ([0, 4, 8], "·▅█"), ([1, 1_000], "▁█")])
def test_sparkline(counts: list[int], line: str) -> None:
    assert sparkline(counts) == line


def test_keys_of_artifacts_are_what_prefect_takes() -> None:
    assert artifact_key("Valley_Courier.DE") == "source-valley-courier-de"


def test_a_board_without_sources_is_said_too() -> None:
    assert summary(Board(GRID, NOW, ())) == "0 sources: 0 in trouble, 0 with a notice, 0 without"


def made(**changes: object) -> RunReport:
    captures = (Tally("paper", Outcome.NEW, 3), Tally("paper", Outcome.EXTRACT_EMPTY, 1))
    fetches = (Tally("paper", Outcome.CAPTURED, 4), Tally("paper", Outcome.HTTP_5XX, 2))
    given = {
        "run_id": "r", "discovered_count": 6, "fetches": fetches, "captures": captures, "comment_count": 0,
        "is_loaded": True, "problems": ("feed broken",), "notes": ("a note",),
    } | changes  # fmt: skip
    return RunReport(**given)  # type: ignore[arg-type]


def test_the_page_of_a_run_balances_and_names_the_worst() -> None:
    details = RunDetails(
        sources=(RunSource("paper", 6, 3, 0, 0, 1, 0, 0, 2, "http_5xx"), RunSource("b|d", 0, 0, 0, 0, 0, 0, 0, 0, "x")),
        hosts=(RunHost("slow.example", 9, 1.5, 4.0, 12.0),),
        errors=(RunError("paper", "http_5xx", 2, "https://paper.example/1", "status 503"),),
    )
    page = run_page(made(), details)
    assert page.startswith("# 3 new, 1 rejected, 2 not fetched, 1 problem")
    assert "discovered 6 = 6 with an outcome; captures 4 = 3 new + 0 changed + 0 unchanged + 1 rejected" in page
    assert "| **all** | 6 | 3 | 0 | 0 | 1 | 0 | 0 | 2 |" in page
    assert "| b\\|d | " in page
    assert "| paper | http_5xx (status 503) | 2 | [https://paper.example/1](https://paper.example/1) |" in page
    assert "| slow.example | 9 | 1.500 | 4.000 | 12.0 |" in page
    assert "- **problem**: feed broken" in page


def test_only_a_run_that_discovered_owes_what_it_discovered() -> None:
    assert not made(discovered_count=7).is_balanced
    rebuilt = made(discovered_count=0)
    assert rebuilt.is_balanced
    assert rebuilt.balance().startswith("fetches 6; captures 4 = ")


def test_nothing_new_is_told_from_nothing_to_do() -> None:
    nothing = {"fetches": (), "captures": (), "discovered_count": 0, "problems": ()}
    assert made(**nothing).words() == "nothing to do"
    assert made(**nothing, known_count=2).words() == "nothing new: all of it was known already"


def test_a_link_cannot_end_before_its_address() -> None:
    assert link("https://a.example/(x) y|z").endswith("](https://a.example/(x%29%20y%7Cz)")


def test_progress_goes_to_the_terminal_and_to_the_bar() -> None:
    terminal: list[Progress] = []
    bar: list[Progress] = []
    with listening(terminal.append):
        with also_listening(bar.append):
            report(Progress("crawl", 1, 4))
        report(Progress("crawl", 2, 4))
    assert (len(terminal), len(bar)) == (2, 1)
    assert share_of(bar[0]) == 25.0
    assert share_of(Progress("crawl", 3)) == 0.0
