"""Comments without a telling name: siblings of one make, each with a person, a time and text of its own.

Lists of other articles look alike, so structure alone is not enough: the siblings must follow a comment heading or
each offer to be answered, and none may be a link to elsewhere for the most part.
"""

from __future__ import annotations

from collections import defaultdict

from lxml.html import HtmlElement

from transforms.comments_dates import find_moment
from transforms.comments_text import block_lines
from transforms.comments_words import headings_among
from transforms.names import Names

_LEAST = 2
_SIBLINGS_MAX = 2_000
_HEADING_MAX = 80
"""Letters of a heading."""
_INNER_MAX = 3
"""Elements within one."""
_HEADING_TAGS = ("h2", "h3", "h4", "h5", "h6", "div", "strong", "p", "span", "b")
_TAGS = ("li", "div", "article", "section", "tr", "dl")


def repeated_comments(names: Names) -> tuple[HtmlElement, ...]:
    """The largest family of siblings that are comments by structure, in document order; empty where there is none."""
    best: list[HtmlElement] = []
    # each place once: headings stand near each other, and beside a wrapper is what is beside its own
    for holder in dict.fromkeys(holder for heading in _headings(names) for holder in _after(heading)):
        family = _family(holder)
        if len(family) > len(best):
            best = family
    return tuple(best)


def _headings(names: Names) -> list[HtmlElement]:
    """Elements that are a comment heading and no more."""
    elements = names.elements
    lines = [
        (place, line)
        for tag in _HEADING_TAGS
        for place in names.tags.get(tag, ())
        if (text := elements[place].text) and 3 < len(line := text.strip()) <= _HEADING_MAX
    ]
    for place in (place for tag in _HEADING_TAGS if tag[0] == "h" for place in names.tags.get(tag, ())):
        element = elements[place]
        if not (element.text or "").strip() and len(element) <= _INNER_MAX:
            line = " ".join(element.text_content()[:200].split())
            if 3 < len(line) <= _HEADING_MAX:
                lines.append((place, line))
    found = [lines[number][0] for number in headings_among([line for _, line in lines])]
    return [elements[place] for place in sorted(found) if len(elements[place]) <= _INNER_MAX][:20]


def _after(heading: HtmlElement) -> list[HtmlElement]:
    """Places where the comments of a heading can be: beside it, or beside one of its nearest wrappers."""
    places = []
    current = heading
    for _ in range(3):
        parent = current.getparent()
        if parent is None or parent.tag in ("body", "html", "main"):
            break
        places.append(parent)
        following = current.getnext()
        for _ in range(3):
            if following is None:
                break
            places.append(following)
            places.extend(list(following)[:3])
            following = following.getnext()
        current = parent
    return places


def _family(holder: HtmlElement) -> list[HtmlElement]:
    if not isinstance(holder.tag, str) or len(holder) < _LEAST or len(holder) > _SIBLINGS_MAX:
        return []
    makes: dict[tuple[str, str], list[HtmlElement]] = defaultdict(list)
    for child in holder:
        if child.tag in _TAGS:
            makes[child.tag, (child.get("class") or "").split(" ")[0]].append(child)
    family = max(makes.values(), key=len, default=[])
    comments = [child for child in family if _is_comment(child)]
    return comments if len(comments) >= max(_LEAST, 0.8 * len(family)) else []


def _is_comment(element: HtmlElement) -> bool:
    lines = block_lines(element)
    if not 2 <= len(lines) <= 200 or any(True for _ in element.iter("h1", "h2")):
        return False
    has_time = any(True for _ in element.iter("time")) or any(
        m and (m.has_date or m.is_relative) for m in map(find_moment, (line for line in lines if len(line) < 120))
    )
    linked = sum(len(a.text_content()) for a in element.iter("a"))
    return has_time and linked * 2 < sum(map(len, lines))
