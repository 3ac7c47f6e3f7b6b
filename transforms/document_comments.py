"""The comments of a flattened document, read from the lines behind its cut as far as they can be told apart."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.comments_dates import Moment, day_first, to_moment
from transforms.comments_found import FoundComment
from transforms.document_cut import Cut
from transforms.document_lines import Line
from transforms.document_signatures import Signature


def read_comments(lines: Sequence[Line], cut: Cut) -> tuple[FoundComment, ...]:
    """The signed comments in the order of the text; empty where the section has no signatures."""
    is_day_first = day_first(line.moment for line in lines[cut.line :] if line.moment)
    found: list[FoundComment] = []
    for signature, span in zip(cut.signatures, _spans(lines, cut), strict=True):
        held = [i for i in span if i not in (signature.line, signature.name_line)]
        text = "\n".join(lines[i].text for i in held if not lines[i].form and lines[i].chrome is None)
        moment = _moment(lines, signature, held)
        if text:
            found.append(
                FoundComment(
                    position=len(found),
                    text=text,
                    author=signature.name or None,
                    published_at=to_moment(moment, is_day_first=is_day_first) if moment else None,
                )
            )
    return tuple(found)


def _spans(lines: Sequence[Line], cut: Cut) -> list[range]:
    marks = [s.line if cut.signs_below else min(s.line, s.name_line) for s in cut.signatures]
    if cut.signs_below:
        return [range(a, b + 1) for a, b in zip([cut.line, *(m + 1 for m in marks)], marks, strict=False)]
    return [range(a, b) for a, b in zip(marks, [*marks[1:], len(lines)], strict=False)]


def _moment(lines: Sequence[Line], signature: Signature, held: Sequence[int]) -> Moment | None:
    dated = [lines[signature.line].moment, *(lines[i].moment for i in held if lines[i].form)]
    return next((m for m in dated if m and m.has_date), None)
