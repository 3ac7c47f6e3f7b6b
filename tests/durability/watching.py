"""Readers that ask all the while that writers are killed, and say in the end what they saw.

usage: watching.py fresh|held POINTER STOP. POINTER is a file that names the data directory to read now; the reader ends
when STOP is there. `fresh` opens the live file anew for each question: what it finds must be a whole state, its texts
and its search index included. `held` keeps open the first warehouse of each data directory that it could open, and asks
it again and again: it must go on answering the same. They are two processes, as one process opens a file once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.reading import open_read_only, reading
from warehouse.search_files import named_index, read_card

WHOLE = """SELECT
  (SELECT count(*) FROM captures WHERE outcome IN ('new', 'changed')) = (SELECT count(*) FROM versions),
  (SELECT count(*) FROM captures WHERE outcome = 'new') = (SELECT count(*) FROM articles),
  (SELECT count(DISTINCT article_id) FROM versions) = (SELECT count(*) FROM articles),
  (SELECT count(*) FROM batches SEMI JOIN loads USING (load_id)) = (SELECT count(*) FROM batches),
  (SELECT count(*) FROM story_articles ANTI JOIN articles USING (article_id)) = 0,
  (SELECT coalesce(sum(capture_count), 0) FROM source_days) = (SELECT count(*) FROM captures)"""
TEXTS = "SELECT count(*) FROM article_versions WHERE text IS NULL OR text = ''"
STATE = "SELECT (SELECT count(*) FROM batches), (SELECT max(load_id) FROM loads), (SELECT count(*) FROM versions)"


def main() -> None:
    mode, pointer, stop = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    watch = {"fresh": fresh, "held": held}[mode]
    reads, states, bad = 0, set(), []
    retried: list[str] = []
    for datadir in directories(pointer, stop):
        for answer in watch(datadir, pointer, stop):
            if isinstance(answer, Exception):
                retried.append(f"{datadir.root.name}: {answer}")
            elif isinstance(answer, str):
                bad.append(f"{datadir.root.name}: {answer}")
            else:
                reads += 1
                states.add((datadir.root, answer))
    seen = {"reads": reads, "states": len(states), "retried": len(retried), "why": retried[:5], "bad": bad[:5]}
    sys.stdout.write(json.dumps(seen))


def directories(pointer: Path, stop: Path) -> Iterator[DataDir]:
    """The data directory that is to be read now, again and again."""
    while not stop.exists():
        if pointer.exists() and (root := pointer.read_text()) and DataDir(Path(root)).warehouse.exists():
            yield DataDir(Path(root))
        else:
            time.sleep(0.02)


def fresh(datadir: DataDir, _pointer: Path, _stop: Path) -> Iterator[object]:
    """One look at the live file: its state; a text for half a state; an error for a look that had to be repeated."""
    for is_last in (False, True):
        try:
            yield _whole_state(datadir)
            time.sleep(0.3)  # the writers need the machine too
            return
        except (UserError, duckdb.Error) as error:
            # a forget removes at once what a reader of the state before may be about to open; never twice in a row
            yield str(error) if is_last else error


def held(datadir: DataDir, pointer: Path, stop: Path) -> Iterator[object]:
    """Hold the file that is live now until another data directory is to be read."""
    with open_read_only(datadir.warehouse) as con:
        first = con.execute(STATE).fetchall()
        while not stop.exists() and pointer.read_text() == str(datadir.root):
            again = con.execute(STATE).fetchall()
            yield first[0] if again == first else f"what was held open has changed: {first} {again}"
            time.sleep(0.1)


def _whole_state(datadir: DataDir) -> object:
    with reading(datadir) as con:
        [checks] = con.execute(WHOLE).fetchall()
        [(textless,)] = con.execute(TEXTS).fetchall()
        [state] = con.execute(STATE).fetchall()
        if not all(checks) or textless:
            return f"half a state: {checks}, {textless} versions without text"
        name = named_index(con)
    if name is not None:
        read_card(datadir.index / name)
    return state


if __name__ == "__main__":
    main()
