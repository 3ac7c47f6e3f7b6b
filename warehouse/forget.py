"""Forgetting a page or a site: out of captures, lake, warehouse and index, with a note that it was done.

The order is captures, lake, warehouse: whatever moment it is killed at, doing it again finishes it, and nothing that is
made anew meanwhile can bring the page back. Warehouse and index are built anew, since the bytes of a deleted row would
stay in the file; what is otherwise kept a while for readers of an earlier state goes at once. The note keeps what was
asked to be forgotten, which the sources file must exclude from then on.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from transforms.schema import RECORDS
from transforms.url import host_of, is_public_suffix, normalize
from warehouse.apply import LoadRequest
from warehouse.captures_recover import recover
from warehouse.captures_stored import as_stored, stored_captures
from warehouse.cdxj import index_of, renew_index
from warehouse.compact import clean_shared
from warehouse.conflicts import again_on_conflict
from warehouse.counting import count_rows
from warehouse.datadir import DataDir, sync_folder
from warehouse.errors import UserError
from warehouse.lake import drop_batches, vacuum, write_batch
from warehouse.lakeviews import create_lake_views
from warehouse.ledger import open_ledger
from warehouse.ledger_place import is_there
from warehouse.manifest import Batch, Manifest
from warehouse.publish import DEFAULT_LIMITS, Limits, writer_lock
from warehouse.query import run_sql
from warehouse.rebuild import build_anew
from warehouse.search_files import vacuum_indexes
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


def check_target(target: str) -> None:
    """Refuse what is neither a page's address nor a domain, and what is the domain of strangers. Raises UserError.

    A slip here would remove what nobody meant, and cannot be undone.
    """
    if "://" in target:
        return
    if set(target) & set("/?#@: ") or not host_of(f"http://{target}"):
        raise UserError(f"{target} is neither a URL nor a domain: a page's address begins with http:// or https://")
    if is_public_suffix(target):
        raise UserError(f"{target} is no site but a suffix that many share: name the domain below it")


def count_meant(datadir: DataDir, target: str) -> int:
    """How many loaded captures `forget` would remove. Raises UserError."""
    check_target(target)
    rows = run_sql(datadir, "SELECT url, final_url FROM captures").rows
    return sum(is_meant(target, url) or is_meant(target, final) for url, final in rows)


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
    check_target(target)
    with writer_lock(datadir, on_wait=on_wait):
        on_step("forget captures")
        recover(datadir.captures)  # what a killed crawl left open holds pages too
        records = sum(_erase(datadir, name, target, now) for name in stored_captures(datadir))
        on_step("forget ledger")
        if is_there(datadir.ledger_place):
            with open_ledger(datadir.ledger_place) as ledger:
                ledger.forget(lambda url: is_meant(target, url))
        on_step("forget lake")
        manifest = Manifest.read(datadir)
        drop_side_lake(datadir)
        counts = [
            _forget_in_batch(datadir, manifest.batches[key], target) for key in _batches(datadir, manifest, target)
        ]
        clean_shared(datadir, on_step=on_step)
        vacuum(datadir)
        captures, fetches = sum(c for c, _ in counts), sum(f for _, f in counts)
        on_step("forget warehouse")
        request = LoadRequest(run_id=run_id, now=now, is_rebuild=True)
        applied = again_on_conflict(
            lambda: build_anew(datadir, Manifest.read(datadir), request, limits=limits, on_step=on_step)
        )
        on_step("forget files")
        vacuum(datadir, keep_for_readers=False)
        vacuum_indexes(datadir, applied.load.search_index, live_only=True)
        if datadir.lakehouse is not None:
            from warehouse.ducklake_upkeep import forget_history

            forget_history(datadir)
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


def _erase(datadir: DataDir, name: str, target: str, now: datetime) -> int:
    """Erase what is meant from one file, and from the index beside it."""
    path = datadir.captures / name
    with as_stored(datadir, path) as (stored, _):
        count = erase(stored, _names(target), at=now)
        if count and stored != path:
            path.parent.mkdir(parents=True, exist_ok=True)
            stored.replace(path)
            sync_folder(path.parent)
    if count:
        datadir.store.fetch([index := index_of(path)])
        renew_index(datadir.captures, path)
        if (bucket := datadir.bucket) is not None:
            bucket.overwrite([index, path] if index.exists() else [path])
    return count


def _names(target: str) -> Callable[[Mapping[str, str]], bool]:
    def names(headers: Mapping[str, str]) -> bool:
        urls = (headers.get(name, "").strip("<>") for name in ("warc-target-uri", "broadsheet-url"))
        return any(url and is_meant(target, url) for url in urls)

    return names


_CAPTURES = "SELECT DISTINCT {key}, [url, final_url] FROM lake_captures"
_FETCHES = (
    "SELECT DISTINCT {key}, list_concat([url, final_url], list_transform(attempts, lambda a: a.url)) FROM lake_fetches"
)


def _batches(datadir: DataDir, manifest: Manifest, target: str) -> list[str]:
    """The batches that hold something that is meant."""
    with duckdb.connect() as con:
        create_lake_views(con, datadir, manifest.batches.values())
        return sorted({key for query in (_CAPTURES, _FETCHES) for key in _meant(con, query, "batch_id", target)})


def _forget_in_batch(datadir: DataDir, batch: Batch, target: str) -> tuple[int, int]:
    """Write a batch again without what is meant, and return how many captures and fetches that was."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        create_lake_views(con, datadir, [batch])
        captures, fetches = _meant(con, _CAPTURES, "capture_id", target), _meant(con, _FETCHES, "url", target)
        con.register("meant_captures", pa.table({"key": pa.array(captures, pa.string())}))
        con.register("meant_fetches", pa.table({"key": pa.array(fetches, pa.string())}))
        before = count_rows(con, "lake_fetches")
        tables = {name: _what_is_left(con, name) for name in RECORDS}
    if any(table.num_rows for table in tables.values()):
        write_batch(datadir, batch.batch_id, tables, extractor=batch.extractor)
    else:
        drop_batches(datadir, [batch.batch_id])
    return len(set(captures)), before - tables["fetches"].num_rows


def _what_is_left(con: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    condition = "url NOT IN (FROM meant_fetches)" if name == "fetches" else "capture_id NOT IN (FROM meant_captures)"
    return con.sql(f"SELECT * EXCLUDE (batch_id) FROM lake_{name} WHERE {condition}").to_arrow_table()


def _meant(con: duckdb.DuckDBPyConnection, query: str, key: str, target: str) -> list[str]:
    rows = con.execute(query.format(key=key)).fetchall()
    return [str(k) for k, urls in rows if any(u and is_meant(target, u) for u in urls)]


def _note(datadir: DataDir, done: Forgotten) -> None:
    with (datadir.root / NOTES_NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(done), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
