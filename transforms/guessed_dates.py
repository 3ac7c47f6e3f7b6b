"""The date that htmldate finds in a page: asked last, for one page in eight, and dear.

It copies the tree, looks at its elements, and at all that is written in it. Some of its looks are exchanged for cheaper
ones of the same result, in copies of its functions: elements of one class or id are judged once, and dates of numbers
and stamps are looked for by the signs between the numbers, which are rarer than digits.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from types import SimpleNamespace

from htmldate import core, extractors
from lxml.html import HtmlElement

from transforms.twins import twins_of

_MIN_DATE = "1995-01-01"
_NUMBERS = extractors.DATE_CORE_PATTERN.pattern
_SIGNS = _NUMBERS.replace("[0-9]{1,4}[./]", "[./](?<=[0-9].)", 1)

_YEAR = f"{extractors.YEAR_RE}-"
_YEAR_LETTERS = 4


class ByHyphen:
    """A pattern of stamps, "2024-11-05T…", that looks for the hyphen behind the year."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        """`pattern` begins with a group and the year; one that does not is asked as it is."""
        start = f"({_YEAR}"
        self._pattern = pattern
        self._hyphen: re.Pattern[str] | None = None
        if pattern.pattern.startswith(start):
            self._hyphen = re.compile(f"-(?<={_YEAR})({pattern.pattern[len(start) :]}")

    def search(self, text: str) -> re.Match[str] | None:
        """The first match of the pattern."""
        if self._hyphen is None:
            return self._pattern.search(text)
        found = self._hyphen.search(text)
        return self._pattern.match(text, found.start() - _YEAR_LETTERS) if found is not None else None


def guess_date(tree: HtmlElement, url: str, latest: date) -> str | None:
    """The likeliest day of publication, year-month-day, not after `latest`; None where nothing looks like one."""
    found: str | None = _find_date(
        tree,
        original_date=True,
        extensive_search=False,
        url=url,
        min_date=_MIN_DATE,
        max_date=latest.isoformat(),
    )
    return found


def _is_date_candidate(element: HtmlElement) -> bool:
    """What htmldate says of an element's names, asked once for all elements of one class or id."""
    get = element.get
    called, own_id = get("class"), get("id")
    if get("itemprop") is not None or (called is not None and own_id is not None):
        return bool(core.is_date_candidate(element))
    if called is not None:
        return _is_candidate_by("class", called)
    return own_id is not None and _is_candidate_by("id", own_id)


@lru_cache(maxsize=1_024)
def _is_candidate_by(attribute: str, value: str) -> bool:
    attributes = {attribute: value}
    return bool(core.is_date_candidate(SimpleNamespace(attrib=attributes, get=attributes.get)))


_find_date = twins_of(
    core,
    is_date_candidate=_is_date_candidate,
    TIMESTAMP_PATTERN=ByHyphen(core.TIMESTAMP_PATTERN),
    TIMESTAMP_LOOSE_PATTERN=ByHyphen(core.TIMESTAMP_LOOSE_PATTERN),
    idiosyncrasies_search=twins_of(extractors, DATE_CORE_PATTERN=re.compile(_SIGNS))["idiosyncrasies_search"],
)["find_date"]
