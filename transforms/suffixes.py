"""Where names that people register begin: the public suffix list that comes with tldextract, private suffixes included.

The library itself is not imported, only its list is read: it brings an HTTP client along and keeps two trees of the
list, which together are 12 MB and a tenth of a second in each process. The rules are applied as the library does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_RULE = re.compile(r"^[.*!]*\w\S*", re.MULTILINE)
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))


def registered_name(host: str) -> str | None:
    """The last label before a host's public suffix, with the suffix; None where the host has no known one or is one.

    `host` is in lower case; a suffix written in another script and in Punycode is the same.
    """
    labels = host.translate(_DOTS).split(".")
    count = _suffix_labels(labels)
    return ".".join(labels[-count - 1 :]) if 0 < count < len(labels) and labels[-count - 1] else None


def is_suffix(host: str) -> bool:
    """Whether a host, in lower case, is a public suffix by itself."""
    labels = host.translate(_DOTS).split(".")
    return _suffix_labels(labels) == len(labels)


def _suffix_labels(labels: list[str]) -> int:
    """How many labels at the end are a public suffix; 0 where none is known."""
    found, tail = 0, ""
    rules = _rules()
    for place, label in enumerate(map(_decoded, reversed(labels))):
        longer = f"{label}.{tail}" if tail else label
        if longer in rules.whole:
            found = place + 1
        elif longer not in rules.parts:
            if f"*.{tail}" not in rules.whole:
                break
            return place if f"!{longer}" in rules.whole else place + 1
        tail = longer
    return found


@dataclass(frozen=True, slots=True)
class _Rules:
    whole: frozenset[str]
    parts: frozenset[str]
    """Ends of rules that are no rules themselves."""


@cache
def _rules() -> _Rules:
    spec = find_spec("tldextract")
    if spec is None or spec.origin is None:
        raise ImportError("tldextract, which the list of public suffixes comes with, is not installed")
    text = Path(spec.origin).with_name(".tld_set_snapshot").read_text(encoding="utf-8")
    whole = frozenset(_RULE.findall(text))
    parts = (rule.split(".", n)[n] for rule in whole for n in range(1, rule.count(".") + 1))
    return _Rules(whole, frozenset(part for part in parts if part not in whole))


def _decoded(label: str) -> str:
    """A label in its own script."""
    if label.startswith("xn--"):
        try:
            decoded = label[4:].encode("ascii").decode("punycode")
        except UnicodeError:
            return label
        return label if decoded.isascii() else decoded
    return label
