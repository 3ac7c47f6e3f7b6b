"""Where the first comment begins when comments are signed below their text: the change of voice.

Nothing stands between the article's last line and the first comment, but the comments further down are known, and so
is the article. Their vocabularies, counted in this one document, say which voice each line before the first signature
speaks with, in any language.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from transforms.document_lines import Line
from transforms.document_signatures import Signature, is_name

_WORD = re.compile(r"[^\W\d_]+|[!?]")
_LINES_MAX = 12
_VOICE_WORDS_MIN = 100
_EXTRA_LINE_COST = 1.5
"""What a further line must gain: an article line lost costs more than a comment line kept."""


def first_comment_line(lines: Sequence[Line], signatures: Sequence[Signature]) -> int:
    """The line where the text of the first comment begins, for comments signed below."""
    first = signatures[0].line
    lengths = _lengths(lines, signatures)
    most = min(_LINES_MAX, lengths[int(len(lengths) * 0.9)] if lengths else 1, first - 1)
    named = _names_above(lines, signatures)
    if named:
        for i in range(first - 1, max(0, first - 2 - most), -1):
            if is_name(lines[i]):
                return i
    theirs = _words(lines[first + 1 :])
    ours = _words(lines[: max(0, first - most)])
    if most <= 1 or min(theirs.total(), ours.total()) < _VOICE_WORDS_MIN:
        return max(1, first - 1)
    best, best_sum, total = first - 1, 0.0, 0.0
    for i in range(first - 2, first - 1 - most, -1):
        total += _gain(lines[i], theirs, ours) - _EXTRA_LINE_COST
        if total > best_sum:
            best, best_sum = i, total
    return max(1, best)


def _lengths(lines: Sequence[Line], signatures: Sequence[Signature]) -> list[int]:
    return sorted(sum(n.chrome is None for n in lines[a.line + 1 : b.line]) for a, b in pairwise(signatures))


def _names_above(lines: Sequence[Line], signatures: Sequence[Signature]) -> bool:
    """Whether a name heads each comment although its date stands below."""
    following = [lines[s.line + 1] for s in signatures[:-1] if s.line + 1 < len(lines)]
    return len(following) > 1 and sum(map(is_name, following)) > 0.7 * len(following)


def _words(lines: Sequence[Line]) -> Counter[str]:
    return Counter(word for line in lines if not line.form for word in _WORD.findall(line.text.casefold()))


def _gain(line: Line, theirs: Counter[str], ours: Counter[str]) -> float:
    words = _WORD.findall(line.text.casefold())
    kinds = len(theirs.keys() | ours.keys()) or 1
    a, b = theirs.total() + 0.5 * kinds, ours.total() + 0.5 * kinds
    gain = sum(math.log((theirs[w] + 0.5) / a) - math.log((ours[w] + 0.5) / b) for w in words)
    return gain / math.sqrt(len(words) or 1)
