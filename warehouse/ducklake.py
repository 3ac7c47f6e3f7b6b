"""Opening a warehouse that is a DuckLake: Parquet files, and a catalog in PostgreSQL or SQLite that says which count.

DuckDB reads it through extensions that only some of its versions have, so the extra `[lake]` pins one version of each
and is an environment of its own. They are loaded from installed packages, never fetched. The password goes into a
secret of the connection: what DuckDB shows of an attached database is then free of it.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.datadir import DataDir, write_atomically
from warehouse.ddl import literal
from warehouse.errors import NotLoadedYet, UserError, WarehouseError
from warehouse.lakehouse import MARK_NAME, Lakehouse, is_marked
from warehouse.publish import Limits

ALIAS = "warehouse"
"""The name of the attached database, as it is with the file warehouse.duckdb."""
_SECRET = {"host": "HOST", "port": "PORT", "dbname": "DATABASE", "user": "USER", "password": "PASSWORD"}
_UNMADE = "creating a new DuckLake is explicitly disabled"
_NEWEST = """SELECT (SELECT max(snapshot_id) FROM catalog.ducklake_snapshot),
  (SELECT any_value("value") FROM catalog.ducklake_metadata WHERE "key" = 'data_path' AND scope IS NULL),
  (SELECT count(*) > 0 FROM catalog.ducklake_table WHERE table_name = 'loads' AND end_snapshot IS NULL)"""


def open_pinned(datadir: DataDir, lakehouse: Lakehouse) -> duckdb.DuckDBPyConnection:
    """A read-only connection that sees the newest snapshot, and goes on seeing it, shut in with the data files.

    Raises NotLoadedYet, WarehouseError where the catalog does not answer, UserError where the extra is missing.
    """
    con = _connect(lakehouse, {"temp_directory": str(Path(tempfile.gettempdir()) / "broadsheet-sql")})
    with _closed_on_error(con, lakehouse):
        snapshot, folder = _newest(con, datadir, lakehouse)
        _attach(con, datadir, lakehouse, f"SNAPSHOT_VERSION {snapshot}")
        con.execute(f"SET allowed_directories = [{literal(folder)}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET TimeZone = 'UTC'")
    return con


def open_for_writing(datadir: DataDir, lakehouse: Lakehouse, limits: Limits) -> duckdb.DuckDBPyConnection:
    """A connection that can change the DuckLake, which is made where there is none. Raises as `open_pinned` does."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": limits.memory,
        "temp_directory": str(datadir.root / "ducklake.spill"),
        "preserve_insertion_order": False,
    }
    if limits.threads:
        config["threads"] = limits.threads
    con = _connect(lakehouse, config)
    with _closed_on_error(con, lakehouse):
        try:
            _attach(con, datadir, lakehouse, "CREATE_IF_NOT_EXISTS false")
        except duckdb.Error as error:
            if _UNMADE not in str(error):
                raise
            datadir.ducklake.mkdir(parents=True, exist_ok=True)
            _attach(con, datadir, lakehouse, f"DATA_PATH {literal(str(datadir.ducklake))}")
            con.execute(f"CALL {ALIAS}.set_option('parquet_compression', 'zstd')")
        if not is_marked(datadir.root):
            write_atomically(datadir.root / MARK_NAME, b"The warehouse is a DuckLake: the settings say where.\n")
        con.execute("SET TimeZone = 'UTC'")
    return con


@contextmanager
def _closed_on_error(con: duckdb.DuckDBPyConnection, lakehouse: Lakehouse) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        con.close()
        if isinstance(error, duckdb.Error):
            raise _refused(lakehouse, error) from error
        raise


