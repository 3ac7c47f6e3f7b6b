"""The key of a capture, shared by whoever writes captures and whoever reads them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime


def capture_id(url: str, captured_at: datetime, payload_digest: str) -> str:
    """Hash of a record's target, its time to the microsecond and its payload digest: 32 hex digits (BLAKE2b-128).

    The place of the record is no part of it, so that a moved or repacked file keeps its captures' keys.
    """
    at = captured_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    key = "\n".join((url, at, payload_digest)).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(key, digest_size=16).hexdigest()
