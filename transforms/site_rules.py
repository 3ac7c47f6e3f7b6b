"""What is special about one site: parts to drop by CSS selector, and how it prints its dates.

No rule of the extractor names a site. Where one page design needs help, its user says so in sources.toml, and these
functions do it, the same way for every page of that source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import cast

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from transforms.comments_found import Stripped
from transforms.comments_text import block_lines
from transforms.month_names import MONTHS

_DIRECTIVES = {
    "d": r"(?P<day>\d{1,2})",
    "m": r"(?P<month>\d{1,2})",
    "b": r"(?P<name>[^\W\d_]{2,20})\.?",
    "B": r"(?P<name>[^\W\d_]{2,20})\.?",
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<short>\d{2})",
    "H": r"(?P<hour>\d{1,2})",
    "I": r"(?P<hour>\d{1,2})",
    "M": r"(?P<minute>\d{2})",
    "S": r"(?P<second>\d{2})",
    "p": r"(?P<half>[AaPp])\.?[Mm]\.?",
    "z": r"(?P<zone>Z|[+-]\d{2}:?\d{2})",
    "A": r"[^\W\d_]{2,20}",
    "a": r"[^\W\d_]{2,20}\.?",
    "%": "%",
}
"""The directives of strptime that stand for the same on every machine. Months' names are read in any known language."""
_PARTS = re.compile(r"%(.?)|\s+|[^%\s]+")


def drop_matching(tree: HtmlElement, selectors: Sequence[str]) -> tuple[Stripped, ...]:
    """Take what matches the selectors out of the tree, and say what it held. The root and the body always stay."""
    stripped = []
    for selector in selectors:
        for element in _matcher(selector)(tree):
            if element.getparent() is None or element.tag == "body":
                continue
            text = "\n".join(block_lines(element))
            element.drop_tree()  # keeps the text that follows the element
            if text:
                stripped.append(Stripped(f"site:{selector}", text))
    return tuple(stripped)


def check_selector(selector: str) -> None:
    """Raises ValueError, in one line, where this is no CSS selector."""
    try:
        _matcher(selector)
    except SyntaxError as error:  # cssselect's errors are SyntaxErrors
        raise ValueError(" ".join(str(error).split())) from None


def find_formatted(text: str, date_format: str) -> tuple[str, str] | None:
    """The first date in `text` that is printed by `date_format`: as printed, and as an ISO 8601 stamp; None for none.

    Raises ValueError for a format that `date_pattern` refuses.
    """
    for match in date_pattern(date_format).finditer(text):
        stamp = _stamp({name: value for name, value in match.groupdict().items() if value is not None})
        if stamp:
            return match[0], stamp
    return None


@cache
def date_pattern(date_format: str) -> re.Pattern[str]:
    """The expression that a strptime format stands for. Raises ValueError, in one line, where it names no whole day."""
    pieces = []
    seen = set()
    for part in _PARTS.finditer(date_format):
        directive = part[1]
        if directive is None:
            pieces.append(r"\s+" if part[0].isspace() else re.escape(part[0]))
            continue
        if directive not in _DIRECTIVES:
            known = " ".join(f"%{name}" for name in _DIRECTIVES)
            raise ValueError(f"knows no %{directive}; there are {known}")
        if directive in seen and directive != "%":
            raise ValueError(f"has %{directive} twice")
        seen.add(directive)
        pieces.append(_DIRECTIVES[directive])
    for names, meaning in (("d", "a day, %d"), ("mbB", "a month, %m or %B"), ("Yy", "a year, %Y or %y")):
        if len(seen & set(names)) != 1:
            raise ValueError(f"needs {meaning}")
    if len(seen & set("HI")) > 1 or bool(seen & set("HI")) != ("M" in seen) or ("I" in seen) != ("p" in seen):
        raise ValueError("needs %H:%M or %I:%M %p for a time")
    return re.compile(rf"(?<!\d){''.join(pieces)}(?!\d)")


def _stamp(found: dict[str, str]) -> str | None:
    month = int(found["month"]) if "month" in found else MONTHS.get(found["name"].lower())
    year = int(found["year"]) if "year" in found else int(found["short"]) + (2000 if int(found["short"]) < 70 else 1900)
    day = int(found["day"])
    if month is None or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    stamp = f"{year:04}-{month:02}-{day:02}"
    if "hour" not in found:
        return stamp
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found.get("second", "0"))
    if "half" in found:
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    seconds = f":{second:02}" if "second" in found else ""
    return f"{stamp}T{hour:02}:{minute:02}{seconds}{found.get('zone', '')}"


@cache
def _matcher(selector: str) -> Callable[[HtmlElement], list[HtmlElement]]:
    compiled = CSSSelector(selector, translator="html")
    return lambda tree: cast("list[HtmlElement]", compiled(tree))
