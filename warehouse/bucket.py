"""One bucket: its few verbs, tried again within bounds, with every failure as one line.

The client is obstore. Each upload carries a SHA-256 that the server checks; what a server that ignores it may have
cut is found by the size. An upload is seen whole or not at all, so doing it again is always right, and requests that
got no answer are repeated, uploads too. What the client's errors say of the request is left out of ours.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, TypeVar

from warehouse.errors import StorageError
from warehouse.storage import Storage, keys

if TYPE_CHECKING:
    from obstore.store import S3Store

_T = TypeVar("_T")
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_PAUSE_MAX_S = 5.0
_PART_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """One object. `key` is below the storage's prefix."""

    key: str
    bytes: int
    etag: str
    modified_at: datetime


class Bucket:
    """The objects below a storage's prefix. Keys have no slash in front. All raise StorageError; not there is a value
    or FileNotFoundError."""

    def __init__(
        self,
        storage: Storage,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._sleep = sleep
        self._client = _client(storage)

    def put(self, key: str, source: Path | bytes) -> Stored:
        """Store a file or some bytes; when it returns, the object is there in full length."""
        import obstore

        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        self._patiently(lambda: obstore.put(self._client, key, source, chunk_size=_PART_BYTES))
        found = self.head(key)
        if found is None or found.bytes != size:
            held = "nothing" if found is None else f"{found.bytes} bytes"
            raise StorageError(
                f"{self._place(key)}: {size} bytes were sent and {held} are there; the server is at fault"
            )
        return found

    def head(self, key: str) -> Stored | None:
        """What is known of an object; None where it is not there."""
        import obstore

        try:
            return _stored(self._patiently(lambda: obstore.head(self._client, key)))
        except FileNotFoundError:
            return None

    def get(self, key: str) -> bytes:
        """The content of a small object. Raises FileNotFoundError."""
        import obstore

        return self._patiently(lambda: bytes(obstore.get(self._client, key).bytes()))

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """Bytes [start, end) of an object, fewer where it ends before. Raises FileNotFoundError."""
        import obstore

        return self._patiently(lambda: bytes(obstore.get_range(self._client, key, start=start, end=end)))

    def download(self, key: str, path: Path, *, scratch: Path) -> Stored:
        """Copy an object to `path`, whole or not at all; what was there is replaced. Raises FileNotFoundError.

        Until it is whole it lies in `scratch`, a folder of the same disk.
        """
        import obstore

        temporary = scratch / token_hex(8)

        def copy() -> Stored:
            answer = obstore.get(self._client, key)
            found = _stored(answer.meta)
            with temporary.open("wb") as file:
                for part in answer.stream(min_chunk_size=_PART_BYTES):
                    file.write(part)
            if temporary.stat().st_size != found.bytes:
                raise TimeoutError("the download ended early")
            return found

        try:
            found = self._patiently(copy)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return found

    def list(self, below: str) -> Iterator[Stored]:
        """Every object whose key begins with `below` and a slash, in order of their keys."""
        import obstore

        # a listing that breaks off begins again: its parts are not kept apart
        def whole() -> list[Stored]:
            found = obstore.list(self._client, below)
            return [_stored(meta) for chunk in found for meta in chunk]

        yield from sorted(self._patiently(whole), key=lambda one: one.key)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are not there are no error."""
        import obstore

        if keys:
            with suppress(FileNotFoundError):
                self._patiently(lambda: obstore.delete(self._client, list(keys)))

    def _place(self, key: str = "") -> str:
        return f"{self._storage.url}/{key}".rstrip("/")

    def _patiently(self, call: Callable[[], _T]) -> _T:
        """The result of a call, which is repeated while the server cannot be reached or says that it cannot now."""
        from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

        until, pause = self._clock() + self._storage.patience_s, 0.2
        while True:
            try:
                return call()
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise StorageError(self._no_bucket()) from None
                raise FileNotFoundError(2, "it is not in the storage", self._storage.url) from None
            except (BaseError, OSError) as error:
                words = str(error)
                if isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or _status(words) in ("401", "403"):
                    raise StorageError(
                        f"{self._place()}: the server refuses us ({_code(error)}): look at AWS_ACCESS_KEY_ID, "
                        "AWS_SECRET_ACCESS_KEY and what they may do"
                    ) from None
                if isinstance(error, OSError) and not isinstance(error, (TimeoutError, ConnectionError)):
                    raise  # the local disk
                if "NoSuchBucket" in words:
                    raise StorageError(self._no_bucket()) from None
                if not _is_passing(words):
                    raise StorageError(f"{self._place()}: the server refuses: {_code(error)}") from None
                if self._clock() + pause > until:
                    raise StorageError(self._no_answer(error)) from None
            self._sleep(pause * (0.5 + random.random() / 2))
            pause = min(2 * pause, _PAUSE_MAX_S)

    def _no_bucket(self) -> str:
        return f"{self._storage.url}: there is no bucket {self._storage.bucket}: make it, or mend the setting storage"

    def _no_answer(self, error: Exception) -> str:
        where = self._storage.endpoint or "S3"
        return (
            f"{self._storage.url}: {where} did not do what was asked for {self._storage.patience_s:g} s "
            f"({_code(error)}); nothing is lost, the next run goes on from here"
        )


def _client(storage: Storage) -> S3Store:
    try:
        from obstore.store import S3Store
    except ImportError:
        raise StorageError("storage: S3 needs the extra: pip install 'broadsheet[s3]'") from None
    # nothing else of the environment enters: a proxy, an endpoint or another address of keys would be a surprise
    return S3Store(
        storage.bucket,
        prefix=storage.prefix or None,
        endpoint=storage.endpoint,
        region=storage.region,
        checksum_algorithm="SHA256",
        virtual_hosted_style_request=storage.endpoint is None,
        client_options={"allow_http": True, "connect_timeout": "5s", "timeout": f"{max(10.0, storage.patience_s):g}s"},
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=storage.patience_s)},
        **keys(os.environ),
    )


def _stored(meta: object) -> Stored:
    found = dict(meta)  # type: ignore[call-overload]
    return Stored(found["path"], int(found["size"]), str(found["e_tag"] or ""), found["last_modified"])


def _is_passing(words: str) -> bool:
    """Whether trying again can help: no answer, a cut one, 5xx, 408 and 429; not what the server refuses for good."""
    status = _status(words)
    return status is None or status[0] == "5" or status in ("408", "429")


def _status(words: str) -> str | None:
    found = _STATUS.search(words)
    return found[1] if found else None


def _code(error: Exception) -> str:
    """What the server said, as its code or its status; never the request, which is signed."""
    words = str(error)
    if code := _CODE.search(words):
        return code[1]
    if status := _status(words):
        return f"status {status}"
    return "no answer"
