"""The parts of one comment or post by what markup calls them: author, time, text.

Names differ from program to program; what they are made of does not ("comment-author", "fn", "username"). The first
fitting element wins, schema.org properties before names, and what belongs to an inner comment is never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain, islice, zip_longest

from lxml.html import HtmlElement

from transforms.comments_dates import Moment, find_moment
from transforms.comments_names import AUTHOR, DATE, NOT_AUTHOR, TEXT, NameKind
from transforms.comments_text import block_lines
from transforms.comments_words import chrome_of, speaker_of
from transforms.plain import plain

_PROFILE = re.compile(r"/(?:(?:u|users?|members?|profiles?|people|authors?)/|~|@)[^/?#]+/?$")
_TIME_PROPS = frozenset(("dateCreated", "datePublished", "commentTime"))
DATE_REST = frozenset(("at", "on", "um", "am", "à", "le", "el", "alle", "om", "kl", "says", "•", "|", "-", "·"))
_AUTHOR_MAX = 80
_NAME_WORDS = 6
_HEAD_LINES = 3
"""Lines of a comment among which its signature stands."""
_SIGN_REST = 60
"""Letters that an element with a comment's date may hold besides it and still be no text."""


def author_among(elements: Sequence[HtmlElement]) -> str | None:
    """The author that one of a comment's elements names."""
    return named_author(elements)[0]


def named_author(elements: Sequence[HtmlElement]) -> tuple[str | None, HtmlElement | None]:
    """The author that one of a comment's elements names, and that element."""
    element = _first(elements, AUTHOR, NOT_AUTHOR)
    author = _author(element)
    return author, element if author else None


def linked_author(own: Sequence[HtmlElement], text_element: HtmlElement) -> tuple[str | None, HtmlElement | None]:
    """The author by the first link outside the comment's text that leads to a person's page, and that link."""
    said = frozenset(text_element.iter("a"))
    for element in own:
        if element.tag == "a" and element not in said and _PROFILE.search(element.get("href") or ""):
            author = _author(element) if _short_text(element) else None
            if author:
                return author, element
    return None, None


def printed_time(around: Sequence[HtmlElement]) -> str | None:
    """The time beside a text as one of the elements around it prints it."""
    exact = [e for e in around if e.tag in ("time", "abbr") or e.get("itemprop") in _TIME_PROPS]
    for element in chain(exact, (e for e in around if DATE.names(e))):
        printed = " ".join(element.text_content().split())
        if 0 < len(printed) <= 60 and find_moment(printed):
            return printed
    return None


def own_elements(element: HtmlElement, items: frozenset[HtmlElement]) -> list[HtmlElement]:
    """The element's descendants that belong to no inner comment, itself first."""
    found = [element]
    for inner in islice(element.iter("*"), 1, None):
        if inner in items or inner.tag == "form":
            break
        found.append(inner)
    else:
        return found  # most have nothing to be left out
    found, stack = [], [element]
    while stack:
        current = stack.pop()
        found.append(current)
        stack.extend(c for c in reversed(current) if isinstance(c.tag, str) and c not in items and c.tag != "form")
    return found


def _first(own: Sequence[HtmlElement], kind: NameKind, without: NameKind) -> HtmlElement | None:
    declared = next((e for e in own if e.get("itemprop") in ("author", "creator", "name")), None)
    if declared is not None:
        return declared
    named = [e for e in own[1:] if e.tag == "cite" or (kind.names(e) and not without.names(e))]
    inner = [e for e in named if _short_text(e)]
    fn = next((e for e in inner if "fn" in (e.get("class") or "").split() or e.tag == "cite"), None)
    return fn if fn is not None else next(iter(inner), None)


def _short_text(element: HtmlElement) -> str:
    text = " ".join(element.text_content().split())
    return text if 0 < len(text) <= _AUTHOR_MAX else ""


def _author(element: HtmlElement | None) -> str | None:
    if element is None:
        return None
    if element.tag == "meta":
        return element.get("content") or None
    inner = next((e for e in element.iter("*") if e.get("itemprop") == "name"), element)
    text = inner.get("content") or next(iter(block_lines(inner)), "")
    moment = find_moment(text)
    if moment:
        text = text[: moment.start].strip(" ,|-–—·•»") or text[moment.end :].strip(" ,|-–—·•»")
    text = (speaker_of(text + ":") or text).strip(" :,")
    text = re.sub(
        r"^(?:by|von|par|por|di|door|av|af)\s+|\s+(?:says|said|sagt|dit|dice|diz|zegt|säger)$",
        "",
        text,
        flags=re.IGNORECASE,
    )
    return plain(text, _AUTHOR_MAX) or None