def _connect(
    lakehouse: Lakehouse, config: dict[str, str | bool | int | float | list[str]]
) -> duckdb.DuckDBPyConnection:
    names = ("ducklake", "sqlite_scanner" if lakehouse.catalog is None else "postgres_scanner")
    paths = [_extension(name) for name in names]
    # no more than the code beside it is the file of an installed package to be doubted: checking its signature takes
    # 0.3 s of CPU each time, most of what a short question costs
    trusted = {"allow_unsigned_extensions": True}
    closed = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    con = duckdb.connect(config={**trusted, **closed, **config})
    try:
        for path in paths:
            con.execute(f"LOAD {literal(str(path))}")
        if given := lakehouse.connection():
            fields = (f"{_SECRET[name]} {literal(value)}" for name, value in given.items() if name in _SECRET)
            con.execute(f"CREATE SECRET lake_catalog (TYPE postgres, {', '.join(fields)})")
    except BaseException:
        con.close()
        raise
    return con


def _attach(con: duckdb.DuckDBPyConnection, datadir: DataDir, lakehouse: Lakehouse, *options: str) -> None:
    """Attach and use the DuckLake. Without DATA_PATH among the options it is not made."""
    if lakehouse.catalog is None:
        address = f"sqlite:{datadir.ducklake_catalog}"
        if not (makes := any("DATA_PATH" in option for option in options)):
            # it lies beside its files, wherever the data directory was moved to
            options = (*options, f"DATA_PATH {literal(str(datadir.ducklake))}", "OVERRIDE_DATA_PATH true")
        if not makes and not datadir.ducklake_catalog.exists():
            raise duckdb.IOException(_UNMADE)  # SQLite would leave an empty file behind
    else:
        address, options = f"postgres:{_options(lakehouse)}", (*options, "META_SECRET lake_catalog")
    # no rows in the catalog itself: what is forgotten must be gone from it, and SQLite has no lists and maps
    listed = ", ".join((*options, "DATA_INLINING_ROW_LIMIT 0"))
    con.execute(f"ATTACH {literal('ducklake:' + address)} AS {ALIAS} ({listed})")
    con.execute(f"USE {ALIAS}")


def _newest(con: duckdb.DuckDBPyConnection, datadir: DataDir, lakehouse: Lakehouse) -> tuple[int, str]:
    """The newest snapshot, and the folder of the data files.

    From the catalog's own tables: to attach the DuckLake for it takes twenty times as long, and asking it for its
    tables costs two questions to the server for each of them.
    """
    if lakehouse.catalog is None:
        if not datadir.ducklake_catalog.exists():
            raise duckdb.IOException(_UNMADE)  # SQLite would leave an empty file behind
        con.execute(f"ATTACH {literal(str(datadir.ducklake_catalog))} AS catalog (TYPE sqlite, READ_ONLY)")
    else:
        con.execute(f"ATTACH {literal(_options(lakehouse))} AS catalog (TYPE postgres, SECRET lake_catalog, READ_ONLY)")
    try:
        [(snapshot, folder, is_loaded)] = con.execute(_NEWEST).fetchall()
    except duckdb.CatalogException as error:
        raise duckdb.IOException(_UNMADE) from error
    con.execute("DETACH catalog")
    if not is_loaded:
        raise duckdb.IOException(_UNMADE)  # whoever made it was killed before its first load
    # one with an SQLite catalog lies beside it, wherever the data directory was moved to
    return int(snapshot), str(datadir.ducklake if lakehouse.catalog is None else folder)


def _options(lakehouse: Lakehouse) -> str:
    """What of the catalog's address is not in the secret."""
    return " ".join(f"{name}={value}" for name, value in lakehouse.connection().items() if name not in _SECRET)


def _extension(name: str) -> Path:
    """The file of one of DuckDB's extensions, from its installed package. Raises UserError."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}"
        if (path := folder / f"{name}.duckdb_extension").exists():
            return path
    raise UserError(
        f'warehouse = "ducklake" needs the extra [lake] in an environment of its own (`make lake`): '
        f"DuckDB {duckdb.__version__} has no extension {name} here"
    )


def _refused(lakehouse: Lakehouse, error: duckdb.Error) -> WarehouseError:
    if _UNMADE in str(error):
        return NotLoadedYet(f"nothing is loaded in {lakehouse.place} yet: `broadsheet run` or `broadsheet ingest` does")
    return WarehouseError(f"{lakehouse.place} cannot be reached: {' '.join(str(error).split())}")
