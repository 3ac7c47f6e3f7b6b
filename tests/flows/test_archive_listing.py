import gzip
from pathlib import Path

import pytest

from flows.archives.listing import Archive, archives_of
from warehouse.errors import UserError

NEWS = "crawl-data/CC-NEWS/2026/10/CC-NEWS-20261003010203-00001.warc.gz"
OLDER = "crawl-data/CC-NEWS/2026/09/CC-NEWS-20260930010203-00009.warc.gz"


def no_fetch(url: str) -> bytes:
    raise AssertionError(f"{url} was asked for")


def keys(*given: str, fetch=no_fetch, **more: str) -> list[str]:
    return [archive.key for archive in archives_of(given, fetch=fetch, **more)]


def test_lines_of_a_published_list_are_relative_to_its_site() -> None:
    body = gzip.compress(f"{NEWS}\n{OLDER}\n".encode())
    found = keys("https://data.example/crawl-data/CC-NEWS/2026/10/warc.paths.gz", fetch=lambda _: body)
    assert found == [f"https://data.example/{NEWS}", f"https://data.example/{OLDER}"]


def test_lines_of_a_file_are_paths_beside_it_addresses_or_relative_to_a_base(tmp_path: Path) -> None:
    listing = tmp_path / "warc.paths"
    listing.write_text(f"# autumn\n\nsub/a.warc.gz\nhttps://there.example/b.warc\n{tmp_path}/c.wacz\n")
    beside = [f"{tmp_path}/sub/a.warc.gz", "https://there.example/b.warc", f"{tmp_path}/c.wacz"]
    assert keys(str(listing)) == beside
    listing.write_text(NEWS)
    assert keys(str(listing), base="https://mirror.example/cc/") == [f"https://mirror.example/cc/{NEWS}"]
    assert keys(str(listing), base="https://mirror.example/cc") == [f"https://mirror.example/{NEWS}"]


def test_folders_and_files_each_once(tmp_path: Path) -> None:
    for name in ("b.warc.gz", "deep/a.warc", "deep/c.WARC.ZST", "deep/picture.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    expected = [f"{tmp_path}/{name}" for name in ("b.warc.gz", "deep/a.warc", "deep/c.WARC.ZST")]
    assert keys(str(tmp_path)) == expected
    assert keys(str(tmp_path / "deep/a.warc"), str(tmp_path))[0] == f"{tmp_path}/deep/a.warc"
    assert len(keys(str(tmp_path / "deep/a.warc"), str(tmp_path))) == 3


def test_an_archive_at_an_address_is_not_taken_for_a_list() -> None:
    assert keys("https://there.example/a.warc.gz?token=1") == ["https://there.example/a.warc.gz?token=1"]
    assert Archive("https://there.example/x/a.warc.gz?token=1").name == "a.warc.gz"


@pytest.mark.parametrize(
    ("path", "is_of_october"),
    [
        (NEWS, True),
        (OLDER, False),
        ("a/2026-10/x.warc", True),
        ("a/2026_10_04.warc", True),
        ("news-202610.warc", True),
        ("news-20261.warc", False),
        ("news-1202610.warc", False),
        ("plain.warc", False),
    ],
)
def test_a_month_is_found_in_the_path(tmp_path: Path, path: str, is_of_october: bool) -> None:
    (tmp_path / "l.paths").write_text(f"https://s.example/{path}\nhttps://s.example/2026/10/always.warc\n")
    assert (f"https://s.example/{path}" in keys(str(tmp_path / "l.paths"), month="2026-10")) is is_of_october


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("l.txt", b"https://s.example/page.html\n", "names no WARC file"),
        ("l.txt", b"\n# nothing\n", "names no WARC file"),
        ("l.paths.gz", gzip.compress(b"a.warc\n")[:-9], "is no whole gzip file"),
        ("l.txt", b"\xff\xfe\x00", "is no list in UTF-8"),
        (None, b"", "no such file or folder"),
    ],
)
def test_what_is_no_list_is_one_line(tmp_path: Path, name: str | None, content: bytes, says: str) -> None:
    if name:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=says) as caught:
        keys(str(tmp_path / (name or "missing.txt")))
    assert "\n" not in str(caught.value)


def test_a_month_without_files_is_said(tmp_path: Path) -> None:
    (tmp_path / "l.paths").write_text("https://s.example/2026/10/a.warc\n")
    with pytest.raises(UserError, match="none of 1 WARC files has 2025-01"):
        keys(str(tmp_path / "l.paths"), month="2025-01")
