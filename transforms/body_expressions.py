"""XPath expressions of one form, read: `.//*[self::div or …][@id='x' or re:test(@class, '…') or …]` and its kin.

An expression of any other form is not read; whoever asks must evaluate it as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from transforms.body_needles import Words

Test = Callable[[str], bool]

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
class Condition:
    """One part of a disjunction: a test of the first of some attributes, in the order in which the page wrote them."""

    names: tuple[str, ...]
    test: Test
    pattern: str | None = None
    """The test as a regular expression to be searched for, where it is one that minds the case."""
    equal: str | None = None
    """The only value that passes the test, where it is such a one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One expression as read: the tags it asks for, none for any, and its conditions, of which one must hold."""

    tags: frozenset[str]
    conditions: tuple[Condition, ...]
    is_whole: bool
    """Whether the conditions are all that the expression asks for."""


def read(expression: str) -> Rule | None:
    """An expression as a rule; None where it is of another form."""
    text = expression.strip()
    plain = re.fullmatch(r"\.//([a-z]\w*)", text)
    if plain is not None:
        return Rule(frozenset((plain[1],)), (), is_whole=True)
    named = re.match(r"\.//(?:\*|([a-z]\w*))(?=\[)", text)
    if named is None:
        return None
    predicates = _predicates(text[named.end() :])
    if predicates is None:
        return None
    if named[1]:
        alone = _conditions(predicates[0])
        return None if alone is None else Rule(frozenset((named[1],)), alone, is_whole=len(predicates) == 1)
    tags = frozenset(re.findall(r"self::([\w-]+)", predicates[0])) if _TAGS.fullmatch(predicates[0]) else frozenset()
    rest = predicates[1:] if tags else predicates
    conditions = _conditions(rest[0]) if rest else ()
    return None if conditions is None or not rest else Rule(tags, conditions, is_whole=len(rest) == 1)


def parts_of(expression: str) -> list[str]:
    """The expressions of a union, `.//a|.//b[…]`."""
    parts: list[str] = []
    depth = start = 0
    for place, character in _unquoted(expression):
        depth += (character in "[(") - (character in ")]")
        if character == "|" and depth == 0:
            parts.append(expression[start:place])
            start = place + 1
    return [*parts, expression[start:]]


def first_of_each(expression: str) -> list[str]:
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
    depth = start = 0
    for place, character in _unquoted(text):
        if character == "[":
            depth += 1
            start = place + 1 if depth == 1 else start
        elif character == "]":
            depth -= 1
            if depth == 0:
                found.append(text[start:place])
        elif depth == 0 and not character.isspace():
            return None
    return found if found and depth == 0 and text.count("'") % 2 == 0 else None


def _unquoted(text: str) -> Iterator[tuple[int, str]]:
    """The characters outside of quotes, each with its place."""
    is_quoted = False
    for place, character in enumerate(text):
        if character == "'":
            is_quoted = not is_quoted
        elif not is_quoted:
            yield place, character


def _conditions(text: str) -> tuple[Condition, ...] | None:
    """The parts of a disjunction of tests of attributes; None where one is of another kind."""
    found: list[Condition] = []
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


def _condition(match: re.Match[str]) -> Condition | None:
    if match["equal"]:
        wanted = match["value"]
        return Condition((match["equal"],), lambda value: value == wanted, equal=wanted)
    if match["present"]:
        return Condition((match["present"],), lambda _: True)
    names = tuple(name.strip().removeprefix("@") for name in match["names"].split("|"))
    pattern = match["text"] if match["call"] == "re:test" else re.escape(match["text"])
    if match["call"] == "starts-with":
        pattern = rf"\A{pattern}"
    found = re.compile(pattern, re.IGNORECASE if match["flags"] else 0)
    if found.search("") is not None:  # an attribute that is not there is the empty text to XPath
        return None
    if not match["translate"]:
        return Condition(names, _searched(found), None if match["flags"] else pattern)
    if len(match["from"]) != len(match["to"]):
        return None
    sources = dict(zip(match["from"], match["to"], strict=True))
    table = str.maketrans(sources)
    translated = (
        "".join(_source_of(letter, sources) for letter in match["text"]) if match["call"] != "re:test" else None
    )
    if translated is not None and match["call"] == "starts-with":
        translated = rf"\A{translated}"
    return Condition(names, lambda value: found.search(value.translate(table)) is not None, translated)


def _searched(pattern: re.Pattern[str]) -> Test:
    """Whether a pattern is found; one that minds no case in small letters, where a search looks at fewer places."""
    if not pattern.flags & re.IGNORECASE or pattern.pattern != pattern.pattern.lower():
        return lambda value: pattern.search(value) is not None
    words = Words([pattern.pattern])
    return lambda value: words.are_in(value.lower()) if value.isascii() else pattern.search(value) is not None


def _source_of(letter: str, table: dict[str, str]) -> str:
    """A pattern for what a translation makes a letter of."""
    letters = [one for one, other in table.items() if other == letter]
    letters += [] if letter in table else [letter]
    if len(letters) == 1:
        return re.escape(letters[0])
    return f"(?:{'|'.join(map(re.escape, letters))})" if letters else "(?!)"
