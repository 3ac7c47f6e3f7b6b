from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from synthetic import NOW, START, Shown, fetch, put, query, rows
from warcio.archiveiterator import ArchiveIterator

from warehouse.captures import plan_shards
from warehouse.compact import Policy, compact
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.forget import count_meant, forget, forgotten, is_meant
from warehouse.ledger import open_ledger
from warehouse.ledger_rows import UrlState
from warehouse.load import load
from warehouse.rebuild import rebuild
from warehouse.search import SearchRequest, search
from warehouse.side import begin_side_lake
from warehouse.warc_erase import erase
from warehouse.warc_format import format_date, gzip_member, record_bytes

GONE, KEPT, SISTER = "https://news.example/gone", "https://news.example/kept", "https://sister.example/gone"


def record(kind: str, url: str, body: str) -> bytes:
    headers = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<urn:uuid:{abs(hash((kind, url)))}>"),
        ("WARC-Date", format_date(START)),
        ("WARC-Target-URI", url),
        ("Content-Type", f"application/http; msgtype={kind}"),
    ]
    start = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" if kind == "response" else f"GET {url} HTTP/1.1\r\n\r\n"
    )
    return record_bytes(headers, (start + body).encode())


def write_archive(path: Path, *, is_gzip: bool = True) -> None:
    records = [
        record(kind, url, f"<p>The secret of {url}. " * 20 if kind == "response" else "")
        for url in (GONE, KEPT, SISTER)
        for kind in ("request", "response")
    ]
    path.write_bytes(b"".join(gzip_member(r) if is_gzip else r for r in records))


def read_archive(path: Path) -> list[tuple[int, str, str | None]]:
    found = []
    with path.open("rb") as file:
        for one in (archive := ArchiveIterator(file)):
            one.content_stream().read()
            offset = archive.get_record_offset()
            found.append((offset, one.rec_type, one.rec_headers.get_header("WARC-Target-URI")))
    return found


@pytest.mark.parametrize("is_gzip", [True, False])
def test_records_are_erased_and_the_others_keep_their_places(tmp_path: Path, is_gzip: bool) -> None:
    path, original = tmp_path / ("a.warc.gz" if is_gzip else "a.warc"), tmp_path / "original"
    write_archive(path, is_gzip=is_gzip)
    original.hardlink_to(path)
    before, content = read_archive(path), original.read_bytes()
    assert erase(path, lambda headers: headers.get("warc-target-uri") == GONE, at=NOW) == 2
    after = read_archive(path)
    assert [place for place, _, _ in after] == [place for place, _, _ in before]
    assert [(kind, url) for _, kind, url in after] == [("metadata", None)] * 2 + [(k, u) for _, k, u in before[2:]]
    plain = gzip.decompress(path.read_bytes()) if is_gzip else path.read_bytes()
    assert b"secret of https://news.example/gone" not in plain
    assert b"secret of https://news.example/kept" in plain
    assert path.stat().st_size == len(content)
    assert original.read_bytes() == content  # a foreign archive that was hard-linked here is left alone
    plan = plan_shards(path, root=tmp_path, pages=10)
    assert (plan.problem, sum(s.count for s in plan.shards)) == (None, 2)
    assert erase(path, lambda headers: headers.get("warc-target-uri") == GONE, at=NOW) == 0


def test_a_record_too_short_for_the_note_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"WARC/1.1\r\nWARC-Target-URI: x:y\r\nWARC-Type: resource\r\nContent-Length: 0\r\n\r\n\r\n\r\n")
    with pytest.raises(UserError, match="too short"):
        erase(path, lambda _: True, at=NOW)


@pytest.mark.parametrize(
    ("target", "url", "is_it"),
    [
        (GONE, GONE + "?utm_source=x#top", True),
        (GONE, KEPT, False),
        (GONE, SISTER, False),
        ("news.example", GONE, True),
        ("news.example", "https://www.news.example/x", True),
        ("news.example", "https://fakenews.example/x", False),
        ("news.example", "file:///news.example", False),
        ("NEWS.example", GONE, True),
        ("file:///a.html", "file:///a.html", True),
    ],
)
def test_what_is_meant(target: str, url: str, is_it: bool) -> None:
    assert is_meant(target, url) == is_it


@pytest.fixture
def filled(datadir: DataDir) -> DataDir:
    write_archive(datadir.captures / "one.warc.gz")
    shown = [Shown(url=url, offset=n, comments=[("1", "So")]) for n, url in enumerate((GONE, KEPT, SISTER))]
    fetches = [fetch(url) for url in (GONE, KEPT, SISTER)]
    through = replace(fetch("https://news.example/old"), final_url=GONE)
    put(datadir, "a", shown, [*fetches, through])
    put(datadir, "b", [replace(shown[0], minute=5, text="Changed. " * 30)])
    load(datadir, run_id="r", now=NOW)
    return datadir


