"""One large file over HTTP onto the disk, in pieces that survive a kill.

What has arrived stays in `<name>.part`; the next try asks for the rest, on condition that the file is still the same. A
server that does not do that sends the whole again. The address is checked where it is dialled, redirects included.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from flows.fetch.address import Guard, GuardedResolver
from flows.fetch.crawl import user_agent
from flows.settings import Settings
from warehouse.errors import UserError

TRIES = 5
_CHUNK = 1 << 20
_PAUSE_S = 2.0
_REDIRECTS_MAX = 5
_SLOW = aiohttp.ClientTimeout(total=None, connect=30.0, sock_read=60.0)
_REDIRECTED = (301, 302, 303, 307, 308)


class DownloadError(UserError):
    """A file could not be had: one line that says why."""


class TooLargeError(DownloadError):
    """A file does not fit into what may be used."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a `.part` file is the beginning of."""

    url: str
    validator: str | None
    total: int | None


class Downloader:
    """Downloads with the settings of one run. `pause_s` is the first pause before another try; it doubles."""

    def __init__(self, settings: Settings, *, pause_s: float = _PAUSE_S) -> None:
        self._guard = Guard(settings.allow_private, has_contact=settings.contact is not None)
        self._agent = user_agent(settings.contact)
        self._pause_s = pause_s

    def list_at(self, url: str, *, most: int) -> bytes:
        """The bytes of a small file. Raises DownloadError."""
        return asyncio.run(self._small(url, most))

    def fetch(
        self, url: str, folder: Path, *, room: Callable[[], int], on_bytes: Callable[[int, int | None], None]
    ) -> Path:
        """Download into `folder`, which is made; returns the whole file. Goes on where an earlier try broke off.

        `room` says how many bytes may still be used; `on_bytes` is told how many are there, of how many.
        Raises DownloadError, TooLargeError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        return asyncio.run(self._whole(url, place_of(url, folder), room, on_bytes))

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(self._guard), limit=2)
        headers = {"User-Agent": self._agent, "Accept-Encoding": "identity"}
        return aiohttp.ClientSession(
            connector=connector, headers=headers, timeout=_SLOW, trust_env=False, auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )  # fmt: skip

    async def _small(self, url: str, most: int) -> bytes:
        try:
            async with self._session() as session, await self._get(session, url, {}) as response:
                if response.status != 200:
                    raise DownloadError(f"{url}: status {response.status}")
                content = await response.content.read(most + 1)
                while len(content) <= most and (more := await response.content.read(_CHUNK)):
                    content += more
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DownloadError(f"{url}: {_words(error)}") from error
        if len(content) > most:
            raise DownloadError(f"{url}: larger than {most} bytes, too large for a list")
        return content

    async def _whole(
        self, url: str, target: Path, room: Callable[[], int], on_bytes: Callable[[int, int | None], None]
    ) -> Path:
        pause, last = self._pause_s, "no answer"
        for tried in range(TRIES):
            if tried:
                await asyncio.sleep(pause)
                pause *= 2
            before = _length(target)
            try:
                async with self._session() as session:
                    if await self._once(session, url, target, room, on_bytes):
                        return target
                last = "the answer broke off"
            except TooLargeError:
                raise
            except _RefusedError as error:
                raise DownloadError(f"{url}: {error}") from error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                last = _words(error)
            if _length(target) > before:
                pause = self._pause_s  # it got further: no reason to lose patience
        raise DownloadError(f"{url}: {last}, {TRIES} times; what has arrived is kept for the next run")

    async def _once(
        self,
        session: aiohttp.ClientSession,
        url: str,
        target: Path,
        room: Callable[[], int],
        on_bytes: Callable[[int, int | None], None],
    ) -> bool:
        """One request. Whether the file is whole now."""
        if target.exists():
            return True
        part, notes = target.with_name(target.name + ".part"), target.with_name(target.name + ".json")
        have, known = (part.stat().st_size, _read(notes)) if part.exists() else (0, None)
        headers = {}
        if have and known and known.url == url and known.validator:
            headers = {"Range": f"bytes={have}-", "If-Range": known.validator}
        async with await self._get(session, url, headers) as response:
            if response.status == 416 and known and known.total == have:
                return _finish(part, notes, target)
            if response.status not in (200, 206):
                words = f"status {response.status}"
                if response.status in (408, 429) or response.status >= 500:
                    raise OSError(words)
                raise _RefusedError(words)
            if response.status == 200:
                have = 0
            total = have + response.content_length if response.content_length is not None else None
            if (total or have) - have > room():
                raise TooLargeError(f"{url}: {total} bytes do not fit into the disk budget")
            notes.write_text(json.dumps(asdict(_Part(url, _validator(response), total))), encoding="utf-8")
            with part.open("ab" if have else "wb") as file:
                async for chunk in response.content.iter_chunked(_CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    on_bytes(have, total)
                    if total is None and room() < 0:
                        raise TooLargeError(f"{url}: it does not fit into the disk budget")
                file.flush()
                os.fsync(file.fileno())
        return _finish(part, notes, target) if total is None or have == total else False

    async def _get(self, session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> aiohttp.ClientResponse:
        for _ in range(_REDIRECTS_MAX + 1):
            target = URL(url)
            if objection := self._guard.objection_to_literal(target.raw_host or "", target.port or 0):
                raise _RefusedError(objection)
            response = await session.get(target, headers=headers, allow_redirects=False)
            if response.status not in _REDIRECTED or "Location" not in response.headers:
                return response
            url = str(target.join(URL(response.headers["Location"])))
            response.release()
            if not url.startswith(("http://", "https://")):
                raise _RefusedError(f"it redirects to {url}")
        raise _RefusedError(f"more than {_REDIRECTS_MAX} redirects")


class _RefusedError(OSError):
    """An answer that will be the same next time."""


def place_of(url: str, folder: Path) -> Path:
    """Where a download lies: named after the file, and after the address, so that two files of a name are two."""
    name = url.partition("?")[0].rpartition("/")[2][-150:] or "file"
    return folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{name}"


def _finish(part: Path, notes: Path, target: Path) -> bool:
    part.rename(target)
    notes.unlink(missing_ok=True)
    return True


def _read(path: Path) -> _Part | None:
    try:
        return _Part(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _validator(response: aiohttp.ClientResponse) -> str | None:
    """A strong one: a weak ETag does not promise the same bytes."""
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")


def _length(target: Path) -> int:
    try:
        return target.with_name(target.name + ".part").stat().st_size
    except OSError:
        return 0


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
