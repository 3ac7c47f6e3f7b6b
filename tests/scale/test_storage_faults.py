"""A storage that does not answer, refuses or garbles: one line, nothing lost, and the next try goes on."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from s3_server import BUCKET, KEY, SECRET, Fault, s3_proxy
from synthetic import Shown, put

from flows.cli import main
from warehouse.bucket import Bucket
from warehouse.datadir import DataDir
from warehouse.errors import StorageError
from warehouse.lake import known_batches
from warehouse.query import run_sql
from warehouse.storage import Storage, parse_storage

COMMAND = "import sys; from flows.cli import main; main(sys.argv[1:])"
Use = Callable[[Fault], Fault]


@pytest.fixture
def place(s3: str) -> Iterator[tuple[Storage, Use]]:
    """A place in the bucket, behind a proxy that does as it is told."""
    with s3_proxy(s3) as (address, use):
        yield parse_storage(f"s3://{BUCKET}/{token_hex(4)}", endpoint=address, patience_s=3), use


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503, count=6),
        Fault(status=500, count=3, path="manifest/log"),
        Fault(is_cut=True, count=3),
        Fault(delay_s=0.05),
    ],
    ids=["503", "500-at-the-commit", "cut", "slow"],
)
def test_what_passes_is_waited_for(place: tuple[Storage, Use], fault: Fault, tmp_path: Path) -> None:
    storage, use = place
    one = DataDir.open(tmp_path / "one", create=True, storage=storage)
    use(fault)
    put(one, "a", [Shown()])
    assert set(known_batches(one)) == {"a"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(status=503), "did not do what was asked for 3 s (SlowDown); nothing is lost"),
        (Fault(is_cut=True), "did not do what was asked for 3 s (no answer); nothing is lost"),
        (Fault(status=400), "the server refuses: SlowDown"),
        (Fault(method="PUT", path="manifest/log", status=503), "nothing is lost"),
    ],
    ids=["503", "cut", "400", "503-at-the-commit"],
)
def test_what_stays_is_said_and_leaves_nothing_half_done(
    place: tuple[Storage, Use], fault: Fault, words: str, tmp_path: Path
) -> None:
    storage, use = place
    one = DataDir.open(tmp_path / "one", create=True, storage=storage)
    use(fault)
    with pytest.raises(StorageError) as raised:
        put(one, "a", [Shown()])
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    use(Fault())
    assert known_batches(one) == {}
    put(one, "a", [Shown()])
    assert set(known_batches(one)) == {"a"}


def test_what_was_garbled_on_the_way_is_not_stored(place: tuple[Storage, Use]) -> None:
    storage, use = place
    bucket = Bucket(storage)
    use(Fault(method="PUT", flips_body=True))
    with pytest.raises(StorageError):
        bucket.put("small", b"what was sent")
    use(Fault())
    assert bucket.head("small") is None


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_keys_are_never_said(
    place: tuple[Storage, Use],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(name, f"WRONG{token_hex(8)}")
    with pytest.raises(StorageError, match="the server refuses us") as raised:
        DataDir.open(tmp_path / "one", create=True, storage=place[0])
    said = f"{raised.value} {raised.value!r} {place[0]!r} {caplog.text}"
    assert KEY not in said
    assert SECRET not in said
    assert os.environ[name] not in said
    monkeypatch.delenv(name)
    with pytest.raises(StorageError, match=f"needs keys: set {name}"):
        Bucket(place[0])


def test_a_command_says_it_in_one_line(place: tuple[Storage, Use], tmp_path: Path) -> None:
    storage, use = place
    one = DataDir.open(tmp_path / "one", create=True, storage=storage)
    put(one, "a", [Shown()])
    use(Fault(status=503))
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "load", "--no-prefect", "--data-dir", str(one.root)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert "did not do what was asked" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for secret in (KEY, SECRET):
        assert secret not in done.stdout + done.stderr
        assert not [path for path in one.root.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_a_server_that_moved_is_found_where_the_setting_says(
    s3: str, place: tuple[Storage, Use], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, use = place
    one = DataDir.open(tmp_path / "one", create=True, storage=storage)
    put(one, "a", [Shown()])
    use(Fault(is_cut=True))  # the address that the data dir has noted
    monkeypatch.setenv("BROADSHEET_STORAGE", storage.url)
    monkeypatch.setenv("BROADSHEET_STORAGE_ENDPOINT", s3)
    for command in (["load", "--no-prefect"], ["status"]):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--data-dir", str(one.root)])
        assert ended.value.code == 0
    assert run_sql(DataDir.open(one.root, create=False), "SELECT count(*) FROM captures").rows == [(1,)]
