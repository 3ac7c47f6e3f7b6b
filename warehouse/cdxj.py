"""CDXJ: an index beside each WARC file, by which replay tools find a capture without reading the file.

One line a capture: the URL turned around so that a site's pages stand together (SURT), the time to the second, and
what is needed to seek. Derived from the file, so it can be made again at any time.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ada_url import URL

from warehouse.captures import Captured, read_captures
from warehouse.datadir import write_atomically

_WWW = re.compile(r"^www\d*\.")


def write_index(captures: Path, warc_file: str) -> Path:
    """Index a WARC file below `captures`; gives the path of the index. Raises OSError."""
    path = captures / warc_file
    index = _index_of(path)
    records = [r for r in read_captures(path, root=captures) if isinstance(r, Captured)]
    lines = sorted(_line(record, path.name) for record in records)
    write_atomically(index, "".join(lines).encode("utf-8", "surrogateescape"))
    return index


def renew_index(captures: Path, path: Path) -> None:
    """Index a WARC file again whose records have moved, if it has an index. Raises OSError."""
    if _index_of(path).exists():
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


def _line(record: Captured, name: str) -> str:
    fields = {
        "url": record.page.final_url,
        "mime": "warc/revisit"
        if record.kind == "revisit"
        else (record.page.content_type or "").partition(";")[0].strip(),
        "status": str(record.status or ""),
        "digest": record.payload_digest,
        "offset": str(record.warc_offset),
        "filename": name,
    }
    return f"{surt(record.page.final_url)} {record.page.captured_at:%Y%m%d%H%M%S} {json.dumps(fields)}\n"


def _index_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".gz").removesuffix(".warc") + ".cdxj")
