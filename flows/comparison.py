"""What a re-extraction would change, in words: the same report for the terminal and for the Prefect UI."""

from __future__ import annotations

from datetime import datetime

from warehouse.compare import Change, Comparison

COLUMNS = ("change", "fields", "words", "what", "inspect")
_WHAT_MAX = 160


def comparison_rows(comparison: Comparison, options: str = "") -> list[tuple[str, str, str, str, str]]:
    """One row a change, the worst first, in the order of `COLUMNS`. `options` go with each command to inspect it."""
    return [
        (
            change.change,
            ", ".join(change.changed_fields),
            _words(change),
            f"{change.url}\n{_what(change)}",
            f"broadsheet inspect {change.capture_id}{options}",
        )
        for change in comparison.worst
    ]


def field_rows(comparison: Comparison) -> list[tuple[str, int, str]]:
    """One row a field that changes: its name, in how many articles, and the words that the text wins and loses."""
    return [
        (f.field, f.article_count, f"+{f.words_added} -{f.words_removed}" if f.field == "text" else "")
        for f in comparison.fields
    ]


def remarks(comparison: Comparison) -> list[str]:
    """What a reader of the numbers should know besides."""
    before, after = comparison.extractors
    lines = [f"before: {before or 'nothing'}", f"after: {after}"]
    if comparison.earlier_count:
        lines.append(f"{comparison.earlier_count} earlier captures are read differently too")
    return lines


def comparison_markdown(comparison: Comparison) -> str:
    """The report as Markdown."""
    lines = [f"**{comparison.words()}**", "", *(f"- {line}" for line in remarks(comparison)), ""]
    lines += ["| field | articles | words |", "|---|---:|---|"]
    lines += [f"| {field} | {count} | {words} |" for field, count, words in field_rows(comparison)]
    lines += ["", f"| {' | '.join(COLUMNS)} |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in comparison_rows(comparison)]
    return "\n".join(lines)


def _words(change: Change) -> str:
    return f"+{change.words_added} -{change.words_removed}" if change.words_added or change.words_removed else ""


def _what(change: Change) -> str:
    """The first thing that is different, before and after."""
    if change.before_outcome != change.after_outcome:
        return f"{change.before_outcome} → {change.after_outcome}"
    if change.lines_removed or change.lines_added:
        parts = [
            f"{sign} {lines[0]}" for sign, lines in (("−", change.lines_removed), ("+", change.lines_added)) if lines
        ]
        return "\n".join(map(_short, parts))
    pairs: list[tuple[object, object]] = [
        (change.before_title, change.after_title),
        (", ".join(change.before_authors or []), ", ".join(change.after_authors or [])),
        (_time(change.before_published_at), _time(change.after_published_at)),
    ]
    first = next(((before, after) for before, after in pairs if before != after), None)
    return _short(f"{first[0] or 'none'} → {first[1] or 'none'}") if first else ""


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _short(text: str) -> str:
    return text if len(text) <= _WHAT_MAX else text[: _WHAT_MAX - 1] + "…"


def _cell(text: str) -> str:
    """Text that comes from pages, kept from being read as markup."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "<br>")
