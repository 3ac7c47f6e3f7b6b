"""Files that people give: taken once, named after their content, and every trouble a line."""

import gzip
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from warc_made import HTML, members, page, pages

from warehouse.captures import Captured, plan_shards, read_captures
from warehouse.datadir import DataDir
from warehouse.ingest import ingest

PLAIN = b"".join(pages(3))
MTIME = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def put(folder, name, data, mtime=MTIME):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (mtime.timestamp(), mtime.timestamp()))
    return path


def with_dictionary(data):
    samples = [data[at : at + 200] for at in range(0, len(data), 200)] * 8
    dictionary = zstandard.train_dictionary(512, samples)
    content = dictionary.as_bytes()
    frame = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
    return frame + zstandard.ZstdCompressor(dict_data=dictionary).compress(data)


def wacz(**entries):
    import io

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        for name, data in entries.items():
            archive.writestr(name.replace("__", "."), data)
    return held.getvalue()


def captures_in(datadir, report):
    found = []
    for name in report.warc_files:
        assert plan_shards(datadir.captures / name, root=datadir.captures, pages=1).problem is None
        found += read_captures(datadir.captures / name, root=datadir.captures)
    assert all(isinstance(one, Captured) for one in found)
    return found


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.warc", PLAIN),
        ("a.warc.gz", members(pages(3))),
        ("A.WARC.GZ", members(pages(3))),
        ("whole.warc.gz", gzip.compress(PLAIN)),
        ("split.warc.gz", b"".join(gzip.compress(PLAIN[at : at + 300]) for at in range(0, len(PLAIN), 300))),
        ("a.warc.zst", zstandard.compress(PLAIN)),
        ("records.warc.zst", b"".join(zstandard.compress(one) for one in pages(3))),
        ("dictionary.warc.zst", with_dictionary(PLAIN)),
        ("a.wacz", wacz(archive_data__warc__gz=members(pages(3)))),
        ("two.wacz", wacz(a__warc=b"".join(pages(2)), b__warc__gz=gzip.compress(page(2)))),
        ("nested.wacz", wacz(inner__wacz=wacz(a__warc__gz=members(pages(3))))),
        ("no-name", PLAIN),
        ("misnamed.dat", members(pages(3))),
        ("misnamed.zst", zstandard.compress(PLAIN)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_archives_of_all_forms_give_the_same_captures(tmp_path, datadir, name, data):
    report = ingest([put(tmp_path, f"in/{name}", data)], datadir)
    assert report.problems == ()
    [taken] = report.files
    assert (taken.is_known, taken.problem) == (False, None)
    found = captures_in(datadir, report)
    assert [one.page.final_url for one in found] == [f"http://port.example/{number}" for number in range(3)]
    # Each can be read by its offset, whatever the file was packed like.
    for one in found:
        path = datadir.captures / one.warc_file
        assert next(read_captures(path, root=datadir.captures, start=one.warc_offset)) == one


def test_an_archive_is_taken_once_whatever_its_name(tmp_path, datadir):
    first = ingest([put(tmp_path, "a.warc.gz", members(pages(2)))], datadir)
    again = ingest([put(tmp_path, "b.warc.gz", members(pages(2)))], datadir)
    assert again.warc_files == first.warc_files
    assert [one.is_known for one in (*first.files, *again.files)] == [False, True]
    assert len(list(datadir.captures.rglob("*.warc*"))) == 1


def test_a_record_gzipped_archive_is_linked_not_copied(tmp_path, datadir):
    path = put(tmp_path, "a.warc.gz", members(pages(2)))
    report = ingest([path], datadir)
    assert (datadir.captures / report.warc_files[0]).samefile(path)


def test_across_file_systems_it_is_copied(tmp_path, datadir, monkeypatch):
    def refuse(self, target):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = put(tmp_path, "a.warc.gz", members(pages(2)))
    report = ingest([path], datadir)
    copied = datadir.captures / report.warc_files[0]
    assert copied.read_bytes() == path.read_bytes()
    assert not copied.samefile(path)


def test_pages_become_records_of_one_file(tmp_path, datadir):
    folder = tmp_path / "saved pages"
    html = put(folder, "b.html", HTML)
    put(folder, "a.txt", "Überschrift\n\nText".encode())
    put(folder, "deep/noext", HTML)
    put(folder, "c.xhtml", HTML)
    put(folder, "empty.html", b"")
    put(folder, "picture.png", b"\x89PNG\0\0")
    put(folder, "notes", b"only text, and not named")
    put(folder, ".hidden.html", HTML)
    put(folder, ".git/x.html", HTML)
    report = ingest([folder], datadir)
    assert report.problems == ()
    assert report.skipped_count == 2
    assert len(report.warc_files) == 1
    found = {one.page.final_url.rsplit("/", 1)[-1]: one for one in captures_in(datadir, report)}
    assert sorted(found) == ["a.txt", "b.html", "c.xhtml", "empty.html", "noext"]
    assert found["b.html"].page.final_url == html.as_uri()
    assert "%20" in html.as_uri()
    assert found["b.html"].page.captured_at == MTIME
    assert [found[name].page.content_type for name in ("a.txt", "b.html", "c.xhtml", "noext")] == [
        "text/plain", "text/html", "application/xhtml+xml", "text/html",
    ]  # fmt: skip
    assert found["empty.html"].reject.outcome.value == "empty"
    done = subprocess.run(
        [Path(sys.executable).with_name("warcio"), "check", datadir.captures / report.warc_files[0]], check=False
    )
    assert done.returncode == 0


def test_the_same_pages_are_known_and_a_new_one_is_taken_alone(tmp_path, datadir):
    folder = tmp_path / "in"
    put(folder, "a.html", HTML)
    put(folder, "b.txt", b"Text")
    first = ingest([folder], datadir)
    again = ingest([folder], datadir)
    assert again.warc_files == first.warc_files
    assert all(one.is_known for one in again.files)
    put(folder, "c.html", HTML)
    third = ingest([folder], datadir)
    assert [(one.original.name, one.is_known) for one in third.files] == [
        ("a.html", True), ("b.txt", True), ("c.html", False),
    ]  # fmt: skip
    put(folder, "a.html", HTML + b"edited")
    fourth = ingest([folder], datadir)
    assert [one.is_known for one in fourth.files] == [False, True, True]
    assert len(list(datadir.captures.rglob("*.warc.gz"))) == 3


def test_the_same_pages_make_the_same_file_in_another_place(tmp_path):
    from warehouse.datadir import DataDir

    folder = tmp_path / "in"
    put(folder, "a.html", HTML)
    put(folder, "b.txt", b"Text", datetime(2025, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC))
    made = []
    for name in ("one", "two"):
        datadir = DataDir.open(tmp_path / name, create=True)
        paths = [folder / "a.html", folder / "b.txt"]
        report = ingest(paths if name == "one" else [*reversed(paths), folder], datadir)
        made.append((report.warc_files, (datadir.captures / report.warc_files[0]).read_bytes()))
    assert made[0] == made[1]


def test_a_text_that_was_named_itself_needs_no_name_for_text(tmp_path, datadir):
    report = ingest([put(tmp_path, "README", b"A text"), put(tmp_path, "wide", "Text".encode("utf-16"))], datadir)
    assert report.problems == ()
    assert [one.page.content_type for one in captures_in(datadir, report)] == ["text/plain", "text/plain"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.warc.gz", b"<html>", "named like an archive of web pages, but is none by its first bytes"),
        ("a.warc", b"", "the file is empty"),
        ("a.wacz", b"PK nothing", "named like an archive of web pages, but is none by its first bytes"),
        ("a.html", b"\x89PNG\r\n", "named like a page, but holds binary data"),
        ("a.png", b"\x89PNG\0", "neither WARC, WACZ, HTML nor text"),
        ("empty", b"", "neither WARC, WACZ, HTML nor text"),
    ],
)
def test_what_cannot_be_taken_is_a_line_and_the_rest_goes_on(tmp_path, datadir, name, data, reason):
    bad = put(tmp_path, name, data)
    report = ingest([bad, put(tmp_path, "good.html", HTML), tmp_path / "missing"], datadir)
    assert report.problems == (f"{bad}: {reason}", f"{tmp_path / 'missing'}: no such file or folder")
    assert len(captures_in(datadir, report)) == 1
    assert not list(datadir.captures.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("name", "data", "count"),
    [
        ("cut.warc.zst", zstandard.compress(PLAIN)[:-20], 0),
        ("cut-later.warc.zst", b"".join(map(zstandard.compress, pages(3)))[:-20], 3),
        ("cut.warc.gz", gzip.compress(PLAIN)[:-8], 3),
        ("bad.wacz", wacz(a__warc__gz=members(pages(3)))[:-30], 0),
        ("entry.wacz", wacz(a__warc=PLAIN, b__warc=PLAIN[:-100]), None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_archive_is_taken_as_far_as_it_goes(tmp_path, datadir, name, data, count):
    path = put(tmp_path, name, data)
    report = ingest([path], datadir)
    [line] = report.problems
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    [name] = report.warc_files
    found = list(read_captures(datadir.captures / name, root=datadir.captures))
    if count is not None:
        assert len(found) == count


def test_a_damaged_archive_that_is_linked_is_named_by_its_plan(tmp_path, datadir):
    report = ingest([put(tmp_path, "cut.warc.gz", members(pages(3))[:-20])], datadir)
    assert report.problems == ()
    assert (
        "ends within a record"
        in plan_shards(datadir.captures / report.warc_files[0], root=datadir.captures, pages=9).problem
    )


def test_the_data_directory_is_not_taken_into_itself(tmp_path, datadir):
    put(datadir.captures, "old.warc", PLAIN)
    put(tmp_path, "a.html", HTML)
    report = ingest([tmp_path, datadir.captures], datadir)
    assert [one.original.name for one in report.files] == ["a.html", "captures"]
    assert report.problems == (f"{datadir.captures}: lies in the data directory itself",)


def test_a_file_given_twice_is_taken_once(tmp_path, datadir, monkeypatch):
    put(tmp_path, "in/a.html", HTML)
    monkeypatch.chdir(tmp_path)
    report = ingest([Path("in/a.html"), tmp_path / "in" / "a.html", Path("in"), Path("in/../in/a.html")], datadir)
    assert len(report.files) == 1


@pytest.mark.parametrize("name", ["ünï cödé.html", "semi;colon&.html", "new\nline.html", "x" * 240 + ".html"])
def test_odd_names_of_pages(tmp_path, datadir, name):
    path = put(tmp_path, name, HTML)
    [captured] = captures_in(datadir, ingest([path], datadir))
    assert captured.page.final_url == path.as_uri()


@pytest.mark.parametrize("name", [b"\xff\xfe bytes.warc", b"new\nline.warc", b"y" * 240 + b".warc", b"-.warc"])
def test_odd_names_of_archives(tmp_path, datadir, name):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(PLAIN)
    report = ingest([path], datadir)
    assert len(captures_in(datadir, report)) == 3
    report.warc_files[0].encode()
    assert "\n" not in report.warc_files[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_line(tmp_path, datadir):
    path = put(tmp_path, "a.html", HTML)
    path.chmod(0)
    assert ingest([path], datadir).problems == (f"{path}: Permission denied",)


def test_a_file_that_cannot_be_read_is_a_line(tmp_path, datadir, monkeypatch):
    """As above, also where the tests run as root: reading fails below the file's name."""
    path, good = put(tmp_path, "a.html", HTML), put(tmp_path, "b.html", HTML)
    real = Path.open

    def refuse(self, *args, **kwargs):
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    report = ingest([path, good], datadir)
    assert report.problems == (f"{path}: Permission denied",)
    assert len(report.warc_files) == 1


def test_a_pipe_is_no_file(tmp_path, datadir):
    os.mkfifo(tmp_path / "pipe")
    assert ingest([tmp_path / "pipe"], datadir).problems == (f"{tmp_path / 'pipe'}: neither a file nor a folder",)
    assert ingest([tmp_path], datadir).files == ()


@pytest.mark.kill
def test_a_killed_ingest_leaves_nothing_under_a_final_name(tmp_path, datadir):
    """Killed while it unpacks: what it leaves is cleared by the next call, which takes the file in whole."""
    data = zstandard.compress(b"".join(page(number, HTML * 200) for number in range(400)))
    path = put(tmp_path, "a.warc.zst", data)
    code = (
        "import os, sys, signal; from pathlib import Path; import warehouse.warc_repack as r\n"
        "from warehouse.ingest import ingest; from warehouse.datadir import DataDir\n"
        "real = r._pack\n"
        "def pack(plain, out):\n"
        "    for number, problem in enumerate(real(plain, out)): yield problem\n"
        "    out.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
        "r._pack = pack\n"
        "ingest([Path(sys.argv[1])], DataDir(Path(sys.argv[2])))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code, path, datadir.root], check=False, cwd=root)
    assert done.returncode == -9
    left = {one.name for one in datadir.captures.rglob("*") if one.is_file() and one.name != ".lock"}
    assert left
    assert not [name for name in left if name.endswith((".warc", ".warc.gz"))]
    report = ingest([path], datadir)
    assert len(captures_in(datadir, report)) == 400
    assert len(list((datadir.captures / "ingested").glob("*.*"))) == 2  # the lock and the one file


def test_two_ingests_at_once_take_a_file_once(tmp_path, datadir):
    import threading

    path = put(tmp_path, "a.warc.gz", members(pages(3)))
    reports = []
    threads = [threading.Thread(target=lambda: reports.append(ingest([path], datadir))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.files[0].is_known for report in reports) == [False, True, True, True]
    assert len({report.warc_files for report in reports}) == 1


def test_a_text_in_utf_16_without_a_mark_is_taken(tmp_path: Path) -> None:
    (tmp_path / "wide.txt").write_bytes("The bell still rings true.".encode("utf-16-le"))
    report = ingest([tmp_path / "wide.txt"], DataDir.open(tmp_path / "data", create=True))
    assert report.problems == ()
    assert len(report.warc_files) == 1
