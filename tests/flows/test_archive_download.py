from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from archive_server import ArchiveServer

from flows.archives.download import Downloader, DownloadError, TooLargeError
from flows.settings import Settings

BODY = bytes(range(256)) * 2_000


@pytest.fixture
def server() -> Iterator[ArchiveServer]:
    with ArchiveServer({"/a.warc.gz": BODY}) as server:
        yield server


def downloader(*, allowed: bool = True) -> Downloader:
    networks = (ip_network("127.0.0.0/8"),) if allowed else ()
    return Downloader(Settings(allow_private=networks), pause_s=0.01)


def fetch(url: str, folder: Path, *, room: int = 10**9) -> Path:
    return downloader().fetch(url, folder, room=lambda: room, on_bytes=lambda have, total: None)


def test_a_file_arrives_whole(server: ArchiveServer, tmp_path: Path) -> None:
    path = fetch(f"{server.origin}/a.warc.gz", tmp_path / "down")
    assert path.read_bytes() == BODY
    assert path.name.endswith("-a.warc.gz")
    assert list(path.parent.iterdir()) == [path]
    assert fetch(f"{server.origin}/a.warc.gz", tmp_path / "down") == path
    assert len(server.asked) == 1


def test_what_broke_off_is_carried_on_by_ranges(server: ArchiveServer, tmp_path: Path) -> None:
    server.break_after["/a.warc.gz"] = 200_000
    assert fetch(f"{server.origin}/a.warc.gz", tmp_path).read_bytes() == BODY
    assert [wanted for _, wanted in server.asked] == [None, "bytes=200000-", "bytes=400000-"]
    assert server.sent == len(BODY)


def test_a_file_that_changed_meanwhile_is_taken_anew(server: ArchiveServer, tmp_path: Path) -> None:
    url = f"{server.origin}/a.warc.gz"
    server.break_after["/a.warc.gz"] = 1_000
    with pytest.raises(DownloadError, match="what has arrived is kept"):
        fetch(url, tmp_path)
    server.break_after.clear()
    server.files["/a.warc.gz"] = BODY[::-1]
    assert fetch(url, tmp_path).read_bytes() == BODY[::-1]
    assert server.asked[-1] == ("/a.warc.gz", "bytes=5000-")


def test_a_server_without_ranges_sends_all_again(server: ArchiveServer, tmp_path: Path) -> None:
    server.has_ranges = False
    url = f"{server.origin}/a.warc.gz"
    server.break_after["/a.warc.gz"] = 400_000
    with pytest.raises(DownloadError, match="5 times; what has arrived is kept"):
        fetch(url, tmp_path)
    server.break_after.clear()
    assert fetch(url, tmp_path).read_bytes() == BODY


def test_without_a_length_the_end_is_the_end(server: ArchiveServer, tmp_path: Path) -> None:
    server.has_length = False
    assert fetch(f"{server.origin}/a.warc.gz", tmp_path).read_bytes() == BODY


def test_what_does_not_fit_is_not_begun(server: ArchiveServer, tmp_path: Path) -> None:
    with pytest.raises(TooLargeError, match="512000 bytes do not fit"):
        fetch(f"{server.origin}/a.warc.gz", tmp_path, room=511_999)
    assert fetch(f"{server.origin}/a.warc.gz", tmp_path, room=512_000).exists()


@pytest.mark.parametrize(("status", "times"), [(404, 1), (403, 1), (500, 5), (503, 5)])
def test_what_will_be_the_same_next_time_is_asked_once(
    server: ArchiveServer, tmp_path: Path, status: int, times: int
) -> None:
    server.statuses["/a.warc.gz"] = status
    with pytest.raises(DownloadError, match=f"status {status}"):
        fetch(f"{server.origin}/a.warc.gz", tmp_path)
    assert len(server.asked) == times


def test_redirects_are_followed_and_checked(server: ArchiveServer, tmp_path: Path) -> None:
    server.redirects = {"/old": f"{server.origin}/a.warc.gz", "/inside": "http://169.254.1.1/x", "/round": "/round"}
    assert fetch(f"{server.origin}/old", tmp_path).read_bytes() == BODY
    with pytest.raises(DownloadError, match="not a public address"):
        fetch(f"{server.origin}/inside", tmp_path)
    with pytest.raises(DownloadError, match="redirects"):
        fetch(f"{server.origin}/round", tmp_path)


def test_private_addresses_are_refused_unless_allowed(server: ArchiveServer, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="not a public address"):
        downloader(allowed=False).fetch(
            f"{server.origin}/a.warc.gz", tmp_path, room=lambda: 10**9, on_bytes=lambda have, total: None
        )
    assert server.asked == []


def test_a_list_has_a_bound(server: ArchiveServer) -> None:
    assert downloader().list_at(f"{server.origin}/a.warc.gz", most=len(BODY)) == BODY
    with pytest.raises(DownloadError, match="too large for a list"):
        downloader().list_at(f"{server.origin}/a.warc.gz", most=len(BODY) - 1)
