from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import formatdate
from itertools import pairwise
from typing import Any

import pytest
from crawl_kit import Crawler, Site, feed_of, page, urls_of

from flows.sources import Kind, Source
from transforms.url import site_key
from warehouse.captures import Captured, read_captures
from warehouse.cdxj import write_index
from warehouse.ledger import open_ledger
from warehouse.ledger_rows import this_owner


def captured(crawler: Crawler) -> list[Captured]:
    root = crawler.datadir.captures
    records = [r for path in sorted(root.rglob("*.warc.gz")) for r in read_captures(path, root=root)]
    assert all(isinstance(r, Captured) for r in records)
    return [r for r in records if isinstance(r, Captured)]


def test_a_feed_is_read_and_its_pages_are_captured(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", page(f"Story {n}")) for n in range(3)]
    outcome = crawler.run(feed_of(site.feed("/feed", urls)))
    assert outcome.of() == dict.fromkeys(urls, "captured")
    assert outcome.of("feed") == {f"{site.url}/feed": "read"}
    assert outcome.of("robots") == {f"{site.url}/robots.txt": "read"}
    assert outcome.report.discovered == 5
    assert site.paths()[:2] == ["/robots.txt", "/feed"]
    kept = {c.page.url: c for c in captured(crawler)}
    assert set(kept) == set(urls)
    for fetch in outcome.fetches:
        if fetch.kind == "page":
            assert fetch.capture_id == kept[fetch.url].page.capture_id
            assert fetch.raw_bytes == kept[fetch.url].payload_bytes
            assert [a.outcome for a in fetch.attempts] == ["captured"]


def test_one_honest_name_and_no_more(site: Site, crawler: Crawler) -> None:
    crawler.run(urls_of(site.add("/a", page("A"), Set_Cookie="a=b")), contact="https://desk.example/bot")
    crawler.run(urls_of(site.add("/b", page("B"))), contact="https://desk.example/bot")
    (headers,) = site.asked("/b")
    assert headers["user-agent"].startswith("Broadsheet/")
    assert headers["user-agent"].endswith(" (+https://desk.example/bot)")
    assert not {"cookie", "authorization", "referer"} & set(headers)


def test_sitemap_index_with_gzip_and_loop(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", page(f"Story {n}")) for n in range(2)]
    listed = "".join(f"<url><loc>{u}</loc></url>" for u in urls)
    site.add("/s1.xml.gz", gzip.compress(f"<urlset>{listed}</urlset>".encode()), "application/x-gzip")
    names = "".join(f"<sitemap><loc>{site.url}/{n}</loc></sitemap>" for n in ("s1.xml.gz", "sitemap.xml", "none.xml"))
    site.add("/sitemap.xml", f"<sitemapindex>{names}</sitemapindex>", "application/xml")
    source = Source(id="map", kind=Kind.SITEMAP, urls=(f"{site.url}/sitemap.xml",))
    outcome = crawler.run(source)
    assert outcome.of() == dict.fromkeys(urls, "captured")
    assert sorted(outcome.of("sitemap").values()) == ["http_4xx", "read", "read"]
    assert len(outcome.report.problems) == 1


def test_a_sitemap_index_that_answers_304_does_not_hide_its_sitemaps(site: Site, crawler: Crawler) -> None:
    site.add(
        "/sitemap.xml", f"<sitemapindex><sitemap><loc>{site.url}/s1.xml</loc></sitemap></sitemapindex>",
        "application/xml", ETag='"index"',
    )  # fmt: skip
    source = Source(id="map", kind=Kind.SITEMAP, urls=(f"{site.url}/sitemap.xml",), interval=timedelta(0))
    for number in range(3):
        urls = [site.add(f"/{n}", page(f"Story {n}"), ETag='"page"') for n in range(number + 1)]
        listed = "".join(f"<url><loc>{u}</loc></url>" for u in urls)
        site.add("/s1.xml", f"<urlset>{listed}</urlset>", "application/xml", ETag=f'"{number}"')
        assert crawler.run(source).of()[urls[-1]] == "captured"
    assert site.asked("/s1.xml")[-1]["if-none-match"] == '"1"'  # what names pages is asked conditionally


def test_second_run_asks_conditionally_and_sees_change_and_loss(site: Site, crawler: Crawler) -> None:
    same = site.add("/same", page("Same"), ETag='"1"')
    silent = site.add("/silent", page("Silent"))
    changed = site.add("/changed", page("First"), ETag='"1"', Last_Modified="Mon, 02 Nov 2026 08:00:00 GMT")
    gone = site.add("/gone", page("Gone"))
    source = feed_of(site.feed("/feed", [same, silent, changed, gone], ETag='"f"'))
    crawler.run(source)
    site.add("/changed", page("Second"), ETag='"2"')
    site.add("/gone", "no", status=410)
    outcome = crawler.run(source)
    assert outcome.of() == {same: "not_modified", silent: "not_modified", changed: "captured", gone: "http_4xx"}
    assert outcome.of("feed") == {f"{site.url}/feed": "read"}
    assert outcome.fetch(f"{site.url}/feed").sent_etag == '"f"'
    assert (outcome.fetch(gone).detail or "").startswith("gone")
    assert outcome.report.gone == 1
    fetch = outcome.fetch(changed)
    assert (fetch.sent_etag, fetch.got_etag) == ('"1"', '"2"')
    assert fetch.sent_last_modified == "Mon, 02 Nov 2026 08:00:00 GMT"
    with open_ledger(crawler.datadir.ledger) as ledger:
        assert list(ledger.gone()) == [gone]
    kept = captured(crawler)
    assert [c.kind for c in kept if c.page.url == changed] == ["response", "response"]
    kinds = sorted(c.kind for c in kept if c.page.url in (same, silent))
    assert kinds == ["response", "response", "revisit", "revisit"]
    keys = {c.page.capture_id for c in kept if c.kind == "revisit"}
    assert keys == {outcome.fetch(url).capture_id for url in (same, silent)}
    for path in crawler.datadir.captures.rglob("*.warc.gz"):
        index = path.with_name(path.name.removesuffix(".warc.gz") + ".cdxj")
        as_written = index.read_text()
        write_index(crawler.datadir.captures, path.relative_to(crawler.datadir.captures).as_posix())
        assert index.read_text() == as_written != ""


def test_nothing_is_asked_before_it_is_due(site: Site, crawler: Crawler) -> None:
    url = site.add("/a", page("A"))
    source = feed_of(site.feed("/feed", [url]), revisit_after=(timedelta(hours=1),))
    crawler.run(source)
    outcome = crawler.run(source)
    assert outcome.of() == {}
    assert outcome.report.not_due == 1
    assert len(site.asked("/a")) == 1
    assert len(site.asked("/robots.txt")) == 1
    assert crawler.run(source, given={"is_forced": True}).of() == {url: "not_modified"}


def test_a_newer_date_in_the_listing_makes_a_page_due(site: Site, crawler: Crawler) -> None:
    url = site.add("/a", page("A"))

    def listed(at: str) -> None:
        site.add("/map", f"<urlset><url><loc>{url}</loc><lastmod>{at}</lastmod></url></urlset>", "text/xml")

    listed("2026-01-01")
    source = Source(
        id="map",
        kind=Kind.SITEMAP,
        urls=(f"{site.url}/map",),
        interval=timedelta(0),
        revisit_after=(timedelta(days=1),),
    )
    crawler.run(source)
    assert crawler.run(source).of() == {}
    listed(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3_600)))
    assert crawler.run(source).of() == {url: "not_modified"}


