"""A page beside its record: what is marked, what is shown of it, and that nothing of the page's own markup survives."""

import re
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.guards import parse
from transforms.inspect_marks import Kind, Mark, mark_runs
from transforms.inspect_original import original_html, shades_of
from transforms.inspect_page import inspect_page, show_page
from transforms.inspect_runs import Runs, read_runs, text_runs
from transforms.outcome import Outcome
from transforms.page import Extracted, ExtractOptions, Page, Rejected
from transforms.schema import Article, Comment, Evidence, PageType, Provenance, Verdict

AT = datetime(2026, 11, 1, tzinfo=UTC)
FRAME = re.compile(r'<iframe sandbox="" [^>]*srcdoc="([^"]*)"')
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "details", "summary", "span", "br", "hr"),
    *("p", "div", "section", "article", "header", "footer", "main", "aside", "nav", "ul", "ol", "li", "dl", "dt", "dd"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "figure", "figcaption", "address", "table", "caption"),
    *("thead", "tbody", "tfoot", "tr", "td", "th", "b", "strong", "i", "em", "u", "s", "del", "ins", "code", "kbd"),
    *("samp", "sub", "sup", "small", "q", "cite", "abbr", "mark"),
}
ATTRIBUTES = {"charset", "http-equiv", "content", "class", "title", "data-label", "dir", "colspan", "rowspan", "start"}


def page(body: str, content_type: str = "text/html; charset=utf-8") -> Page:
    return Page(
        capture_id="c" * 32, url="https://q.example/a", final_url="https://q.example/a", source="quay", captured_at=AT,
        content_type=content_type, content_encoding=None, body=body.encode("utf-8", "surrogatepass"),
    )  # fmt: skip


def record(text: str, **given: object) -> Article:
    fields = {
        "article_id": "a", "url": "u", "final_url": "u", "host": "", "domain": "", "source": "quay", "authors": [],
        "page_type": PageType.ARTICLE, "text": text, "word_count": 1, "tags": [], "captions": [], "comment_count": 0,
        "content_hash": "h", "capture_id": "c", "captured_at": AT, "extractor": "x", "provenance": Provenance(),
    }  # fmt: skip
    return Article(**{**fields, **given})  # type: ignore[arg-type]


def stripped(rule: str, value: str) -> Evidence:
    return Evidence(
        capture_id="c", article_id="a", position=0, field="text", verdict=Verdict.STRIPPED, rule=rule, value=value
    )


def runs_of(markup: str) -> Runs:
    tree, _ = parse(markup)
    assert tree is not None
    return read_runs(tree)


def marks_of(runs: Runs, result: Extracted) -> dict[str, Mark | None]:
    marks = mark_runs(runs, result)
    return {run.text: marks.get(place) for place, run in runs.runs()}


def test_each_run_is_marked_by_what_became_of_it() -> None:
    runs = runs_of(
        "<body><nav>Home</nav><h1>The <em>bell</em> rings</h1><p>By Ada Quill</p><p>It rang <b>twice</b> on Monday.</p>"
        "<p>Read also: the clock</p><p>One<br>two halves</p><section><p>I heard it.</p></section><p>Reply</p></body>"
    )
    result = Extracted(
        article=record("It rang twice on Monday.\n- One\ntwo halves", title="The bell rings", authors=["Ada Quill"]),
        comments=(Comment(comment_id="1", article_id="a", capture_id="c", position=0, text="I heard it.", seen_at=AT),),
        evidence=(stripped("related", "Read also: the clock"), stripped("limit", "Home"), stripped("form", "Reply")),
    )
    assert marks_of(runs, result) == {
        "Home": None,
        "The bell rings": Mark(Kind.FIELD, "title"),
        "By Ada Quill": Mark(Kind.FIELD, "authors"),
        "It rang twice on Monday.": Mark(Kind.KEPT, "text"),
        "Read also: the clock": Mark(Kind.STRIPPED, "related"),
        "One": Mark(Kind.KEPT, "text"),
        "two halves": Mark(Kind.KEPT, "text"),
        "I heard it.": Mark(Kind.COMMENT, "comment"),
        "Reply": Mark(Kind.STRIPPED, "form"),
    }


def test_a_part_of_a_longer_line_is_found_where_it_is_long_enough() -> None:
    runs = runs_of("<p>The ferry was moored until the flood had gone.</p><p>And then</p><p>not.</p>")
    whole = "Before it. The ferry was moored until the flood had gone. And then it was not moored any more."
    marks = marks_of(runs, Extracted(article=record(whole), comments=(), evidence=()))
    assert marks["The ferry was moored until the flood had gone."] == Mark(Kind.KEPT, "text")
    assert marks["And then"] is None


