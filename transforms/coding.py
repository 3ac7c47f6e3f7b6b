"""Content codings undone with a bound: gzip, deflate (zlib and raw), br, zstd, and stacks of them.

The bound holds inside the decoder, chunk by chunk: a cap that is checked after a decoder has returned is no cap, since
one chunk of a bomb can grow ten-thousandfold. Failure is a value: what was decoded before it is kept beside its name.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli
import zstandard

from transforms.outcome import Outcome

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""What a client may offer: the codings that this module can bound."""

_STACK_MAX = 5
_PIECE = 1 << 16
_ZSTD_WINDOW_MAX = 1 << 27
_ZSTD_SIP = 256


@dataclass(frozen=True, slots=True)
class CodingFailure:
    """Why a body could not be decoded in full, with the bytes decoded until then."""

    outcome: Outcome
    """BAD_ENCODING, TOO_LARGE or TRUNCATED."""
    detail: str
    partial: bytes


def decompress(body: bytes, content_encoding: str | None, *, limit: int) -> bytes | CodingFailure:
    """The body without its content codings, at most `limit` bytes of it, or why not.

    `content_encoding` is the header as sent; codings are undone from the last to the first. No coding gives the body
    itself. An unknown coding is BAD_ENCODING, and so is a checksum that does not match; an early end is TRUNCATED.
    """
    codings = [c for c in (p.strip().lower() for p in (content_encoding or "").split(",")) if c and c != "identity"]
    if len(codings) > _STACK_MAX:
        return CodingFailure(Outcome.BAD_ENCODING, f"{len(codings)} codings", b"")
    for coding in reversed(codings):
        decoder = _DECODERS.get(coding)
        if decoder is None:
            return CodingFailure(Outcome.BAD_ENCODING, f"unknown coding {coding[:40]!r}", b"")
        if not body:
            return body
        decoded = decoder(body, limit)
        if isinstance(decoded, CodingFailure):
            return decoded
        body = decoded
    if len(body) > limit:
        return CodingFailure(Outcome.TOO_LARGE, f"more than {limit} bytes", body[:limit])
    return body


def _gzip(body: bytes, limit: int) -> bytes | CodingFailure:
    """All members; bytes after a whole member that start no other are ignored, as browsers do."""
    out = bytearray()
    rest = body
    while rest[:2] == b"\x1f\x8b" or not out:
        decoder = zlib.decompressobj(wbits=31)
        failure = _inflate(decoder, rest, limit, out, "gzip")
        if failure is not None:
            return failure
        rest = decoder.unused_data
        if not rest:
            break
    return bytes(out)


def _deflate(body: bytes, limit: int) -> bytes | CodingFailure:
    """zlib as the standard says, or a bare deflate stream as some servers send it."""
    if _looks_like_zlib(body):
        out = bytearray()
        failure = _inflate(zlib.decompressobj(wbits=15), body, limit, out, "deflate")
        if failure is None:
            return bytes(out)
        if out or failure.outcome is not Outcome.BAD_ENCODING:
            return failure
    out = bytearray()
    return _inflate(zlib.decompressobj(wbits=-15), body, limit, out, "deflate") or bytes(out)


def _looks_like_zlib(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _inflate(decoder: zlib._Decompress, body: bytes, limit: int, out: bytearray, name: str) -> CodingFailure | None:
    """Decode one zlib stream into `out`; None when it came to its end within the limit."""
    data = body
    try:
        while not decoder.eof:
            room = limit - len(out)
            if room < 0:
                return _too_large(out, limit)
            piece = decoder.decompress(data, min(room + 1, _PIECE))
            out += piece
            data = decoder.unconsumed_tail
            if not piece and not data and not decoder.eof:
                return CodingFailure(Outcome.TRUNCATED, f"{name} stream ends early", bytes(out))
    except zlib.error as error:
        return CodingFailure(Outcome.BAD_ENCODING, f"{name}: {error}", bytes(out))
    return _too_large(out, limit) if len(out) > limit else None


def _brotli(body: bytes, limit: int) -> bytes | CodingFailure:
    decoder = brotli.Decompressor()
    out = bytearray()
    data = body
    try:
        while not decoder.is_finished():
            piece = decoder.process(data, output_buffer_limit=_PIECE)
            data = b""
            out += piece
            if len(out) > limit:
                return _too_large(out, limit)
            if not piece and not decoder.is_finished() and decoder.can_accept_more_data():
                return CodingFailure(Outcome.TRUNCATED, "br stream ends early", bytes(out))
    except brotli.error as error:
        return CodingFailure(Outcome.BAD_ENCODING, f"br: {error}", bytes(out))
    return bytes(out)


def _zstd(body: bytes, limit: int) -> bytes | CodingFailure:
    """All frames, fed in sips: a four-byte block gives at most 128 KiB, so one sip passes the limit by 8 MiB at most.

    The window is capped too, since a frame can ask for gigabytes of it before its first byte.
    """
    out = bytearray()
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_MAX)
    frame = context.decompressobj()
    position = 0
    try:
        while position < len(body):
            if frame.eof:
                frame = context.decompressobj()
            sip = body[position : position + _ZSTD_SIP]
            out += frame.decompress(sip)
            position += len(sip) - len(frame.unused_data)
            if len(out) > limit:
                return _too_large(out, limit)
    except zstandard.ZstdError as error:
        return CodingFailure(Outcome.BAD_ENCODING, f"zstd: {error}", bytes(out))
    if not frame.eof:
        return CodingFailure(Outcome.TRUNCATED, "zstd stream ends early", bytes(out))
    return bytes(out)


def _too_large(out: bytearray, limit: int) -> CodingFailure:
    return CodingFailure(Outcome.TOO_LARGE, f"more than {limit} bytes decoded", bytes(out[:limit]))


_DECODERS: dict[str, Callable[[bytes, int], bytes | CodingFailure]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
