"""Selections by name and class, as trafilatura's XPath expressions make them, at a sixth of their cost.

The extractor asks of every element of a page whether its class, id or the like holds one of a hundred words, in
expressions of one form: `.//*[self::div or …][@id='x' or re:test(@class, '…') or …]`. libxml2 evaluates them anew for
each element, and calls back into Python for each regular expression, although pages repeat a few hundred names. Here
an expression is read into a table, attribute by attribute, whose verdicts on a value are remembered. What is read from
is the library's own expression, so a new version of it brings its own words; an expression of any other form is
evaluated as it stands. That both select the same elements is held by tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from transforms.body_expressions import first_of_each, read
from transforms.body_tables import Table


class Selection:
    """All elements below a tree that one of some expressions selects, in document order; to be called as they are."""

    def __init__(self, expressions: Sequence[XPath]) -> None:
        self._expressions = tuple(expressions)
        self.rules = [read(expression.path) for expression in expressions]
        """What was read of the expressions, None for those of another form."""
        self._table = Table([[rule for rule in self.rules if rule]]) if all(self.rules) else None
        self.is_whole = all(rule is not None and rule.is_whole for rule in self.rules)
        """Whether the expressions ask for nothing but what was read of them."""

    @property
    def is_read(self) -> bool:
        """Whether the expressions were of the form that is known, so that tables stand for them."""
        return self._table is not None

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """The elements, each once."""
        if self._table is None:
            return self._evaluated(tree)
        found = [element for element, _ in self._table.matches(tree)]
        return found if self.is_whole or not found else self._evaluated(tree)

    def may_select(self, element: HtmlElement) -> bool:
        """Whether an element can be among those that are selected in a tree that it stands in."""
        return self._table is None or self._table.marks(element, element.tag) > 0

    def _evaluated(self, tree: HtmlElement) -> list[HtmlElement]:
        found = (cast("list[HtmlElement]", expression(tree)) for expression in self._expressions)
        return list(dict.fromkeys(element for elements in found for element in elements))


class First:
    """The first element below a tree that an expression selects, for expressions of which only that is wanted."""

    def __init__(self, expression: XPath) -> None:
        self._expression = expression
        rules = [read(part) for part in first_of_each(expression.path)]
        is_read = bool(rules) and all(rule is not None and rule.is_whole for rule in rules)
        self.rules = [rule for rule in rules if rule] if is_read else None
        """What was read of the expression, None for one of another form."""
        self._table = Table([self.rules]) if self.rules else None

    @property
    def is_read(self) -> bool:
        """Whether the expression was of a form that is known, so that a table stands for it."""
        return self._table is not None

    def __call__(self, tree: HtmlElement) -> Sequence[HtmlElement]:
        """The element, or none."""
        if self._table is None:
            return cast("list[HtmlElement]", self._expression(tree))
        first = next(self._table.matches(tree), None)
        return () if first is None else (first[0],)


class Walk:
    """Some selections in one tree, which is walked over once, when the first of them is asked for.

    What a later one selects may have been deleted by then with what an earlier one selects.
    """

    def __init__(self, selections: Sequence[Selection], table: Table | None) -> None:
        self._selections = selections
        self._table = table
        self._found: list[list[HtmlElement]] | None = None

    def part(self, number: int) -> Callable[[HtmlElement], list[HtmlElement]]:
        """One of the selections, to be called with the tree."""
        return self._selections[number] if self._table is None else lambda tree: self._all(tree)[number]

    def _all(self, tree: HtmlElement) -> list[list[HtmlElement]]:
        if self._found is None:
            self._found = [[] for _ in self._selections]
            for element, bits in self._table.matches(tree) if self._table is not None else ():
                for number, found in enumerate(self._found):
                    if bits >> number & 1:
                        found.append(element)
        return self._found


class Together:
    """Selections that are made in the same trees."""

    def __init__(self, selections: Sequence[Selection]) -> None:
        self._selections = selections
        is_whole = all(selection.is_whole for selection in selections)
        self._table = Table([[rule for rule in one.rules if rule] for one in selections]) if is_whole else None

    def walk(self) -> Walk:
        """A walk over one tree."""
        return Walk(self._selections, self._table)


class Choice:
    """Expressions of which the first that selects anything is the choice; None of them may be unread."""

    def __init__(self, expressions: Sequence[First]) -> None:
        """Raises ValueError for an expression that is not read."""
        rules = [expression.rules for expression in expressions]
        if None in rules:
            raise ValueError("an expression of another form")
        self.count = len(expressions)
        self._table = Table([rule for rule in rules if rule])

    def matches(self, tree: HtmlElement) -> Iterator[tuple[HtmlElement, int]]:
        """The elements that are selected by any, each with a bit for each expression that selects it."""
        return self._table.matches(tree)

    def marks(self, element: HtmlElement, tag: str) -> int:
        """The bits of the expressions that would select one element if it had that tag."""
        return self._table.marks(element, tag)
