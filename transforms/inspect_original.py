"""The original page as a document of its own, marked, and inert: what goes into a sandboxed frame.

Every element and attribute is written here from a fixed list, every text is escaped, and the document forbids itself by
its policy whatever a mistake could let through: scripts, requests, styles other than ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from transforms.inspect_marks import Kind, Mark
from transforms.inspect_runs import Close, Open, Run, Runs

_VOID = frozenset(("br", "hr"))
_FOLDABLE = frozenset(
    (
        *("div", "section", "article", "header", "footer", "main", "aside", "nav", "ul", "ol", "dl", "table", "figure"),
        "address",
    )
)
_FOLD_LEAST = 4
"""Runs from which a part of the page that nothing was taken from is folded: menus would bury the article."""
_VERBS = {
    Kind.KEPT: "kept as",
    Kind.FIELD: "kept as",
    Kind.COMMENT: "a reader's",
    Kind.STRIPPED: "stripped by",
}
SHADES = 9
"""Shades that the style sheet has for stripped parts."""


def original_html(page: Runs, marks: Mapping[int, Mark], shades: Mapping[str, int], *, style: str, policy: str) -> str:
    """The document for the frame. `shades` gives each stripping rule its shade, `policy` is the value of the CSP."""
    body = "".join(_body(page, marks, shades)) or '<p class="none">There is no text to be shown.</p>'
    cut = '<p class="cut">The page goes on; the rest is left out here.</p>' if page.is_cut else ""
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        f"<title>original</title><style>{style}</style></head>"
        f'<body dir="{page.direction}">{body}{cut}</body></html>'
    )


def shades_of(marks: Mapping[int, Mark]) -> dict[str, int]:
    """A shade for each rule that stripped something, in the page's order; the last shade is shared by the rest."""
    rules = dict.fromkeys(m.reason for _, m in sorted(marks.items()) if m.kind is Kind.STRIPPED and not is_comment(m))
    return {rule: min(number, SHADES - 1) for number, rule in enumerate(rules)}


def is_comment(mark: Mark) -> bool:
    """Whether a run is a reader's comment, or what stands around comments."""
    rule = mark.reason.rpartition(":")[2]
    return mark.kind is Kind.COMMENT or (mark.kind is Kind.STRIPPED and rule.startswith(("comment", "flattened")))


def name_of(mark: Mark) -> str:
    """What a mark is called: by its field or its rule, and all that belongs to comments alike."""
    return "comments" if is_comment(mark) else mark.reason


def mark_class(mark: Mark, shades: Mapping[str, int]) -> str:
    """The style sheet's classes for a mark."""
    if is_comment(mark):
        return "m comment"
    return f"m s{shades[mark.reason]}" if mark.kind is Kind.STRIPPED else f"m {mark.kind.value}"


def _body(page: Runs, marks: Mapping[int, Mark], shades: Mapping[str, int]) -> Iterator[str]:
    folds = _folds(page, marks)
    ends = {end for end, _ in folds.values()}
    previous: str | None = None
    for place, token in enumerate(page.tokens):
        if place in folds:
            count = folds[place][1]
            yield f'<details class="rest"><summary>{count} lines, none of them taken</summary>'
        match token:
            case Open(tag, attributes):
                given = "".join(f' {name}="{escape(value)}"' for name, value in attributes)
                yield f"<{tag}{given}>"
            case Close(tag):
                yield f"</{tag}>"
            case Run():
                mark = marks.get(place)
                name = name_of(mark) if mark else None
                yield _run(token, mark, shades, is_first=name != previous)
                previous = name
        if place in ends:
            yield "</details>"


def _run(run: Run, mark: Mark | None, shades: Mapping[str, int], *, is_first: bool) -> str:
    inner = "".join(_piece(text, inline) for text, inline in run.pieces)
    if mark is None:
        return f'<span class="none">{inner}</span>'
    label = f' data-label="{escape(name_of(mark))}"' if is_first and mark.kind is not Kind.KEPT else ""
    meaning = escape(f"{_VERBS[mark.kind]} {mark.reason}")
    return f'<span class="{mark_class(mark, shades)}"{label} title="{meaning}">{inner}</span>'


def _piece(text: str, inline: tuple[str, ...]) -> str:
    escaped = escape(text)
    if "img" in inline:
        return f' <span class="picture">{escaped}</span> '
    return "".join(f"<{tag}>" for tag in inline) + escaped + "".join(f"</{tag}>" for tag in reversed(inline))


def _folds(page: Runs, marks: Mapping[int, Mark]) -> dict[int, tuple[int, int]]:
    """Where a folded part begins, with the place where it ends and its number of runs: the outermost without a mark."""
    if not marks:
        return {}
    folds: dict[int, tuple[int, int]] = {}
    stack: list[tuple[int, int, int]] = []
    runs = marked = 0
    for place, token in enumerate(page.tokens):
        match token:
            case Run():
                runs += 1
                marked += place in marks
            case Open(tag) if tag not in _VOID:
                stack.append((place, runs, marked))
            case Close(tag):
                start, runs_before, marked_before = stack.pop()
                if tag in _FOLDABLE and marked == marked_before and runs - runs_before >= _FOLD_LEAST:
                    while folds and next(reversed(folds)) > start:
                        folds.popitem()
                    folds[start] = (place, runs - runs_before)
            case _:
                pass
    return folds
