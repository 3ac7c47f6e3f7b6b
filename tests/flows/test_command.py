"""The command as a user meets it: what it says and how it exits, also when the input is bad."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main

COMMAND = str(Path(sys.executable).parent / "broadsheet")
PAGE = """<!doctype html><html lang="en"><head><title>Harbour bell found - The Quay</title>
<meta property="og:title" content="Harbour bell found"><meta name="author" content="Ada Quill">
<meta property="article:published_time" content="2026-10-02T09:30:00+02:00"></head>
<body><article><h1>Harbour bell found</h1>{paragraphs}</article>
<section id="comments"><h2>1 Comment</h2><ol class="commentlist"><li class="comment" id="comment-7">
<cite class="fn">Mudlark</cite><div class="comment-content"><p>I heard it ring last Tuesday.</p></div></li></ol>
</section>
</body></html>"""
PARAGRAPH = (
    "<p>The bell of the old harbour was lifted from the mud on Thursday, {n} years after it fell from its tower, and "
    "the divers who found it say that it still rings true when it is struck with a wooden mallet.</p>"
)


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, cwd: Path, code: int | None = 0) -> Done:
    """The command, within this process: its imports are paid for once."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main([str(a) for a in arguments])
    said, complained = (stream.buffer.getvalue().decode() for stream in (out, err))
    done = Done(int(ended.value.code or 0), said, complained)
    assert code is None or done.returncode == code, said + complained
    return done


