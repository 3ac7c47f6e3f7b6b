"""What a re-extraction would change, said in SQL over the lake and the side lake before anybody adopts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import duckdb

from warehouse.datadir import DataDir
from warehouse.errors import LakeError, WarehouseError
from warehouse.export import ExportFormat, write_answer
from warehouse.lakeviews import create_lake_views, unreadable
from warehouse.manifest import Manifest
from warehouse.reading import first_line
from warehouse.side import side_lake
from warehouse.statements import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One capture that is read differently. Lines are paragraphs of the text that only one of the two has."""

    capture_id: str
    url: str
    source: str
    captured_at: datetime
    change: str
    """lost, gained, rejected otherwise or changed."""
    changed_fields: list[str]
    words_added: int
    words_removed: int
    before_outcome: str
    after_outcome: str
    before_title: str | None
    after_title: str | None
    before_authors: list[str] | None
    after_authors: list[str] | None
    before_published_at: datetime | None
    after_published_at: datetime | None
    lines_removed: list[str]
    lines_added: list[str]
    is_latest: bool
    """Whether this capture decides what its article is now; earlier ones change earlier versions."""


@dataclass(frozen=True, slots=True)
class FieldCount:
    """In how many articles a field changes; words are counted for the text alone."""

    field: str
    article_count: int
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The whole of it in numbers, and the worst changes one by one."""

    extractors: tuple[str, str]
    """Who read the lake, and who read the side lake; several are joined by a comma."""
    counts: dict[str, int]
    """Articles by what becomes of them: same, changed, lost, gained, rejected otherwise."""
    fields: tuple[FieldCount, ...]
    earlier_count: int
    """Captures besides the newest of their address that are read differently."""
    worst: tuple[Change, ...]

    def words(self) -> str:
        """The comparison in one line."""
        total = sum(self.counts.values())
        named = [f"{self.counts[name]} {name}" for name in _NAMES if self.counts.get(name)]
        return f"{total} articles compared: {', '.join(named) or 'none'}"


_NAMES = ("lost", "gained", "rejected otherwise", "changed", "same")


def compare(datadir: DataDir, *, limit: int = 20) -> Comparison:
    """What the last re-extraction would change, with the `limit` worst changes.

    Raises LakeError where nothing was re-extracted or a lake cannot be read, WarehouseError where DuckDB gives up.
    """
    with _comparing(datadir) as con:
        counts = dict(con.execute(statement("compare_counts")).fetchall())
        fields = con.execute(statement("compare_fields")).fetchall()
        answer = con.execute(f"FROM ({statement('compare_changes')}) LIMIT {max(0, int(limit))}")
        names = [str(column[0]) for column in answer.description or []]
        worst = [Change(**dict(zip(names, row, strict=True))) for row in answer.fetchall()]
        [(earlier,)] = con.execute(
            "SELECT count(*) FROM comparison WHERE NOT is_latest AND change <> 'same'"
        ).fetchall()
    return Comparison(
        extractors=(_extractors(datadir), _extractors(side_lake(datadir))),
        counts=counts,
        fields=tuple(FieldCount(*row) for row in fields),
        earlier_count=earlier,
        worst=tuple(worst),
    )


def export_changes(datadir: DataDir, file_format: ExportFormat, target: BinaryIO) -> int:
    """Write every change, the worst first, to an open binary file and return their number. Raises as `compare` does."""
    with _comparing(datadir) as con:
        return write_answer(con, statement("compare_changes"), file_format, target)


@contextmanager
def _comparing(datadir: DataDir) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has the table `comparison`."""
    side = side_lake(datadir)
    after = Manifest.read(side)
    if not after.entries:
        raise LakeError(f"nothing was re-extracted in {datadir.root} yet: `broadsheet reextract` does")
    before = Manifest.read(datadir)
    for lake, manifest in ((datadir, before), (side, after)):
        if problem := next(filter(None, (unreadable(lake, batch) for batch in manifest.batches.values())), None):
            raise LakeError(f"{problem}: extract its captures again")
    with TemporaryDirectory(prefix="broadsheet-compare-") as folder:
        # A file, so that more than fits into memory can be compared.
        con = duckdb.connect(str(Path(folder) / "compare.duckdb"))
        try:
            con.execute("SET TimeZone = 'UTC'")
            create_lake_views(con, datadir, before.batches.values(), prefix="before")
            create_lake_views(con, side, after.batches.values(), prefix="after")
            con.execute(statement("compare"))
            yield con
        except duckdb.Error as error:
            raise WarehouseError(f"the comparison failed: {first_line(error)}") from error
        finally:
            con.close()


def _extractors(datadir: DataDir) -> str:
    made: set[Any] = {batch.extractor for batch in Manifest.read(datadir).batches.values()}
    return ", ".join(sorted(filter(None, made)))
