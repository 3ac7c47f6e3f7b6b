"""The manifest in a bucket as a merge of what was said: whoever reads it, in whatever order, sees the same batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.errors import StorageError
from warehouse.manifest import Entry
from warehouse.manifest_objects import _line, _merged
from warehouse.storage import keys, parse_storage, read_storage, storage_text

Content = Mapping[str, Any]


def said(batch: str, content: int, place: int, files: int) -> Content:
    """One commit: a batch with the stamp of its rows, that of their place, and so many files, named by both stamps."""
    stamps = f"{content:04}", f"{max(content, place):04}"
    entries = [
        Entry(batch, "articles", f"articles/month=2026-10/{batch}-{stamps[1]}-{n}.parquet", 1, 9, stamps[0], "x")
        for n in range(files)
    ]
    return {"batches": [_line(batch, *stamps, entries, at=f"2026-11-01T00:00:{content % 60:02}+00:00")]}


commits = st.lists(
    st.builds(said, st.sampled_from("abc"), st.integers(1, 9), st.integers(1, 12), st.integers(0, 2)),
    max_size=12,
    unique_by=lambda one: (
        one["batches"][0]["batch_id"],
        one["batches"][0]["content"],
        one["batches"][0]["place"],
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(commits, st.randoms(use_true_random=False), st.integers(0, 12))
def test_order_repetition_and_folding_change_nothing(made: list[Content], random: Any, cut: int) -> None:
    expected = _merged(made, ())
    shuffled = [*made, *made[:cut]]
    random.shuffle(shuffled)
    assert _merged(shuffled, ()).batches == expected.batches
    first = _merged(made[:cut], ())
    snapshot = {
        "batches": [_line(k, h.content, h.place, h.entries, at=h.at) for k, h in first.batches.items()],
        "released": {path: at.isoformat() for path, at in first.released.items()},
    }
    assert _merged([snapshot, *made[cut:]], ()).batches == expected.batches
    assert _merged([*made[cut:], snapshot, *made[:cut]], ()).batches == expected.batches


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(commits)
def test_what_is_named_is_never_released(made: list[Content]) -> None:
    state = _merged(made, ())
    named = {entry.path for entry in state.entries}
    assert not named & state.released.keys()
    every = {e["path"] for one in made for line in one["batches"] for e in line["entries"]}
    assert named | state.released.keys() == every


@pytest.mark.parametrize(
    "address",
    ["press", "https://press", "s3://p", "s3://press//x", "s3://press/../x", "s3://Press/x", "s3://press/x y", "s3://"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(StorageError, match="an address is s3://bucket/prefix"):
        parse_storage(address)


@pytest.mark.parametrize("address", ["s3://key:secret@press/x", "s3://press/x?secret_key=hush"])
def test_an_address_with_keys_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(StorageError) as raised:
        parse_storage(address)
    assert "secret" not in str(raised.value)
    assert "hush" not in str(raised.value)


def test_an_endpoint_with_keys_is_refused_and_not_repeated() -> None:
    with pytest.raises(StorageError, match="storage_endpoint") as raised:
        parse_storage("s3://press", endpoint="http://user:hush@host:1")
    assert "hush" not in str(raised.value)


def test_endpoint_and_region_come_from_the_usual_names(tmp_path: Any) -> None:
    env = {"AWS_ENDPOINT_URL": "http://storage:8333/", "AWS_DEFAULT_REGION": "eu-central-1"}
    storage = parse_storage("s3://press/corpus/", environment=env)
    assert (storage.bucket, storage.prefix) == ("press", "corpus")
    assert (storage.endpoint, storage.region) == ("http://storage:8333", "eu-central-1")
    (tmp_path / "broadsheet-storage").write_bytes(storage_text(storage))
    assert read_storage(tmp_path) == storage


def test_keys_that_are_not_there_are_named() -> None:
    with pytest.raises(StorageError, match="set AWS_SECRET_ACCESS_KEY"):
        keys({"AWS_ACCESS_KEY_ID": "x"})
    given_keys = keys({"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_SESSION_TOKEN": "z"})
    assert given_keys == {"access_key_id": "x", "secret_access_key": "y", "session_token": "z"}