def last_line(done: Done) -> str:
    return done.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data dir that holds one page."""
    place = tmp_path_factory.mktemp("place")
    (place / "bell.html").write_text(PAGE.format(paragraphs="".join(PARAGRAPH.format(n=n) for n in range(61, 66))))
    run("ingest", "bell.html", cwd=place)
    return place


def test_a_page_becomes_an_article_and_its_comment_is_kept_apart(place: Path) -> None:
    asked = run(
        "sql", "SELECT title, authors, published_at::VARCHAR AS at, text FROM articles", "--format", "json", cwd=place
    )
    [article] = json.loads(asked.stdout)
    assert (article["title"], article["authors"]) == ("Harbour bell found", ["Ada Quill"])
    assert article["at"].startswith("2026-10-02 07:30:00")
    assert article["text"].startswith("The bell of the old harbour")
    assert "Tuesday" not in article["text"]
    [comment] = json.loads(run("sql", "SELECT author, text FROM comments", "--format", "json", cwd=place).stdout)
    assert comment == {"author": "Mudlark", "text": "I heard it ring last Tuesday."}


def test_the_same_again_changes_nothing(place: Path) -> None:
    rows = "SELECT * EXCLUDE (run_id, loaded_at, load_id) FROM loads"
    before = run("sql", rows, "--format", "csv", cwd=place).stdout
    assert "nothing new: all of it was known already" in run("ingest", "bell.html", cwd=place).stdout
    assert run("sql", rows, "--format", "csv", cwd=place).stdout == before


def test_answers_come_as_table_csv_json_and_parquet(place: Path) -> None:
    question = "SELECT title, word_count FROM articles"
    assert "Harbour bell found" in run("sql", question, cwd=place).stdout
    assert run("sql", question, "--format", "csv", cwd=place).stdout.splitlines()[0] == "title,word_count"
    run("sql", question, "--format", "parquet", "--output", "a.parquet", cwd=place)
    assert (place / "a.parquet").read_bytes()[:4] == b"PAR1"


def test_schema_and_status_explain_themselves(place: Path) -> None:
    assert "articles_as_of(moment)" in run("schema", "articles_as_of", cwd=place).stdout
    assert "hash of its normalised final URL" in " ".join(run("schema", "articles", cwd=place).stdout.split()).replace(
        "│ │ │ │ ", ""
    )
    status = run("status", cwd=place).stdout
    assert "1 articles in 1 versions, 1 readers' comments" in status


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ingest", "nosuch.html"], "nosuch.html"),
        (["ingest"], "give files or folders"),
        (["ingest", "broken.warc"], "none by its first bytes"),
        (["ingest", "empty.xml"], "neither WARC, WACZ, HTML nor text"),
        (["ingest", "--urls", "nosuch.txt"], "nosuch.txt"),
        (["run", "--sources", "nosuch.toml"], "no such sources file"),
        (["run", "--sources", "wrong.toml"], "not valid TOML"),
        (["run", "--sources", "kind.toml"], "source 'a': key 'kind'"),
        (["run", "--sources", "good.toml", "--source", "b"], "no source 'b'; known are a"),
        (["sources", "check", "--sources", "kind.toml"], "source 'a': key 'kind'"),
        (["sources", "check", "--sources", "list.toml"], "nosuch.txt"),
        (["ingest", "--urls", "odd.txt", "--no-prefect"], "2 of 2 are no address on the web, the first: 'not a url'"),
        (["sql", "SELECT 1", "--data-dir", "nowhere"], "there is no data directory"),
        (["sql", "SELECT 1", "--format", "csv", "--output", "no-folder/a.csv"], "cannot write no-folder/a.csv"),
        (["sql", "SELECT 1", "--output", "a.csv"], "--output goes with --format"),
        (["schema", "nonsense"], "no table 'nonsense'. There are articles, "),
        (["deploy", "--project", "."], "run this where prefect.yaml lies"),
        (["ingest", "bell.html", "--data-dir", "a-file/data"], "a-file/data"),
        (["run", "--allow-private", "nonsense", "--sources", "good.toml"], "setting allow_private"),
    ],
)
def test_bad_input_is_one_line_and_a_non_zero_exit(place: Path, arguments: list[str], says: str) -> None:
    (place / "broken.warc").write_text("no archive at all")
    (place / "empty.xml").write_text("")
    (place / "a-file").write_text("")
    (place / "list.toml").write_text('[[source]]\nid = "a"\nkind = "urls"\nfile = "nosuch.txt"\n')
    (place / "odd.txt").write_text("not a url\nftp://press.example/\n")
    (place / "wrong.toml").write_text("[[source]\n")
    (place / "kind.toml").write_text('[[source]]\nid = "a"\nkind = "fed"\nurl = "http://127.0.0.1/"\n')
    (place / "good.toml").write_text('[[source]]\nid = "a"\nkind = "feed"\nurl = "http://127.0.0.1:9/feed"\n')
    done = run(*arguments, cwd=place, code=1)
    assert last_line(done).startswith("broadsheet: ")
    assert says in last_line(done)
    assert "1" in run("sql", "SELECT count(*) FROM articles", cwd=place).stdout


def test_a_server_that_does_not_answer_is_one_line(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    done = run("ingest", "bell.html", cwd=place, code=1)
    assert "the Prefect server at http://127.0.0.1:9/api does not answer" in last_line(done)


def test_a_wrong_query_shows_where(place: Path) -> None:
    done = run("sql", "SELECT nonsense FROM articles", cwd=place, code=1)
    assert "nonsense" in done.stderr
    assert "^" in done.stderr


def test_of_a_truncated_archive_what_can_be_read_is_read(place: Path, tmp_path: Path) -> None:
    whole = next((place / "data" / "captures").rglob("*.warc.gz"))
    for name in ("more", "most"):
        (tmp_path / f"{name}.html").write_text(PAGE.format(paragraphs="".join(PARAGRAPH.format(n=n) for n in range(5))))
    run("ingest", "more.html", "most.html", cwd=tmp_path)
    made = next((tmp_path / "data" / "captures").rglob("*.warc.gz"))
    assert made.name != whole.name
    (place / "cut.warc.gz").write_bytes(made.read_bytes()[:-40])
    done = run("ingest", "cut.warc.gz", cwd=place, code=1)
    assert "what could be read was read" in last_line(done)
    urls = run("sql", "SELECT url FROM articles", "--format", "csv", cwd=place).stdout
    assert "more.html" in urls


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_dir_without_permission_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o555)
    (tmp_path / "x.html").write_text("<p>x</p>")
    done = run("ingest", "x.html", "--data-dir", "locked/data", cwd=tmp_path, code=1)
    assert "locked" in last_line(done)


def test_the_installed_command_answers_and_fails_as_a_process(place: Path) -> None:
    asked = subprocess.run(
        [COMMAND, "sql", "SELECT 1 AS n", "--format", "csv"], cwd=place, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == ["n", "1"]
    failed = subprocess.run([COMMAND, "ingest", "nosuch"], cwd=place, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr


def test_an_ingest_goes_without_numpy_until_somebody_asks_for_it(tmp_path: Path) -> None:
    """What loads it again costs each run 9 MB and a tenth of a second."""
    (tmp_path / "page.html").write_text(PAGE.format(paragraphs=PARAGRAPH.format(n=40) * 4), encoding="utf-8")
    code = (
        "import sys\nfrom flows.cli import main\ntry: main()\nexcept SystemExit as end: assert not end.code\n"
        "assert 'pyarrow' in sys.modules and 'numpy' not in sys.modules\n"
        "from transforms.minhash import sign\nassert sign('a word or two of it ' * 40).shingle_count"
    )
    command = [sys.executable, "-c", code, "ingest", "page.html", "--data-dir", "data", "--no-prefect"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_upkeep(tmp_path: Path) -> None:
    place = tmp_path
    (place / "bell.html").write_text(PAGE.format(paragraphs="".join(PARAGRAPH.format(n=n) for n in range(5))))
    run("ingest", "bell.html", cwd=place)
    assert "all is well" in run("verify", cwd=place).stdout
    assert "0 records in quarantine" in run("quarantine", cwd=place).stdout
    run("export", "corpus", "--format", "jsonl", cwd=place)
    assert json.loads((place / "corpus" / "manifest.json").read_text())["files"][0]["rows"] >= 1
    assert "already" in last_line(run("export", "corpus", "--format", "jsonl", cwd=place, code=1))


def test_forgetting_says_first_what_it_would_do(tmp_path: Path) -> None:
    for name in ("kept", "gone"):
        (tmp_path / f"{name}.html").write_text(PAGE.format(paragraphs="".join(PARAGRAPH.format(n=n) for n in range(5))))
    run("ingest", "kept.html", "gone.html", cwd=tmp_path)
    target = (tmp_path / "gone.html").as_uri()
    assert "1 captures would be removed" in last_line(run("forget", target, cwd=tmp_path, code=1))
    assert "removed 1 captures" in run("forget", target, "--yes", cwd=tmp_path).stdout
    urls = run("sql", "SELECT url FROM captures", "--format", "csv", cwd=tmp_path).stdout
    assert "kept.html" in urls
    assert "gone.html" not in urls
