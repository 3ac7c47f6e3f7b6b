"""Scores the project's extraction and plain trafilatura side by side on gold that you point it to.

    make eval GOLD=gold.jsonl PAGES=pages.warc.gz

GOLD is JSON lines with url, set, page_type, title, authors, published, text, with, without (null where not stated);
PAGES is a WARC file with one response a URL. Prints a table a system, CPU per page, and the pages whose text is worst.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from eval_score import MEASURES, loss, score_page, table
from trafilatura import bare_extraction
from warcio.archiveiterator import ArchiveIterator

from transforms.extract import extract_page
from transforms.page import Extracted, ExtractOptions, Page

_DATES = {"outputformat": "%Y-%m-%dT%H:%M:%S%z", "deferred_url_extractor": True, "original_date": True}


def read_pages(path: Path, urls: frozenset[str]) -> Iterator[Page]:
    """The first response of each wanted URL."""
    seen: set[str] = set()
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, no_record_parse=False):
            url = record.rec_headers.get_header("WARC-Target-URI")
            if record.rec_type != "response" or url not in urls or url in seen:
                continue
            seen.add(url)
            date = record.rec_headers.get_header("WARC-Date").replace("Z", "+00:00")
            yield Page(
                capture_id=url,
                url=url,
                final_url=url,
                source="eval",
                captured_at=datetime.fromisoformat(date).astimezone(UTC),
                content_type=record.http_headers.get_header("Content-Type"),
                content_encoding=record.http_headers.get_header("Content-Encoding"),
                body=record.raw_stream.read(),
            )


def run_project(page: Page) -> tuple[dict[str, Any], float]:
    """The record's scored fields and the CPU seconds that they took."""
    start = time.process_time()
    result = extract_page(page, ExtractOptions())
    spent = time.process_time() - start
    if not isinstance(result, Extracted):
        return {}, spent
    a = result.article
    fields = ("title", "authors", "published_at", "published_date", "text", "page_type")
    return {name: getattr(a, name) for name in fields}, spent


def run_trafilatura(page: Page) -> tuple[dict[str, Any], float]:
    """Trafilatura with metadata, full time stamps and without comments: its best settings without other code."""
    start = time.process_time()
    found = bare_extraction(
        page.body,
        url=page.url,
        include_comments=False,
        with_metadata=True,
        date_extraction_params=_DATES | {"max_date": page.captured_at.date().isoformat()},
    )
    spent = time.process_time() - start
    if found is None:
        return {}, spent
    when = datetime.fromisoformat(found.date) if found.date else None
    return {
        "title": found.title,
        "authors": [name.strip() for name in (found.author or "").split(";") if name.strip()],
        "published_at": when if when is None or when.tzinfo else when.replace(tzinfo=UTC),
        "published_date": found.date[:10] if found.date else None,
        "text": found.text,
    }, spent


SYSTEMS = {"broadsheet": run_project, "trafilatura": run_trafilatura}


def run_all(page: Page) -> tuple[str, dict[str, tuple[dict[str, Any], float]]]:
    """Each system on one page, in one process one after the other, so that a busy machine slows all alike."""
    logging.disable(logging.CRITICAL)
    return page.url, {name: run(page) for name, run in SYSTEMS.items()}


def print_table(name: str, rows: Mapping[str, Any]) -> None:
    print(f"\n{name:<22}{'pages':>7}{'missing':>9}" + "".join(f"{m:>13}" for m in MEASURES))
    for label, row in rows.items():
        means = (row.mean(m) for m in MEASURES)
        cells = "".join(f"{'-' if v is None else format(v, '.4f'):>13}" for v in means)
        print(f"{label:<22}{row.pages:>7}{row.missing:>9}{cells}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst pages to list")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    try:
        golds = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
        pages = list(read_pages(args.pages, frozenset(g["url"] for g in golds)))
    except OSError as error:
        sys.exit(f"eval: {error.filename}: {error.strerror}")
    except (ValueError, KeyError, TypeError) as error:
        sys.exit(f"eval: {args.gold} is no gold, JSON lines with a url each: {error!r}")
    with ProcessPoolExecutor(args.workers, mp_context=get_context("forkserver")) as pool:
        results = dict(pool.map(run_all, pages, chunksize=8))
    for name in SYSTEMS:
        found = {url: result[name][0] for url, result in results.items()}
        scores = {g["url"]: score_page(g, found.get(g["url"], {})) for g in golds}
        print_table(name, table(golds, scores))
        cpu = sum(result[name][1] for result in results.values()) / max(1, len(results))
        print(f"CPU per page: {1000 * cpu:.1f} ms")
        if name == "broadsheet":
            ours = scores
    print(f"\nworst texts of broadsheet (of {len(pages)} pages; ingest PAGES into a data directory to inspect them)")
    for gold in sorted(golds, key=lambda g: -loss(ours[g["url"]]))[: args.worst]:
        measures = ours[gold["url"]]
        print(
            f"  precision {measures.get('precision', 0.0):.2f}  recall {measures.get('recall', 0.0):.2f}"
            f"  broadsheet inspect '{gold['url']}'"
        )


if __name__ == "__main__":
    main()
