"""Selections by name and class, as trafilatura's XPath expressions make them, at a sixth of their cost.

The extractor asks of every element of a page whether its class, id or the like holds one of a hundred words, in
expressions of one form: `.//*[self::div or …][@id='x' or re:test(@class, '…') or …]`. libxml2 evaluates them anew for
each element, and calls back into Python for each regular expression, although pages repeat a few hundred names. Here
an expression is read into a table, attribute by attribute, whose verdicts on a value are remembered. What is read from
is the library's own expression, so a new version of it brings its own words; an expression of any other form is
evaluated as it stands. That both select the same elements is held by tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

_Test = Callable[[str], bool]

_WHOLE = 1
"""Bit of a verdict by which an attribute alone selects its element; the other bits belong to unions of attributes."""
_REMEMBERED = 4_096
"""Values of one attribute whose verdicts are kept; none that is longer than a hundred names."""
_LONG = 1_000
_TAGS = re.compile(r"\s*self::[\w-]+(?:\s+or\s+self::[\w-]+)*\s*")
_CONDITION = re.compile(
    r"""\s*(?:
    @(?P<equal>[\w-]+)\s*=\s*'(?P<value>[^']*)'
    |(?P<call>re:test|contains|starts-with)\(\s*(?P<translate>translate\(\s*)?(?P<names>@[\w-]+(?:\s*\|\s*@[\w-]+)*)
     (?(translate)\s*,\s*'(?P<from>[^']*)'\s*,\s*'(?P<to>[^']*)'\s*\))\s*,\s*'(?P<text>[^']+)'(?:\s*,\s*'(?P<flags>i)')?\s*\)
    |@(?P<present>[\w-]+)
    )\s*(?P<more>or\s|$)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Condition:
    """One part of a disjunction: a test of the first of some attributes, in the order in which the page wrote them."""

    names: tuple[str, ...]
    test: _Test
    pattern: str | None = None
    """The test as a regular expression to be searched for, where it is one that minds the case."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """One expression as read: the tags it asks for, none for any, and its conditions, of which one must hold."""

    tags: frozenset[str]
    conditions: tuple[_Condition, ...]
    is_whole: bool
    """Whether the conditions are all that the expression asks for."""


class Selection:
    """All elements below a tree that one of some expressions selects, in document order; to be called as they are."""

    def __init__(self, expressions: Sequence[XPath]) -> None:
        self._expressions = tuple(expressions)
        rules = [_read(expression.path) for expression in expressions]
        self._table = _Table([rule for rule in rules if rule]) if all(rules) else None
        self._is_whole = all(rule is not None and rule.is_whole for rule in rules)

    @property
    def is_read(self) -> bool:
        """Whether the expressions were of the form that is known, so that tables stand for them."""
        return self._table is not None

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """The elements, each once."""
        if self._table is None:
            return self._evaluated(tree)
        found = list(self._table.matches(tree))
        return found if self._is_whole or not found else self._evaluated(tree)

    def may_select(self, element: HtmlElement) -> bool:
        """Whether an element can be among those that are selected in a tree that it stands in."""
        return self._table is None or self._table.selects(element, element.tag)

    def _evaluated(self, tree: HtmlElement) -> list[HtmlElement]:
        found = (cast("list[HtmlElement]", expression(tree)) for expression in self._expressions)
        return list(dict.fromkeys(element for elements in found for element in elements))


class First:
    """The first element below a tree that an expression selects, for expressions of which only that is wanted."""

    def __init__(self, expression: XPath) -> None:
        self._expression = expression
        rules = [_read(part) for part in _first_of_each(expression.path)]
        is_read = all(rule is not None and rule.is_whole for rule in rules)
        self._table = _Table([rule for rule in rules if rule]) if rules and is_read else None

    @property
    def is_read(self) -> bool:
        """Whether the expression was of a form that is known, so that a table stands for it."""
        return self._table is not None

    def __call__(self, tree: HtmlElement) -> Sequence[HtmlElement]:
        """The element, or none."""
        if self._table is None:
            return cast("list[HtmlElement]", self._expression(tree))
        first = next(self._table.matches(tree), None)
        return () if first is None else (first,)

    def every(self, tree: HtmlElement) -> Iterator[HtmlElement]:
        """All elements of which one is the first as soon as those before it are gone. For what `is_read` alone."""
        return iter(()) if self._table is None else self._table.matches(tree)

    def selects(self, element: HtmlElement, tag: str) -> bool:
        """Whether an element would be one of these if it had that tag."""
        return self._table is None or self._table.selects(element, tag)


class _Table:
    """Rules by tag and attribute, with what was found of their values."""

    def __init__(self, rules: Sequence[_Rule]) -> None:
        named = frozenset().union(*(rule.tags for rule in rules))
        self._asked = sorted(named) if all(rule.tags for rule in rules) else ["*"]
        self._others = _Verdicts([rule for rule in rules if not rule.tags])
        by_rules: dict[tuple[int, ...], _Verdicts] = {}
        self._by_tag: dict[object, _Verdicts] = {}
        for tag in sorted(named):
            asked = tuple(number for number, rule in enumerate(rules) if not rule.tags or tag in rule.tags)
            self._by_tag[tag] = by_rules.setdefault(asked, _Verdicts([rules[number] for number in asked]))

    def matches(self, tree: HtmlElement) -> Iterator[HtmlElement]:
        by_tag, others = self._by_tag, self._others
        for element in tree.iterdescendants(*self._asked):
            verdicts = by_tag.get(element.tag, others)
            if verdicts.is_unconditional:
                yield element
                continue
            items = element.items()
            if not items:
                continue
            by_name = verdicts.by_name
            for name, value in items:
                if name in by_name:
                    bits = by_name[name][value]
                    if bits and (bits & _WHOLE or verdicts.holds_first(items)):
                        yield element
                        break

    def selects(self, element: HtmlElement, tag: object) -> bool:
        """Whether one element, had it that tag, is selected by any rule."""
        verdicts = self._by_tag.get(tag, self._others)
        if verdicts.is_unconditional:
            return True
        items = element.items()
        found = [verdicts.by_name[name][value] for name, value in items if name in verdicts.by_name]
        return any(found) and (any(bits & _WHOLE for bits in found) or verdicts.holds_first(items))


class _Known(dict[str, int]):
    """The verdicts on values of one attribute: a dictionary answers for the known ones in a third of a cache's time."""

    def __init__(self, judge: Callable[[str], int]) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, value: str) -> int:
        bits = self._judge(value)
        if len(value) <= _LONG:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[value] = bits
        return bits


