"""How a run begins: settings put together, the data dir opened, a name for the run, the sources chosen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.settings import Settings, make_settings
from flows.sources import Source, load_site_rules, load_sources, select_sources, sources_of_groups, urls_source
from transforms.page import ExtractOptions
from warehouse.datadir import DataDir
from warehouse.errors import UserError


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its id, its settings and where its data lies."""

    run_id: str
    settings: Settings
    datadir: DataDir


def open_run(**given: Any) -> Run:
    """Open a run over the data dir, which is made where there is none."""
    settings = make_settings(**given)
    # Sortable by time; the tail keeps two runs of one second apart.
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    datadir = DataDir.open(
        settings.data_dir,
        create=True,
        storage=settings.store_at,
        ledger_url=settings.ledger_url,
        lakehouse=settings.lakehouse,
    )
    return Run(run_id, settings, datadir)


def extract_options(settings: Settings) -> ExtractOptions:
    """What the settings and the sources file say about extraction. Raises UserError where that file is wrong."""
    return ExtractOptions(
        decoded_bytes_max=settings.decoded_bytes_max,
        pseudonyms=settings.pseudonyms,
        pseudonym_key=settings.pseudonym_key,
        site_rules=load_site_rules(settings.sources_file),
    )


def pick_sources(
    settings: Settings, ids: Sequence[str] = (), urls_file: Path | None = None, groups: Sequence[str] = ()
) -> tuple[Source, ...]:
    """The sources named by `ids`, or those of `groups`, or all; or the one that a list of addresses in `urls_file` is.

    Groups may be without a source: then it gives none. Raises UserError for an unknown id, or where there is no source
    or address at all.
    """
    if urls_file is not None:
        return (urls_source(urls_file),)
    sources = load_sources(settings.sources_file)
    if not sources:
        raise UserError(f"{settings.sources_file}: has no [[source]] yet; the README says how to add one")
    try:
        return select_sources(sources, tuple(ids)) if ids else sources_of_groups(sources, tuple(groups))
    except UserError as error:
        raise UserError(f"{settings.sources_file}: {error}") from None
