"""Freezing a corpus: the articles as they had been captured by a moment, in files whose hashes a paper can cite.

The rows are sorted, so the same warehouse gives the same bytes for the same moment, however often it is asked. What is
loaded later changes them only where captures come late, or merge two articles. The manifest describes the files, and
`SHA256SUMS` beside it lets anybody check all of them without Broadsheet: `sha256sum -c SHA256SUMS`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path

from warehouse.datadir import DataDir, write_atomically
from warehouse.errors import UserError
from warehouse.export import ExportFormat, export
from warehouse.query import run_sql

MANIFEST_NAME = "manifest.json"
SUMS_NAME = "SHA256SUMS"


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
        try:
            with temporary.open("wb") as file:
                rows = export(datadir, sql, file_format, file)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)  # of an export that failed
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
        content = (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode()
        sums = f"{digest}  {path.name}\n{sha256(content).hexdigest()}  {MANIFEST_NAME}\n"
        write_atomically(folder / SUMS_NAME, sums.encode())
        write_atomically(manifest, content)  # the last: a folder with a manifest is a whole corpus
    except OSError as error:
        raise UserError(f"cannot write the corpus to {folder}: {error.strerror or error}") from error
    return Corpus(path, manifest, rows, digest)


def check(folder: Path) -> tuple[str, ...]:
    """What in a frozen corpus is not as it was written, one line each; empty where all is as it was.

    Raises UserError where there is no corpus.
    """
    try:
        described = json.loads((folder / MANIFEST_NAME).read_bytes())
        files = [(str(f["path"]), int(f["bytes"]), str(f["sha256"])) for f in described["files"]]
    except FileNotFoundError:
        raise UserError(f"{folder} holds no corpus: there is no {MANIFEST_NAME} in it") from None
    except OSError as error:
        raise UserError(f"cannot read {folder / MANIFEST_NAME}: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError):
        return (f"{MANIFEST_NAME} is no manifest of a corpus",)
    problems = [problem for f in files if (problem := _file_problem(folder / f[0], f[1], f[2]))]
    return (*problems, *_sum_problems(folder, {name: digest for name, _, digest in files}))


def _file_problem(path: Path, size: int, digest: str) -> str | None:
    try:
        with path.open("rb") as file:
            found, found_size = file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror or error}"
    if found_size != size:
        return f"{path.name} has {found_size} bytes, not {size}"
    return None if found == digest else f"{path.name} is not what was written, its sha256 is {found}"


def _sum_problems(folder: Path, digests: dict[str, str]) -> list[str]:
    """What the manifest and the list of sums say of each other."""
    try:
        lines = (folder / SUMS_NAME).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return [f"{SUMS_NAME} cannot be read"]
    own = sha256((folder / MANIFEST_NAME).read_bytes()).hexdigest()
    said = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    wanted = {**digests, MANIFEST_NAME: own}
    return [f"{name} is not what {SUMS_NAME} says" for name in wanted if said.get(name) != wanted[name]]
