"""The headline, told from what pages add to it: the site's name at its end, a rubric or kicker before it.

og:title and the title element are written for search results and shares; the h1 is what readers see, but also often the
site's name or a rubric. An h1 that another source confirms is the headline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.jsonld_article import squashed

_TITLE_MAX = 400
_SEPARATOR = re.compile(r"\s+(?:[|•·»›«–—\-:/]|::|//|—)\s+|\s*[|｜│]\s*|(?<=\w)\s*–\s+|\s+–\s*(?=\w)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal for a field, and the rule that made it."""

    rule: str
    value: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The winner, None where nothing was proposed, and what lost."""

    winner: Candidate | None
    rejected: tuple[Candidate, ...] = ()


def choose_title(h1s: list[str], others: list[Candidate], site_names: frozenset[str]) -> Chosen:
    """The headline of the page.

    `h1s` are the texts of the h1 elements in order, `others` what JSON-LD, meta tags and the title element say, best
    source first, `site_names` squashed names of the site.
    """
    h1s = [h.rstrip(" ¶#") for h in h1s]
    h1s = [h for h in h1s if squashed(h) and len(h) <= _TITLE_MAX and squashed(h) not in site_names]
    others = [o for o in others if squashed(o.value) and squashed(o.value) not in site_names]
    bare = {value: without_site(value, site_names) for value in {o.value for o in others}}
    stripped = [Candidate(o.rule, bare[o.value]) for o in others]
    winner = _confirmed(h1s, others) or _confirmed(h1s, stripped) or _unconfirmed(h1s, stripped)
    if winner is None:
        return Chosen(None)
    seen = {squashed(winner.value)}
    rejected = []
    for candidate in [*(Candidate("h1", h) for h in h1s), *others]:
        if squashed(candidate.value) not in seen:
            seen.add(squashed(candidate.value))
            rejected.append(candidate)
    return Chosen(winner, tuple(rejected))


def _confirmed(h1s: list[str], others: list[Candidate]) -> Candidate | None:
    """The h1 that another source says too: whole, as one of its parts, or with something before or behind it."""
    pairs = [(h1, squashed(h1), other, squashed(other.value)) for h1 in h1s for other in others]
    for h1, key, other, said in pairs:
        if key == said:
            return Candidate(f"h1+{other.rule}", h1)
    for h1, key, other, said in pairs:
        if (len(key) >= 8 and said.startswith(key)) or key == squashed(_parts(other.value)[0]):
            return Candidate(f"h1+{other.rule}", h1)
    for h1, key, other, said in pairs:
        parts = _parts(other.value)
        if len(parts) == 2 and key == squashed(parts[1]) and len(parts[0]) > len(parts[1]):
            return Candidate(f"{other.rule}-h1", parts[0])  # the h1 is the site's name, which stands last in the title
        if len(key) >= 8 and said.endswith(key):
            return Candidate(f"h1+{other.rule}", h1)
    for _, key, other, said in pairs:
        if len(said) >= 15 and len(said) >= 0.5 * len(key) and (key.endswith(said) or key.startswith(said)):
            return Candidate(f"{other.rule}+h1", other.value)
    return None


def _parts(title: str) -> list[str]:
    return [p for p in _SEPARATOR.split(title) if p.strip()] or [title]


def _unconfirmed(h1s: list[str], others: list[Candidate]) -> Candidate | None:
    """The h1 that shares most words with another source; else the only h1, where it is more than a label."""
    best, best_share = None, 0.0
    for h1 in h1s:
        said = set(h1.casefold().split())
        for other in others:
            heard = set(other.value.casefold().split())
            share = len(said & heard) / len(said | heard) if len(said & heard) >= 2 else 0.0
            if share > best_share:
                best, best_share = Candidate(f"h1~{other.rule}", h1), share
    if best and best_share >= 0.3:
        return best
    if len(h1s) == 1 and 4 <= len(h1s[0].split()) <= 30:
        return Candidate("h1", h1s[0])
    if others:
        return others[0]
    return Candidate("h1", h1s[0]) if h1s else None


def without_site(title: str, site_names: frozenset[str]) -> str:
    """`title` without the site's name at either end; without the last short part where no name is known."""
    while True:
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            return title
        head, tail = title[: cuts[-1].start()], title[cuts[-1].end() :]
        first, rest = title[: cuts[0].start()], title[cuts[0].end() :]
        if _is_site(tail, site_names):
            title = head
        elif _is_site(first, site_names):
            title = rest
        else:
            return title


def _is_site(part: str, site_names: frozenset[str]) -> bool:
    key = squashed(part)
    return (
        not key
        or key in site_names
        or any(len(n) > 4 and len(key) < 2.5 * len(n) and (n in key or (len(key) > 4 and key in n)) for n in site_names)
    )
