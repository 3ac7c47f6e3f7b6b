"""Freezing a corpus: the articles as they had been captured by a moment, in files whose hashes a paper can cite.

The rows are sorted, so the same warehouse gives the same bytes for the same moment, however often it is asked. What is
loaded later changes them only where captures come late, or merge two articles.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path

from warehouse.datadir import DataDir, write_atomically
from warehouse.errors import UserError
from warehouse.export import ExportFormat, export
from warehouse.query import run_sql

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A frozen corpus."""

    file: Path
    manifest: Path
    rows: int
    sha256: str


def freeze(
    datadir: DataDir, folder: Path, *, as_of: datetime, file_format: ExportFormat, where: str | None = None
) -> Corpus:
    """Write the articles as of a moment to `folder/articles.<format>`, and `folder/manifest.json` about them.

    `where` is an SQL condition on the columns of `articles`. Raises UserError where the folder holds a corpus already,
    `as_of` has no zone or the disk refuses; QueryError where the condition is no SQL.
    """
    if as_of.tzinfo is None:
        raise UserError("the moment of an export needs a zone: 2026-11-01T00:00:00Z")
    moment = as_of.astimezone(UTC)
    condition = f" WHERE ({where}\n)" if where else ""
    sql = f"FROM articles_as_of('{moment.isoformat()}'){condition} ORDER BY article_id"
    path, manifest = folder / f"articles.{file_format.value}", folder / MANIFEST_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if manifest.exists():
            raise UserError(f"{folder} holds a corpus already: name another folder")
        temporary = path.with_name(path.name + ".tmp")
        with temporary.open("wb") as file:
            rows = export(datadir, sql, file_format, file)
        temporary.replace(path)
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        described = {
            "as_of": moment.isoformat(),
            "where": where,
            "files": [{"path": path.name, "rows": rows, "bytes": path.stat().st_size, "sha256": digest}],
            "last_load": run_sql(datadir, "SELECT max(load_id) FROM loads").rows[0][0],
            "extractors": [e for (e,) in run_sql(datadir, f"SELECT DISTINCT extractor FROM ({sql}) ORDER BY 1").rows],
            "broadsheet": version("broadsheet"),
        }
        write_atomically(manifest, (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise UserError(f"cannot write the corpus to {folder}: {error.strerror or error}") from error
    return Corpus(path, manifest, rows, digest)