def test_robots_txt_is_obeyed_and_named(site: Site, crawler: Crawler) -> None:
    site.add("/robots.txt", "User-agent: *\nDisallow: /private\nAllow: /private/press", "text/plain")
    denied, allowed = site.add("/private/a", page("A")), site.add("/private/press", page("P"))
    outcome = crawler.run(urls_of(denied, allowed))
    assert outcome.of() == {denied: "robots_denied", allowed: "captured"}
    assert outcome.fetch(denied).robots_rule == "Disallow: /private"
    assert outcome.fetch(allowed).robots_rule == "Allow: /private/press"
    assert site.asked("/private/a") == []


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (404, {}, "captured"),
        (403, {}, "captured"),
        (401, {}, "captured"),
        (500, {}, "robots_unreachable"),
        (503, {}, "robots_unreachable"),
        (429, {"Retry_After": "0"}, "robots_unreachable"),
        (301, {"Location": "/real-robots.txt"}, "robots_denied"),
        (301, {"Location": "/robots.txt"}, "robots_unreachable"),
        (301, {"Location": "http://10.0.0.1/robots.txt"}, "robots_unreachable"),
        (301, {"Location": "file:///etc/passwd"}, "robots_unreachable"),
    ],
)
def test_what_answers_to_robots_txt_mean(
    site: Site, crawler: Crawler, status: int, headers: dict[str, str], expected: str
) -> None:
    site.add("/robots.txt", "no", "text/plain", status=status, **headers)
    site.add("/real-robots.txt", "User-agent: broadsheet\nDisallow: /", "text/plain")
    url = site.add("/a", page("A"))
    assert crawler.run(urls_of(url)).of() == {url: expected}


