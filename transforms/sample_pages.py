"""Made-up pages: what a process extracts first, so that models and tables are loaded before real pages come.

They cost most of a second and 90 MB: the language model, the list of domain endings, date expressions, and for a page
that is hardly more than its frame the stop words of all languages. A process that is forked after them has all that,
and shares the memory.
"""

from __future__ import annotations

from datetime import UTC, datetime

from transforms.page import Page

_PARAGRAPHS = (
    "The harbour board said on Monday that the old ferry would cross the bay once more before winter, wind allowing.",
    "Its engine, built in 1931, was taken apart twice. “Nobody had asked for that,” said the ship's chief engineer.",
    "Tickets are sold at the pier from eight in the morning; children travel free, as they have for ninety years.",
    "The board had hoped for a grant from the county. None came: a concert and two raffles paid for the repair.",
)
_HTML = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The ferry sails again - The Saltmere Post</title>
<meta name="author" content="Ada Quill"><meta property="og:title" content="The ferry sails again">
<link rel="canonical" href="https://post.example/ferry"></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>The ferry sails again</h1><p class="byline">By Ada Quill</p>
<time datetime="2026-03-02T07:30:00Z">2 March 2026</time>
{"".join(f"<p>{one}</p>" for one in _PARAGRAPHS * 3)}</article>
<section id="comments"><h2>Comments</h2>
<ol><li class="comment"><b class="author">Bo</b> <time>3 March 2026, 9:15</time>
<p>My grandmother was on the first crossing.</p></li></ol></section>
<footer>The Saltmere Post</footer></body></html>"""
_SHORT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ferry timetable</title></head>
<body><nav><a href="/">Home</a></nav><div><p>The ferry does not sail on Sundays.</p></div></body></html>"""


def sample_pages() -> tuple[Page, Page]:
    """An article with a comment, and a page of one sentence, as if captured."""
    return _page(_HTML), _page(_SHORT)


def _page(html: str) -> Page:
    return Page(
        capture_id="0" * 32,
        url="https://post.example/ferry",
        final_url="https://post.example/ferry",
        source="sample",
        captured_at=datetime(2026, 3, 4, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
        content_encoding=None,
        body=html.encode(),
    )