def test_plain_text_is_shown_a_paragraph_a_line() -> None:
    runs = text_runs("First line.\n\n<script>second</script>\n")
    assert [run.text for _, run in runs.runs()] == ["First line.", "<script>second</script>"]


def test_menus_are_folded_and_what_was_taken_is_not() -> None:
    links = "".join(f"<li><a href='/{n}'>Page {n}</a></li>" for n in range(9))
    runs = runs_of(f"<body><div><nav><ul>{links}</ul></nav></div><article><p>Kept here.</p></article></body>")
    marks = mark_runs(runs, Extracted(article=record("Kept here."), comments=(), evidence=()))
    shown = original_html(runs, marks, shades_of(marks), style="", policy="")
    assert shown.count("<details") == shown.count("</details>") == 1
    assert "9 lines, none of them taken" in shown
    assert shown.index("</details>") < shown.index("Kept here.")


def test_pictures_become_their_description_and_frames_their_name() -> None:
    runs = runs_of(
        '<body><p>Look <img src="http://x.example/a.png" alt="a &lt;bell"> here</p><iframe src="/x"></iframe>'
    )
    shown = original_html(runs, {}, {}, style="", policy="")
    assert '<span class="picture">a &lt;bell</span>' in shown
    assert '<span class="picture">iframe</span>' in shown
    assert "x.example" not in shown


def test_a_page_is_shown_beside_its_record() -> None:
    text = "".join(
        f"<p>On the {n}th of the month the ferry was moored again, and the chain that pulls it was mended.</p>"
        for n in range(4, 16)
    )
    shown = inspect_page(
        page(f"<html><head><title>Ferry - Quay</title></head><body><h1>Ferry</h1>{text}</body></html>"),
        ExtractOptions(),
    )
    frame = FRAME.search(shown.html)
    assert frame is not None
    original = unescape(frame[1])
    assert original.count('class="m kept"') == 12
    assert 'data-label="title"' in original
    assert "default-src &#x27;none&#x27;" in original
    assert "candidate lost" in shown.html
    assert "Ferry - Quay" in shown.html
    assert shown.summary.startswith("Ferry (")


@pytest.mark.parametrize(
    "body", ["", "</p>", "<html></html>", "\x00\x00", "<body><script>x</script></body>", "<table><tr><td></table>"]
)
def test_a_page_without_an_article_says_why(body: str) -> None:
    shown = inspect_page(page(body), ExtractOptions())
    assert shown.summary.startswith("No article (e")


def test_what_could_not_be_extracted_is_said_without_the_page() -> None:
    shown = show_page(page("<p>x"), Rejected(outcome=Outcome.EXTRACT_TIMEOUT, detail="more than <30> s"))
    assert "extract_timeout" in shown.html
    assert "more than &lt;30&gt; s" in shown.html


class Reader(HTMLParser):
    """Collects what a document is made of; an entity cannot smuggle a tag past it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


FRAGMENTS = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<b>", "<a href=javascript:x>", "</a>", "<img src=x onerror=y alt='\"><i'>",
        "<script>alert(1)</script>", "<style>p{}</style>", "<svg><script>1</script></svg>", "<iframe srcdoc='<p>'>",
        "<form action=/x><input autofocus onfocus=x>", "<td colspan=9 style=x onclick=y>", "<ol start=-1 dir='\"'>",
        "<meta http-equiv=refresh content=0>", "<base href=//x>", "<link rel=stylesheet href=x>",
        "<noscript><p title='",
        "<textarea><script>", "<math><mtext><table><mglyph><style><img src=x>", "<details open ontoggle=x>",
        "&lt;script>",
        "<body onload=x dir=rtl>", "<plaintext>", "<title>", "]]>", "<!--", "-->", "\x00", "word ", "'\"><",
        "<object data=x>",
    ]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=25))
def test_whatever_the_page_is_only_harmless_elements_are_written(pieces: list[str]) -> None:
    tree, _ = parse("".join(pieces))
    if tree is None:
        return
    runs = read_runs(tree)
    result = Extracted(article=record("word"), comments=(), evidence=(stripped('"><script>', "word"),))
    marks = mark_runs(runs, result)
    reader = Reader()
    reader.feed(original_html(runs, marks, shades_of(marks), style="", policy=""))
    assert reader.tags <= ALLOWED
    assert reader.attributes <= ATTRIBUTES


def test_the_record_is_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    result = Extracted(
        article=record(hostile, title=hostile, authors=[hostile], description=hostile, final_url=hostile),
        comments=(Comment(comment_id="1", article_id="a", capture_id="c", position=0, text=hostile, seen_at=AT),),
        evidence=(stripped(hostile, hostile),),
    )
    shown = show_page(page(""), result, runs_of("<p>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>")).html
    reader = Reader()
    reader.feed(shown)
    assert "script" not in reader.tags
    assert "alert(1)" in shown
