"""Options that many subcommands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.settings import Settings, make_settings
from warehouse.datadir import DataDir
from warehouse.storage import FILE_NAME

DataDirOption = Annotated[
    Path | None, Parameter(name="--data-dir", help="where the data lies [BROADSHEET_DATA_DIR; data/]")
]
SourceOption = Annotated[
    list[str] | None, Parameter(name="--source", help="id of a source; may be given again", negative="")
]
SourcesOption = Annotated[Path | None, Parameter(name="--sources", help="file of sources [sources.toml]")]
PrivateOption = Annotated[
    list[str] | None,
    Parameter(
        name="--allow-private", help="private address or network that may be fetched from, any port", negative=""
    ),
]
PrefectOption = Annotated[
    bool | None,
    Parameter(name="--prefect", negative="--no-prefect", help="under Prefect or not [where a server is running]"),
]


def open_existing(data_dir: Path | None) -> DataDir:
    """The data dir for a command that only reads; raises UserError where there is none."""
    return open_as_set(make_settings(data_dir=data_dir), create=False)


def open_as_set(settings: Settings, *, create: bool) -> DataDir:
    """The data dir with all that the settings say of it now: an address that it noted may be of yesterday.

    Raises UserError. A reader is not told where else files might be: one that keeps them itself is read as it is.
    """
    is_here = not create and not (settings.data_dir / FILE_NAME).exists()
    return DataDir.open(
        settings.data_dir,
        create=create,
        storage=None if is_here else settings.store_at,
        ledger_url=settings.ledger_url,
        lakehouse=settings.lakehouse,
    )
