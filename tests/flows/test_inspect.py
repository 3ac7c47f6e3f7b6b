"""`broadsheet inspect` as a user meets it: what it finds, what it writes, and what it says where there is nothing."""

import gzip
from pathlib import Path

import pytest

from flows.commands.inspect import inspect
from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps
from warehouse.errors import UserError
from warehouse.query import run_sql

PARAGRAPH = (
    "<p>The bell of the old harbour was lifted from the mud on Thursday, {n} years after it fell from its tower, and "
    "the divers who found it say that it still rings true when it is struck with a wooden mallet.</p>"
)


def page(title: str) -> str:
    body = "".join(PARAGRAPH.format(n=n) for n in range(61, 66))
    return f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data dir that holds two captures of one page, and files beside it."""
    place = tmp_path_factory.mktemp("place")
    for title in ("The first bell", "The second bell"):
        (place / "bell.html").write_text(page(title))
        run = open_run(data_dir=place / "data")
        with direct_steps(run) as steps:
            run_ingest(run, [place / "bell.html"], steps)
    (place / "new.html").write_text(page("The third bell"))
    (place / "notes.txt").write_text("The fourth bell\n\n" + "It was never lifted from the mud of the harbour.\n" * 9)
    return place


def shown(place: Path, what: str, **given: object) -> str:
    output = place / "shown.html"
    output.unlink(missing_ok=True)
    assert inspect(what, output=output, open_browser=False, data_dir=place / "data", **given) == 0  # type: ignore[arg-type]
    return output.read_text(encoding="utf-8")


def test_an_address_gives_its_newest_capture(place: Path) -> None:
    assert "<h1>The second bell</h1>" in shown(place, (place / "bell.html").as_uri())


def test_a_capture_is_found_by_its_id(place: Path) -> None:
    sql = "SELECT capture_id FROM article_versions WHERE title = 'The first bell'"
    [(capture_id,)] = run_sql(open_run(data_dir=place / "data").datadir, sql).rows
    assert "<h1>The first bell</h1>" in shown(place, capture_id)


@pytest.mark.parametrize(("name", "title"), [("new.html", "The third bell"), ("notes.txt", "The fourth bell")])
def test_a_file_is_shown_without_being_taken_in(place: Path, name: str, title: str) -> None:
    before = sorted((place / "data" / "captures").rglob("*"))
    assert f"<h1>{title}</h1>" in shown(place, str(place / name))
    assert sorted((place / "data" / "captures").rglob("*")) == before


def test_an_archive_shows_its_first_page_or_the_one_asked_for(place: Path) -> None:
    archive = place / "both.warc"
    files = sorted((place / "data" / "captures").rglob("*.warc.gz"), key=lambda path: path.stat().st_mtime)
    archive.write_bytes(b"".join(gzip.decompress(path.read_bytes()) for path in files))
    assert "<h1>The first bell</h1>" in shown(place, str(archive))
    assert "<h1>The first bell</h1>" in shown(place, str(archive), page=(place / "bell.html").as_uri())
    with pytest.raises(UserError, match=r"holds no capture of https://q\.example/"):
        shown(place, str(archive), page="https://q.example/")


def test_a_source_file_is_heeded(place: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "sources.toml"
    wrong.write_text("[[source]]\nid = 'a'\nkind = 'feed'\nurl = 'https://a.example'\ndrop = '..'\n")
    with pytest.raises(UserError, match="key 'drop'"):
        shown(place, str(place / "new.html"), sources=wrong)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("https://q.example/never", "has no capture of"),
        ("0" * 32, "has no capture of"),
        ("nosuch.html", "is no file"),
    ],
)
def test_what_is_not_there_is_one_line(place: Path, what: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        shown(place, what)
    assert "\n" not in str(caught.value)


def test_an_output_that_cannot_be_written_is_one_line(place: Path) -> None:
    with pytest.raises(UserError, match="cannot write"):
        inspect(str(place / "new.html"), output=place, open_browser=False)


def test_without_an_output_it_is_a_temporary_file_that_only_we_can_read(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    inspect(str(place / "new.html"))
    path = Path(capsys.readouterr().out.splitlines()[-1])
    assert path.parent == tmp_path
    assert path.stat().st_mode & 0o077 == 0
    assert opened == [path.as_uri()]
