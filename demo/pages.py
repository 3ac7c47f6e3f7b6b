"""HTML pages of the press: articles with their comment sections, and front pages."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from string import Template

from demo.articles import Article, Remark, Site, article_in, edition_at, is_gone, listed_articles
from demo.markup import to_html
from demo.template import fill, load_template

Values = dict[str, str]


def article_page(
    site: Site, article: Article, edition: int, origins: Mapping[str, str], *, template: str | None = None
) -> str:
    """The page of an article in an edition, in the site's own template unless another one is named."""
    parts = load_template(template or site.id)
    values = _site_values(site, parts, origins) | _article_values(site, article, origins)
    if article.is_walled and "wall" in parts:
        return fill(parts, "wall", values)
    others = [a for a in site.articles if a.edition == 1 and not (a.gone or a.is_disallowed or a.is_walled)]
    at = next((n for n, a in enumerate(others) if a.slug == article.slug), 0)
    related = [article_in(others[(at + step) % len(others)], 1) for step in (1, 2, 3)]
    # Related links are fixed, so that a new article does not change every page and 304 can be answered;
    # a template that shows `latest` changes with each edition though its articles do not.
    latest = listed_articles(site, edition)[:4]
    values["related_html"] = _each(parts, "related_item", [_link_values(site, a) for a in related if a])
    values["latest_html"] = _each(parts, "latest_item", [_link_values(site, a) for a in latest])
    values["figure_html"] = fill(parts, "figure", values) if article.caption else ""
    values["note_html"] = fill(parts, "note", values) if article.note else ""
    values["standfirst_html"] = fill(parts, "standfirst", values) if article.standfirst else ""
    values["tags_html"] = _each(parts, "tag", [values | {"tag": t, "tag_path": _slug(t)} for t in article.tags])
    values["author_box_html"] = _each(
        parts,
        "author_box",
        [{"author": a, "about": site.author_notes[a]} for a in article.authors if a in site.author_notes],
    )
    values["jsonld_html"] = _jsonld(site, article, origins) if site.is_jsonld else ""
    values["remarks_html"] = _thread(site, parts, article.remarks, None)
    section = "remarks" if article.remarks else "no_remarks"
    values["comments_html"] = fill(parts, section, values)
    values["body_html"] = to_html(
        article.body,
        picture=lambda caption: fill(parts, "picture", values | {"caption": caption, "image": _picture(caption)}),
        box=lambda name: fill(parts, f"box_{name}", values),
        resolve=lambda target: _resolve(target, origins),
    )
    return fill(parts, "thread" if article.is_thread and "thread" in parts else "article", values)


def front_page(site: Site, edition: int, origins: Mapping[str, str]) -> str:
    """The front page of an edition."""
    parts = load_template(site.id)
    articles = [a for a in listed_articles(site, edition) if not (is_gone(a, edition) or a.is_disallowed)]
    cards = [_article_values(site, a, origins) for a in articles]
    values = _site_values(site, parts, origins)
    values["edition_date"] = shown_date(site, edition_at(edition), site.shown_day)
    values["lead_html"] = _each(parts, "lead_card", cards[:1])
    values["cards_html"] = _each(parts, "card", cards[1:] if "lead_card" in parts else cards)
    return fill(parts, "front", values)


def missing_page(site: Site, status: int) -> str:
    """What stands where nothing is, or is no more."""
    return (
        f'<!doctype html><html lang="{site.language}"><meta charset="utf-8"><title>{status}</title>'
        f"<h1>{status}</h1><p><a href='/'>{html.escape(site.name)}</a></p></html>"
    )


def shown_date(site: Site, at: datetime, pattern: str | None = None) -> str:
    """A time as the site prints it, in the zone that it is given in."""
    shown = (pattern or site.shown_date).format(
        day=at.day, month=site.months[at.month - 1], year=at.year, hour=at.hour, minute=at.minute, m=at.month
    )
    return shown.translate(str.maketrans("0123456789", site.digits))


def _site_values(site: Site, parts: dict[str, Template], origins: Mapping[str, str]) -> Values:
    in_meta = site.charset_place in ("meta", "both")
    values = {
        "site_name": site.name,
        "tagline": site.tagline,
        "language": site.language,
        "origin": origins[site.id],
        "feed_path": site.feed_path,
        "charset_html": f'<meta charset="{site.charset}">' if in_meta else "",
    }
    for part in ("style", "banner", "masthead", "sidebar", "footer"):
        values[f"{part}_html"] = fill(parts, part, values)
    return values


def _article_values(site: Site, article: Article, origins: Mapping[str, str]) -> Values:
    changed = article.modified or article.published
    return {
        "title": article.title,
        "path": article.path,
        "url": origins[site.id] + article.path,
        "section": article.section,
        "byline": ", ".join(article.authors),
        "standfirst": article.standfirst,
        "summary": article.standfirst or article.title,
        "caption": article.caption,
        "image": _picture(article.slug),
        "note": article.note,
        "published_iso": article.published.isoformat(),
        "modified_iso": changed.isoformat(),
        "published": shown_date(site, article.published),
        "remark_count": str(len(article.remarks)),
        "remark_heading": _counted(site, len(article.remarks)),
    }


def _link_values(site: Site, article: Article) -> Values:
    return {"title": article.title, "path": article.path, "published": shown_date(site, article.published)}


def _thread(site: Site, parts: dict[str, Template], remarks: Sequence[Remark], parent: str | None) -> str:
    rows = []
    for remark in (r for r in remarks if r.reply_to == parent):
        values = {
            "id": remark.id,
            "author": remark.author,
            "at": shown_date(site, remark.at),
            "at_iso": remark.at.isoformat(),
            "text": remark.text,
        }
        replies = _thread(site, parts, remarks, remark.id)
        values["replies_html"] = fill(parts, "replies", {"replies_html": replies}) if replies else ""
        rows.append(fill(parts, "pingback" if remark.is_pingback else "remark", values))
    return "\n".join(rows)


def _jsonld(site: Site, article: Article, origins: Mapping[str, str]) -> str:
    record = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting" if article.is_thread else "NewsArticle",
        "headline": article.title,
        "datePublished": article.published.isoformat(),
        "dateModified": (article.modified or article.published).isoformat(),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "Organization", "name": site.name},
        "image": [origins[site.id] + _picture(article.slug)],
        "inLanguage": site.language,
        "isAccessibleForFree": True,
        "commentCount": len(article.remarks),
        "mainEntityOfPage": origins[site.id] + article.path,
    }
    if article.section:
        record["articleSection"] = article.section
    words = json.dumps(record, ensure_ascii=False, indent=1).replace("</", "<\\/")
    return f'<script type="application/ld+json">\n{words}\n</script>'


def _counted(site: Site, number: int) -> str:
    form = site.counted[min(number, len(site.counted)) - 1]
    return form.format(n=number).translate(str.maketrans("0123456789", site.digits))


def _each(parts: dict[str, Template], part: str, rows: Sequence[Values]) -> str:
    return "\n".join(fill(parts, part, row) for row in rows)


def _resolve(target: str, origins: Mapping[str, str]) -> str:
    if not target.startswith("@"):
        return target
    site, _, path = target[1:].partition("/")
    return f"{origins[site]}/{path}"


def _picture(name: str) -> str:
    return f"/pictures/{_slug(name)}.svg"


def _slug(words: str) -> str:
    return html.escape("-".join(words.lower().split())[:48])
