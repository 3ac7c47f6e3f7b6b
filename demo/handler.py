"""The HTTP side of one site: conditional requests, compression, faults on purpose, and a log entry for every answer."""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler
from typing import Protocol
from urllib.parse import unquote, urlsplit

from demo.access import AccessLog, Entry, now_text
from demo.printer import Printer, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong at a site on purpose: it answers 503, or late, or articles come in another template.

    After a redesign all that was said is still said; a stripped template no longer says when and by whom.
    """

    is_down: bool = False
    delay_s: float = 0.0
    is_redesigned: bool = False
    is_stripped: bool = False

    @property
    def template(self) -> str | None:
        """The template that articles come in; None for the site's own."""
        return "stripped" if self.is_stripped else "redesign" if self.is_redesigned else None


class Desk(Protocol):
    """What a handler needs of the press that it answers for."""

    faults: dict[str, Fault]

    @property
    def edition(self) -> int:
        """The edition on sale."""

    @property
    def last_edition(self) -> int:
        """The edition after which nothing changes any more."""

    @property
    def log(self) -> AccessLog:
        """Where answers are recorded."""


def make_handler(desk: Desk, printer: Printer) -> type[BaseHTTPRequestHandler]:
    """A handler class for one site: http.server makes one handler per connection and offers no other way to bind."""
    site = printer.site

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "DemoPress/1"
        sys_version = ""
        timeout = 30
        wbufsize = -1
        """An answer is one write: headers and body in separate packets would cost a delayed acknowledgement."""

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def log_message(self, *_: object) -> None:
            """Nothing on standard error: the access log has it."""

        def _answer(self, *, with_body: bool) -> None:
            edition = max(1, min(desk.edition, desk.last_edition))
            fault = desk.faults.get(site.id, Fault())
            if fault.delay_s:
                time.sleep(fault.delay_s)
            if fault.is_down:
                found = Resource(
                    status=503, content_type="text/plain; charset=utf-8", body=b"The press stands still.\n"
                )
            else:
                path = unquote(urlsplit(self.path).path)
                found = printer.resource(path, edition, template=fault.template)
            self._send(found, self._validators(found, edition), with_body, edition)

        def _validators(self, found: Resource, edition: int) -> dict[str, str]:
            if found.status != 200:
                return {}
            headers = {"Cache-Control": "no-cache"}  # a browser must ask again: the edition may have turned
            if "etag" in site.validators:
                headers["ETag"] = found.etag
            if "last-modified" in site.validators:
                changed = printer.changed_at(unquote(urlsplit(self.path).path), edition)
                headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
            return headers

        def _send(self, found: Resource, validators: dict[str, str], with_body: bool, edition: int) -> None:
            status, body = found.status, found.body
            headers = {"Content-Type": found.content_type, "Vary": "Accept-Encoding", **validators}
            if found.location:
                headers["Location"] = found.location
            if self._is_known(validators):
                status, body = 304, b""
                del headers["Content-Type"]
            elif len(body) > 400 and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, mtime=0)
                headers["Content-Encoding"] = "gzip"
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            sent = body if with_body else b""
            # Logged before the last byte leaves, so that whoever has the answer finds it in the log.
            desk.log.add(
                Entry(
                    at=now_text(),
                    site=site.id,
                    edition=edition,
                    method=self.command,
                    path=self.path,
                    status=status,
                    bytes=len(sent),
                    if_none_match=self.headers.get("If-None-Match"),
                    if_modified_since=self.headers.get("If-Modified-Since"),
                    user_agent=self.headers.get("User-Agent"),
                )
            )
            self.wfile.write(sent)

        def _is_known(self, validators: dict[str, str]) -> bool:
            """RFC 9110: If-None-Match decides alone where it was sent and we have an ETag."""
            asked = self.headers.get("If-None-Match")
            if asked is not None and "ETag" in validators:
                tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
                return "*" in tags or validators["ETag"].removeprefix("W/") in tags
            since = self.headers.get("If-Modified-Since")
            if since is None or asked is not None or "Last-Modified" not in validators:
                return False
            try:
                asked_at = parsedate_to_datetime(since)
            except ValueError:
                return False
            changed = parsedate_to_datetime(validators["Last-Modified"])
            return changed <= (asked_at if asked_at.tzinfo else asked_at.replace(tzinfo=UTC))

    return Handler
