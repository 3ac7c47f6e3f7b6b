"""JSON-LD as pages really write it: graphs, arrays, nesting, comments, trailing commas, cut-off and broken scripts.

A script gives a flat list of nodes, each with the property that it hangs on, so that the choice of "the article of this
page" (`transforms.jsonld_article`) sees a headline in a list of links for what it is. What does not parse is salvaged:
the few properties that matter are read out of the broken text by name.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

_SCRIPT_MAX = 1_500_000
"""A script above this (letters) is not parsed but salvaged from its head: 5 MB of JSON-LD would cost 700 MB."""
_TOTAL_MAX = 3_000_000
_HEAD = 200_000
_COMMENTS_MAX = 5_000
"""More openings of comments than this are no comments, and looking for their ends would be quadratic."""
_NODES_MAX = 3_000
_DEPTH_MAX = 12

_CONTROL = re.compile(r"[\x00-\x1f]+")
_COMMENTS = re.compile(r"^\s*//[^\n]*$|/\*.{0,500}?\*/", re.MULTILINE | re.DOTALL)
_TRAILING = re.compile(r",\s*(?=[}\]])")
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)+|(?:-->|//\s*\]\]>|\]\]>)+\s*;?\s*$"
)
_STRING = r'"((?:[^"\\\n]|\\.){1,2000})"'
_SALVAGED = re.compile(
    r'"(@type|headline|datePublished|dateModified|dateCreated|isAccessibleForFree|articleSection|description)"\s*:\s*'
    + _STRING
)
_SALVAGED_AUTHOR = re.compile(r'"(?:author|creator)"\s*:\s*(\[?[^\[\]]{0,3000})', re.DOTALL)
_SALVAGED_NAME = re.compile(r'"name"\s*:\s*' + _STRING)
_ARTICLE = re.compile(r'"@type"\s*:\s*\[?\s*"\w*(?:Article|Posting|Report)"')


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON-LD object: its data, the properties that lead to it, and its place in the page's order."""

    data: dict[str, Any]
    path: tuple[str, ...]
    is_salvaged: bool = False

    @property
    def types(self) -> frozenset[str]:
        """Its types without a vocabulary's prefix, in lower case."""
        declared = self.data.get("@type") or self.data.get("type")
        listed = declared if isinstance(declared, list) else [declared]
        return frozenset(re.split(r"[/#:]", t)[-1].lower() for t in listed if isinstance(t, str))


@dataclass(frozen=True, slots=True)
class LinkedData:
    """The nodes of all scripts of a page, in order, and the ones that have an @id by it."""

    nodes: tuple[Node, ...]
    by_id: dict[str, dict[str, Any]]

    def resolve(self, value: Any) -> Any:
        """`value`, or the node that it only points to by its @id."""
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and not value.get("name"):
            return self.by_id.get(value["@id"], value)
        return value


def read_jsonld(scripts: Iterable[HtmlElement]) -> LinkedData:
    """Everything that a page's `application/ld+json` scripts say. Never raises; broken scripts give what they can."""
    nodes: list[Node] = []
    left = _TOTAL_MAX
    for script in scripts:
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = script.text or ""
        if not text.strip() or left <= 0:
            continue
        if len(text) > min(_SCRIPT_MAX, left):
            nodes.extend(_salvage(text[:_HEAD]))
            continue
        left -= len(text)
        parsed = _parse(text)
        if parsed is None:
            nodes.extend(_salvage(text[:_HEAD]))
        for value in parsed or ():
            nodes.extend(_walk(value, (), _NODES_MAX - len(nodes)))
    by_id: dict[str, dict[str, Any]] = {}
    for node in nodes:
        name = node.data.get("@id")
        if isinstance(name, str) and len(node.data) > len(by_id.get(name, {"@id": 0})):
            by_id[name] = node.data
    return LinkedData(tuple(nodes), by_id)


def _parse(text: str) -> list[Any] | None:
    for attempt in (_as_written, _mended):
        try:
            return attempt(text)
        except (ValueError, RecursionError):
            continue
    return None


def _as_written(text: str) -> list[Any]:
    return [json.loads(text, strict=False)]


def _mended(text: str) -> list[Any]:
    """The values in `text` after the usual slips are taken out. Raises ValueError where that was not enough."""
    text = _WRAPPED.sub("", text)
    if text.count("/*") + text.count("//") <= _COMMENTS_MAX:
        text = _COMMENTS.sub("", text)
    text = _TRAILING.sub("", text)
    text = _CONTROL.sub(" ", text)
    if "&quot;" in text and text.count('"') < text.count("&quot;"):
        text = text.replace("&quot;", '"')
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    position = 0
    while position < len(text):
        start = re.compile(r"[\[{]").search(text, position)
        if start is None:
            break
        try:
            value, position = decoder.raw_decode(text, start.start())
        except ValueError:
            if values:
                break
            raise
        values.append(value)
    return values


def _salvage(text: str) -> list[Node]:
    """A node of the properties that matter, from text that is no JSON: read from its first article on."""
    article = _ARTICLE.search(text)
    if article is None:
        return []
    text = text[article.start() :]
    data: dict[str, Any] = {}
    for match in _SALVAGED.finditer(text):
        data.setdefault(match[1], _unquoted(match[2]))
    author = _SALVAGED_AUTHOR.search(text)
    if author:
        block = author[1].split("}", 1)[0] if author[1][:1] != "[" else author[1]
        names = [_unquoted(n) for n in _SALVAGED_NAME.findall(block)]
        if names:
            data["author"] = names
    return [Node(data, (), is_salvaged=True)]


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _walk(value: Any, path: tuple[str, ...], room: int) -> Iterator[Node]:
    """The objects in `value`, outer before inner, with the properties that lead to each; @graph is no step."""
    stack: list[tuple[Any, tuple[str, ...]]] = [(value, path)]
    while stack and room > 0:
        current, steps = stack.pop()
        if isinstance(current, list):
            stack.extend((item, steps) for item in reversed(current[:room]))
        elif isinstance(current, dict):
            room -= 1
            yield Node(current, steps)
            if len(steps) >= _DEPTH_MAX:
                continue
            held = ((k, v) for k, v in current.items() if isinstance(v, dict | list))
            inner = [(v, steps if k == "@graph" else (*steps, k)) for k, v in itertools.islice(held, room)]
            stack.extend(reversed(inner))