class _Verdicts:
    """What each attribute's value says, for the elements of one tag."""

    def __init__(self, rules: Sequence[_Rule]) -> None:
        conditions = [condition for rule in rules for condition in rule.conditions]
        self.is_unconditional = any(not rule.conditions for rule in rules)
        self._unions = [condition for condition in conditions if len(condition.names) > 1]
        names = {name for condition in conditions for name in condition.names}
        self.by_name = {name: self._verdict(name, conditions) for name in sorted(names)}

    def _verdict(self, name: str, conditions: Sequence[_Condition]) -> _Known:
        alone = _joined([c for c in conditions if c.names == (name,)])
        shared = [(2 << place, c.test) for place, c in enumerate(self._unions) if name in c.names]

        def judge(value: str) -> int:
            bits = 0
            for test in alone:
                if test(value):
                    bits = _WHOLE
                    break
            for bit, test in shared:
                if test(value):
                    bits |= bit
            return bits

        return _Known(judge)

    def holds_first(self, items: Sequence[tuple[str, str]]) -> bool:
        """Whether a union of attributes holds: XPath looks at the first of them alone, as the page wrote them."""
        return any(
            union.test(next(value for name, value in items if name in union.names))
            for union in self._unions
            if any(name in union.names for name, _ in items)
        )


