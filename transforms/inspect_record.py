"""The record beside the page: fields with the rule that gave each and the candidates that lost, and what was stripped.

Only HTML of our own is written here; every value is escaped.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from html import escape
from typing import Any

from transforms.inspect_marks import Kind, Mark
from transforms.inspect_original import mark_class, name_of
from transforms.outcome import DESCRIPTIONS
from transforms.page import Extracted, Rejected
from transforms.schema import Article, Comment, Evidence, Verdict

_APART = frozenset(("text", "captions", "provenance"))
"""Shown in sections of their own."""
_FIRST = (
    *("title", "authors", "published_at", "published_date", "published_precision", "modified_at", "description"),
    *("language", "page_type"),
)
_KEYS = frozenset(
    (
        *("article_id", "url", "final_url", "host", "domain", "source", "content_hash", "capture_id", "captured_at"),
        *("extractor", "word_count", "comment_count"),
    )
)
"""Keys, places and counts, which say nothing about the extraction: folded away."""
_RULE_OF = {"title": "title", "authors": "authors", "published_at": "published", "text": "text"}
"""Which member of the provenance tells of a field."""
_VALUE_MAX = 600
_COMMENTS_MAX = 500


def record_html(result: Extracted) -> str:
    """The record as sections: fields, what was stripped, readers' comments, text."""
    return _fields(result) + _stripped(result.evidence) + _comments(result.comments) + _text(result.article)


def rejection_html(rejected: Rejected) -> str:
    """Why there is no record."""
    detail = f"<p>{escape(rejected.detail)}</p>" if rejected.detail else ""
    return (
        f'<section class="rejected"><h2>No article</h2><p class="value">{escape(rejected.outcome.value)}</p>'
        f"<p>{escape(DESCRIPTIONS[rejected.outcome])}</p>{detail}</section>"
    )


def legend_html(marks: Mapping[int, Mark], shades: Mapping[str, int]) -> str:
    """What each shade means, with the number of stretches of the page that have it."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for _, mark in sorted(marks.items()):
        counts[_legend_name(mark), mark_class(mark, shades)] += 1
    order = {name: place for place, name in enumerate(("text", "fields", "comments"))}
    rows = sorted(counts.items(), key=lambda row: order.get(row[0][0], len(order)))
    return "".join(
        f'<li><span class="{css}">{escape(name)}</span> <small>{count}</small></li>' for (name, css), count in rows
    )


def _legend_name(mark: Mark) -> str:
    return "fields" if mark.kind is Kind.FIELD else name_of(mark)


def _fields(result: Extracted) -> str:
    article = result.article
    lost: dict[str, list[Evidence]] = defaultdict(list)
    for row in result.evidence:
        if row.verdict is Verdict.REJECTED:
            lost[row.field].append(row)
    declared = {f.name: f.metadata["comment"] for f in dataclasses.fields(article) if f.name not in _APART}
    rows: dict[bool, list[str]] = {True: [], False: []}
    unstated = []
    for name in (*_FIRST, *(name for name in declared if name not in _FIRST)):
        value = getattr(article, name)
        if value in (None, []) and not lost[name]:
            unstated.append(name)
            continue
        rule = getattr(article.provenance, _RULE_OF[name]) if name in _RULE_OF else None
        source = f' <span class="rule">{escape(rule)}</span>' if rule else ""
        rows[name in _KEYS].append(
            f'<div class="row"><dt title="{escape(declared[name])}">{name}</dt>'
            f"<dd>{_value(value)}{source}{_lost(lost[name])}</dd></div>"
        )
    missing = f'<p class="missing">Not stated: {", ".join(unstated)}</p>' if unstated else ""
    keys = f"<details><summary>keys, places and counts</summary><dl>{''.join(rows[True])}</dl></details>"
    return f"<section><h2>Fields</h2><dl>{''.join(rows[False])}</dl>{missing}{keys}</section>"


def _value(value: Any) -> str:
    if value in (None, []):
        return '<span class="missing">none</span>'
    if isinstance(value, list):
        return "".join(f'<span class="chip">{escape(str(v))}</span> ' for v in value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value.value if isinstance(value, StrEnum) else str(value)
    return f'<span class="value">{escape(_short(text))}</span>'


def _lost(rows: Sequence[Evidence]) -> str:
    if not rows:
        return ""
    items = "".join(
        f'<li><span class="rule">{escape(r.rule)}</span> {escape(_short(r.value)) or "(empty)"}</li>' for r in rows
    )
    noun = "candidate" if len(rows) == 1 else "candidates"
    return f"<details open><summary>{len(rows)} {noun} lost</summary><ul>{items}</ul></details>"


def _stripped(evidence: Sequence[Evidence]) -> str:
    by_rule: dict[str, list[str]] = defaultdict(list)
    for row in evidence:
        if row.verdict is Verdict.STRIPPED:
            by_rule[row.rule].append(row.value)
    parts = []
    for rule, values in by_rule.items():
        words = sum(len(value.split()) for value in values)
        items = "".join(f"<li>{_lines(_short(value))}</li>" for value in values)
        parts.append(
            f'<details><summary><span class="rule">{escape(rule)}</span> {len(values)} '
            f"{'part' if len(values) == 1 else 'parts'}, {words} words</summary><ul>{items}</ul></details>"
        )
    return f"<section><h2>Stripped</h2>{''.join(parts) or _nothing()}</section>"


def _comments(comments: Sequence[Comment]) -> str:
    items = "".join(
        f"<li><b>{escape(c.author or 'nobody named')}</b> <small>{_value(c.published_at) if c.published_at else ''}"
        f"{' answers another' if c.parent_id else ''}</small><p>{_lines(_short(c.text))}</p></li>"
        for c in comments[:_COMMENTS_MAX]
    )
    more = f'<p class="missing">and {len(comments) - _COMMENTS_MAX} more</p>' if len(comments) > _COMMENTS_MAX else ""
    body = f"<details><summary>{len(comments)} kept apart</summary><ol>{items}</ol>{more}</details>" if comments else ""
    return f"<section><h2>Readers' comments</h2>{body or _nothing()}</section>"


def _text(article: Article) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in article.text.split("\n"))
    captions = "".join(f"<li>{escape(caption.text)}</li>" for caption in article.captions)
    pictures = f"<details><summary>captions of pictures</summary><ul>{captions}</ul></details>"
    return (
        f'<section><h2>Text</h2><p>{article.word_count} words <span class="rule">'
        f"{escape(article.provenance.text or '')}</span></p>"
        f"{pictures if captions else ''}"
        f'<details><summary>as stored</summary><div class="text">{paragraphs}</div></details></section>'
    )


def _lines(text: str) -> str:
    return "<br>".join(map(escape, text.split("\n")))


def _short(text: str) -> str:
    return text if len(text) <= _VALUE_MAX else text[:_VALUE_MAX] + " …"


def _nothing() -> str:
    return '<p class="missing">nothing</p>'
