"""Does the whole of a writer's work over a made-up press, saying on standard output which step it begins.

usage: load_worker.py DATA_DIR SEED [warehouse|lake] [fill]. It writes batches to the lake and loads each, compacts the
lake now and then, and in the end forgets a site (not with `fill`). What a killed worker finished is not done again, so
its successor goes on where it stopped. The clock is the same in every run: the results can be compared byte by byte.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from synthetic import NOW, START, World, put

from warehouse.compact import Policy, compact
from warehouse.datadir import DataDir, write_atomically
from warehouse.forget import forget, forgotten
from warehouse.lake import known_batches
from warehouse.ledger import open_ledger
from warehouse.ledger_rows import UrlState
from warehouse.load import load
from warehouse.texts import TextStore
from warehouse.warc_format import format_date, gzip_member, record_bytes

COMPACT_EVERY = 2
FORGOTTEN = "paper1.example"
POLICY = Policy(min_files=2)


def say(step: str) -> None:
    sys.stdout.write(step + "\n")
    sys.stdout.flush()


def main() -> None:
    store = TextStore(sys.argv[3]) if len(sys.argv) > 3 else TextStore.WAREHOUSE
    do = fill if sys.argv[4:] == ["fill"] else work
    do(DataDir.open(Path(sys.argv[1]), create=True), int(sys.argv[2]), store)
    say("done")


def work(datadir: DataDir, seed: int, store: TextStore, *, tend: Callable[[DataDir], object] = lambda _: None) -> None:
    """All that is left to do. `tend` looks after the warehouse whenever the lake was compacted."""
    begun = datadir.root.with_name(datadir.root.name + ".forgetting")
    if not begun.exists():
        fill(datadir, seed, store, tend=tend)
        write_atomically(begun, b"")
    if not forgotten(datadir):
        forget(datadir, FORGOTTEN, run_id="r", now=NOW, on_step=say)
        say("forgotten")
    load(datadir, run_id="r", now=NOW, on_step=say)


def fill(datadir: DataDir, seed: int, store: TextStore, *, tend: Callable[[DataDir], object] = lambda _: None) -> None:
    """Write, load and compact what is not there yet."""
    world = press(seed)
    if not (datadir.captures / "one.warc.gz").exists():
        write_atomically(datadir.captures / "one.warc.gz", archive(world))
    with open_ledger(datadir.ledger) as ledger:
        urls = {shown.url for batch in world.shown for shown in batch}
        ledger.put_urls([UrlState(url=u, original_url=u, source="paper", first_seen_at=0.0) for u in sorted(urls)])
    for number in range(world.batches):
        if f"batch-{number}" not in known_batches(datadir):
            put(datadir, f"batch-{number}", world.shown[number], world.fetches[number], on_step=say)
            say("written")
        load(datadir, run_id="r", now=NOW + timedelta(hours=number), text_store=store, on_step=say)
        say("loaded")
        if number % COMPACT_EVERY == COMPACT_EVERY - 1:
            compact(datadir, policy=POLICY, on_step=say)
            say("compacted")
            tend(datadir)


def archive(world: World) -> bytes:
    """A WARC file with a record of every page."""
    members = []
    for url in sorted({shown.url for batch in world.shown for shown in batch}):
        headers = [
            ("WARC-Type", "response"),
            ("WARC-Record-ID", f"<urn:made-up:{url}>"),
            ("WARC-Date", format_date(START)),
            ("WARC-Target-URI", url),
            ("Content-Type", "application/http; msgtype=response"),
        ]
        page = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>What {url} says, at some length. " * 9
        members.append(gzip_member(record_bytes(headers, page.encode())))
    return b"".join(members)


def press(seed: int) -> World:
    return World(seed, captures=48, batches=8)


if __name__ == "__main__":
    main()
