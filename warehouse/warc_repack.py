"""Repacking foreign archives into record-gzipped WARC, so that every capture can be read by its offset.

`.warc.zst` (with or without a dictionary of its own), `.wacz` (a zip of WARC files) and `.warc.gz` that is one gzip
stream are unpacked into a plain file beside the target and packed record by record. A record's bytes stay as they are.
"""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import zstandard

from warehouse.warc_format import GZIP_WBITS, LEVEL
from warehouse.warc_records import Broken, RawRecord, read_records

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
_CHUNK = 1 << 20
_ZSTD_CHUNK = 1 << 10  # a byte may become 32 kB, and nothing else bounds what one call gives back
_WINDOW_MAX = 1 << 27
_DICTIONARY_MAX = 1 << 24
_LOOKED_AT = 8


def is_record_gzip(path: Path) -> bool:
    """Whether the first records of a gzipped WARC have a gzip member each."""
    first = islice(read_records(path, block_max=0), _LOOKED_AT)
    return all(record.is_seekable for record in first if isinstance(record, RawRecord))


def repack(path: Path, target: Path) -> str | None:
    """Write the records of an archive to `target`, and give what is wrong with it in one line, if anything is.

    Raises OSError. `target` is not synced: the caller does that before it names it.
    """
    problems: list[str] = []
    with target.open("wb") as out:
        try:
            for stream in _streams(path):
                held = target.with_name(target.name + ".held")
                plain = target.with_name(target.name + ".plain")
                try:
                    problems.extend(_add(stream, held, plain, out))
                finally:
                    held.unlink(missing_ok=True)
                    plain.unlink(missing_ok=True)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            problems.append(f"the archive is damaged: {error}")
    return (problems[0] + (f" (and {len(problems) - 1} more)" if problems[1:] else "")) if problems else None


def _streams(path: Path) -> Iterator[BinaryIO]:
    """The WARC files within an archive, each as its bytes stand there."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start != ZIP_MAGIC:
            yield file
        else:
            yield from _zip_streams(file)


def _zip_streams(file: BinaryIO) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(file) as archive:
        for name in sorted(archive.namelist()):
            if name.lower().endswith((".warc", ".warc.gz", ".warc.zst")):
                with archive.open(name) as entry:
                    yield io.BufferedReader(entry)  # type: ignore[type-var]
            elif name.lower().endswith(".wacz"):
                with archive.open(name) as entry:
                    yield from _zip_streams(entry)  # type: ignore[arg-type]


def _add(stream: BinaryIO, held: Path, plain: Path, out: BinaryIO) -> Iterator[str]:
    """Append the records of one WARC file to `out`: as they are where each is a gzip member already."""
    with held.open("wb") as copy:
        shutil.copyfileobj(stream, copy, _CHUNK)
    with held.open("rb") as file:
        if _peek(file).startswith(GZIP_MAGIC) and is_record_gzip(held):
            shutil.copyfileobj(file, out, _CHUNK)
        else:
            yield from _unpack(file, plain)
            yield from _pack(plain, out)


def _unpack(stream: BinaryIO, plain: Path) -> list[str]:
    """Decompress into `plain` as far as it goes; what stopped it, if it did not go to the end."""
    with plain.open("wb") as out:
        start = _peek(stream)
        try:
            if start.startswith(GZIP_MAGIC):
                _gunzip(stream, out)
            elif start.startswith((ZSTD_MAGIC, ZSTD_DICTIONARY_MAGIC)):
                _unzstd(stream, out)
            else:
                shutil.copyfileobj(stream, out, _CHUNK)
        except (zlib.error, zstandard.ZstdError, EOFError) as error:
            return [f"the compressed data is damaged: {error}"]
    return []


def _gunzip(stream: BinaryIO, out: BinaryIO) -> None:
    raw = b""
    while raw := raw or stream.read(_CHUNK):
        inflate = zlib.decompressobj(GZIP_WBITS)
        while not inflate.eof:
            raw = raw or stream.read(_CHUNK)
            if not raw:
                raise EOFError("it ends within a gzip member")
            out.write(inflate.decompress(raw, _CHUNK))
            raw = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        raw = raw.lstrip(b"\0")


def _unzstd(stream: BinaryIO, out: BinaryIO) -> None:
    dictionary = None
    if _peek(stream).startswith(ZSTD_DICTIONARY_MAGIC):
        head = stream.read(8)
        size = int.from_bytes(head[4:], "little")
        if size > _DICTIONARY_MAX:
            raise zstandard.ZstdError(f"a dictionary of {size} bytes")
        content = stream.read(size)
        if content.startswith(ZSTD_MAGIC):
            content = zstandard.ZstdDecompressor().decompress(content, max_output_size=_DICTIONARY_MAX)
        dictionary = zstandard.ZstdCompressionDict(content)
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_WINDOW_MAX)
    # Frame by frame and not with stream_reader, which takes the end of the input within a frame for the end.
    raw = b""
    while raw := raw or stream.read(_ZSTD_CHUNK):
        frame = decompressor.decompressobj()
        while not frame.eof:
            raw = raw or stream.read(_ZSTD_CHUNK)
            if not raw:
                raise EOFError("it ends within a zstd frame")
            out.write(frame.decompress(raw))
            raw = frame.unused_data


def _peek(stream: BinaryIO) -> bytes:
    return stream.peek(4)[:4]  # type: ignore[attr-defined,no-any-return]


def _pack(plain: Path, out: BinaryIO) -> Iterator[str]:
    """Append each record as a gzip member of its own."""
    with plain.open("rb") as file:
        for record in read_records(plain, block_max=0):
            if isinstance(record, Broken):
                yield f"{record.reason} at byte {record.offset} of the unpacked file"
                continue
            if record.cut:
                yield f"{record.cut} at byte {record.offset} of the unpacked file"
            file.seek(record.offset)
            squeezer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_WBITS)
            rest = record.head_bytes + record.length
            while rest and (data := file.read(min(rest, _CHUNK))):
                rest -= len(data)
                out.write(squeezer.compress(data))
            out.write(squeezer.compress(b"\r\n\r\n") + squeezer.flush())
