"""Limits on what enters the parser and the extractors: the same for every run, so that load never changes a result.

Each limit stands where a measured hang or silent loss begins and far above what pages have (of 800 news pages the
deepest is 51 elements deep and no tag has 100 attributes). A page past a limit is still read, without the excess, and
what was done is returned by name, so that nothing is lost in silence. Only markup beyond any page is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import ElementDefaultClassLookup, LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from transforms.xpaths import condition, elements

MARKUP_MAX = 20_000_000
"""Characters of markup without scripts, styles and inlined data; 24 million took 12 s and 800 MB to extract."""
DEPTH_MAX = 200
"""libxml2 drops what is nested deeper than 256 or, asked for huge trees, 2,048 elements; wrappers past it go."""
TAG_LENGTH_CHECKED = 8_000
ATTRIBUTES_MAX = 200
"""libxml2 compares each attribute of a tag with all before it: 50,000 take 3 s to parse and 50 s to extract."""
INLINE_MAX = 1_000
"""Links and other inline elements directly in one element: trafilatura's time grows with their square (20,000 links in
a paragraph: 76 s)."""
SCRIPT_MAX = 1_000_000
"""Characters of one script: 5 MB of JSON-LD take 700 MB as Python objects."""
META_MAX = 4_000
"""Characters of a meta element's content: author rules take quadratic time over them (500 KB: 90 s)."""

_LONG_DATA = re.compile(r"""data:[\w/+.\-]+;base64,[A-Za-z0-9+/=\s]{10000,}+""")
_ATTRIBUTE = re.compile(r"""\s+([^\s=>"'/]++)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']*+))?""")
_TAG_START = re.compile(r"/?[a-zA-Z][^\s>/]*+")
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9\-]*+)(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_SILENT = re.compile(r"<(script|style|svg|noscript)\b[^>]*+>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_CONTENT_TAGS = frozenset(("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dd", "dt", "a"))
"""These close each other in HTML, so they nest no deeper than their containers."""

_TOO_DEEP = condition("/*" * (DEPTH_MAX + 1))
_MANY_INLINE = elements(
    f"//*[*[{INLINE_MAX + 1}]][count(a|span|b|i|em|strong|u|s|font|small|sub|sup|code|time) > {INLINE_MAX}]"
)
_MANY_CHILDREN = condition(f"//*[{INLINE_MAX + 1}]")
_LONG_SCRIPTS = elements(f"//script[string-length(.) > {SCRIPT_MAX}]")


def parse(text: str, written: bytes | None = None) -> tuple[HtmlElement | None, tuple[str, ...]]:
    """The page's tree within the limits, and the names of the limits that it had passed; no tree for no markup.

    `written` is the text in UTF-8, where that is known. HTML comments and processing instructions are not in the tree.
    One parse, and a second one only for pages nested deeper than the limit.
    """
    data = _bytes(text) if written is None else written
    if b"\x00" in data:  # NULs end libxml2's text; to look for them in a text of wide characters takes 30 times as long
        text = text.replace("\x00", "")
        data = _bytes(text)
    text, passed = _limit_text(text)
    tree = _tree(_bytes(text) if passed else data)
    if tree is not None and _TOO_DEEP(tree):
        tree = _tree(_bytes(_unwrap_deep(text)))
        passed.append("depth")
    if tree is not None:
        passed.extend(_limit_tree(tree, len(text)))
    return tree, tuple(passed)


def markup_size(text: str) -> int:
    """Characters of the page that are neither script, style, drawing nor inlined data."""
    if len(text) <= MARKUP_MAX:
        return len(text)
    return len(_LONG_DATA.sub("", _SILENT.sub("", text)))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "ignore")


def _tree(data: bytes) -> HtmlElement | None:
    # bytes with a named encoding: a str with an XML declaration is refused, and a meta charset must not count again
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False)
    # lxml.html's own lookup calls Python for each element that is looked at, to give forms classes of their own
    parser.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))
    if not data.strip():
        return None
    try:
        return document_fromstring(data, parser=parser)
    except (ValueError, SyntaxError, LxmlError):  # such as "Document is empty" for end tags alone
        return None


def _limit_text(text: str) -> tuple[str, list[str]]:
    """What must be cut before libxml2 sees it: tags of too many attributes."""
    pieces: list[str] = []
    place = 0
    for first, last in _long_stretches(text):
        start = _TAG_START.match(text, first, last)
        if start is None:
            continue
        end, count = start.end(), 0
        while (match := _ATTRIBUTE.match(text, end, last)) is not None:
            end, count = match.end(), count + 1
            if count == ATTRIBUTES_MAX:
                kept = end
        if count > ATTRIBUTES_MAX:
            pieces.append(text[place:kept])
            place = end
    if not pieces:
        return text, []
    return "".join((*pieces, text[place:])), ["attributes"]


def _long_stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where more characters than a tag may have follow a "<" without another. Looks at few places of the text."""
    place = text.find("<")
    while 0 <= place < len(text) - TAG_LENGTH_CHECKED - 1:
        following = text.rfind("<", place + 1, place + TAG_LENGTH_CHECKED + 2)
        if following < 0:
            following = text.find("<", place + TAG_LENGTH_CHECKED + 2)
            yield place + 1, following if following >= 0 else len(text)
        place = following


def _unwrap_deep(text: str) -> str:
    """The markup with start and end tags of wrappers dropped where they are nested too deep; their content stays."""
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        is_end, name = match[1], match[2].lower()
        if name in _VOID or name in _CONTENT_TAGS:
            return match[0]
        if is_end:
            depth = max(0, depth - 1)
            return match[0] if depth < DEPTH_MAX - 60 else " "
        depth += 1
        return match[0] if depth <= DEPTH_MAX - 60 else " "

    return _ANY_TAG.sub(keep, _SILENT.sub(_keep_data_script, text))


def _keep_data_script(match: re.Match[str]) -> str:
    return match[0] if "ld+json" in match[0][:200] else ""


def _limit_tree(tree: HtmlElement, size: int) -> list[str]:
    """`size` is that of the markup: what it is too small for is not looked for."""
    passed = []
    for script in _LONG_SCRIPTS(tree) if size > SCRIPT_MAX else ():
        script.text = None
        passed.append("script")
    for meta in tree.iter("meta"):
        content = meta.get("content", "")
        if len(content) > META_MAX:
            meta.set("content", content[:META_MAX])
            passed.append("meta")
    for element in _MANY_INLINE(tree) if _MANY_CHILDREN(tree) else ():
        text = " ".join(element.itertext())
        for child in list(element):
            element.remove(child)
        element.text = text
        passed.append("inline_elements")
    return list(dict.fromkeys(passed))
