import json
import tomllib
from urllib.parse import urlsplit

import feedparser
import lxml.etree
import pytest
from press_client import ask
from protego import Protego

from demo.articles import Site, last_edition, listed_articles, load_sites
from demo.press import Press

SITES = load_sites()
BY_SITE = pytest.mark.parametrize("site", SITES, ids=lambda s: s.id)


def feed_links(press: Press, site: Site) -> dict[str, str]:
    """Titles by link, as a reader of the feed sees them."""
    answer = ask(press.origin(site.id) + site.feed_path)
    if site.feed_format == "json":
        assert answer.headers["content-type"] == "application/feed+json"
        return {item["url"]: item["title"] for item in json.loads(answer.body)["items"]}
    parsed = feedparser.parse(answer.body, response_headers={"content-type": answer.headers["content-type"]})
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert all(entry.get("published_parsed") for entry in parsed.entries)
    return {entry.link: entry.title for entry in parsed.entries}


def locations(body: bytes) -> list[str]:
    return [str(loc) for loc in lxml.etree.fromstring(body).xpath("//*[local-name()='loc']/text()")]


@BY_SITE
@pytest.mark.parametrize("edition", [1, 2, last_edition()])
def test_feeds_name_the_articles_and_every_link_leads_somewhere(press: Press, site: Site, edition: int) -> None:
    press.edition = edition
    links = feed_links(press, site)
    titles = {a.title for a in listed_articles(site, edition)} | {e.title for e in site.extras if e.is_listed}
    assert set(links.values()) == titles
    statuses = {ask(link).status for link in links}
    gone = any(a.gone and a.gone.is_listed and a.gone.edition <= edition for a in site.articles)
    assert statuses <= {200, 301, 410}
    assert (410 in statuses) == gone


@BY_SITE
@pytest.mark.parametrize("edition", [1, last_edition()])
def test_sitemaps_name_the_articles(press: Press, site: Site, edition: int) -> None:
    press.edition = edition
    origin = press.origin(site.id)
    named = locations(ask(f"{origin}/sitemap.xml").body)
    if site.has_sitemap_index:
        assert named == [f"{origin}/sitemap-articles.xml", f"{origin}/sitemap-news.xml"]
        articles, news = (locations(ask(place).body) for place in named)
        assert set(news) < set(articles)
        named = articles
    assert set(named) == {origin + a.path for a in listed_articles(site, edition)}


@BY_SITE
def test_robots_are_served_and_name_only_places_of_their_own(press: Press, site: Site) -> None:
    answer = ask(press.origin(site.id) + "/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    rules = Protego.parse(answer.text())
    assert all(place.startswith(press.origin(site.id)) for place in rules.sitemaps)
    denied = [a for a in site.articles if not rules.can_fetch(press.origin(site.id) + a.path, "Broadsheet")]
    assert [a.path for a in denied] == [a.path for a in site.articles if a.is_disallowed]


def test_one_site_asks_for_a_crawl_delay_and_one_lists_what_it_forbids(press: Press) -> None:
    delays = {s.id: Protego.parse(ask(press.origin(s.id) + "/robots.txt").text()).crawl_delay("x") for s in SITES}
    assert {site: delay for site, delay in delays.items() if delay} == {"montorvelle": 1.0}
    german = next(s for s in SITES if s.id == "grauwalden")
    assert any("/intern/" in link for link in feed_links(press, german))


def test_special_links(press: Press) -> None:
    english, german = (s for s in SITES if s.id in ("saltmere", "grauwalden"))
    short = press.origin("saltmere") + "/r/4471"
    assert short in feed_links(press, english)
    assert ask(short).headers["location"] == "/2026/10/27/tide-bell/"
    assert any("utm_source=rss" in link for link in feed_links(press, english))
    document = next(link for link in feed_links(press, german) if link.endswith(".pdf"))
    answer = ask(document)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body.startswith(b"%PDF-1.4")
    assert answer.body.endswith(b"%%EOF\n")


def test_sources_name_every_site_at_its_port(press: Press) -> None:
    sources = tomllib.loads(press.sources_toml())["source"]
    assert [s["id"] for s in sources] == [a.id for a in press.sites]
    assert {s["kind"] for s in sources} == {"feed", "sitemap", "urls"}
    for source in sources:
        for url in [source["url"]] if "url" in source else source["urls"]:
            assert url.startswith(press.origin(source["id"]) + "/")
            assert urlsplit(url).path
            assert ask(url).status == 200
