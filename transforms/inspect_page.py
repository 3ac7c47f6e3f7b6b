"""A page beside the record that is made of it, as one HTML document that loads nothing and runs nothing.

The page is untrusted. It is written anew from a list of harmless elements into a frame that may do nothing, under a
policy that allows two style sheets, ours, by their hashes.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template

from transforms.coding import CodingFailure, decompress
from transforms.decode import decode_html
from transforms.extract import TEXT_TYPES, extract_page
from transforms.extractor import EXTRACTOR
from transforms.guards import MARKUP_MAX, markup_size, parse
from transforms.inspect_marks import mark_runs
from transforms.inspect_original import original_html, shades_of
from transforms.inspect_record import legend_html, record_html, rejection_html
from transforms.inspect_runs import Runs, read_runs, text_runs
from transforms.page import Extracted, ExtractOptions, Page, Rejected

_NO_PAGE = Runs(())


@dataclass(frozen=True, slots=True)
class Inspection:
    """The document, and what it shows in one line."""

    html: str
    summary: str


def inspect_page(page: Page, options: ExtractOptions) -> Inspection:
    """Extract a page and show it beside its record, or beside the reason why it has none."""
    return show_page(page, extract_page(page, options), _original(page, options))


def show_page(page: Page, result: Extracted | Rejected, original: Runs = _NO_PAGE) -> Inspection:
    """The document for a page whose extraction came to `result`; without `original` where that cannot be shown."""
    marks = mark_runs(original, result) if isinstance(result, Extracted) else {}
    shades = shades_of(marks)
    page_style = _packaged("inspect_page.css")
    original_style = _packaged("inspect_original.css")
    frame = original_html(
        original, marks, shades, style=original_style, policy=f"default-src 'none'; style-src {_hash(original_style)}"
    )
    if isinstance(result, Extracted):
        article = result.article
        title = article.title or "(no title)"
        facts = [f"{article.word_count} words", f"{article.comment_count} comments", article.page_type.value]
        record = record_html(result)
    else:
        title = "No article"
        facts = [result.outcome.value]
        record = rejection_html(result)
    facts += [f"captured {page.captured_at:%Y-%m-%d %H:%M} UTC", f"source {page.source}"]
    document = Template(_packaged("inspect_page.html")).substitute(
        policy=escape(
            f"default-src 'none'; style-src {_hash(page_style)} {_hash(original_style)}; "
            "form-action 'none'; base-uri 'none'"
        ),
        style=page_style,
        title=escape(title),
        address=escape(page.final_url),
        facts="".join(f"<li>{escape(fact)}</li>" for fact in facts),
        legend=legend_html(marks, shades),
        frame=escape(frame),
        record=record,
        extractor=escape(EXTRACTOR),
        capture=escape(page.capture_id),
    )
    return Inspection(document, f"{title} ({', '.join(facts[:3])})")


def _original(page: Page, options: ExtractOptions) -> Runs:
    body = decompress(page.body, page.content_encoding, limit=options.decoded_bytes_max)
    text = decode_html(body.partial if isinstance(body, CodingFailure) else body, page.content_type).text
    if (page.content_type or "").strip().lower().startswith(TEXT_TYPES):
        return text_runs(text)
    tree, _ = parse(text) if markup_size(text) <= MARKUP_MAX else (None, ())
    return _NO_PAGE if tree is None else read_runs(tree)


@cache
def _packaged(name: str) -> str:
    return files("transforms").joinpath(name).read_text(encoding="utf-8")


def _hash(style: str) -> str:
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
