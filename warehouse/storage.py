"""Where captures and lake are kept when it is not the data directory: a bucket that speaks S3, by one address.

What is said here is written into the data directory once, so that every later command finds its files without being
told. Keys never are: they come from the environment, by the names that all S3 tools use.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.errors import StorageError

FILE_NAME = "broadsheet-storage"
_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w.=/-]*))?", re.ASCII)
_ENDPOINT = re.compile(r"https?://[^/@\s]+/?")
_REGION = "us-east-1"
CACHE_BYTES = 20_000_000_000
PATIENCE_S = 60.0
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A place in a bucket, and how it is spoken with; no secrets."""

    url: str
    """`s3://bucket/prefix`."""
    endpoint: str | None = None
    """Address of the server; None is the region's own at AWS."""
    region: str = _REGION
    cache_bytes: int = CACHE_BYTES
    """What local copies of stored files may take on disk. Files in use and files not stored yet are kept beyond it."""
    patience_s: float = PATIENCE_S
    """How long one request is tried again while the server does not answer or says that it cannot now."""

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.url.removeprefix("s3://").partition("/")[0]

    @property
    def prefix(self) -> str:
        """What all keys begin with, without a slash at the end; empty for the whole bucket."""
        return self.url.removeprefix("s3://").partition("/")[2]


def parse_storage(
    url: str,
    *,
    endpoint: str | None = None,
    region: str | None = None,
    cache_bytes: int = CACHE_BYTES,
    patience_s: float = PATIENCE_S,
    environment: Mapping[str, str] | None = None,
) -> Storage:
    """A storage from settings; endpoint and region, where not given, from AWS_ENDPOINT_URL and AWS_REGION.

    Raises StorageError for what is no address. An address with keys in it is refused without being repeated.
    """
    env = os.environ if environment is None else environment
    if "@" in url or "?" in url:
        raise StorageError("storage: the address may hold no keys; they come from " + " and ".join(_KEYS))
    found = _ADDRESS.fullmatch(url.rstrip("/"))
    if found is None or any(part in ("", ".", "..") for part in (found["prefix"] or "x").split("/")):
        raise StorageError(f"storage {url}: an address is s3://bucket/prefix, in plain letters, digits and . - _ =")
    endpoint = endpoint or env.get("AWS_ENDPOINT_URL_S3") or env.get("AWS_ENDPOINT_URL") or None
    if endpoint and not _ENDPOINT.fullmatch(endpoint):
        raise StorageError("storage_endpoint: an endpoint is http://host:port or https://host, with nothing else in it")
    return Storage(
        url=url.rstrip("/"),
        endpoint=endpoint.rstrip("/") if endpoint else None,
        region=region or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or _REGION,
        cache_bytes=cache_bytes,
        patience_s=patience_s,
    )


def keys(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The keys, under the names that the client takes. Raises StorageError where there are none."""
    env = os.environ if environment is None else environment
    if missing := [name for name in _KEYS if not env.get(name)]:
        raise StorageError(f"the storage needs keys: set {' and '.join(missing)}")
    found = {"access_key_id": env[_KEYS[0]], "secret_access_key": env[_KEYS[1]]}
    token = env.get("AWS_SESSION_TOKEN")
    return found | ({"session_token": token} if token else {})


def read_storage(root: Path) -> Storage | None:
    """What a data directory says of its storage; None where it keeps its files itself. Raises StorageError, OSError."""
    path = root / FILE_NAME
    try:
        return Storage(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise StorageError(f"{path} is damaged: remove it and name the storage again (BROADSHEET_STORAGE)") from error


def storage_text(storage: Storage) -> bytes:
    """What is written into a data directory."""
    return (json.dumps(asdict(storage)) + "\n").encode()