@pytest.mark.parametrize(
    ("target", "left", "counts"),
    [(GONE, [KEPT, SISTER], (2, 2, 2)), ("news.example", [SISTER], (4, 3, 3)), ("nowhere.example", None, (0, 0, 0))],
)
def test_a_page_or_site_is_forgotten_everywhere(
    filled: DataDir, target: str, left: list[str] | None, counts: tuple[int, int, int]
) -> None:
    done = forget(filled, target, run_id="r", now=NOW)
    assert (done.records, done.captures, done.fetches) == counts
    assert forgotten(filled) == (done,)
    if left is None:
        return
    assert query(filled.warehouse, "SELECT url FROM articles ORDER BY url") == [(url,) for url in left]
    assert query(filled.warehouse, "SELECT count(*) FROM fetches") == [(4 - counts[2],)]
    needle = "news.example/gone"
    for name, contents in rows(filled.warehouse, without=()).items():
        assert not [row for row in contents if needle in row], name
    for path in filled.lake.rglob("*.parquet"):
        assert needle.encode() not in path.read_bytes()
    before = rows(filled.warehouse)
    rebuild(filled, run_id="r", now=NOW)
    assert rows(filled.warehouse) == before
    assert load(filled, run_id="r", now=NOW).is_empty
    again = forget(filled, target, run_id="r", now=NOW)
    assert (again.records, again.captures, again.fetches) == (0, 0, 0)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("", "neither a URL nor a domain"),
        ("news.example/gone", "neither a URL nor a domain"),
        ("news.example:8080", "neither a URL nor a domain"),
        ("com", "suffix that many share"),
        ("co.uk", "suffix that many share"),
        ("github.io", "suffix that many share"),
    ],
)
def test_what_would_forget_more_than_is_named_is_refused(filled: DataDir, target: str, says: str) -> None:
    before = rows(filled.warehouse)
    with pytest.raises(UserError, match=says):
        forget(filled, target, run_id="r", now=NOW)
    with pytest.raises(UserError, match=says):
        count_meant(filled, target)
    assert rows(filled.warehouse) == before


@pytest.mark.parametrize("step", ["forget lake", "forget warehouse", "publish"])
def test_what_was_cut_off_is_finished_by_doing_it_again(filled: DataDir, step: str) -> None:
    def stop(begun: str) -> None:
        if begun == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forget(filled, GONE, run_id="r", now=NOW, on_step=stop)
    assert query(filled.warehouse, "SELECT count(*) FROM articles") == [(3,)]
    assert forgotten(filled) == ()
    forget(filled, GONE, run_id="r", now=NOW)
    assert query(filled.warehouse, "SELECT url FROM articles ORDER BY url") == [(KEPT,), (SISTER,)]
    assert len(forgotten(filled)) == 1


WORD = "quindlewick"
"""A word that stands on the page to be forgotten and nowhere else."""


def holding(datadir: DataDir) -> set[str]:
    """The files below a data directory in which the word stands, whatever they are packed like."""
    found = set()
    for path in sorted(p for p in datadir.root.rglob("*") if p.is_file() and p.name != "forgotten.jsonl"):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += str(pq.read_table(path, partitioning=None).to_pylist()).encode()
        if content.startswith(b"\x1f\x8b"):
            content += gzip.decompress(content)
        if WORD.encode() in content.lower():
            found.add(path.relative_to(datadir.root).parts[0])
    if datadir.warehouse.exists():
        for name, contents in rows(datadir.warehouse, without=()).items():
            if WORD in str(contents).lower():
                found.add(f"table {name}")
        if search(datadir, SearchRequest(query=WORD)).count:
            found.add("search")
    return found


@pytest.fixture(params=["files of their own", "shared files"])
def everywhere(request: pytest.FixtureRequest, datadir: DataDir) -> DataDir:
    """A page whose word stands in every place that can hold it, beside one that stays."""
    body = record("response", GONE, f"<p>The {WORD}. " * 20)
    kept = record("response", KEPT, "<p>Nothing odd. " * 20)
    (datadir.captures / "one.warc.gz").write_bytes(gzip_member(body) + gzip_member(kept))
    (datadir.captures / "left.warc.gz.open").write_bytes(gzip_member(kept) + gzip_member(body))
    text = f"About the {WORD} nobody says more than that. " * 10
    gone = Shown(url=GONE, title=f"The {WORD}", text=text, comments=[("1", f"My {WORD}!")], links=[f"{KEPT}/{WORD}"])
    bad = replace(gone, minute=9, title=" ", text=f"Another {WORD}. " * 20, offset=9)
    put(datadir, "a", [gone, Shown(url=KEPT, offset=1)], [fetch(GONE, detail=WORD), fetch(KEPT)])
    put(datadir, "b", [replace(gone, minute=5, text=f"{WORD} again. " * 30, offset=3), Shown(url=SISTER, offset=4)])
    put(datadir, "c", [bad, Shown(url=KEPT, minute=5, text="Kept, and changed. " * 20, offset=5)])
    load(datadir, run_id="r", now=NOW)
    if request.param == "shared files":
        compact(datadir, policy=Policy(min_files=2))
        put(
            datadir, "b", [replace(gone, minute=6, text=f"{WORD}, anew. " * 30, offset=3)]
        )  # dead rows in a shared file
    side = begin_side_lake(datadir)
    put(side, "a", [gone])
    with open_ledger(datadir.ledger) as ledger:
        ledger.put_urls([UrlState(url=GONE, original_url=f"{GONE}?{WORD}", source="paper", first_seen_at=0.0)])
    put(datadir, "d", [Shown(url=SISTER, minute=7, offset=8)])
    load(datadir, run_id="r", now=NOW)
    return datadir


def test_no_byte_of_a_forgotten_page_is_left(everywhere: DataDir) -> None:
    places = {"captures", "lake", "reextract", "ledger.sqlite", "search", "table versions", "table quarantine"}
    assert holding(everywhere) >= {*places, "table comments", "table evidence", "table fetches"}
    assert len(list(everywhere.index.iterdir())) > 1
    forget(everywhere, GONE, run_id="r", now=NOW)
    assert holding(everywhere) == set()
    assert len(list(everywhere.index.iterdir())) == 1
    assert query(everywhere.warehouse, "SELECT DISTINCT url FROM articles ORDER BY 1") == [(KEPT,), (SISTER,)]
    assert search(everywhere, SearchRequest(query="changed")).count == 1
    before = rows(everywhere.warehouse)
    rebuild(everywhere, run_id="r", now=NOW)
    assert rows(everywhere.warehouse) == before
    assert holding(everywhere) == set()
