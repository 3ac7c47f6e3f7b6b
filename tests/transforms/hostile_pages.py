"""Pages that hung or emptied extractors, made here; each with words that must come through, or its outcome."""

from __future__ import annotations

import json

from transforms.outcome import Outcome

START = b"<html><head><title>A story about hills</title></head><body><article><h1>A story about hills</h1>"
END = b"</article></body></html>"
STORY = "".join(
    f"<p>The council of the town met on {day} to talk about the hills, and the mayor said that they would stay.</p>"
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
).encode()
WORDS = "the mayor said that they would stay"


def page(*parts: bytes, head: bytes = b"") -> bytes:
    return START.replace(b"<title>", head + b"<title>") + b"".join(parts) + END


def _linked_data() -> bytes:
    data = {"@type": "NewsArticle", "headline": "A story about hills", "x": [{"a": i} for i in range(400_000)]}
    return b'<script type="application/ld+json">' + json.dumps(data).encode() + b"</script>"


PAGES: dict[str, tuple[bytes, str | Outcome]] = {
    "20,000 links in a paragraph": (page(STORY, b"<p>", b'<a href="/x">link</a> and ' * 20_000, b"</p>"), WORDS),
    "100,000 spans in a paragraph": (page(STORY, b"<p>", b"<span>x</span> " * 100_000, b"</p>"), WORDS),
    "50,000 attributes": (page(b"<div ", b" ".join(b'a%d="v"' % i for i in range(50_000)), b">", STORY), WORDS),
    "50,000 unclosed b": (page(b"<b>x " * 50_000, STORY), WORDS),
    "50,000 unclosed div": (page(b"<div>x " * 50_000, STORY), WORDS),
    "50,000 unclosed i in p": (page(b"<p><i>x " * 50_000, STORY), WORDS),
    "100,000 nested div": (page(b"<div>" * 100_000, STORY, b"</div>" * 100_000), WORDS),
    "nesting over 250": (page(b"<div>" * 300, STORY, b"</div>" * 300), WORDS),
    "3,000 nested quotes": (page(b"<blockquote>" * 3_000, STORY, b"</blockquote>" * 3_000), WORDS),
    "10 MB script": (page(b"<script>", b"var x=1;" * 1_300_000, b"</script>", STORY), WORDS),
    "500 KB author meta": (
        page(STORY, head=b'<meta name="author" content="' + b"Jane Doe and " * 38_000 + b'">'),
        WORDS,
    ),
    "5 MB JSON-LD": (page(STORY, head=_linked_data()), WORDS),
    "25 MB of paragraphs": (page(STORY * 48_000), Outcome.TOO_LARGE),
    "60,000 paragraphs": (page(STORY * 12_000), WORDS),
    "NULs": (page(STORY.replace(b"town", b"to\x00wn")), WORDS),
    "lone surrogates": (page(b"<p>&#xD800; and &#xDFFF; \xed\xa0\x80</p>", STORY), WORDS),
    "UTF-16": (page(STORY).decode().encode("utf-16"), WORDS),
    "Latin-1 said to be UTF-8": (
        page("<p>Für Österreich gilt: die Brücke über die Mürz wird im März gesperrt.</p>".encode("latin-1") * 3)
        + b"<!-- -->",
        "die Brücke über die Mürz",
    ),
    "Shift-JIS": (
        page(
            "<p>町の議会は火曜日に会合を開き、丘について話し合った。</p>".encode("cp932") * 3,
            head=b'<meta charset="shift_jis">',
        ),
        "丘について話し合った",
    ),
    "gb18030": (
        page("<p>市议会星期二开会讨论山丘问题，市长说山丘将保持原样。</p>".encode("gb18030") * 4),
        "山丘将保持原样",
    ),
    "half a million <": (page(STORY, b"<" * 500_000), WORDS),
    "unclosed comments": (page(STORY, b"<!--" * 100_000), WORDS),
    "no markup": (b"   \n ", Outcome.EMPTY),
    "nothing to read": (b"<html><body><nav><a href='/'>Home</a></nav></body></html>", Outcome.EXTRACT_EMPTY),
}
