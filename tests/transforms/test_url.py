from __future__ import annotations

import pytest
from ada_url import URL
from hypothesis import given
from hypothesis import strategies as st

from transforms.url import (
    article_id,
    host_of,
    is_root,
    is_web,
    normalize,
    path_and_query,
    registrable_domain,
    resolve,
    site_key,
)
from transforms.url_plain import is_plain, is_plain_path


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.COM:80/A/../b/./c", "http://example.com/b/c"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://bücher.example/straße?q=ü#top", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%BC"),
        ("https://example.com/a#:~:text=x", "https://example.com/a"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com/a?&&b=1&", "https://example.com/a?b=1"),
        ("https://example.com/a?utm_source=x&id=7&UTM_Medium=y&fbclid=z", "https://example.com/a?id=7"),
        ("https://example.com/a?cid=7&ref=8&gallery=9", "https://example.com/a?cid=7&ref=8&gallery=9"),
        ("https://example.com/a?PHPSESSID=abc&x", "https://example.com/a?x"),
        ("https://example.com/a?sid=0123456789abcdef0123456789abcdef", "https://example.com/a"),
        ("https://example.com/a?sid=4711", "https://example.com/a?sid=4711"),
        ("https://example.com/a;jsessionid=1F2E?b=2", "https://example.com/a?b=2"),
        ("https://example.com/(S(lit3py55t21z5v55vlm25s55))/a.aspx", "https://example.com/a.aspx"),
        ("https://example.com/%7Euser/%c3%a4?a=%2f%41", "https://example.com/~user/%C3%A4?a=%2FA"),
        ("https://example.com/b?z=1&a=2", "https://example.com/b?z=1&a=2"),
        ("https://example.com/..;jsessionid=1/x", "https://example.com/x"),
        ("https://example.com/%%37E", "https://example.com/~"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("http://0x7f.1/a", "http://127.0.0.1/a"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("file:///press/a%20b.html", "file:///press/a%20b.html"),
        ("mailto:desk@example.com", "mailto:desk@example.com"),
        ("http://foo.09../", "http://foo.09../"),
        ("http://", "http://"),
        ("not a url", "not a url"),
        ("", ""),
    ],
)
def test_normalize(url: str, expected: str) -> None:
    assert normalize(url) == expected
    assert normalize(expected) == expected


_PIECES = st.sampled_from(
    [
        "http://",
        "https://",
        "example.com",
        "/",
        "..",
        ";jsessionid=",
        "%",
        "%2",
        "%37",
        "E",
        "?",
        "&",
        "=",
        "#",
        ":80",
        "utm_a=1",
        "sid=",
        "(S(lit3py55t21z5v55vlm25s55))",
        "\ud800",
        " ",
        "\\",
        "@",
        "[",
        "xn--",
        "%00",
        "。",
        "ß",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=4), max_size=14).map("".join))
def test_normalize_is_idempotent_and_never_raises(url: str) -> None:
    once = normalize(url)
    assert normalize(once) == once
    assert len(article_id(url)) == 32
    assert article_id(url) == article_id(once)


@given(st.text(max_size=40), st.text(max_size=40))
def test_helpers_never_raise(one: str, two: str) -> None:
    host_of(one), site_key(one), is_root(one), is_web(one), path_and_query(one), registrable_domain(one)
    joined = resolve(one, two)
    assert joined is None or is_web(joined)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.herald.co.uk", "herald.co.uk"),
        ("https://a.b.herald.example.com/x", "example.com"),
        ("one.github.io", "one.github.io"),
        ("x.one.github.io", "one.github.io"),
        ("127.0.0.1", "127.0.0.1"),
        ("http://[::1]:8000/", "::1"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
        ("https://press.intranet/", "press.intranet"),
        ("file:///a/b", ""),
        ("", ""),
    ],
)
def test_registrable_domain(host: str, expected: str) -> None:
    assert registrable_domain(host) == expected


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://Example.com/a", "http://example.com:80"),
        ("https://example.com./a", "https://example.com:443"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("file:///a", ""),
        ("nonsense", ""),
    ],
)
def test_site_key(url: str, key: str) -> None:
    assert site_key(url) == key


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com", True),
        ("https://example.com/?", True),
        ("https://example.com/index.html", True),
        ("https://example.com/?p=7", False),
        ("https://example.com/news", False),
    ],
)
def test_is_root(url: str, expected: bool) -> None:
    assert is_root(url) is expected


@pytest.mark.parametrize(
    ("base", "link", "expected"),
    [
        ("https://example.com/a/b", "../c?d", "https://example.com/c?d"),
        ("https://example.com/a", "//other.example/x", "https://other.example/x"),
        ("https://example.com/a", "javascript:void(0)", None),
        ("https://example.com/a", "file:///etc/passwd", None),
        ("https://example.com/a", "http://[", None),
        ("no base", "c", None),
        ("no base", "https://example.com/", "https://example.com/"),
        ("https://example.com:8080/a?b", "/c/d.html", "https://example.com:8080/c/d.html"),
        ("https://user:secret@example.com/a", "/c", "https://user:secret@example.com/c"),
        ("ftp://example.com/a", "/c", None),
    ],
)
def test_resolve(base: str, link: str, expected: str | None) -> None:
    assert resolve(base, link) == expected


_PARTS = st.sampled_from(
    (
        *(
            "http://",
            "https://",
            "HTTP://",
            "//",
            "/",
            "a",
            "B1",
            "-",
            "_",
            "~",
            ".",
            "..",
            "%41",
            ":80",
            "@",
            "?",
            "#",
        ),
        *("x.org", "a.b.com", "ab--c.de", "1.2.3.4", "0x1", "xn--a", ".com", "é", "\\", " ", ";jsessionid=x", "u:p@"),
    )
)
_BASES = st.sampled_from(
    ["http://x.org/a/b?c", "https://u:p@x.org/", "http://x.org:8080/q", "ftp://x.org/a", "no base", "http://1.2.3.4/"]
)


@given(st.lists(_PARTS, max_size=7).map("".join), _BASES)
def test_what_is_plain_is_what_a_parser_makes_of_it(url: str, base: str) -> None:
    if is_plain(url):
        assert url == URL(url).href == normalize(url) == normalize(f"{url}#") == resolve(base, url)
    elif is_plain_path(url) and base != "no base":
        made = URL(url, base).href
        assert resolve(base, url) == (made if made.startswith("http") else None)