def test_the_last_good_robots_txt_stands_in_for_a_day(site: Site, crawler: Crawler) -> None:
    site.add("/robots.txt", "User-agent: *\nDisallow: /no", "text/plain", Cache_Control="max-age=0")
    yes, no = site.add("/yes", page("Y")), site.add("/no", page("N"))
    assert crawler.run(urls_of(yes)).of() == {yes: "captured"}
    site.add("/robots.txt", "down", status=500)
    hour = {"clock": lambda: time.time() + 3_600}
    assert crawler.run(urls_of(yes, no), given=hour).of() == {yes: "not_modified", no: "robots_denied"}
    two_days = {"clock": lambda: time.time() + 172_800}
    assert crawler.run(urls_of(yes), given=two_days).of()[yes] == "robots_unreachable"


def test_host_that_fails_gives_its_own_outcome(crawler: Crawler) -> None:
    async def lookup(host: str, port: int) -> list[str]:
        if host == "lost.example":
            raise OSError("no such name")
        return ["10.0.0.1"] if host == "inside.example" else ["127.0.0.1"]

    urls = ["http://lost.example/a", "http://inside.example/a", "http://127.0.0.1:9/a", "http://10.0.0.1/a"]
    outcome = crawler.run(urls_of(*urls), given={"lookup": lookup}, contact="desk@press.example")
    assert list(outcome.of().values()) == [
        "dns",
        "address_forbidden",
        "refused",
        "address_forbidden",
    ] or outcome.of() == {
        urls[0]: "dns",
        urls[1]: "address_forbidden",
        urls[2]: "refused",
        urls[3]: "address_forbidden",
    }


