"""How a page says that it is not to be mined for text and data or used for training, in header or markup.

Recorded for every page and obeyed where its source says so. Known signals: `noai`, `noimageai` and `noml` in
X-Robots-Tag or meta robots, and the TDM Reservation Protocol's `tdm-reservation: 1` as header or meta element.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEAD = 65_536
_WORDS = frozenset(["noai", "noimageai", "noml"])
_META = re.compile(rb"<meta\b[^>]{0,1000}>", re.IGNORECASE)
_NAME = re.compile(rb"""\bname\s*=\s*["']?\s*([\w.-]+)""", re.IGNORECASE)
_CONTENT = re.compile(rb"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


def opt_out_of(fields: Mapping[str, str], text: bytes) -> str | None:
    """The signals by which a page opts out, None for none. `fields` are headers by lower-case name."""
    found = [f"x-robots-tag: {word}" for word in _words(_for_everyone(fields.get("x-robots-tag", "")))]
    if fields.get("tdm-reservation", "").strip() == "1":
        found.append("tdm-reservation: 1")
    for tag in _META.findall(text[:_HEAD]):
        name, content = _NAME.search(tag), _CONTENT.search(tag)
        if name is None or content is None:
            continue
        value = b"".join(part or b"" for part in content.groups()).decode("latin-1")
        if name[1].lower() in (b"robots", b"broadsheet"):
            found += [f"meta robots: {word}" for word in _words(value)]
        elif name[1].lower() == b"tdm-reservation" and value.strip() == "1":
            found.append("meta tdm-reservation: 1")
    return ", ".join(dict.fromkeys(found)) or None


def _words(value: str) -> list[str]:
    return [word for part in value.split(",") if (word := part.strip().lower()) in _WORDS]


def _for_everyone(value: str) -> str:
    """The directives but those for crawlers of another name: `otherbot: noai` is not for us, `broadsheet: noai` is."""
    kept = []
    is_ours = True
    for part in value.split(","):
        name, colon, rest = part.partition(":")
        if colon and not name.strip().lower().startswith(("max-", "unavailable_after")):
            is_ours = name.strip().lower() == "broadsheet"
            part = rest  # noqa: PLW2901
        if is_ours:
            kept.append(part)
    return ",".join(kept)