def moment_of(
    own: Sequence[HtmlElement], text_element: HtmlElement | None
) -> tuple[Moment | datetime | None, HtmlElement | None]:
    """When a comment was written, and the element that says so: by a stamp, else by a date outside its text."""
    for element in own:
        stamp = next(
            (
                element.get(a)
                for a in ("datetime", "data-timestamp", "data-time", "data-date", "data-utime")
                if element.get(a)
            ),
            None,
        )
        if stamp is None and element.get("itemprop") in _TIME_PROPS:
            stamp = element.get("content") or element.text_content()
        if stamp:
            found = _stamp(stamp)
            if found:
                return found, element
    for element in own[1:]:
        if element is text_element:
            continue
        if element.tag in ("time", "abbr") or DATE.names(element):
            for printed in (element.get("title") or "", " ".join(element.text_content().split())[:200]):
                found = find_moment(printed)
                if found and (found.has_date or found.is_relative):
                    return found, element
    return None, None


def signs_of(*elements: HtmlElement | None) -> frozenset[HtmlElement]:
    """Those of the elements that said author and time which hold that and no text besides."""
    return frozenset(e for e in elements if e is not None and _is_sign(e))


def _is_sign(element: HtmlElement) -> bool:
    text = " ".join(element.text_content().split())
    moment = find_moment(text)
    return len(text) - (moment.end - moment.start if moment else 0) <= _SIGN_REST


def author_beside(element: HtmlElement, sign: HtmlElement, without: frozenset[HtmlElement]) -> str | None:
    """The name that stands at the head of a comment, before its time in one line or alone in the line above.

    `sign` is the element with the time; `without` are the elements that belong to other comments.
    """
    shown, left = block_lines(element, without), block_lines(element, without | {sign})
    place = next((n for n, (a, b) in enumerate(zip_longest(shown, left)) if a != b), len(shown))
    if place >= min(_HEAD_LINES, len(shown)):
        return None
    if len(left) == len(shown):
        return _name(left[place])
    has_text = len(left) > place
    return _name(shown[place - 1]) if place and has_text else None


def _name(line: str) -> str | None:
    name = (speaker_of(line) or line).strip(" ,:|-–—·•»")
    is_name = 0 < len(name.split()) <= _NAME_WORDS and len(name) <= _AUTHOR_MAX and not name.endswith((".", "!", "?"))
    return name if is_name and any(map(str.isalpha, name)) and chrome_of(name) is None else None


def _stamp(stamp: str) -> Moment | datetime | None:
    digits = stamp.strip()
    if digits.isascii() and digits.isdigit() and len(digits) in (10, 13):
        return datetime.fromtimestamp(int(digits[:10]), UTC)
    return find_moment(digits)


def text_element_of(own: Sequence[HtmlElement]) -> HtmlElement | None:
    """The element that holds a comment's text: what schema.org marks, else the innermost that is named so."""
    declared = next((e for e in own if e.get("itemprop") in ("text", "commentText", "description")), None)
    if declared is not None:
        return declared
    named = [e for e in own if e.tag not in ("a", "button", "textarea") and TEXT.names(e)]
    chosen = named[0] if named else None
    for e in named[1:]:
        if chosen in e.iterancestors():
            chosen = e
    return chosen


def signed_lines(shown: list[str], author: str | None, lines: list[str]) -> tuple[Moment | None, str | None, list[str]]:
    """Name and time from the first lines of a comment whose parts have no names: what is left of the dated line."""
    for number, line in enumerate(shown[:_HEAD_LINES]):
        found = find_moment(line)
        if not found or len(line) - (found.end - found.start) > _AUTHOR_MAX:
            continue
        name = author or _name(line[: found.start].strip(" ,|-–—·•") or (shown[number - 1] if number else ""))
        return found, name, [text for text in shown if text not in (line, name)]
    return None, author, lines


def without_signature(lines: list[str], author: str | None) -> list[str]:
    """The text of a comment without an element of its own: lines that are not its author, date or links."""
    kept = []
    for number, line in enumerate(lines):
        moment = find_moment(line)
        if number < 6 and (
            line == author
            or line.casefold() in DATE_REST
            or (moment and len(line) - (moment.end - moment.start) < _SIGN_REST)
        ):
            continue
        kept.append(line)
    return kept
