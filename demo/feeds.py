"""What machines read: RSS, Atom, JSON Feed, sitemaps, sitemap index, news sitemap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from demo.articles import Article, Extra, Site, listed_articles

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def feed(site: Site, edition: int, origins: Mapping[str, str]) -> tuple[str, str]:
    """The site's feed in its own format: content type and text."""
    origin = origins[site.id]
    rows: list[Article | Extra] = [*listed_articles(site, edition), *(e for e in site.extras if e.is_listed)]
    rows.sort(key=lambda r: r.published, reverse=True)
    match site.feed_format:
        case "rss":
            return "application/rss+xml; charset=utf-8", _rss(site, rows, origin)
        case "atom":
            return "application/atom+xml; charset=utf-8", _atom(site, rows, origin)
        case "json":
            return "application/feed+json", _json_feed(site, rows, origin)
    raise ValueError(f"{site.id}: no feed format {site.feed_format!r}")


def sitemap(site: Site, edition: int, origins: Mapping[str, str], path: str) -> str | None:
    """The sitemap at a path; None where the site has none there."""
    articles = listed_articles(site, edition)
    if not site.has_sitemap_index:
        return _urlset(articles, origins[site.id]) if path == "/sitemap.xml" else None
    match path:
        case "/sitemap.xml":
            places = ("/sitemap-articles.xml", "/sitemap-news.xml")
            rows = "".join(f"<sitemap><loc>{origins[site.id]}{p}</loc></sitemap>" for p in places)
            return f'{_XML}<sitemapindex xmlns="{_SITEMAP}">{rows}</sitemapindex>\n'
        case "/sitemap-articles.xml":
            return _urlset(articles, origins[site.id])
        case "/sitemap-news.xml":
            return _news(site, articles[:3], origins[site.id])
    return None


_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _link(row: Article | Extra) -> str:
    return row.feed_link or row.path if isinstance(row, Article) else row.path


def _standfirst(row: Article | Extra) -> str:
    return row.standfirst if isinstance(row, Article) else ""


def _changed(row: Article | Extra) -> datetime:
    return row.modified or row.published if isinstance(row, Article) else row.published


def _rss(site: Site, rows: list[Article | Extra], origin: str) -> str:
    items = "".join(
        f"<item><title>{escape(r.title)}</title><link>{escape(origin + _link(r))}</link>"
        f'<guid isPermaLink="false">{site.id}:{escape(r.path)}</guid>'
        f"<pubDate>{format_datetime(r.published)}</pubDate>"
        f"<description>{escape(_standfirst(r))}</description></item>\n"
        for r in rows
    )
    return (
        f'{_XML}<rss version="2.0"><channel><title>{escape(site.name)}</title><link>{origin}/</link>'
        f"<description>{escape(site.tagline)}</description><language>{site.language}</language>"
        f"<lastBuildDate>{format_datetime(rows[0].published)}</lastBuildDate>\n{items}</channel></rss>\n"
    )


def _atom(site: Site, rows: list[Article | Extra], origin: str) -> str:
    entries = "".join(
        f'<entry><title>{escape(r.title)}</title><link rel="alternate" href="{escape(origin + _link(r))}"/>'
        f"<id>{escape(origin + r.path)}</id><published>{r.published.isoformat()}</published>"
        f"<updated>{_changed(r).isoformat()}</updated><summary>{escape(_standfirst(r))}</summary></entry>\n"
        for r in rows
    )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.language}"><title>{escape(site.name)}</title>'
        f'<subtitle>{escape(site.tagline)}</subtitle><link href="{origin}/"/>'
        f'<link rel="self" href="{origin}{site.feed_path}"/><id>{origin}/</id>'
        f"<author><name>{escape(site.name)}</name></author>"
        f"<updated>{max(map(_changed, rows)).isoformat()}</updated>\n{entries}</feed>\n"
    )


def _json_feed(site: Site, rows: list[Article | Extra], origin: str) -> str:
    items = [
        {
            "id": origin + r.path,
            "url": origin + _link(r),
            "title": r.title,
            "summary": _standfirst(r),
            "content_text": _standfirst(r) or r.title,
            "date_published": r.published.isoformat(),
            "date_modified": _changed(r).isoformat(),
        }
        for r in rows
    ]
    page = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.name,
        "home_page_url": f"{origin}/",
        "feed_url": origin + site.feed_path,
        "language": site.language,
        "items": items,
    }
    return json.dumps(page, ensure_ascii=False, indent=1)


def _urlset(articles: tuple[Article, ...], origin: str) -> str:
    rows = "".join(
        f"<url><loc>{escape(origin + a.path)}</loc><lastmod>{_changed(a).isoformat()}</lastmod></url>\n"
        for a in articles
    )
    return f'{_XML}<urlset xmlns="{_SITEMAP}">\n{rows}</urlset>\n'


def _news(site: Site, articles: tuple[Article, ...], origin: str) -> str:
    rows = "".join(
        f"<url><loc>{escape(origin + a.path)}</loc><news:news>"
        f"<news:publication><news:name>{escape(site.name)}</news:name><news:language>{site.language}</news:language></news:publication>"
        f"<news:publication_date>{a.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(a.title)}</news:title></news:news></url>\n"
        for a in articles
    )
    return f'{_XML}<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">\n{rows}</urlset>\n'
