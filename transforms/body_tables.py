"""Rules read of XPath expressions as tables by tag and attribute, whose verdicts on a value are remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lxml.html import HtmlElement

from transforms.body_expressions import Condition, Rule
from transforms.body_needles import Words

_REMEMBERED = 4_096
"""Values of one attribute whose verdicts are kept; none that is longer than a hundred names."""
_LONG = 1_000


class Table:
    """Lists of rules by tag and attribute, with what was found of values. Each list has a bit, from the lowest."""

    def __init__(self, lists: Sequence[Sequence[Rule]]) -> None:
        rules = [(1 << number, rule) for number, one in enumerate(lists) for rule in one]
        self._lists = (1 << len(lists)) - 1
        named = frozenset().union(*(rule.tags for _, rule in rules))
        self._asked = sorted(named) if all(rule.tags for _, rule in rules) else ["*"]
        self._others = _Verdicts([(bit, rule) for bit, rule in rules if not rule.tags], self._lists)
        by_rules: dict[tuple[int, ...], _Verdicts] = {}
        self._by_tag: dict[object, _Verdicts] = {}
        for tag in sorted(named):
            asked = tuple(number for number, (_, rule) in enumerate(rules) if not rule.tags or tag in rule.tags)
            if asked not in by_rules:
                by_rules[asked] = _Verdicts([rules[number] for number in asked], self._lists)
            self._by_tag[tag] = by_rules[asked]

    def matches(self, tree: HtmlElement) -> Iterator[tuple[HtmlElement, int]]:
        """The elements below a tree that a rule selects, with the bits of their lists."""
        by_tag, others, lists = self._by_tag, self._others, self._lists
        for element in tree.iterdescendants(*self._asked):
            verdicts = by_tag.get(element.tag, others)
            bits = verdicts.unconditional
            if bits != lists:
                items = element.items()
                by_name = verdicts.by_name
                for name, value in items:
                    if name in by_name:
                        bits |= by_name[name][value]
                if bits > lists:
                    bits = verdicts.with_unions(bits, items)
            if bits:
                yield element, bits

    def marks(self, element: HtmlElement, tag: object) -> int:
        """The bits of one element, had it that tag."""
        verdicts = self._by_tag.get(tag, self._others)
        bits, items = verdicts.unconditional, element.items()
        for name, value in items:
            if name in verdicts.by_name:
                bits |= verdicts.by_name[name][value]
        return verdicts.with_unions(bits, items)


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
    """What each attribute's value says, for the elements of one tag: bits of lists, and above them bits of unions."""

    def __init__(self, rules: Sequence[tuple[int, Rule]], lists: int) -> None:
        conditions = [(bit, condition) for bit, rule in rules for condition in rule.conditions]
        self._lists = lists
        self.unconditional = 0
        for bit, rule in rules:
            self.unconditional |= 0 if rule.conditions else bit
        self._unions = [(bit, condition) for bit, condition in conditions if len(condition.names) > 1]
        names = {name for _, condition in conditions for name in condition.names}
        self.by_name = {name: self._verdict(name, conditions) for name in sorted(names)}

    def _verdict(self, name: str, conditions: Sequence[tuple[int, Condition]]) -> _Known:
        """Most values pass no test at all, which a joint search for all patterns tells before they are told apart."""
        asked = [(bit, condition) for bit, condition in conditions if condition.names == (name,)]
        asked += [(self._lists + 1 << place, c) for place, (_, c) in enumerate(self._unions) if name in c.names]
        equals: dict[str, int] = {}
        for bit, condition in asked:
            if condition.equal is not None:
                equals[condition.equal] = equals.get(condition.equal, 0) | bit
        patterns: dict[int, list[str]] = {}
        for bit, condition in asked:
            if condition.pattern is not None:
                patterns.setdefault(bit, []).append(condition.pattern)
        words = [(bit, Words(parts).are_in) for bit, parts in patterns.items()]
        are_any = Words([one for parts in patterns.values() for one in parts]).are_in if len(words) > 1 else None
        others = [(bit, c.test) for bit, c in asked if c.equal is None and c.pattern is None]

        def judge(value: str) -> int:
            bits = equals.get(value, 0)
            if are_any is None or are_any(value):
                for bit, are_in in words:
                    if are_in(value):
                        bits |= bit
            for bit, test in others:
                if test(value):
                    bits |= bit
            return bits

        return _Known(judge)

    def with_unions(self, bits: int, items: Sequence[tuple[str, str]]) -> int:
        """The bits of lists alone, with those of unions of attributes that hold: XPath looks at the first attribute of
        them alone, as the page wrote them."""
        if bits > self._lists:
            for bit, union in self._unions:
                value = next((value for name, value in items if name in union.names), None)
                if value is not None and union.test(value):
                    bits |= bit
        return bits & self._lists
