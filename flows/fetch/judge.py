"""What an answer is worth: its outcome by status, headers and body. No network, no state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flows.fetch.client import Answer
from flows.fetch.politeness import Signal
from flows.fetch.retry_after import retry_after_s
from transforms.coding import CodingFailure, decompress
from transforms.media_types import UNTYPED, media_type
from transforms.outcome import Outcome

_PAGE_TYPES = frozenset(["text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"])
_UNTYPED = UNTYPED | {""}
_MAGIC = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"ID3",
    b"\x00\x00\x00",
    b"MZ",
)
_MARKUP = re.compile(rb"<(?:!doctype html|html|head|body|title|article|div|p|meta)\b", re.IGNORECASE)
_RETRIED = frozenset([Outcome.RESET, Outcome.TIMEOUT, Outcome.TRUNCATED, Outcome.HTTP_5XX, Outcome.RATE_LIMITED])
_NO_CONNECTION = frozenset([Outcome.DNS, Outcome.REFUSED, Outcome.TLS])
_REDIRECTS = frozenset([301, 302, 303, 307, 308])


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome that an answer comes to, unless another try or hop follows."""

    outcome: Outcome
    detail: str | None = None
    text: bytes = b""
    """The body without its content coding, where that could be undone."""


def wants_page(status: int, fields: Mapping[str, str]) -> bool:
    """Whether the body of an answer to a page request is worth reading."""
    return 200 <= status < 300 and media_type(fields.get("content-type")) in _PAGE_TYPES | _UNTYPED


def wants_any(status: int, fields: Mapping[str, str]) -> bool:  # noqa: ARG001
    """The same for feeds, sitemaps and robots.txt, which come under many types."""
    return 200 <= status < 300


def is_redirect(answer: Answer) -> bool:
    """Whether the answer points elsewhere."""
    return answer.outcome is None and answer.status in _REDIRECTS


def judge(answer: Answer, *, decoded_max: int, is_page: bool, was_conditional: bool) -> Judgement:  # noqa: PLR0911
    """The outcome of an answer that is no redirect. CAPTURED stands for a whole body of the wanted kind."""
    status = answer.status
    if answer.outcome is not None or status is None:
        return Judgement(answer.outcome or Outcome.BAD_RESPONSE, answer.detail)
    by_status = _by_status(answer, status, was_conditional)
    if by_status is not None:
        return by_status
    if is_page and answer.is_skipped:
        return Judgement(Outcome.NOT_HTML, media_type(answer.header("content-type"))[:100])
    if not answer.body:
        return Judgement(Outcome.EMPTY)
    decoded = decompress(answer.body, answer.header("content-encoding"), limit=decoded_max)
    if isinstance(decoded, CodingFailure):
        return Judgement(decoded.outcome, decoded.detail, decoded.partial)
    if not decoded.strip():
        return Judgement(Outcome.EMPTY, "white space only")
    if is_page and (objection := _not_html(decoded, media_type(answer.header("content-type")))):
        return Judgement(Outcome.NOT_HTML, objection)
    return Judgement(Outcome.CAPTURED, None, decoded)


def signal_of(answer: Answer, outcome: Outcome) -> Signal:
    """What the answer says about how the site is doing."""
    if outcome is Outcome.RATE_LIMITED:
        return Signal.BUSY
    if outcome in _NO_CONNECTION or (outcome is Outcome.TIMEOUT and answer.status is None):
        return Signal.DOWN
    return Signal.FAILING if outcome in (Outcome.HTTP_5XX, Outcome.RESET, Outcome.TIMEOUT) else Signal.FINE


def helps_to_retry(outcome: Outcome) -> bool:
    """Whether asking again in the same run can help."""
    return outcome in _RETRIED


def _by_status(answer: Answer, status: int, was_conditional: bool) -> Judgement | None:  # noqa: PLR0911
    """The outcome where the status alone decides."""
    if status == 304:
        if was_conditional:
            return Judgement(Outcome.NOT_MODIFIED)
        return Judgement(Outcome.BAD_RESPONSE, "304 to a request without validators")
    if status == 429 or (status == 503 and retry_after_s(answer.header("retry-after"), 0.0) is not None):
        return Judgement(Outcome.RATE_LIMITED, f"status {status}, Retry-After: {answer.header('retry-after')}"[:200])
    if 300 <= status < 400:
        return Judgement(Outcome.BAD_REDIRECT, f"status {status}")
    if 400 <= status < 500:
        return Judgement(Outcome.HTTP_4XX, f"status {status}")
    if 500 <= status < 600:
        return Judgement(Outcome.HTTP_5XX, f"status {status}")
    if status in (204, 205):
        return Judgement(Outcome.EMPTY, f"status {status}")
    if not 200 <= status < 300 or status == 206:
        return Judgement(Outcome.BAD_RESPONSE, f"status {status}")
    return None


def _not_html(text: bytes, declared: str) -> str | None:
    """Why a body is no page although its type would allow it."""
    head = text[:2_048]
    if head.startswith(_MAGIC):
        return f"declared {declared or 'no type'}, but the body is binary"
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1:2] == b"\x00" or head[:1] == b"\x00"
    if b"\x00" in head and not is_wide and head.count(b"\x00") > len(head) // 20:
        return f"declared {declared or 'no type'}, but the body is binary"
    if declared in _UNTYPED and not _MARKUP.search(head.replace(b"\x00", b"")):
        return f"declared {declared or 'no type'}, and nothing in the body says HTML"
    return None
