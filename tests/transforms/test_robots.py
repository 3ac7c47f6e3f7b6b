from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.robots import Verdict, parse_robots

SITE = "https://press.example"


@pytest.mark.parametrize(
    ("robots", "path", "is_allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /a", "/ab", False),
        ("User-agent: *\nDisallow: /a\nAllow: /ab", "/abc", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("Disallow: /a", "/a", True),
        ("User-agent: broadsheet\nDisallow: /b\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: Broadsheet/9.9\nDisallow: /b", "/b", False),
        ("User-agent: Broadsheets\nDisallow: /b", "/b", True),
        (
            "User-agent: Broadsheet\nAllow: /\nUser-agent: *\nDisallow: /a\nUser-agent: broadsheet\nDisallow: /a",
            "/a",
            False,
        ),
        ("User-agent: *\nFoo: bar\nUser-agent: Broadsheet\nDisallow: /a", "/a", False),
        ("User-agent: Broadsheet\nSitemap: https://x/\nUser-agent: Other\nDisallow: /a", "/a", False),
        ("User-agent: Broadsheet\nCrawl-delay: 2\nUser-agent: Other\nDisallow: /a", "/a", False),
        ("\ufeffUser-agent: *\rDisallow: /a\r", "/a", False),
        ("user-agent *\ndisallow /a", "/a", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a1b2d", True),
        ("User-agent: *\nDisallow: *aa$", "/aaa", False),
        ("User-agent: *\nDisallow: /\nAllow: /$", "/", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/index.html", "/news/", True),
        ("User-agent: *\nDisallow: /?page", "/?page=2", False),
        ("User-agent: *\nDisallow: /%7euser", "/~user", False),
        ("User-agent: *\nDisallow: /straße", "/stra%C3%9Fe", False),
        ("User-agent: *\nDisallow: / # all of it", "/a", False),
        ("User-agent: *\nDisallow: /" + "a*" * 5_000 + "b", "/" + "a" * 20_000, True),
    ],
)
def test_verdicts(robots: str, path: str, is_allowed: bool) -> None:
    assert parse_robots(robots.encode(), "Broadsheet").verdict(SITE + path).is_allowed is is_allowed


def test_the_line_that_decided_is_named() -> None:
    robots = parse_robots(b"User-agent: *\nDisallow: /a  # no\n", "Broadsheet")
    assert robots.verdict(SITE + "/a") == Verdict(False, "Disallow: /a")
    assert robots.verdict(SITE + "/b") == Verdict(True, None)


@pytest.mark.parametrize(
    ("line", "delay_s"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Crawl-delay: -1", None),
        ("Crawl-delay: inf", None),
        ("Crawl-delay: soon", None),
        ("Request-rate: 1/5", 5.0),
        ("Request-rate: 2/1m 0600-0845", 30.0),
        ("Request-rate: 0/1", None),
        ("Crawl-delay: 1\nRequest-rate: 1/10s", 10.0),
    ],
)
def test_delays(line: str, delay_s: float | None) -> None:
    assert parse_robots(f"User-agent: *\n{line}\n".encode(), "Broadsheet").delay_s == delay_s


def test_sitemaps_belong_to_no_group() -> None:
    body = b"Sitemap: https://a/1\nUser-agent: x\nDisallow: /\nsitemap: https://a/2\nSitemap: https://a/1\n"
    assert parse_robots(body, "Broadsheet").sitemaps == ("https://a/1", "https://a/2")


def test_what_could_not_be_read_of_too_many_rules_is_forbidden() -> None:
    body = b"User-agent: *\n" + b"Allow: /a\n" * 20_001
    assert not parse_robots(body, "Broadsheet").verdict(SITE + "/b").is_allowed


@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_bytes_give_a_verdict(body: bytes, url: str) -> None:
    robots = parse_robots(b"User-agent: *\nDisallow: /" + body, "Broadsheet")
    assert isinstance(robots.verdict(url), Verdict)
