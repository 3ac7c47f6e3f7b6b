from __future__ import annotations

from crawl_kit import Crawler, Site, feed_of, page


def test_a_feed_is_read_and_its_pages_are_captured(site: Site, crawler: Crawler) -> None:
    urls = [site.add(f"/{n}", page(f"Story {n}")) for n in range(3)]
    outcome = crawler.run(feed_of(site.feed("/feed", urls)))
    assert outcome.of() == dict.fromkeys(urls, "captured")
    assert outcome.of("feed") == {f"{site.url}/feed": "read"}
    assert outcome.of("robots") == {f"{site.url}/robots.txt": "http_4xx"}
    assert outcome.report.discovered == 5
    assert site.paths()[:2] == ["/robots.txt", "/feed"]
