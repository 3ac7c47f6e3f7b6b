from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from search_world import ask, index_press, load_press, names, told
from synthetic import NOW, WORDS, World, fetch, put

from warehouse import search_index
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.forget import forget
from warehouse.load import load
from warehouse.reading import reading
from warehouse.rebuild import rebuild
from warehouse.search import SearchRequest, Sort, search
from warehouse.search_files import CARD_NAME, SearchIndexError, damaged_files, named_index, read_card, vacuum_indexes
from warehouse.status import size_of

LATER = told("later", "One more", "Added later.", day=20)


def live(datadir: DataDir) -> str:
    with reading(datadir) as con:
        name = named_index(con)
    assert name is not None
    return name


def folders(datadir: DataDir) -> set[str]:
    return {path.name for path in datadir.index.iterdir()}


def answers(datadir: DataDir) -> dict[str, list[str]]:
    """What each word of the world finds, all of it."""
    return {word: sorted(ask(datadir, word, limit=None)) for word in [*WORDS, "story", '"river market"', "-ferry"]}


def in_order(datadir: DataDir) -> list[list[tuple[str, float | None]]]:
    requests = [SearchRequest(query=word, limit=None, sort=sort) for word in WORDS for sort in Sort]
    return [[(h.article_id, h.score) for h in search(datadir, r).hits] for r in requests]


def test_loads_one_by_one_find_what_one_rebuild_finds(datadir: DataDir) -> None:
    world = World(1, batches=3)
    for number in range(world.batches):
        world.put(datadir, number)
        load(datadir, run_id="r", now=NOW)
    step_by_step = answers(datadir)
    assert any(step_by_step.values())
    rebuild(datadir, run_id="r", now=NOW)
    assert answers(datadir) == step_by_step


def test_without_edits_even_scores_and_order_are_those_of_a_rebuild(datadir: DataDir) -> None:
    for number in range(3):
        texts = [" ".join(WORDS[(number * 7 + n * k) % len(WORDS)] for k in range(9)) for n in range(6)]
        put(datadir, f"b{number}", [told(f"{number}-{n}", f"Page {n % 2}", text) for n, text in enumerate(texts)])
        load(datadir, run_id="r", now=NOW)
    before = in_order(datadir)
    rebuild(datadir, run_id="r", now=NOW)
    assert in_order(datadir) == before


def test_an_edit_replaces_what_is_found(datadir: DataDir) -> None:
    load_press(datadir, [told("x", "Old headline", "The old ferry sank.", day=0)], "a")
    load_press(
        datadir,
        [told("x", "New headline", "The new ferry floats.", day=1), told("y", "Another", "A tram.", day=2)],
        "b",
    )
    assert (ask(datadir, "sank"), ask(datadir, "floats"), ask(datadir, "ferry")) == ([], ["x"], ["x"])
    assert ask(datadir, "tram") == ["y"]
    with reading(datadir) as con:
        name = named_index(con)
        assert con.execute("SELECT search_index FROM loads ORDER BY rowid DESC LIMIT 1").fetchall() == [(name,)]
    assert name
    assert read_card(datadir.index / name).previous in folders(datadir)


def test_the_next_index_links_the_files_of_the_last(datadir: DataDir) -> None:
    first, second = index_press(datadir), index_press(datadir, [LATER])
    shared = {p.name for p in (datadir.index / second).iterdir() if (datadir.index / first / p.name).exists()}
    same = [n for n in shared if (datadir.index / first / n).samefile(datadir.index / second / n)]
    assert {Path(n).suffix for n in same} >= {".store", ".idx", ".pos", ".term"}
    assert read_card(datadir.index / second).previous == first
    assert not damaged_files(datadir.index / first)
    assert not damaged_files(datadir.index / second)


