"""Where the warehouse is when it is no file: a DuckLake, of data files and a catalog that says which of them count.

Only the address, and what a data directory remembers of it: a command that is not told where the catalog is must not
take the data directory for one without a warehouse, and begin another. What is done with a DuckLake is in
`warehouse.ducklake`; nothing here needs its libraries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from warehouse.errors import UserError

MARK_NAME = "broadsheet-ducklake"
"""Lies in a data directory whose warehouse is a DuckLake; holds no address, since that may hold a password."""
_SCHEMES = ("postgresql", "postgres")
_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name"}


@dataclass(frozen=True, slots=True)
class Lakehouse:
    """A DuckLake as the settings name it."""

    catalog: str | None = field(default=None, repr=False)
    """`postgresql://user:password@server:port/database`; None for an SQLite file in the data directory."""

    def __post_init__(self) -> None:
        if self.catalog is not None and urlsplit(self.catalog).scheme not in _SCHEMES:
            raise UserError(
                "setting warehouse_catalog: it is the address of a PostgreSQL database, "
                "as postgresql://user:password@server/database"
            )

    @property
    def place(self) -> str:
        """The catalog in words, without what is secret."""
        if self.catalog is None:
            return "its SQLite catalog"
        parts = urlsplit(self.catalog)
        return f"its catalog {parts.path.lstrip('/') or '?'} at {parts.hostname or 'this machine'}"

    def connection(self) -> dict[str, str]:
        """The address in libpq's words; empty for SQLite. Raises UserError."""
        if self.catalog is None:
            return {}
        parts = urlsplit(self.catalog)
        try:
            port = parts.port
        except ValueError as error:
            raise UserError(f"setting warehouse_catalog: {error}") from error
        options = dict(parse_qsl(parts.query))
        if unknown := sorted(options.keys() - _OPTIONS - {"host"}):
            raise UserError(f"setting warehouse_catalog: unknown parameter {unknown[0]}")
        given = {
            "host": options.pop("host", None) or parts.hostname,
            "port": str(port) if port else None,
            "dbname": unquote(parts.path.lstrip("/")) or None,
            "user": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            **options,
        }
        return {name: value for name, value in given.items() if value}


def is_marked(root: Path) -> bool:
    """Whether the warehouse of a data directory is a DuckLake."""
    return (root / MARK_NAME).exists()
