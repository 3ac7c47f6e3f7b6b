"""Addresses that no parser would change, told by one pattern: most links of a page, and a parser takes 10 µs for each.

What is plain has no query, no escape and no port; its host is neither a number nor beyond ASCII, and no part of its
path begins with a dot. All else is for `transforms.url` to parse, which gives the same for what is plain.
"""

from __future__ import annotations

import re

_PATH = r"(?:/(?:[\w~-][\w~.-]*+)?)++"
_PLAIN = re.compile(rf"https?://(?:[a-z0-9][a-z0-9-]*+\.)++[a-z]{{2,}}+{_PATH}", re.ASCII)
_PLAIN_PATH = re.compile(f"(?!//){_PATH}", re.ASCII)
_PUNYCODE = "xn--"


def is_plain(url: str) -> bool:
    """Whether an address is written as every parser would write it, and in its normalised form."""
    return _PLAIN.fullmatch(url) is not None and _PUNYCODE not in url


def is_plain_path(link: str) -> bool:
    """Whether a link is a path from the root of its site, written as every parser would write it."""
    return _PLAIN_PATH.fullmatch(link) is not None
