"""Whether what came as a page is no text at all: a picture or an archive that a server calls HTML."""

from __future__ import annotations

import re

_HEAD = 20_000
_STRANGE = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_STRANGE_ASCII = bytes((*range(1, 9), *range(0x0E, 0x20), 0x7F))
_HIGH_CONTROL = b"\xc2"
"""With which U+0080 to U+00BF begin in UTF-8, all control characters beyond ASCII among them."""
_STRANGE_SHARE = 0.1
"""Nearly a quarter of all 256 bytes is strange; of a page that was decoded wrongly far less."""


def is_binary(text: str) -> bool:
    """Whether much of the beginning is what no text has: signs that could not be decoded, control characters."""
    head = text[:_HEAD]
    written = head.encode("utf-8", "surrogatepass")
    most = len(written) - len(written.translate(None, _STRANGE_ASCII))  # as many, or more; in a tenth of the time
    most += written.count(_HIGH_CONTROL) + head.count("\ufffd")
    if most <= _STRANGE_SHARE * len(head) or head.isascii():
        return most > _STRANGE_SHARE * len(head)
    return len(_STRANGE.findall(head)) > _STRANGE_SHARE * len(head)
