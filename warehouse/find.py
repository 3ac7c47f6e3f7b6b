"""One capture found again: by its address or id in the warehouse, or in a file that was never ingested."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from transforms.url import normalize
from warehouse.captures import Broken, Captured, read_captures
from warehouse.captures_stored import fetch_capture
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.ingest import ingest
from warehouse.reading import reading
from warehouse.retired import retired_files
from warehouse.statements import statement

_AS_IT_IS = (".warc", ".warc.gz")


def find_capture(datadir: DataDir, wanted: str) -> Captured:
    """The newest capture of an address, or the capture of that id. Raises UserError where there is none to be read."""
    with reading(datadir) as con:
        found = con.execute(statement("find_capture"), {"wanted": wanted, "address": normalize(wanted)}).fetchone()
    if found is None:
        raise UserError(f"the warehouse has no capture of {wanted}: `broadsheet ingest --urls FILE` fetches a list")
    capture_id, warc_file, warc_offset = found
    path = fetch_capture(datadir, warc_file)
    if note := retired_files(datadir).get(warc_file):
        raise UserError(f"{path} was removed on {note.retired_at:%Y-%m-%d} ({note.reason}): only its rows are left")
    try:
        for item in read_captures(path, root=datadir.captures, start=warc_offset, end=warc_offset + 1):
            if isinstance(item, Captured) and item.page.capture_id == capture_id:
                return item
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    raise UserError(
        f"{path} does not hold capture {capture_id} where the warehouse says: `broadsheet verify` tells more"
    )


def capture_in_file(path: Path, *, url: str | None = None) -> Captured:
    """The first page in an archive, HTML or text file, or the first capture of `url` in it; nothing is ingested.

    Raises UserError where there is none.
    """
    captures = _captures_in(path)
    address = normalize(url) if url else None
    for item in captures:
        if address is None and item.reject is None:
            return item
        if address in (normalize(item.page.url), normalize(item.page.final_url)):
            return item
    raise UserError(f"{path} holds no {f'capture of {url}' if url else 'page'}")


def _captures_in(path: Path) -> Iterator[Captured]:
    try:
        if path.name.lower().endswith(_AS_IT_IS):
            for item in read_captures(path, root=path.parent):
                if not isinstance(item, Broken):
                    yield item
            return
        with TemporaryDirectory(prefix="broadsheet-") as folder:
            datadir = DataDir.open(Path(folder) / "data", create=True)
            taken = ingest([path], datadir)
            if taken.problems:
                raise UserError(taken.problems[0])
            for warc_file in taken.warc_files:
                for item in read_captures(datadir.captures / warc_file, root=datadir.captures):
                    if not isinstance(item, Broken):
                        yield item
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
