"""`broadsheet diff`: the last change of an article, as lines and as a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from whole_way import Way

from flows.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["diff", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.fixture(scope="session")
def clock(way: Way) -> list[str]:
    [(url,)] = way.ask("SELECT url FROM edits WHERE source = 'saltmere'")
    return [str(url), "--data-dir", str(way.data)]


def test_the_last_change_with_its_words_marked(clock: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, *clock)
    assert code == 0
    assert "24 words added, 1 removed, as the page says" in out
    assert (
        "title: [-Town clock to lose its minute hand for three weeks-] {+Town clock to lose its minute hand for f"
        in out
    )
    assert "only the hours for [-three-]{+five+} weeks from Monday" in out
    assert "{+Correction, 14 November: an earlier version" in out
    assert "… 2 unchanged paragraphs" in out


def test_the_whole_text(clock: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, *clock, "--whole")
    assert "unchanged paragraph" not in out


def test_a_list_of_versions(clock: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, *clock, "--list")
    assert code == 0
    assert "2 versions of" in out
    assert "title, text" in out


def test_one_version_is_listed(way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    [(url,)] = way.ask("SELECT final_url FROM articles WHERE title LIKE 'The last lamplighters%'")
    code, out, _ = run(capsys, str(url), "--data-dir", str(way.data))
    assert code == 0
    assert "1 version of" in out


def test_a_page_that_loads_nothing(clock: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "diff.html"
    code, out, _ = run(capsys, *clock, "--format", "html", "--output", str(page))
    markup = page.read_text(encoding="utf-8")
    assert (code, out) == (0, "")
    assert "<del>three</del><ins>five</ins>" in markup
    assert "default-src 'none'" in markup
    assert "<script" not in markup
    assert "http" not in markup.replace("http-equiv", "").replace(clock[0], "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "3"], "there is no version 3: the article has 2"),
        (["--from", "2", "--to", "0"], "there is no version 0"),
        (["--from", "2", "--to", "2"], "--from and --to both say version 2"),
        (["--list", "--format", "html"], "goes to the terminal"),
        (["--output", "/none/such/file"], "cannot write /none/such/file"),
    ],
)
def test_errors_are_one_line(
    clock: list[str], arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = run(capsys, *clock, *arguments)
    assert code == 1
    assert said in error
    assert error.count("\n") == 1


def test_no_such_article(way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = run(capsys, "http://127.0.0.1:1/none", "--data-dir", str(way.data))
    assert code == 1
    assert "no article at" in error
