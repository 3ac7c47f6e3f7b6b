"""Re-extraction beside what is published, what it would change, and its adoption."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flows.commands.compare import compare as compare_command
from flows.commands.work import reextract as reextract_command
from flows.comparison import comparison_markdown
from flows.runs import open_run
from flows.stages import run_extract, run_load, run_rebuild, run_reextract
from flows.steps import Aside, direct_steps
from warehouse.captures_writer import CaptureWriter, Exchange
from warehouse.compare import compare
from warehouse.errors import UserError
from warehouse.query import run_sql

PARAGRAPH = (
    "<p>The bell of the old harbour was lifted from the mud on Thursday, {n} years after it fell from its tower, and "
    "the divers who found it say that it still rings true when it is struck with a wooden mallet.</p>"
)
CALENDAR = (
    '<p class="tides">Our own calendar of tides for the coming year hangs in every kitchen between here and the sea, '
    "and it is to be had at the counter of this paper for the price of two loaves of bread.</p>"
)
RULES = """
[[source]]
id = "quay"
kind = "feed"
url = "https://quay.example/feed"
drop = [".tides"]
"""


def exchange(source: str) -> Exchange:
    paragraphs = "".join(PARAGRAPH.format(n=n) for n in range(61, 66))
    page = f"<html><head><title>Bell</title></head><body><article><h1>Bell</h1>{paragraphs}{CALENDAR}</article></body>"
    url = f"https://{source}.example/bell"
    return Exchange(
        url=url, requested_url=url, source=source, captured_at=datetime(2026, 11, 1, tzinfo=UTC), request_head=b"",
        status_line="HTTP/1.1 200 OK", headers=[(b"Content-Type", b"text/html; charset=utf-8")], body=page.encode(),
    )  # fmt: skip


def contents(folder: Path) -> dict[str, str]:
    return {str(p): sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A data dir with a page of each of two sources, published, and then a rule for the pages of one of them."""
    home = tmp_path_factory.mktemp("home")
    given = {"data_dir": home / "data", "sources_file": home / "sources.toml"}
    run = open_run(**given)
    writer = CaptureWriter(
        run.datadir.captures, "crawl", bytes_max=10**8, clock=lambda: datetime(2026, 11, 1, tzinfo=UTC)
    )
    for source in ("quay", "mill"):
        writer.append(exchange(source))
    writer.close()
    with direct_steps(run) as steps:
        run_extract(run, steps)
        run_load(run, steps)
    given["sources_file"].write_text(RULES)
    return given


def test_a_reextraction_touches_nothing_and_says_what_would_change(
    given: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run = open_run(**given)
    before = contents(run.datadir.lake) | contents(run.datadir.captures)
    published = sha256(run.datadir.warehouse.read_bytes()).hexdigest()
    with direct_steps(run, aside=Aside()) as steps:
        report = run_reextract(run, steps)
    assert report.words() == "2 captures read again: 2 articles, 0 comments"
    assert contents(run.datadir.lake) | contents(run.datadir.captures) == before
    assert sha256(run.datadir.warehouse.read_bytes()).hexdigest() == published

    comparison = compare(run.datadir)
    assert comparison.counts == {"changed": 1, "same": 1}
    [change] = comparison.worst
    assert (change.source, change.changed_fields) == ("quay", ["text"])
    assert change.lines_removed[0].startswith("Our own calendar")
    assert f"broadsheet inspect {change.capture_id}" in comparison_markdown(comparison)

    assert compare_command(data_dir=given["data_dir"]) == 0
    shown = capsys.readouterr().out
    assert "2 articles compared: 1 changed, 1 same" in shown
    assert "inspect" in shown


def test_the_sources_named_are_the_only_ones_read(given: dict[str, Any]) -> None:
    assert reextract_command(source=["mill"], sources=given["sources_file"], data_dir=given["data_dir"]) == 0
    assert compare(open_run(**given).datadir).counts == {"same": 1}
    with pytest.raises(UserError, match="no captures of nobody"):
        reextract_command(source=["nobody"], data_dir=given["data_dir"])


def test_the_report_of_every_change_goes_to_a_file(given: dict[str, Any], tmp_path: Path) -> None:
    reextract_command(sources=given["sources_file"], data_dir=given["data_dir"])
    compare_command(format="csv", output=tmp_path / "changes.csv", data_dir=given["data_dir"])
    assert len((tmp_path / "changes.csv").read_text().splitlines()) == 2
    with pytest.raises(UserError, match="goes with --format"):
        compare_command(output=tmp_path / "x", data_dir=given["data_dir"])
    with pytest.raises(UserError, match="cannot write"):
        compare_command(format="csv", output=tmp_path, data_dir=given["data_dir"])


def test_a_rebuild_adopts_what_was_compared(given: dict[str, Any]) -> None:
    run = open_run(**given)
    with direct_steps(run, aside=Aside()) as steps:
        run_reextract(run, steps)
    with direct_steps(run, is_forced=True, is_rebuild=True) as steps:
        run_rebuild(run, steps)
    texts = dict(run_sql(run.datadir, "SELECT source, contains(text, 'calendar') FROM articles").rows)
    assert texts == {"quay": False, "mill": True}
    assert compare(run.datadir).counts == {"same": 2}
