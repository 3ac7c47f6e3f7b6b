"""Comments that kept nothing but indentation: a name, and below it, further in, what that person wrote.

Some hosted systems print no dates into the page. What is left is weak, so all of it must agree: the pattern reaches to
the document's end without a line that does not fit, several people speak, and they speak to each other: a name comes
back, or replies are nested. A list of terms with their meanings does neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from transforms.document_lines import Line
from transforms.document_signatures import Signature, is_name

_LEAST = 4
_LEAST_NAMES = 3
_STEP = 2
_TALK_WORDS = 12


def nested_names(lines: Sequence[Line]) -> tuple[Signature, ...]:
    """The names that head the indented comments at a document's end, in order; empty where the pattern is not whole."""
    named: list[int] = []
    least = min((line.indent for line in lines), default=0)
    for i in range(len(lines) - 1, 0, -1):
        if _heads(lines, i):
            named.append(i)
        elif lines[i].indent <= least:
            break
    named.reverse()
    names = Counter(lines[i].text.casefold() for i in named)
    if len(named) < _LEAST or len(names) < _LEAST_NAMES or lines[named[0]].indent > least:
        return ()
    is_talk = max(names.values()) > 1 or len({lines[i].indent for i in named}) > 1
    has_prose = any(line.words >= _TALK_WORDS for line in lines[named[0] :])
    if not (is_talk and has_prose):
        return ()
    return tuple(Signature(i, lines[i].text, i, 1.0) for i in named)


def _heads(lines: Sequence[Line], i: int) -> bool:
    return i + 1 < len(lines) and is_name(lines[i]) and lines[i + 1].indent >= lines[i].indent + _STEP