def test_retry_after_is_waited_out_and_nothing_is_lost(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", page(f"Story {n}")) for n in range(12)]
    site.feed("/feed", urls)
    good = dict(site.routes)
    began: list[float] = []

    def busy(path: str) -> Callable[[dict[str, str]], tuple[int, dict[str, str], bytes]]:
        def route(asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
            began.append(time.monotonic())
            if time.monotonic() - began[0] < 2:
                return 429, {"Retry-After": "2"}, b"later"
            return good[path](asked)

        return route

    for path in good:
        site.routes[path] = busy(path)
    site.routes["/robots.txt"] = lambda asked: (404, {}, b"")
    outcome = crawler.run(feed_of(f"{site.url}/feed"), fetch_tries=3)
    assert outcome.of() == dict.fromkeys(urls, "captured")
    at = [t for t, p, _ in site.log if p != "/robots.txt"]
    assert at[1] - at[0] >= 2.0
    feed = outcome.fetch(f"{site.url}/feed")
    assert [a.outcome for a in feed.attempts] == ["rate_limited", "read"] or feed.attempts[0].outcome == "rate_limited"
    assert feed.attempts[1].wait_reason == "retry_after"
    assert feed.wait_s >= 1.9


def test_503_with_a_date_is_waited_out_too(site: Site, crawler: Crawler) -> None:
    url = site.add("/a", page("A"))
    until = time.time() + 2
    good = site.routes["/a"]

    def route(asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if time.time() < until:
            return 503, {"Retry-After": formatdate(until + 1, usegmt=True)}, b"later"
        return good(asked)

    site.routes["/a"] = route
    assert crawler.run(urls_of(url)).of() == {url: "captured"}
    assert len(site.asked("/a")) == 2


def test_a_long_wait_puts_the_site_off_and_the_next_run_respects_it(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", "later", status=429, Retry_After="3600") for n in range(3)]
    outcome = crawler.run(urls_of(*urls))
    assert sorted(outcome.of().values()) == ["deferred", "deferred", "rate_limited"]
    asked = len(site.log)
    again = crawler.run(urls_of(*urls))
    assert set(again.of().values()) <= {"deferred"}
    assert len(site.log) == asked


def test_crawl_delay(site: Site, crawler: Crawler) -> None:
    site.add("/robots.txt", "User-agent: *\nCrawl-delay: 1", "text/plain")
    urls = [site.add(f"/{n}", page(f"Story {n}")) for n in range(3)]
    outcome = crawler.run(urls_of(*urls))
    assert outcome.of() == dict.fromkeys(urls, "captured")
    at = [t for t, _, _ in site.log]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(at))
    assert {a.wait_reason for f in outcome.fetches if f.kind == "page" for a in f.attempts} == {"crawl_delay"}


def test_credentials_in_a_redirect_are_neither_sent_nor_kept(make_site: Callable[[], Site], crawler: Crawler) -> None:
    site = make_site()
    site.add("/final", page("F"))
    asked = site.add("/old", "", status=302, Location=site.url.replace("://", "://who:secret@") + "/final")
    fetch = crawler.run(urls_of(asked)).fetch(asked)
    assert fetch.outcome == "captured"
    assert "authorization" not in site.asked("/final")[0]
    assert "secret" not in str(fetch)


def test_sitemaps_end_with_the_room_for_their_pages(make_site: Callable[[], Site], crawler: Crawler) -> None:
    site = make_site()
    maps = []
    for n in range(40):
        url = site.add(f"/page{n}", page(f"P{n}"))
        entry = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{url}</loc></url></urlset>"
        maps.append(site.add(f"/map{n}.xml", entry, "application/xml"))
    listed = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in maps)
    index = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{listed}</sitemapindex>"
    source = Source(id="maps", kind=Kind.SITEMAP, urls=(site.add("/index.xml", index, "application/xml"),), max_pages=3)
    outcome = crawler.run(source)
    assert list(outcome.of().values()).count("captured") == 3
    of_maps = list(outcome.of("sitemap").values())
    assert of_maps.count("read") + of_maps.count("budget") == 41
    assert sum(path.startswith("/map") for path in site.paths()) < 10


def test_redirects_are_followed_checked_and_bounded(make_site: Callable[[], Site], crawler: Crawler) -> None:
    one, two = make_site(), make_site()
    two.add("/robots.txt", "User-agent: *\nDisallow: /no", "text/plain")
    final = two.add("/final", page("F"))
    two.add("/no", page("N"))
    cases = {
        "/ok": (final, "captured"),
        "/again": (final, "duplicate"),
        "/no": (f"{two.url}/no", "robots_denied"),
        "/loop": ("/loop", "redirect_loop"),
        "/file": ("file:///etc/passwd", "bad_redirect"),
        "/nowhere": ("", "bad_redirect"),
        "/inside": ("http://169.254.169.254/latest", "address_forbidden"),
        "/port": ("http://127.0.0.1:9/", "refused"),
        "/scope": (f"{two.url}/outside", "out_of_scope"),
    }
    for path, (target, _) in cases.items():
        one.add(path, "", status=302, **({"Location": target} if target else {}))
    for n in range(30):
        one.add(f"/long{n}", "", status=301, Location=f"/long{n + 1}")
    urls = [one.url + path for path in [*cases, "/long0"]]
    outcome = crawler.run(urls_of(*urls, exclude=(re.compile("outside"),)))
    found = outcome.of()
    twins = sorted([found.pop(f"{one.url}/ok"), found.pop(f"{one.url}/again")])
    assert twins == ["captured", "duplicate"]
    for path, (_, expected) in cases.items():
        if path not in ("/ok", "/again"):
            assert found[one.url + path] == expected, path
    assert found[f"{one.url}/long0"] == "redirect_loop"
    (kept,) = captured(crawler)
    assert kept.page.final_url == final
    assert two.asked("/no") == two.asked("/outside") == []


def test_scope_duplicates_and_budgets_balance(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/news/{n}", page(f"Story {n}")) for n in range(5)]
    outside = site.add("/about", page("About"))
    feed = Source(
        id="one",
        kind=Kind.FEED,
        urls=(site.feed("/one", [*urls, outside, urls[0] + "?utm_source=feed"]),),
        include=(re.compile("/news/"),),
        max_pages=3,
    )
    other = Source(id="two", kind=Kind.URLS, urls=(urls[4], urls[4] + "#top"))
    outcome = crawler.run(feed, other)
    pages = [f for f in outcome.fetches if f.kind == "page"]
    assert sorted(f.outcome.value for f in pages if f.source == "one" and f.url == outside) == ["out_of_scope"]
    assert len([f for f in pages if f.outcome == "captured"]) in (3, 4)
    assert {f.outcome.value for f in pages} <= {"captured", "budget", "out_of_scope", "duplicate"}
    again = crawler.run(feed)
    assert outside not in again.of()


def test_a_trap_ends_by_the_hosts_budget(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/calendar?day={n}", page(f"Day {n}")) for n in range(6)]
    outcome = crawler.run(urls_of(*urls), host_pages_max=2)
    assert sorted(outcome.of().values()) == ["budget"] * 4 + ["captured"] * 2


def test_waiting_sites_do_not_hold_back_others(make_site: Callable[[], Site], crawler: Crawler) -> None:
    slow, fast = make_site(), make_site()
    slow.delay_s = 0.7
    urls = [slow.add("/a", page("A")), *[fast.add(f"/{n}", page(f"{n}")) for n in range(10)]]
    outcome = crawler.run(urls_of(*urls))
    assert set(outcome.of().values()) == {"captured"}
    assert max(t for t, _, _ in fast.log) < max(t for t, _, _ in slow.log)


def test_batches_close_while_the_crawl_goes_on(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", page(f"{n}") + os.urandom(40_000).hex().encode()) for n in range(12)]
    site.delay_s = 0.15
    outcome = crawler.run(urls_of(*urls), warc_bytes_max=100_000)
    assert set(outcome.of().values()) == {"captured"}
    assert len(outcome.batches) >= 2
    assert len({b.batch_id for b in outcome.batches}) == len(outcome.batches)
    assert len(captured(crawler)) == 12


def test_batches_that_nobody_took_are_handed_over_again(site: Site, crawler: Crawler) -> None:
    url = site.add("/a", page("A"))
    source = urls_of(url, revisit_after=(timedelta(hours=1),))
    first = crawler.run(source, take=False)
    again = crawler.run(source)
    assert [b.batch_id for b in again.batches] == [b.batch_id for b in first.batches]
    assert again.of() == {url: "captured"}
    assert crawler.run(source).fetches == []


def test_a_stopped_run_defers_what_is_left(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", page(f"{n}")) for n in range(5)]
    outcome = crawler.run(urls_of(*urls), given={"should_stop": lambda: len(site.log) > 2})
    assert sorted(set(outcome.of().values())) == ["captured", "deferred"]
    assert crawler.run(urls_of(*urls)).of().keys() >= {u for u, o in outcome.of().items() if o == "deferred"}


def test_a_feed_that_cannot_be_read_is_a_problem_with_one_line(site: Site, crawler: Crawler) -> None:
    for body, says in (("", "empty"), ("<html><p>Sorry</html>", "unreadable")):
        outcome = crawler.run(feed_of(site.add("/feed", body)), given={"is_forced": True})
        assert outcome.of("feed") == {f"{site.url}/feed": says}
        (line,) = outcome.report.problems
        assert f"{site.url}/feed" in line
        assert "source feed" in line


def test_headers_of_a_source_go_to_its_own_site_only(make_site: Callable[[], Site], crawler: Crawler) -> None:
    own, other = make_site(), make_site()
    urls = [own.add("/a", page("A")), other.add("/b", page("B"))]
    crawler.run(feed_of(own.feed("/feed", urls), headers=(("Authorization", "Bearer x"),)))
    assert own.asked("/a")[0]["authorization"] == "Bearer x"
    assert "authorization" not in other.asked("/b")[0]


def test_json_feed(site: Site, crawler: Crawler) -> None:
    url = site.add("/a", page("A"))
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1", "url": url}]}
    assert crawler.run(feed_of(site.add("/feed", json.dumps(feed), "application/feed+json"))).of() == {url: "captured"}


def test_a_page_in_place_of_a_feed_names_its_feeds(site: Site, crawler: Crawler) -> None:
    url = site.add("/a", page("A"))
    site.feed("/feed.xml", [url])
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    outcome = crawler.run(feed_of(site.add("/", f"<html><head>{link}</head><body><p>Home</p></body></html>")))
    assert outcome.of() == {url: "captured"}
    assert outcome.of("feed") == {f"{site.url}/": "read", f"{site.url}/feed.xml": "read"}


def test_a_site_is_crawled_within_its_bounds(make_site: Callable[[], Site], crawler: Crawler) -> None:
    site, other = make_site(), make_site()
    site.add("/robots.txt", f"User-agent: *\nDisallow: /no\nSitemap: {site.url}/map.xml", "text/plain")
    mapped = site.add("/mapped", page("Mapped"))
    site.add("/map.xml", f"<urlset><url><loc>{mapped}</loc></url></urlset>", "application/xml")
    fed = site.add("/fed", page("Fed"))
    site.feed("/feed.xml", [fed])
    head = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>'
    outside = other.add("/", page("Elsewhere"))
    site.add("/", f'{head}<a href="/1">1</a><a href="/no">no</a><a href="{outside}">x</a></body></html>')
    for n in range(1, 6):
        site.add(
            f"/{n}", f'<html><body><p>Story {n} of the harbour.</p><a href="/{n + 1}">on</a><a href="/">home</a></html>'
        )
    source = Source(id="site", kind=Kind.SITE, urls=(f"{site.url}/",), max_depth=3, interval=timedelta(0))
    outcome = crawler.run(source)
    found = {url.removeprefix(site.url): o for url, o in outcome.of().items()}
    assert found.pop("/", "captured") == "captured"
    assert found == {
        "/1": "captured",
        "/2": "captured",
        "/3": "captured",
        "/no": "robots_denied",
        "/mapped": "captured",
        "/fed": "captured",
    }
    assert outcome.of("home") == {f"{site.url}/": "read"}
    assert other.log == []


@pytest.mark.parametrize(("obey", "expected"), [(False, "captured"), (True, "opted_out")])
def test_opt_out_is_recorded_and_can_be_obeyed(site: Site, crawler: Crawler, obey: bool, expected: str) -> None:
    url = site.add("/a", page("A"), X_Robots_Tag="noai")
    outcome = crawler.run(urls_of(url, obey_opt_out=obey))
    assert outcome.of() == {url: expected}
    assert outcome.fetch(url).opt_out == "x-robots-tag: noai"
    assert len(captured(crawler)) == (0 if obey else 1)


def test_a_site_leased_to_another_run_is_left_alone(site: Site, crawler: Crawler) -> None:
    url = site.add("/a", page("A"))
    with open_ledger(crawler.datadir.ledger) as ledger:
        assert ledger.lease(site_key(url), "another", this_owner(), time.time()) is not None
        outcome = crawler.run(urls_of(url))
        assert outcome.of() == {url: "deferred"}
        assert site.log == []
        ledger.release([site_key(url)], "another")
    assert crawler.run(urls_of(url)).of() == {url: "captured"}


def test_a_name_that_answers_differently_the_second_time_gains_nothing(site: Site, crawler: Crawler) -> None:
    asked: list[str] = []

    async def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    port = site.url.rpartition(":")[2]
    site.add("/a", page("A"))
    site.add("/b", "", status=302, Location=f"http://other.example:{port}/a")
    urls = [f"http://press.example:{port}/{name}" for name in "ab"]
    outcome = crawler.run(urls_of(*urls), given={"lookup": lookup}, contact="desk@press.example")
    assert outcome.of() == {urls[0]: "captured", urls[1]: "address_forbidden"}
    assert asked == ["press.example", "other.example"]


def test_each_text_of_a_robots_txt_is_kept(site: Site, crawler: Crawler) -> None:
    site.add("/robots.txt", "User-agent: *\nDisallow: /no", "text/plain")
    url = site.add("/a", page("A"))
    fetch = crawler.run(urls_of(url)).fetch(url)
    with open_ledger(crawler.datadir.ledger) as ledger:
        assert ledger.robots_copy(fetch.robots_digest or "") == b"User-agent: *\nDisallow: /no"


def test_an_endless_index_ends(site: Site, crawler: Crawler) -> None:
    class Endless(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            if not path.startswith("/map"):
                return None
            children = "".join(f"<sitemap><loc>{site.url}{path}-{n}</loc></sitemap>" for n in range(3))
            body = f"<sitemapindex>{children}</sitemapindex>".encode()
            return lambda asked: (200, {"Content-Type": "text/xml"}, body)

    site.routes = Endless()
    outcome = crawler.run(Source(id="map", kind=Kind.SITEMAP, urls=(f"{site.url}/map",)))
    assert len(outcome.of("sitemap")) == 1 + 3 + 9 + 27


def test_sites_that_nothing_waits_for_are_given_back(make_site: Callable[[], Site], crawler: Crawler) -> None:
    quick, slow = make_site(), make_site()
    slow.delay_s = 0.5
    urls = [quick.add("/a", page("A")), *[slow.add(f"/{n}", page(f"{n}")) for n in range(4)]]
    held: list[bool] = []
    ahead = iter([0.0] * 3)

    def clock() -> float:
        """After the quick site is through, time leaps, so that it is time to look after the leases."""
        leap = 60.0 if quick.asked("/a") and len(slow.log) > 2 else next(ahead, 0.0)
        return time.time() + leap

    def look(batch: object) -> None:
        with open_ledger(crawler.datadir.ledger) as ledger:
            held.extend(ledger.lease(site_key(u), "x", this_owner(), time.time()) is None for u in (urls[0], urls[1]))

    outcome = crawler.run(urls_of(*urls), given={"clock": clock, "on_progress": look})
    assert set(outcome.of().values()) == {"captured"}
    assert held[-2] is False


def test_a_run_that_breaks_off_is_put_in_order_by_the_next(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", page(f"{n}")) for n in range(4)]
    source = urls_of(*urls, revisit_after=(timedelta(hours=1),))

    def refuse(batch: object) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        crawler.run(source, given={"on_batch": refuse}, warc_bytes_max=1_000)
    outcome = crawler.run(source)
    pages = [f for f in outcome.fetches if f.kind == "page"]
    assert sorted(f.url for f in pages if f.outcome == "captured") == sorted(urls)
    assert {f.outcome.value for f in pages} <= {"captured", "deferred"}
    assert sorted(c.page.url for c in captured(crawler)) == sorted(urls)
    assert all(len(site.asked(f"/{n}")) <= 2 for n in range(4))


def test_a_file_that_was_taken_over_is_not_taken_for_a_later_batchs(site: Site, crawler: Crawler) -> None:
    source = urls_of(site.add("/a", page("A"), ETag='"1"'))
    crawler.run(source)
    assert list(crawler.run(source).of().values()) == ["not_modified"]
    with open_ledger(crawler.datadir.ledger) as ledger:
        ledger.runs.start("run-2", "nobody", time.time())
        ledger.runs.open_batch("run-2.fetches.00001", "run-2")  # killed before its first commit
    outcome = crawler.run(source)
    assert [f.outcome for f in outcome.fetches if f.kind == "page"] == ["not_modified"]
    assert {f.run_id for f in outcome.fetches} == {"run-3"}
