"""How long searches take on the warehouse of bench_warehouse.py: words and phrases from rare, middling and commonest.

usage: python benchmarks/bench_search.py DATA_DIR [--runs 5]

Each search is what `warehouse.search.search` does in a process that goes on: the index that the warehouse names is
opened, and the ten best hits are fetched with their fields, title and marked passage. What the first search of a
published file does besides, to open the warehouse and read that name, is timed apart. Five words, five phrases that
stand in some text, and the same with a filter by source, by language and by a month.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from warehouse.datadir import DataDir
from warehouse.reading import reading
from warehouse.search import SearchRequest, search
from warehouse.search_files import named_index
from warehouse.status import size_of

RANKS = (0, 20, 500, 10_000, 100_000)
"""Of the words by frequency, from the commonest to a rare one."""
NAMES = ("commonest", "common", "middling", "uncommon", "rare")
LIMIT = 10


def searches(datadir: DataDir, words: Sequence[str]) -> dict[str, SearchRequest]:
    """The searches by name. `words` is the vocabulary, the commonest first."""
    made: dict[str, SearchRequest] = {}
    for name, rank in zip(NAMES, RANKS, strict=True):
        made[f"{name} word"] = SearchRequest(query=words[rank], limit=LIMIT)
    for name, rank in zip(NAMES, RANKS, strict=True):
        made[f"{name} phrase"] = SearchRequest(query=f'"{_phrase(datadir, words[rank], words)}"', limit=LIMIT)
    filtered = {"sources": ("paper7",), "languages": ("de",), "published_from": date(2026, 3, 1)}
    for (key, value), name in zip(filtered.items(), ("common word", "middling word", "common phrase"), strict=True):
        more = {"published_to": date(2026, 3, 31)} if key == "published_from" else {}
        made[f"{name}, by {key}"] = replace(made[name], **{key: value}, **more)
    return made


def measure(datadir: DataDir, words: Sequence[str], *, runs: int = 5) -> float:
    """Print a line for each search, and return the median of their times in milliseconds."""
    begun = time.perf_counter()
    with reading(datadir) as con:
        name = named_index(con)
    opening_ms = 1000 * (time.perf_counter() - begun)
    with reading(datadir) as con:
        articles = con.execute("SELECT count(*) FROM articles").fetchall()[0][0]
    size = size_of(datadir.index / str(name))
    print(f"search index of {articles} articles {size / 1e6:.0f} MB, {size / max(articles, 1):.0f} bytes an article")
    print(f"  reading the index's name from the warehouse, once for each published file {opening_ms:.1f} ms")
    times = []
    for title, request in searches(datadir, words).items():
        taken = []
        for _ in range(runs):
            begun = time.perf_counter()
            answer = search(datadir, request)
            taken.append(1000 * (time.perf_counter() - begun))
        times.append(statistics.median(taken))
        print(f"  {title:32} {times[-1]:7.1f} ms  {answer.count:8} hits  {request.query}")
    median = statistics.median(times)
    print(f"median of the searches {median:.1f} ms, the slowest {max(times):.1f} ms")
    return median


def _phrase(datadir: DataDir, word: str, words: Sequence[str]) -> str:
    """Two words as they follow each other in a text: this one, and the commonest that is found behind it."""
    known = {w: n for n, w in enumerate(words)}
    found = search(datadir, SearchRequest(query=word, limit=20))
    pairs = []
    for hit in found.hits:
        for start, end in hit.snippet.marks:
            following = hit.snippet.text[end:].split(maxsplit=1)
            if hit.snippet.text[start:end] == word and following and following[0] in known:
                pairs.append((known[following[0]], f"{word} {following[0]}"))
    return min(pairs)[1] if pairs else f"{word} {words[0]}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--runs", type=int, default=5)
    given = arguments.parse_args()
    from made_up_press import Vocabulary

    measure(DataDir.open(given.folder, create=False), Vocabulary.make().words, runs=given.runs)


if __name__ == "__main__":
    main()