def test_where_links_are_not_possible_files_are_copied(datadir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    index_press(datadir)
    index_press(datadir, [LATER])
    assert ask(datadir, "added") == ["later"]
    assert ask(datadir, "heat sport") == ["wave"]


def test_a_load_that_touches_no_article_keeps_the_index(datadir: DataDir) -> None:
    load_press(datadir)
    before = live(datadir)
    put(datadir, "fetches", [], [fetch()])
    assert load(datadir, run_id="r", now=NOW).load_id is not None
    assert live(datadir) == before
    assert ask(datadir, "heat sport") == ["wave"]


def test_a_reader_of_an_older_file_keeps_its_index(datadir: DataDir) -> None:
    index_press(datadir)
    kept = datadir.root.parent / "kept"
    kept.mkdir()
    shutil.copy(datadir.warehouse, kept / "warehouse.duckdb")
    for number in range(5):
        index_press(datadir, [told(f"n{number}", "Heat again", "More heat.", day=20 + number)])
    (kept / "index").symlink_to(datadir.index)
    assert ask(DataDir(kept), "heat") == ["heat", "wave"]
    assert len(ask(datadir, "heat")) == 7


def test_former_indexes_go_after_a_while(datadir: DataDir) -> None:
    chain = [index_press(datadir, [told(f"n{n}", "Heat", "More heat.", day=n)]) for n in range(5)]
    assert folders(datadir) == set(chain)
    for name in chain:
        long_ago = time.time() - 7_200
        os.utime(datadir.index / name / CARD_NAME, (long_ago, long_ago))
    assert vacuum_indexes(datadir, chain[-1]) == 2
    assert folders(datadir) == set(chain[-3:])
    assert vacuum_indexes(datadir, chain[-1], live_only=True) == 2
    assert folders(datadir) == {chain[-1]}
    assert len(ask(datadir, "heat")) == 5


def test_what_a_killed_load_left_is_removed_by_the_next(datadir: DataDir) -> None:
    first = index_press(datadir)
    (datadir.index / "half").mkdir()
    (datadir.index / "half" / "meta.json").write_text("{}")
    (datadir.index / "stray").write_text("x")
    assert folders(datadir) - {"half", "stray"} == {first}
    assert folders(datadir) != {first}
    second = index_press(datadir, [LATER])
    assert folders(datadir) == {first, second}


def test_a_load_that_fails_leaves_no_folder(datadir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    load_press(datadir)
    before = folders(datadir)
    put(datadir, "more", [LATER])

    def full(*_: object, **__: object) -> None:
        raise ValueError("No space left on device")

    monkeypatch.setattr(search_index, "_add", full)
    with pytest.raises(WarehouseError, match="cannot write the search index: No space left"):
        load(datadir, run_id="r", now=NOW)
    assert folders(datadir) == before
    assert ask(datadir, "heat sport") == ["wave"]


def _remove(folder: Path) -> None:
    shutil.rmtree(folder)


def _empty(folder: Path) -> None:
    path = next(folder.glob("*.idx"))
    path.unlink()
    path.write_bytes(b"")


def _no_card(folder: Path) -> None:
    (folder / CARD_NAME).unlink()


def _bad_card(folder: Path) -> None:
    (folder / CARD_NAME).write_text("[]")


def _other_version(folder: Path) -> None:
    card = json.loads((folder / CARD_NAME).read_text())
    (folder / CARD_NAME).write_text(json.dumps({**card, "terms_version": 999}))


def _foreign(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    (folder / "notes.txt").write_text("not an index")


DAMAGES = [_remove, _empty, _no_card, _bad_card, _other_version, _foreign]


@pytest.mark.parametrize("damage", DAMAGES, ids=[d.__name__.strip("_") for d in DAMAGES])
def test_a_damaged_index_is_named_and_made_anew(datadir: DataDir, damage: Callable[[Path], None]) -> None:
    damage(datadir.index / index_press(datadir))
    with pytest.raises(SearchIndexError, match=r"the search index cannot be used: .*`broadsheet load`") as error:
        ask(datadir, "heat")
    assert "\n" not in str(error.value)
    index_press(datadir, [LATER])
    assert sorted(ask(datadir, "added OR sport")) == ["later", "wave"]


def test_a_load_of_nothing_new_mends_the_index(datadir: DataDir) -> None:
    load_press(datadir)
    assert load(datadir, run_id="r", now=NOW).load_id is None
    shutil.rmtree(datadir.index)
    assert load(datadir, run_id="r", now=NOW).load_id is not None
    assert ask(datadir, "heat sport") == ["wave"]


def test_changed_bytes_are_found_by_their_checksum(datadir: DataDir) -> None:
    folder = datadir.index / index_press(datadir)
    path = next(folder.glob("*.store"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert damaged_files(folder) == [path.name]


def test_an_index_that_lost_articles_is_made_anew(datadir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_add", lambda *_: None)
    index_press(datadir)
    assert ask(datadir, "heat OR wave") == []
    monkeypatch.undo()
    index_press(datadir, [LATER])
    assert sorted(ask(datadir, "added OR heat")) == ["heat", "later", "wave"]


def test_many_loads_leave_few_segments_and_few_deleted_documents(datadir: DataDir) -> None:
    for number in range(30):
        edition = [told(f"n{n}", f"Edition {number}", f"Heat {number}.", day=number) for n in range(5)]
        index_press(datadir, [*edition, told(f"only{number}", "Once", "Written once.", day=number)])
    name = live(datadir)
    segments = json.loads((datadir.index / name / "meta.json").read_text())["segments"]
    assert len(segments) <= 10
    deleted = sum((s["deletes"] or {}).get("num_deleted_docs", 0) for s in segments)
    assert deleted <= 0.3 * sum(s["max_doc"] for s in segments)
    assert len(ask(datadir, "heat", limit=None)) == 5
    assert len(ask(datadir, "written", limit=None)) == 30


def test_what_is_forgotten_is_in_no_index(datadir: DataDir) -> None:
    load_press(datadir)
    load_press(datadir, [LATER], "more")
    assert ask(datadir, "tide table") == ["undated"]
    before = folders(datadir)
    forget(datadir, "old.example", run_id="r", now=NOW)
    assert ask(datadir, "tide table") == []
    assert sorted(ask(datadir, "added OR sport")) == ["later", "wave"]
    assert folders(datadir) == {live(datadir)}
    assert not folders(datadir) & before
    kept = b"".join(p.read_bytes() for p in sorted(datadir.index.rglob("*")) if p.is_file())
    assert b"news.example" in kept
    assert b"old.example" not in kept
    assert b"printed" not in kept


@pytest.mark.long
def test_a_reader_in_a_loop_always_sees_one_whole_load(datadir: DataDir) -> None:
    put(datadir, "b0", [told(f"0-{n}", "Heat", f"Heat number {n}.") for n in range(10)])
    load(datadir, run_id="r", now=NOW)
    seen, failures, stop = [], [], threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                answer = search(datadir, SearchRequest(query="heat", limit=None))
                seen.append((answer.count, len(names(answer))))
            except Exception as error:  # noqa: BLE001 - reported below
                failures.append(error)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 5):
        put(datadir, f"b{number}", [told(f"{number}-{n}", "Heat", f"Heat number {n}.", day=number) for n in range(10)])
        load(datadir, run_id="r", now=NOW)
    stop.set()
    for reader in readers:
        reader.join(timeout=30)
    assert not failures
    assert {count for count, _ in seen} <= {10, 20, 30, 40, 50}
    assert all(count == hits for count, hits in seen)
    assert len(ask(datadir, "heat", limit=None)) == 50


def test_files_that_indexes_share_count_once(datadir: DataDir) -> None:
    first, second = index_press(datadir), index_press(datadir, [LATER])
    apart = size_of(datadir.index / first) + size_of(datadir.index / second)
    assert size_of(datadir.index / second) < size_of(datadir.index) < apart


@pytest.mark.parametrize("kind", [".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term"])
def test_changed_bytes_of_the_same_length_are_an_error_of_one_line(datadir: DataDir, kind: str) -> None:
    """Where they give no error, `verify` finds them; what a hit shows is always what was written."""
    folder = datadir.index / index_press(datadir)
    path = next(folder.glob(f"*{kind}"))
    damaged = datadir.root / "damaged"
    content, request = path.read_bytes(), SearchRequest(query="heat OR tide OR 東京")
    written = {hit.article_id: hit.snippet for hit in search(datadir, request).hits}
    said = []
    for place in range(0, len(content), max(len(content) // 40, 1)):
        # another file in its place: to shorten one that is mapped into memory, be it for a moment, ends the process
        damaged.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        damaged.replace(path)
        assert damaged_files(folder) == [path.name]
        try:
            hits = search(datadir, request).hits
        except SearchIndexError as error:
            said.append(str(error))
        else:
            assert all(written.get(hit.article_id, hit.snippet) == hit.snippet for hit in hits)
    assert said
    assert all("`broadsheet" in line and "\n" not in line for line in said)
