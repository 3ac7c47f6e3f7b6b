"""Bytes to text by the order of the WHATWG Encoding and HTML standards, and past it where pages lie.

BOM, then the header, then a meta declaration, then what the bytes themselves show. Three lies are common enough to be
worth a rule: Latin-1 declared as UTF-8 (strict decoding fails on nearly every letter beyond ASCII), and UTF-8 declared
as a single-byte encoding (a text of another encoding that is valid UTF-8 by chance does not occur at length), and UTF-8
that was taken for Latin-1 on its way and encoded once more (14 of 580 pages of one public set).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice

from charset_normalizer import from_bytes


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the Python codec that gave it, and the rule that chose the codec."""

    text: str
    encoding: str
    rule: str
    is_verbatim: bool = False
    """Whether the document is this text in UTF-8, byte for byte."""


_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_BYTES = 4096
"""The standard says 1,024; pages with long comments or scripts before their declaration are read by this."""

_META = re.compile(rb"""<meta\b[^>]{0,400}?charset\s*=\s*["']?\s*([\w:.\-]{2,40})""", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"""^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([\w:.\-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w:.\-]{2,40})""", re.IGNORECASE)

# What browsers decode when a label names the left: the superset that pages really use.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
# The encodings of the standard, by Python's names. What is not here (utf-7, punycode …) is no encoding of a page.
_KNOWN = frozenset(
    (
        *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"),
        *("cp866", "cp874", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"),
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f"cp{page}" for page in range(1250, 1259)),
    )
)
_MULTIBYTE = frozenset({"utf-8", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"})
_WIDE = frozenset({"utf-16-le", "utf-16-be"})
_UNDEFINED_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_BYTE_OF = {bytes((b,)).decode("cp1252"): chr(b) for b in range(0x80, 0xA0) if b not in _UNDEFINED_1252}
_TRAIL = "\x80-\xbf" + "".join(map(re.escape, _BYTE_OF))
_DOUBLE = re.compile(
    f"[\xc2-\xf4](?:(?<=[\xc2-\xdf])[{_TRAIL}]|(?<=[\xe0-\xef])[{_TRAIL}]{{2}}|(?<=[\xf0-\xf4])[{_TRAIL}]{{3}})"
)
"""Begins with what all have in common, by which `re` passes over the rest of a text."""
_DOUBLE_BYTES = re.compile(rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]|\xe2[\x80-\x84]|[\xc5\xc6\xcb])")
"""Where the same begins, seen in bytes, as a quick first look: most pages hold nothing like it, or very little."""
_LATIN_BEYOND_ASCII = re.compile("[\x80-\xff]")
_DOUBLE_MIN, _DOUBLE_LONGEST = 20, 4
"""Letters of doubly encoded text that a page must have: fewer may be a page about encodings."""
_SAMPLE_BYTES = 16_000
_BROKEN_SHARE = 0.2
"""Above this share of undecodable bytes among those beyond ASCII, a declared encoding is not believed."""


def decode_html(body: bytes, content_type: str | None) -> Decoded:
    """The text of an HTML or text document. Never raises; what no encoding explains becomes U+FFFD."""
    decoded = _decode_once(body, content_type)
    is_suspect = decoded.encoding == "utf-8" and b"\xc3" in body and _is_suspect(body)
    repaired = _undo_double(decoded.text) if is_suspect else None
    return Decoded(repaired, "utf-8", "double_utf8") if repaired is not None else decoded


def _decode_once(body: bytes, content_type: str | None) -> Decoded:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return Decoded(body[len(bom) :].decode(encoding, "replace"), encoding, "bom")
    wide = _wide(body)
    if wide is not None:
        return Decoded(body.decode(wide, "replace"), wide, "nul_pattern")
    utf8 = _strict(body, "utf-8")
    for rule, encoding in _declared(body, content_type):
        if utf8 is not None:
            is_ascii = len(utf8) == len(body)
            agrees = encoding == "utf-8" or (is_ascii and encoding != "iso2022_jp")
            if agrees or encoding not in _MULTIBYTE:
                return Decoded(utf8, "utf-8", rule if agrees else "utf8_over_declared", is_verbatim=True)
        text = _lenient(body, encoding)
        if text is not None:
            return Decoded(text, encoding, rule)
    if utf8 is not None:
        return Decoded(utf8, "utf-8", "valid_utf8", is_verbatim=True)
    return _detected(body)


def encoding_label(label: str) -> str | None:
    """The Python codec that browsers use for an encoding label, or None for a label of no web encoding."""
    cleaned = label.strip().lower()
    if cleaned in ("x-sjis", "windows-31j", "ms_kanji"):
        return "cp932"
    if cleaned.startswith("x-"):
        cleaned = cleaned[2:]
    try:
        name = codecs.lookup(cleaned).name
    except (LookupError, ValueError):
        return None
    name = _SUPERSETS.get(name, name)
    return name if name in _KNOWN else None


def _declared(body: bytes, content_type: str | None) -> list[tuple[str, str]]:
    """Declared encodings in the order of their authority, each with the rule's name."""
    found = []
    header = _HEADER.search(content_type or "")
    if header is not None and (encoding := encoding_label(header[1])) is not None:
        found.append(("header", encoding))
    head = body[:_META_BYTES]
    for pattern, rule in ((_META, "meta"), (_XML_DECLARATION, "xml_declaration")):
        match = pattern.search(head)
        if match is not None and (encoding := encoding_label(match[1].decode("ascii", "replace"))) is not None:
            # a declaration that could be read as ASCII cannot stand in a UTF-16 document
            found.append((rule, "utf-8" if encoding in _WIDE else encoding))
    return found


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


def _lenient(body: bytes, encoding: str) -> str | None:
    """The text under a declared encoding; None where too much of it does not decode to be that encoding."""
    if encoding == "cp1252":
        return _latin(body)
    text = body.decode(encoding, "replace")
    broken = text.count("\ufffd")
    if not broken:
        return text
    beyond_ascii = sum(1 for character in text if character > "\x7f")
    return text if broken <= _BROKEN_SHARE * beyond_ascii else None


def _wide(body: bytes) -> str | None:
    """UTF-16 without a BOM: every second byte of the beginning is NUL, as in any markup."""
    head = body[:200]
    if len(head) < 20 or b"\x00" not in head:
        return None
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def _latin(body: bytes) -> str:
    """windows-1252, without the five bytes that it does not define."""
    return body.translate(None, _UNDEFINED_1252).decode("cp1252")


def _is_suspect(body: bytes) -> bool:
    """Whether there are so many places that look doubly encoded that `_undo_double` could find enough."""
    places = islice(_DOUBLE_BYTES.finditer(body), _DOUBLE_MIN // _DOUBLE_LONGEST + 1)
    return _DOUBLE_LONGEST * sum(1 for _ in places) > _DOUBLE_MIN


def _undo_double(text: str) -> str | None:
    """The text with UTF-8 decoded a second time where nearly all of its letters beyond ASCII ask for it, else None."""
    repaired = 0

    def undo(match: re.Match[str]) -> str:
        nonlocal repaired
        try:
            once = "".join(_BYTE_OF.get(c, c) for c in match[0]).encode("latin-1").decode("utf-8")
        except (UnicodeDecodeError, UnicodeEncodeError):
            return match[0]
        repaired += len(match[0])
        return once

    result = _DOUBLE.sub(undo, text)
    if repaired <= _DOUBLE_MIN:
        return None
    left = len(_LATIN_BEYOND_ASCII.findall(text)) - repaired
    return result if left < 0.1 * repaired else None


def _detected(body: bytes) -> Decoded:
    """By the statistics of the bytes around letters beyond ASCII; the Latin-1 family where they show nothing."""
    best = from_bytes(_sample(body)).best()
    encoding = encoding_label(best.encoding) if best is not None else None
    if encoding is not None and encoding not in _WIDE:
        text = _lenient(body, encoding)
        if text is not None:
            return Decoded(text, encoding, "detected")
    return Decoded(_latin(body), "cp1252", "fallback")


def _sample(body: bytes) -> bytes:
    """Text without tags and ASCII lines, so that markup does not drown the few letters that tell encodings apart."""
    pieces: list[bytes] = []
    size = 0
    for piece in re.split(rb"<[^>]{0,2000}>", body[:2_000_000]):
        if not piece.isascii():
            pieces.append(piece.strip()[:2000])
            size += len(pieces[-1])
            if size > _SAMPLE_BYTES:
                break
    return b"\n".join(pieces)