def _joined(conditions: Sequence[_Condition]) -> list[_Test]:
    """The tests of one attribute, those that are patterns as one pattern."""
    patterns = [condition.pattern for condition in conditions if condition.pattern is not None]
    tests = [condition.test for condition in conditions if condition.pattern is None]
    if patterns:
        pattern = re.compile("|".join(patterns))
        tests.insert(0, lambda value: pattern.search(value) is not None)
    return tests


def _read(expression: str) -> _Rule | None:
    """An expression as a rule; None where it is of another form."""
    text = expression.strip()
    plain = re.fullmatch(r"\.//([a-z]\w*)", text)
    if plain is not None:
        return _Rule(frozenset((plain[1],)), (), is_whole=True)
    if not text.startswith(".//*["):
        return None
    predicates = _predicates(text[len(".//*") :])
    if predicates is None:
        return None
    tags = frozenset(re.findall(r"self::([\w-]+)", predicates[0])) if _TAGS.fullmatch(predicates[0]) else frozenset()
    rest = predicates[1:] if tags else predicates
    conditions = _conditions(rest[0]) if rest else ()
    return None if conditions is None or not rest else _Rule(tags, conditions, is_whole=len(rest) == 1)


def _first_of_each(expression: str) -> list[str]:
    """The expressions of which the first element is asked for: `(.//a)[1]|(.//b)[1]`, or `.//*[…][1]`; none else.

    The latter asks for the first such child of each parent, of which the first of all is the same element.
    """
    text = expression.strip()
    if text.startswith(".//*[") and text.endswith("[1]"):
        return [text[: -len("[1]")].strip()]
    parts = [part.strip() for part in re.split(r"(?<=\[1\])\s*\|\s*(?=\(\.//)", text)]
    if not all(part.startswith("(") and part.endswith(")[1]") for part in parts):
        return []
    return [part[1 : -len(")[1]")] for part in parts]


def _predicates(text: str) -> list[str] | None:
    """The contents of `[…][…]`, quoted brackets left alone; None where anything else stands there."""
    found: list[str] = []
    depth, start, is_quoted = 0, 0, False
    for place, character in enumerate(text):
        if character == "'":
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif character == "[":
            depth += 1
            start = place + 1 if depth == 1 else start
        elif character == "]":
            depth -= 1
            if depth == 0:
                found.append(text[start:place])
        elif depth == 0 and not character.isspace():
            return None
    return found if found and depth == 0 and not is_quoted else None


def _conditions(text: str) -> tuple[_Condition, ...] | None:
    """The parts of a disjunction of tests of attributes; None where one is of another kind."""
    found: list[_Condition] = []
    place = 0
    while place < len(text):
        match = _CONDITION.match(text, place)
        if match is None:
            return None
        condition = _condition(match)
        if condition is None:
            return None
        found.append(condition)
        place = match.end()
        if not match["more"]:
            break
    return tuple(found) if found and place == len(text) else None


def _condition(match: re.Match[str]) -> _Condition | None:
    if match["equal"]:
        wanted = match["value"]
        return _Condition((match["equal"],), lambda value: value == wanted)
    if match["present"]:
        return _Condition((match["present"],), lambda _: True)
    names = tuple(name.strip().removeprefix("@") for name in match["names"].split("|"))
    pattern = match["text"] if match["call"] == "re:test" else re.escape(match["text"])
    if match["call"] == "starts-with":
        pattern = rf"\A{pattern}"
    found = re.compile(pattern, re.IGNORECASE if match["flags"] else 0)
    if found.search("") is not None:  # an attribute that is not there is the empty text to XPath
        return None
    if not match["translate"]:
        return _Condition(names, lambda value: found.search(value) is not None, None if match["flags"] else pattern)
    if len(match["from"]) != len(match["to"]):
        return None
    table = str.maketrans(match["from"], match["to"])
    return _Condition(names, lambda value: found.search(value.translate(table)) is not None)
