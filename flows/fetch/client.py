"""One HTTP exchange: a request goes out, an Answer comes back, whatever happens in between.

Redirects are not followed and content codings not undone here: both are decisions, and this is the wire. Nothing is
sent but what is stated: no cookies, no credentials, no proxy from the environment.
"""

from __future__ import annotations

import errno
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from flows.fetch.address import ForbiddenAddressError, Guard, GuardedResolver, Lookup
from transforms.coding import ACCEPT_ENCODING
from transforms.outcome import Outcome

_LINE_MAX = 16_384
_FIELD_MAX = 32_768
_FIELDS_MAX = 200
_SMALL_BODY = 65_536
"""An answer that is no page is read up to here, so that its connection can be used again."""

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one exchange. Seconds and bytes."""

    connect_s: float = 10.0
    idle_s: float = 20.0
    total_s: float = 60.0
    body_max: int = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one request. Where `outcome` is set, no whole answer was received."""

    url: str
    latency_s: float
    outcome: Outcome | None = None
    detail: str | None = None
    status: int | None = None
    status_line: str = ""
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    """Transfer coding taken off, content coding left on; what was read before a failure included."""
    request_head: bytes = b""
    ip: str | None = None
    is_skipped: bool = False
    """Whether the body was left unread because nothing in it was wanted."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The headers by lower-case name, repeated ones joined by a comma."""

    def header(self, name: str) -> str | None:
        """A header by its lower-case name."""
        return self.fields.get(name)


WantsBody = Callable[[int, Mapping[str, str]], bool]


class Client:
    """Sends requests. An asynchronous context manager; one belongs to one event loop."""

    def __init__(
        self, *, user_agent: str, guard: Guard, tls: ssl.SSLContext | None = None, lookup: Lookup | None = None
    ) -> None:
        self._guard = guard
        self._resolver = GuardedResolver(guard, lookup)
        connector = aiohttp.TCPConnector(
            resolver=self._resolver, limit=0, ttl_dns_cache=60, keepalive_timeout=30, ssl=tls if tls else True
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING},
            max_line_size=_LINE_MAX,
            max_field_size=_FIELD_MAX,
            max_headers=_FIELDS_MAX,
        )
        # aiohttp asks again by itself where a kept connection breaks: a request without its gap that no ledger knows
        # of. There is no public switch; a test counts the requests that arrive.
        self._session._retry_connection = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def get(
        self,
        url: str,
        *,
        limits: Limits,
        headers: Mapping[str, str] | None = None,
        wants_body: WantsBody = lambda status, fields: True,  # noqa: ARG005
    ) -> Answer:
        """Ask for a URL. Never raises for what the other side does: an Answer with its outcome comes back."""
        started = time.perf_counter()
        target = URL(url, encoded=True)
        objection = self._guard.objection_to_literal(target.raw_host or "", target.port or 0)
        if objection is not None:
            return Answer(url=url, latency_s=0.0, outcome=Outcome.ADDRESS_FORBIDDEN, detail=objection)
        timeout = aiohttp.ClientTimeout(total=limits.total_s, connect=limits.connect_s, sock_read=limits.idle_s)
        try:
            async with self._session.get(target, headers=headers, allow_redirects=False, timeout=timeout) as response:
                return await self._read(response, url, started, limits, wants_body)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            outcome, detail = _failure(error)
            return Answer(url=url, latency_s=time.perf_counter() - started, outcome=outcome, detail=detail)

    async def _read(
        self, response: aiohttp.ClientResponse, url: str, started: float, limits: Limits, wants_body: WantsBody
    ) -> Answer:
        fields: dict[str, str] = {}
        for raw_name, raw_value in response.raw_headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", "replace")
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        is_wanted = wants_body(response.status, fields)
        body, outcome, detail = await _body(response, limits.body_max if is_wanted else _SMALL_BODY)
        if not is_wanted:
            outcome = detail = None
        version = response.version
        return Answer(
            url=url,
            latency_s=time.perf_counter() - started,
            outcome=outcome,
            detail=detail,
            status=response.status,
            status_line=f"HTTP/{version.major if version else 1}.{version.minor if version else 1} "
            f"{response.status} {response.reason or ''}".rstrip(),
            headers=response.raw_headers,
            body=body if is_wanted else b"",
            request_head=_request_head(response),
            ip=self._resolver.dialled(response.url.raw_host or "", response.url.port or 0) or response.url.raw_host,
            is_skipped=not is_wanted,
            fields=fields,
        )


async def _body(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, Outcome | None, str | None]:
    """The body up to a limit, what ended it early, and its detail. Leaving off closes the connection."""
    pieces = bytearray()
    try:
        async for piece in response.content.iter_any():
            pieces += piece
            if len(pieces) > limit:
                response.close()
                return bytes(pieces[:limit]), Outcome.TOO_LARGE, f"more than {limit} bytes"
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        response.close()
        outcome, detail = _failure(error)
        return bytes(pieces), Outcome.TRUNCATED if outcome is Outcome.RESET else outcome, detail
    return bytes(pieces), None, None


def _request_head(response: aiohttp.ClientResponse) -> bytes:
    """The request as sent, put together from what the session says that it sent."""
    info = response.request_info
    lines = [f"GET {info.url.raw_path_qs} HTTP/1.1", *(f"{k}: {v}" for k, v in info.headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")


def _failure(error: BaseException) -> tuple[Outcome, str]:  # noqa: PLR0911 - a table in the form of code
    """The name of a failure. The order counts: the library's classes overlap."""
    detail = (str(error) or type(error).__name__)[:300]
    cause = getattr(error, "os_error", None)
    if isinstance(error, TimeoutError):
        return Outcome.TIMEOUT, detail
    if isinstance(cause, ForbiddenAddressError):
        return Outcome.ADDRESS_FORBIDDEN, str(cause)
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError | ssl.SSLError):
        return Outcome.TLS, detail
    if isinstance(error, aiohttp.ClientConnectorDNSError | UnicodeError):
        return Outcome.DNS, detail  # the second: a name that IDNA has no form for
    if isinstance(error, aiohttp.ClientResponseError):
        too_large = "more than" in detail or "Too many" in detail
        return (Outcome.TOO_LARGE if too_large else Outcome.BAD_RESPONSE), (error.message or detail)[:300]
    if isinstance(error, aiohttp.ClientPayloadError):
        is_cut = "Not enough data" in detail or isinstance(error.__cause__, OSError)
        return (Outcome.TRUNCATED if is_cut else Outcome.BAD_RESPONSE), detail
    if isinstance(error, aiohttp.ClientConnectorError):
        return _CONNECT_ERRORS.get(error.errno or 0, Outcome.REFUSED), detail
    if isinstance(error, OSError | aiohttp.ClientConnectionError):
        return Outcome.RESET, detail
    return Outcome.BAD_RESPONSE, detail


_CONNECT_ERRORS = {errno.ECONNRESET: Outcome.RESET, errno.ETIMEDOUT: Outcome.TIMEOUT}
