"""`broadsheet backup` and `broadsheet restore`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.progress import Progress, report
from flows.settings import make_settings
from flows.sizes import size
from warehouse.backup import back_up, prune
from warehouse.backup import restore as put_back
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.reading import is_moved


def backup(
    folder: Path,
    *,
    keep: Annotated[int, Parameter(help="remove all but so many of the newest backups there; 0 keeps all")] = 0,
    data_dir: DataDirOption = None,
) -> int:
    """Copy the data dir into a new folder below FOLDER, as of one moment, while runs go on."""
    if keep < 0:
        raise UserError("--keep must be 0 or more")
    datadir = open_existing(data_dir)
    with show.progress_shown():
        made = back_up(datadir, folder, now=datetime.now(UTC), on_wait=show.say, on_progress=_tell("backup"))
    print(f"{made.folder}: {made.file_count} files, {size(made.bytes)}; {size(made.copied_bytes)} were new")
    if datadir.storage is not None:
        print(f"what is in {datadir.storage.url} was not copied: let the bucket keep versions, or copy it too")
    if datadir.ledger_url is not None:
        from warehouse.ledger_place import label

        print(f"the ledger {label(datadir.ledger_url)} is not in it: dump it with pg_dump, before each backup")
    for gone in prune(folder, keep) if keep else ():
        print(f"removed {gone}")
    return 0


def restore(folder: Path, *, data_dir: DataDirOption = None) -> int:
    """Put the backup in FOLDER where a data dir is to be; `broadsheet verify` then reads all of it."""
    root = make_settings(data_dir=data_dir).data_dir
    with show.progress_shown():
        done = put_back(folder, root, on_progress=_tell("restore"))
    hint = "`broadsheet verify` reads all of it"
    if is_moved(DataDir(root)):
        hint = "`broadsheet load` makes the warehouse name the texts where they now are; " + hint
    print(f"{root}: {done.file_count} files, {size(done.bytes)}.  {hint}")
    return 0


def _tell(stage: str) -> Callable[[int, int], None]:
    return lambda done, total: report(Progress(stage, done, total))
