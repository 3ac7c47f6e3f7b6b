"""Decoding: the order of the standard, and the lies that are seen through."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.decode import decode_html, encoding_label

GERMAN = "<p>Für Österreich gilt: die Brücke über die Mürz wird im März gesperrt, sagte Jörg Müller.</p>" * 3
JAPANESE = "<p>町の議会は火曜日に会合を開き、丘について話し合った。市長はそのまま残すと述べた。</p>" * 3
CHINESE = "<p>市议会星期二开会讨论山丘问题，市长说山丘将保持原样。居民们对此表示欢迎。</p>" * 3
RUSSIAN = "<p>Городской совет собрался во вторник, чтобы поговорить о холмах, и мэр сказал, что они останутся.</p>" * 3


def meta(encoding: str) -> str:
    return f'<html><head><meta charset="{encoding}"></head><body>'


CASES = [
    ("bom", codecs.BOM_UTF8 + GERMAN.encode(), "text/html; charset=iso-8859-1", GERMAN, "bom"),
    ("utf16 with bom", GERMAN.encode("utf-16"), None, GERMAN, "bom"),
    ("utf16 without", GERMAN.encode("utf-16-be"), None, GERMAN, "nul_pattern"),
    ("header", RUSSIAN.encode("cp1251"), "text/html; charset=windows-1251", RUSSIAN, "header"),
    ("quoted header", GERMAN.encode("cp1252"), 'text/html; charset="ISO-8859-1"', GERMAN, "header"),
    ("meta", (meta("Shift_JIS") + JAPANESE).encode("cp932"), None, meta("Shift_JIS") + JAPANESE, "meta"),
    ("gb2312 means gb18030", (meta("gb2312") + CHINESE).encode("gb18030"), None, meta("gb2312") + CHINESE, "meta"),
    ("nothing said", GERMAN.encode(), None, GERMAN, "valid_utf8"),
    ("latin-1 said to be utf-8", GERMAN.encode("latin-1"), "text/html; charset=utf-8", GERMAN, "detected"),
    ("utf-8 said to be latin-1", GERMAN.encode(), "text/html; charset=iso-8859-1", GERMAN, "utf8_over_declared"),
    ("utf-8 encoded twice", GERMAN.encode().decode("cp1252").encode(), None, GERMAN, "double_utf8"),
    ("unknown label", GERMAN.encode(), "text/html; charset=klingon", GERMAN, "valid_utf8"),
    ("utf-7 is no web encoding", GERMAN.encode(), "text/html; charset=utf-7", GERMAN, "valid_utf8"),
]


@pytest.mark.parametrize(("body", "header", "text", "rule"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_decodes(body: bytes, header: str | None, text: str, rule: str) -> None:
    decoded = decode_html(body, header)
    assert decoded.text == text
    assert decoded.rule == rule


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    body = (GERMAN * 10).encode() + b"\xff\xfe"
    decoded = decode_html(body, "text/html; charset=utf-8")
    assert decoded.encoding == "utf-8"
    assert decoded.text.count("\ufffd") == 2


def test_a_page_about_broken_encodings_keeps_its_examples() -> None:
    text = "<p>When UTF-8 is read as Latin-1, é becomes Ã© and ü becomes Ã¼.</p>"
    assert decode_html(text.encode(), None).text == text


@pytest.mark.parametrize(
    ("label", "codec"),
    [("UTF8", "utf-8"), ("latin1", "cp1252"), ("x-sjis", "cp932"), ("EUC-KR", "cp949"), ("hex", None), ("", None)],
)
def test_labels(label: str, codec: str | None) -> None:
    assert encoding_label(label) == codec


@given(st.binary(max_size=400), st.sampled_from([None, "text/html", "text/html; charset=utf-8", "x; charset=big5"]))
def test_any_bytes_give_text(body: bytes, header: str | None) -> None:
    decoded = decode_html(body, header)
    assert isinstance(decoded.text, str)
    assert not decoded.is_verbatim or decoded.text.encode() == body


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=200))
def test_utf8_comes_back(text: str) -> None:
    decoded = decode_html(text.encode(), "text/html; charset=utf-8")
    assert decoded.rule in ("double_utf8", "bom") or (decoded.text == text and decoded.is_verbatim)
