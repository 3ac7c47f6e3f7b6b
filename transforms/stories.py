"""Which articles tell the same story: groups around the article that was first with the text.

Near-duplicates are no equivalence: A may be like B and B like C while A and C share nothing, and a page that collects
the news of a day is like everything that it collects. Joined through such pages, half a corpus becomes one story. So a
story is what is like its first article, measured against that article itself. Articles are taken in the order in which
they appeared; each joins the story that it is most like, or begins one. A page that holds a whole article within a
text several times as long joins that story too, as embedding it, and may belong to several. The result depends on the
set of articles alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from transforms.sketch import Likeness, Sketch, compare

SHARED_MIN = 4
"""Fewer shared shingles are a quotation or a phrase."""
CONTAINMENT_MIN = 0.4
"""Share of the shorter text's shingles found in the other, for two sites."""
CONTAINMENT_MIN_AT_HOME = 0.7
"""The same within one site, whose pages share boxes, rubrics and templates."""
LENGTH_SHARE_MIN = 0.25
"""A text below this share of the other's length is embedded in it; from here on they are two printings of one text."""


@dataclass(frozen=True, slots=True)
class Member:
    """One article as grouping needs it."""

    article_id: str
    domain: str
    appeared_at: datetime
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a story: how like the first one it is."""

    member: Member
    likeness: Likeness
    is_embedding: bool


def judge(one: Member, other: Member) -> Likeness | None:
    """How much two articles have in common, None where that does not make them near-duplicates."""
    likeness = compare(one.sketch, other.sketch)
    least = CONTAINMENT_MIN_AT_HOME if one.domain == other.domain else CONTAINMENT_MIN
    return likeness if likeness.shared_count >= SHARED_MIN and likeness.containment >= least else None


def connected(links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The articles that links join, near or far, as groups."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for one, other in links:
        parent[root(one)] = root(other)
    groups: dict[str, list[str]] = {}
    for key in parent:
        groups.setdefault(root(key), []).append(key)
    return list(groups.values())


def tell(members: Iterable[Member]) -> list[list[Told]]:
    """The stories among some articles, the first article of each in front; who is like nobody is in none."""
    in_order = sorted(members, key=lambda m: (m.appeared_at, m.article_id))
    firsts = _Firsts()
    stories: dict[str, list[Told]] = {}
    for member in in_order:
        copied = list(firsts.like(member, _is_same_length))
        if copied:
            # `copied` is in order of appearance, and max keeps the earliest of equals
            like, first = max(copied, key=lambda found: (found[0].containment, found[0].resemblance))
            stories[first.article_id].append(Told(member, like, is_embedding=False))
        else:
            firsts.add(member)
            whole = Likeness(1.0, 1.0, len(member.sketch.hashes))
            stories[member.article_id] = [Told(member, whole, is_embedding=False)]
    for member in in_order:
        for like, first in firsts.like(member, _is_much_longer):
            stories[first.article_id].append(Told(member, like, is_embedding=True))
    return [told for told in stories.values() if len(told) > 1]


class _Firsts:
    """The first articles of stories, found by the shingles that they share with another."""

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._holders: dict[int, list[int]] = {}

    def add(self, member: Member) -> None:
        for value in member.sketch.hashes:
            self._holders.setdefault(value, []).append(len(self._members))
        self._members.append(member)

    def like(self, member: Member, fits: Callable[[Member, Member], bool]) -> Iterator[tuple[Likeness, Member]]:
        """Those that fit an article and are near-duplicates of it, in the order in which they appeared."""
        held = [self._holders[value] for value in member.sketch.hashes if value in self._holders]
        shared = Counter(chain.from_iterable(held))
        for number in sorted(n for n, count in shared.items() if count >= SHARED_MIN):
            first = self._members[number]
            if first is not member and fits(member, first) and (likeness := judge(member, first)):
                yield likeness, first


def _is_same_length(one: Member, other: Member) -> bool:
    count, other_count = one.sketch.shingle_count, other.sketch.shingle_count
    return min(count, other_count) >= LENGTH_SHARE_MIN * max(count, other_count)


def _is_much_longer(one: Member, other: Member) -> bool:
    return one.sketch.shingle_count > other.sketch.shingle_count and not _is_same_length(one, other)
