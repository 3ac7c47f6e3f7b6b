"""Where the article of a flattened document ends and its readers' comments begin.

The signatures of comments (`document_signatures`) are weighed against the prose between them: the section begins at
the signature from which on the weights, less a penalty for long stretches without one, add up to most. A byline
within the article is thus left behind by the article's own length. Headings and forms only extend such a section, or
make one where little else follows them: alone they prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.comments_words import Chrome
from transforms.document_lines import Line
from transforms.document_nested import nested_names
from transforms.document_signatures import Signature, find_signatures
from transforms.document_voice import first_comment_line

_ENOUGH = 3.0
_GAP_WORDS = 300
"""Words between two signatures that cost nothing: a long comment."""
_HEADINGS_TRIED = 20
_FORM_TAIL_WORDS = 60
_HEADED_WORDS = 150
"""Words below a heading for each reply link or form there."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The first line that is not the article's, the rule that found it, and the signatures behind it."""

    line: int
    rule: str
    signatures: tuple[Signature, ...] = ()
    signs_below: bool = False
    """Whether a comment's signature stands below its text."""


def find_cut(lines: Sequence[Line]) -> Cut | None:
    """The cut of a document, or None where nothing shows that it has comments."""
    signatures = _section(lines, find_signatures(lines))
    if signatures:
        signs_below = _signs_below(lines, signatures)
        first = signatures[0]
        start = first_comment_line(lines, signatures) if signs_below else min(first.line, first.name_line)
        return Cut(_over_chrome(lines, start), "signatures", signatures, signs_below)
    nested = nested_names(lines)
    if nested:
        return Cut(_over_chrome(lines, nested[0].line), "nested_names", nested)
    return _headed(lines) or _form(lines)


def _section(lines: Sequence[Line], found: Sequence[Signature]) -> tuple[Signature, ...]:
    """The signatures from the best beginning on; empty where they do not make a section."""
    forms = Counter(lines[s.line].form for s in found)
    words = _running_words(lines)
    best, best_sum, total, following = len(found), 0.0, 0.0, words[-1]
    for k in range(len(found) - 1, -1, -1):
        here = words[found[k].line]
        total += found[k].weight - max(0.0, (following - here - _GAP_WORDS) / _GAP_WORDS)
        following = here
        repeats = forms[lines[found[k].line].form] > 1 or found[k].weight >= 2
        if repeats and total >= best_sum:
            best, best_sum = k, total
    chosen = tuple(found[best:])
    is_clear = best_sum >= _ENOUGH and (len({s.name for s in chosen}) > 1 or chosen[0].weight >= _ENOUGH)
    return chosen if is_clear and _has_text_between(lines, chosen) else ()


def _running_words(lines: Sequence[Line]) -> list[int]:
    running = [0]
    for line in lines:
        running.append(running[-1] + line.words)
    return running


def _has_text_between(lines: Sequence[Line], chosen: Sequence[Signature]) -> bool:
    """Whether most signatures are followed by text before the next; where there is one, by any."""
    ends = [s.line for s in chosen[1:]] or [len(lines)]
    texts = [
        any(not n.form and n.chrome is None for n in lines[s.line + 1 : end])
        for s, end in zip(chosen, ends, strict=False)
    ]
    return sum(texts) * 2 > len(texts)


def _signs_below(lines: Sequence[Line], chosen: Sequence[Signature]) -> bool:
    last = lines[chosen[-1].line]
    if last.speaker is not None or last.form == "url W":
        return False
    return not any(
        not n.form and n.chrome is None and i != chosen[-1].name_line
        for i, n in enumerate(lines[chosen[-1].line + 1 :], chosen[-1].line + 1)
    )


def _over_chrome(lines: Sequence[Line], start: int) -> int:
    while start > 1 and lines[start - 1].chrome is not None:
        start -= 1
    return start


def _headed(lines: Sequence[Line]) -> Cut | None:
    """A heading with reply links or a form below it, and no more text than they can belong to."""
    headings = [i for i, line in enumerate(lines) if i and line.chrome is Chrome.HEADING]
    for i in headings[:_HEADINGS_TRIED]:
        tail = lines[i + 1 :]
        marks = sum(t.chrome in (Chrome.REPLY, Chrome.FORM, Chrome.NAV) for t in tail)
        if marks and sum(t.words for t in tail) <= _HEADED_WORDS * marks:
            return Cut(_over_chrome(lines, i), "heading")
    return None


def _form(lines: Sequence[Line]) -> Cut | None:
    forms = [i for i, line in enumerate(lines) if i and line.chrome is Chrome.FORM]
    for i in forms[:_HEADINGS_TRIED]:
        if sum(t.words for t in lines[i:] if t.chrome is None) <= _FORM_TAIL_WORDS:
            return Cut(_over_chrome(lines, i), "form")
    return None
