"""CDXJ: an index beside each WARC file, by which replay tools find a capture without reading the file.

One line a capture: the URL turned around so that a site's pages stand together (SURT), the time to the second, and
what is needed to seek. Derived from the file, so it can be made again at any time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ada_url import URL

from warehouse.captures import Captured, read_captures
from warehouse.datadir import write_atomically

_WWW = re.compile(r"^www\d*\.")


def write_index(captures: Path, warc_file: str) -> Path:
    """Index a WARC file below `captures` by reading it; gives the path of the index. Raises OSError."""
    path = captures / warc_file
    records = [r for r in read_captures(path, root=captures) if isinstance(r, Captured)]
    return put_index(
        captures,
        warc_file,
        [
            index_line(
                r.page.final_url,
                r.page.captured_at,
                status=r.status,
                content_type="warc/revisit" if r.kind == "revisit" else r.page.content_type,
                digest=r.payload_digest,
                offset=r.warc_offset,
                name=path.name,
            )
            for r in records
        ],
    )


def put_index(captures: Path, warc_file: str, lines: Iterable[str]) -> Path:
    """Put an index beside its WARC file, from lines that `index_line` made. Raises OSError."""
    index = index_of(captures / warc_file)
    write_atomically(index, "".join(sorted(lines)).encode("utf-8", "surrogateescape"))
    return index


def index_line(
    url: str, at: datetime, *, status: int | None, content_type: str | None, digest: str, offset: int, name: str
) -> str:
    """The line for one capture; `warc/revisit` as type says that it only refers to another."""
    fields = {
        "url": url,
        "mime": (content_type or "").partition(";")[0].strip(),
        "status": str(status or ""),
        "digest": digest,
        "offset": str(offset),
        "filename": name,
    }
    return f"{surt(url)} {at:%Y%m%d%H%M%S} {json.dumps(fields)}\n"


def renew_index(captures: Path, path: Path) -> None:
    """Index a WARC file again whose records have moved, if it has an index. Raises OSError."""
    if index_of(path).exists():
        write_index(captures, path.relative_to(captures).as_posix())


def surt(url: str) -> str:
    """A URL in the order in which an index is sorted: `com,example)/path?query`; as it is where it has no host."""
    try:
        parsed = URL(url)
    except ValueError:
        return url
    if not parsed.hostname:
        return url
    name = _WWW.sub("", parsed.hostname)
    turned = name if name.replace(".", "").isdigit() or name.startswith("[") else ",".join(reversed(name.split(".")))
    port = f":{parsed.port}" if parsed.port else ""
    path = parsed.pathname.lower()
    query = "&".join(sorted(parsed.search[1:].lower().split("&")))
    return f"{turned}{port}){path.rstrip('/') or '/'}" + (f"?{query}" if query else "")


def index_of(path: Path) -> Path:
    """Where the index of a WARC file lies, made or not."""
    return path.with_name(path.name.removesuffix(".gz").removesuffix(".warc") + ".cdxj")
