"""One site's answers: what lies at a path in an edition, and since when it has been so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Template

from demo import feeds, pages, pictures
from demo.articles import Article, Site, article_in, edition_at, is_gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a path holds in one edition. `path` is without its query."""

    status: int
    content_type: str
    body: bytes
    location: str | None = None

    @property
    def etag(self) -> str:
        """A weak validator: the same for the plain and the compressed form."""
        return f'W/"{hashlib.blake2b(self.body, digest_size=8).hexdigest()}"'


class Printer:
    """Renders the resources of one site and keeps what it rendered."""

    def __init__(self, site: Site, origins: Mapping[str, str]) -> None:
        self.site = site
        self._origins = origins
        self._articles = {a.path: a for a in site.articles}
        self._kept: dict[tuple[str, int, str | None], Resource] = {}

    def resource(self, path: str, edition: int, *, template: str | None = None) -> Resource:
        """The resource at a path; a 404 page where there is none. Articles come in `template`, where one is named."""
        key = (path, edition, template)
        found = self._kept.get(key)
        if found is None:
            found = self._render(path, edition, template)
            if found.status == 200 and not path.startswith("/pictures/"):  # guessed paths must not fill the memory
                self._kept[key] = found
        return found

    def changed_at(self, path: str, edition: int) -> datetime:
        """Since when the path has held what it holds: the publication, or the edition that last altered it."""
        body = self.resource(path, edition).body
        while edition > 1 and self.resource(path, edition - 1).body == body:
            edition -= 1
        article = self._articles.get(path)
        if article and edition == article.edition:
            return article.modified or article.published
        return edition_at(edition)

    def _render(self, path: str, edition: int, template: str | None) -> Resource:
        article = self._articles.get(path)
        shown = article_in(article, edition) if article else None
        if shown:
            return self._article(shown, edition, template)
        if path == "/":
            return self._html(pages.front_page(self.site, edition, self._origins))
        return self._extra(path) or self._for_machines(path, edition) or self._missing(404)

    def _article(self, shown: Article, edition: int, template: str | None) -> Resource:
        if shown.gone and is_gone(shown, edition):
            return self._missing(shown.gone.status)
        return self._html(pages.article_page(self.site, shown, edition, self._origins, template=template))

    def _extra(self, path: str) -> Resource | None:
        for extra in self.site.extras:
            if extra.path == path and extra.redirect:
                return Resource(status=301, content_type="text/plain", body=b"", location=extra.redirect)
            if extra.path == path:
                return Resource(status=200, content_type="application/pdf", body=pictures.pdf_of(extra.title))
        if path.startswith("/pictures/") and path.endswith(".svg"):
            return Resource(status=200, content_type="image/svg+xml", body=pictures.svg_of(path))
        return None

    def _for_machines(self, path: str, edition: int) -> Resource | None:
        if path == self.site.feed_path:
            content_type, text = feeds.feed(self.site, edition, self._origins)
            return Resource(status=200, content_type=content_type, body=text.encode())
        if path == "/robots.txt":
            text = Template(self.site.robots).substitute(origin=self._origins[self.site.id])
            return Resource(status=200, content_type="text/plain; charset=utf-8", body=text.encode())
        listing = feeds.sitemap(self.site, edition, self._origins, path)
        if listing is None:
            return None
        return Resource(status=200, content_type="application/xml", body=listing.encode())

    def _html(self, page: str) -> Resource:
        charset = self.site.charset
        in_header = self.site.charset_place in ("header", "both")
        content_type = f"text/html; charset={charset}" if in_header else "text/html"
        return Resource(status=200, content_type=content_type, body=page.encode(charset, "xmlcharrefreplace"))

    def _missing(self, status: int) -> Resource:
        page = pages.missing_page(self.site, status)
        return Resource(status=status, content_type="text/html; charset=utf-8", body=page.encode())
