"""What a person types into a search, taken apart: words, "phrases", -not, OR, prefix*, title:word, parentheses.

Words that stand beside each other must all occur. A mistake is an error that names its place; nothing is guessed, for a
search that quietly means something else gives a wrong answer. What a word's punctuation divides ("don't", "COVID-19")
is searched as a phrase, as documents are cut at the same places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.search_terms import is_run, words_and_runs

FIELDS = ("title",)
DEPTH_MAX = 20
"""Parentheses in parentheses; more is no query that a person types."""


class SearchSyntaxError(ValueError):
    """What is wrong with a query, and where, in one line."""


@dataclass(frozen=True, slots=True)
class Words:
    """One or more words or runs that must follow each other."""

    parts: tuple[str, ...]
    """Folded words, and runs of scripts without spaces, uncut."""
    is_prefix: bool = False
    """Whether the last part is only the beginning of a word."""
    field: str | None = None
    """`title` for the title alone; None for title and text."""


@dataclass(frozen=True, slots=True)
class All:
    """Everything matches: `*`."""


@dataclass(frozen=True, slots=True)
class Not:
    """What must not match."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All must match."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One must match."""

    nodes: tuple[Node, ...]


Node = Words | All | Not | And | Or


def parse(query: str) -> Node:
    """The query as a tree. Raises SearchSyntaxError."""
    reader = _Reader(list(_tokens(query)))
    node = reader.alternatives()
    if reader.here.kind != "end":
        raise _wrong(f"nothing opens the {reader.here.text}", reader.here.place)
    if node is None:
        raise SearchSyntaxError("the query holds no word to search for")
    return node


def wanted(node: Node) -> tuple[Words, ...]:
    """The words that a match shows: all but those that must not occur."""
    match node:
        case Words():
            return (node,)
        case And(nodes) | Or(nodes):
            return tuple(words for part in nodes for words in wanted(part))
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """word, phrase, field, -, (, ), AND, OR, NOT, end"""
    text: str
    place: int


_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"([^\W\d]\w*):")
_WORD = re.compile(r"[^\s()\"“”„«»「」]+")
_QUOTES = {'"': '"', "“": '”"', "„": '“”"', "«": "»", "「": "」"}
_OPERATORS = {"AND", "OR", "NOT"}


def _tokens(query: str) -> Iterator[_Token]:
    place = 0
    while True:
        place = _SPACE.match(query, place).end()  # type: ignore[union-attr]  # matches anywhere
        if place == len(query):
            yield _Token("end", "", place)
            return
        found = _token(query, place)
        yield found
        place += len(found.text)


def _token(query: str, place: int) -> _Token:
    letter = query[place]
    if closing := _QUOTES.get(letter):
        end = next((n for n in range(place + 1, len(query)) if query[n] in closing), None)
        if end is None:
            raise _wrong(f"the quote {letter} is not closed", place)
        return _Token("phrase", query[place : end + 1], place)
    if letter in "()":
        return _Token(letter, letter, place)
    follows = query[place + 1 : place + 2]
    if letter == "-" and (follows.isalnum() or follows in _QUOTES or follows == "("):
        return _Token("-", "-", place)
    if field := _FIELD.match(query, place):
        if field[1].lower() in FIELDS:
            return _Token("field", field[0], place)
        if query[field.end() : field.end() + 1].strip():
            raise _wrong(f"there is no field {field[1]}, only title (quote the words to search for them)", place)
    word = _WORD.match(query, place)
    text = word[0] if word else letter
    return _Token(text if text in _OPERATORS else "word", text, place)


class _Reader:
    """Recursive descent over the tokens; None stands for what holds no word, like a lone dash."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    @property
    def here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self.here
        self._next += 1
        return token

    def alternatives(self) -> Node | None:
        nodes = [self._together()]
        while self.here.kind == "OR":
            operator = self._take()
            nodes.append(self._together())
            if None in nodes:
                raise _wrong("OR needs a word on both sides", operator.place)
        found = tuple(n for n in nodes if n is not None)
        return Or(found) if len(found) > 1 else found[0] if found else None

    def _together(self) -> Node | None:
        nodes: list[Node] = []
        while self.here.kind not in ("OR", ")", "end"):
            if self.here.kind == "AND":
                operator = self._take()
                if not nodes or self.here.kind in ("AND", "OR", ")", "end"):
                    raise _wrong("AND needs a word on both sides", operator.place)
            elif (node := self._one()) is not None:
                nodes.append(node)
        return And(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else None

    def _one(self) -> Node | None:
        token = self._take()
        match token.kind:
            case "-" | "NOT":
                if self.here.kind in ("AND", "OR", "NOT", "-", ")", "end"):
                    raise _wrong(f"{token.text} needs a word behind it", token.place)
                node = self._one()
                return None if node is None else Not(node)
            case "field":
                if self.here.kind not in ("word", "phrase"):
                    raise _wrong(f"{token.text} needs a word or a phrase behind it", token.place)
                return self._words(self._take(), field=token.text[:-1].lower())
            case "(":
                return self._group(token)
            case ")":
                raise _wrong("nothing opens the )", token.place)
            case _:
                return self._words(token, field=None)

    def _group(self, opening: _Token) -> Node | None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise _wrong(f"more than {DEPTH_MAX} parentheses stand in each other", opening.place)
        node = self.alternatives()
        if self.here.kind != ")":
            raise _wrong("the ( is not closed", opening.place)
        self._take()
        self._depth -= 1
        return node

    def _words(self, token: _Token, *, field: str | None) -> Node | None:
        text = token.text[1:-1] if token.kind == "phrase" else token.text
        if text == "*" and token.kind == "word" and field is None:
            return All()
        body = text.rstrip().removesuffix("*")
        if "*" in body:
            raise _wrong("* stands only at the end of a word or a phrase", token.place + token.text.index("*"))
        parts = tuple(words_and_runs(body))
        if not parts:
            if token.kind == "word" and all(c.isascii() or unicodedata.category(c)[0] == "P" for c in text):
                return None
            raise _wrong(f"{token.text} holds no letter or digit, and nothing else is searched", token.place)
        is_prefix = body != text.rstrip() and body[-1:].isalnum() and not is_run(parts[-1])
        return Words(parts, is_prefix, field)


def _wrong(problem: str, place: int) -> SearchSyntaxError:
    return SearchSyntaxError(f"{problem}, at character {place + 1} of the query")
