"""The suffix list as read here against the library that it comes from."""

import pytest
from tldextract import TLDExtract

from transforms.suffixes import is_suffix, registered_name

_EVERY = 9
"""Of the list's rules one in so many."""


@pytest.fixture(scope="module")
def library() -> TLDExtract:
    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def test_as_the_library_says(library: TLDExtract) -> None:
    rules = sorted(library.tlds)
    chosen = {*rules[::_EVERY], *(rule for rule in rules if rule[0] in "*!" or not rule.isascii())}
    names = [rule.replace("*", "any").replace("!", "") for rule in sorted(chosen)]
    for host in [f"{before}{name}" for name in names for before in ("", "one.", "two.one.")]:
        found = library(host)
        assert registered_name(host) == (found.top_domain_under_public_suffix or None), host
        assert is_suffix(host) == (bool(found.suffix) and not found.domain), host


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.b.other.kawasaki.jp", "b.other.kawasaki.jp"),
        ("www.kawasaki.jp", None),
        ("www.xn--55qx5d.cn", "www.xn--55qx5d.cn"),
        ("a.b.xn--p1ai", "b.xn--p1ai"),
        ("a.b.рф", "b.рф"),
        ("a\u3002example\uff0ecom", "example.com"),
        ("xn--com-.example", None),
        ("a.xn--\udcff", None),
        ("a..com", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_registered_name(host: str, name: str | None) -> None:
    assert registered_name(host) == name
