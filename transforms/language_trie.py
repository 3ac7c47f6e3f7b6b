"""The runs of bytes that py3langid counts, as a trie in three arrays instead of an automaton of 40 MB.

The library reads a text byte by byte through a table of 38,000 rows. That table is the automaton of Aho and Corasick:
its state is the longest run of up to six bytes, ending here, that is in the trie. Here these runs are followed from all
places of a text at once, numpy doing a step for all of them, which takes half the time and a thirtieth of the memory.

The trie is a double array: the child of a node by a byte stands at `bases[node] + byte`, and is one if
`owners` names the node there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int32]

_ROOT = 0
_NOBODY = -1
_FIRST = 257
"""The first place that a child may have: in those before it, nodes without children look for theirs."""
_LOOK_BACK = 4096
"""How far behind the last place that is taken a new one is looked for; single children fill what is left."""
_WINDOW = 1024


@dataclass(frozen=True, slots=True)
class Trie:
    """Nodes by place, the root's being 0."""

    bases: Numbers
    owners: Numbers
    """The parent of the node at a place; -1 where there is no node, and for the root."""
    features: Numbers
    """What a run stands for; -1 for those that are only the beginning of others."""

    def found_in(self, text: bytes) -> list[int]:
        """The features of the longest runs that end at each byte, in the order of the text."""
        size = len(text)
        letters = np.frombuffer(text, np.uint8).astype(np.int32)
        ends = self.bases[_ROOT] + letters
        ends[self.owners.take(ends) != _ROOT] = _ROOT
        at = ends.nonzero()[0]
        node = ends[at]
        while len(at):
            at = at + 1
            if at[-1] == size:
                at, node = at[:-1], node[:-1]
            child = self.bases.take(node) + letters[at]
            are_there = (self.owners.take(child) == node).nonzero()[0]
            at, node = at[are_there], child[are_there]
            ends[at] = node  # longer than what was there
        found = self.features.take(ends)
        listed: list[int] = found[found >= 0].tolist()
        return listed


def trie_of(nextmove: npt.NDArray[Any], rows: Sequence[int], outputs: Sequence[int]) -> Trie | None:
    """The trie that an automaton was made of; None where it is not the automaton of one.

    `nextmove` has rows of 256 states, `rows` says which of them is a state's, `outputs` which feature it gives or -1.
    """
    row_of = np.asarray(rows)
    states = len(row_of)
    parents, letters, order = _edges(nextmove, row_of)
    if len(order) != states or not _is_automaton(nextmove, row_of, parents, letters, order):
        return None
    counts = np.bincount(parents, minlength=states)
    bases = _bases(counts, letters)
    places = np.zeros(states, np.int64)
    places[1:] = bases[parents] + letters
    size = int(places.max()) + _FIRST
    trie = Trie(np.zeros(size, np.int32), np.full(size, _NOBODY, np.int32), np.full(size, -1, np.int32))
    trie.bases[places] = bases
    trie.owners[places[1:]] = places[parents]
    trie.features[places] = np.asarray(outputs)[order]
    return trie


def _edges(nextmove: npt.NDArray[Any], row_of: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    """For each node but the root its parent and its letter, nodes numbered by depth; and the state that each node is.

    A state of depth n + 1 is reached from depth n only by its own parent, so what is new there is a child.
    """
    is_new = np.ones(len(row_of), bool)
    is_new[_ROOT] = False
    level = np.array([_ROOT])
    order, parents, letters, before = [level], [], [], 0
    while len(level):
        reached = nextmove[row_of[level]]
        above, letter = np.nonzero(is_new[reached])
        parents.append(above + before)
        letters.append(letter)
        before += len(level)
        level = reached[above, letter]
        is_new[level] = False
        order.append(level)
    return np.concatenate(parents), np.concatenate(letters), np.concatenate(order)


def _is_automaton(nextmove: npt.NDArray[Any], row_of: npt.NDArray[Any], *nodes: npt.NDArray[Any]) -> bool:
    """Whether each state moves as the next shorter run that is a node does, but to its own children."""
    parents, letters, order = nodes
    states = len(row_of)
    counts = np.bincount(parents, minlength=states)
    if np.count_nonzero(nextmove[row_of[_ROOT]]) != counts[_ROOT]:
        return False
    shorter = np.full(states, _ROOT)  # of each node, as a state
    begin = int(counts[_ROOT]) + 1
    while begin < states:  # level by level: a node needs its parent's
        end = int(np.searchsorted(parents, begin)) + 1
        edges = slice(begin - 1, end - 1)
        shorter[begin:end] = nextmove[row_of[shorter[parents[edges]]], letters[edges]]
        begin = end
    for start in range(1, states, _LOOK_BACK):
        some = slice(start, start + _LOOK_BACK)
        differ = nextmove[row_of[order[some]]] != nextmove[row_of[shorter[some]]]
        if not np.array_equal(differ.sum(axis=1), counts[some]):
            return False
    return True


def _bases(counts: npt.NDArray[Any], letters: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Where the children of each node begin: first those of many, each in the first gap that takes all of them."""
    bases = np.zeros(len(counts), np.int64)
    first = np.cumsum(counts) - counts
    is_free = np.ones(2 * len(counts) + 2 * _WINDOW + _FIRST, bool)
    top = _FIRST
    for node in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts > 1)].tolist():
        own = letters[first[node] : first[node] + counts[node]]
        offsets = own - own[0]
        low = max(_FIRST, top - _LOOK_BACK)
        while True:
            gaps = np.flatnonzero(is_free[low : low + _WINDOW]) + low
            fitting = gaps[is_free[gaps[:, None] + offsets].all(axis=1)]
            if len(fitting):
                break
            low += _WINDOW
        place = int(fitting[0])
        is_free[place + offsets] = False
        top = max(top, place + int(offsets[-1]))
        bases[node] = place - own[0]
    alone = np.flatnonzero(counts == 1)
    bases[alone] = np.flatnonzero(is_free[_FIRST:])[: len(alone)] + _FIRST - letters[first[alone]]
    return bases
