"""Forgetting a page or a site: out of captures, lake and warehouse, with a note that it was done.

The order is captures, lake, warehouse: whatever moment it is killed at, doing it again finishes it, and nothing that is
made anew meanwhile can bring the page back. The warehouse is built anew, since the bytes of a deleted row would stay in
the file. The note keeps what was asked to be forgotten, which the sources file must exclude from then on.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from transforms.schema import RECORDS
from transforms.url import host_of, normalize
from warehouse.apply import LoadRequest
from warehouse.captures import capture_files
from warehouse.cdxj import renew_index
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.lake import drop_batches, vacuum, write_batch
from warehouse.lakeviews import create_lake_views
from warehouse.ledger import open_ledger
from warehouse.manifest import Batch, Manifest
from warehouse.publish import DEFAULT_LIMITS, Limits, writer_lock
from warehouse.rebuild import build_anew
from warehouse.side import drop_side_lake
from warehouse.warc_erase import erase

_log = logging.getLogger(__name__)

NOTES_NAME = "forgotten.jsonl"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed."""

    target: str
    forgotten_at: str
    records: int
    """WARC records, requests included."""
    captures: int
    fetches: int


def is_meant(target: str, url: str) -> bool:
    """Whether a URL is the page, or lies on the domain, that `target` names. A domain has no `://`."""
    if "://" in target:
        return normalize(url) == normalize(target)
    host, domain = host_of(url), host_of(f"http://{target}")
    return bool(domain) and (host == domain or host.endswith("." + domain))


def forget(
    datadir: DataDir,
    target: str,
    *,
    run_id: str,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
) -> Forgotten:
    """Remove a page (a URL) or a site (a domain, with its subdomains). Can be repeated.

    Nothing may be crawled or extracted meanwhile. Raises UserError where a file does not allow it.
    """
    if "://" not in target and not host_of(f"http://{target}"):
        raise UserError(f"{target} is neither a URL nor a domain")
    with writer_lock(datadir, on_wait=on_wait):
        on_step("forget captures")
        records = sum(
            _erase(datadir.captures, datadir.captures / name, target, now) for name in capture_files(datadir.captures)
        )
        on_step("forget ledger")
        if datadir.ledger.exists():
            with open_ledger(datadir.ledger) as ledger:
                ledger.forget(lambda url: is_meant(target, url))
        on_step("forget lake")
        manifest = Manifest.read(datadir)
        drop_side_lake(datadir)
        counts = [_forget_in_batch(datadir, batch, target) for batch in manifest.batches.values()]
        vacuum(datadir)
        captures, fetches = sum(c for c, _ in counts), sum(f for _, f in counts)
        on_step("forget warehouse")
        request = LoadRequest(run_id=run_id, now=now, is_rebuild=True)
        build_anew(datadir, Manifest.read(datadir), request, limits=limits, on_step=on_step)
        done = Forgotten(target, now.isoformat(), records, captures, fetches)
        _note(datadir, done)
    return done


def forgotten(datadir: DataDir) -> tuple[Forgotten, ...]:
    """What was forgotten in this data directory, in order."""
    try:
        lines = (datadir.root / NOTES_NAME).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(Forgotten(**json.loads(line)) for line in lines)


def _erase(captures: Path, path: Path, target: str, now: datetime) -> int:
    """Erase what is meant from one file, and from the index beside it."""
    count = erase(path, _names(target), at=now)
    if count:
        renew_index(captures, path)
    return count


def _names(target: str) -> Callable[[Mapping[str, str]], bool]:
    def names(headers: Mapping[str, str]) -> bool:
        urls = (headers.get(name, "").strip("<>") for name in ("warc-target-uri", "broadsheet-url"))
        return any(url and is_meant(target, url) for url in urls)

    return names


def _forget_in_batch(datadir: DataDir, batch: Batch, target: str) -> tuple[int, int]:
    """Write a batch again without what is meant, and return how many captures and fetches that was."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        create_lake_views(con, datadir, [batch])
        captures = _meant(con, "SELECT capture_id, [url, final_url] FROM lake_captures", target)
        fetches = _meant(
            con,
            "SELECT DISTINCT url, list_concat([url, final_url], list_transform(attempts, lambda a: a.url)) "
            "FROM lake_fetches",
            target,
        )
        if not captures and not fetches:
            return 0, 0
        con.register("meant_captures", pa.table({"key": pa.array(captures, pa.string())}))
        con.register("meant_fetches", pa.table({"key": pa.array(fetches, pa.string())}))
        before = con.execute("SELECT count(*) FROM lake_fetches").fetchall()[0][0]
        tables = {name: _what_is_left(con, name) for name in RECORDS}
    if any(table.num_rows for table in tables.values()):
        write_batch(datadir, batch.batch_id, tables, extractor=batch.extractor)
    else:
        drop_batches(datadir, [batch.batch_id])
    return len(captures), before - tables["fetches"].num_rows


def _what_is_left(con: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    condition = "url NOT IN (FROM meant_fetches)" if name == "fetches" else "capture_id NOT IN (FROM meant_captures)"
    return con.sql(f"SELECT * EXCLUDE (batch_id) FROM lake_{name} WHERE {condition}").to_arrow_table()


def _meant(con: duckdb.DuckDBPyConnection, query: str, target: str) -> list[str]:
    return [str(k) for k, urls in con.execute(query).fetchall() if any(u and is_meant(target, u) for u in urls)]


def _note(datadir: DataDir, done: Forgotten) -> None:
    with (datadir.root / NOTES_NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(done), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
