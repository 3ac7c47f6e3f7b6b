"""Compiled XPath expressions that say what they return: lxml types the result as anything an expression can give."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

_REGULAR_EXPRESSIONS = {"re": "http://exslt.org/regular-expressions"}


def elements(expression: str) -> Callable[[HtmlElement], list[HtmlElement]]:
    """A compiled expression for elements, in document order; `re:test` is there."""
    compiled = XPath(expression, namespaces=_REGULAR_EXPRESSIONS)
    return lambda tree: cast("list[HtmlElement]", compiled(tree))


def condition(expression: str) -> Callable[[HtmlElement], bool]:
    """A compiled expression for true or false."""
    compiled = XPath(f"boolean({expression})", namespaces=_REGULAR_EXPRESSIONS)
    return lambda tree: cast("bool", compiled(tree))
