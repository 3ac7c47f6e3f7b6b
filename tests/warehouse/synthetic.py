"""Made-up captures, articles, comments and fetches, as extraction and crawl would hand them to the lake."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import duckdb
import pyarrow as pa

from transforms.columns import to_table
from transforms.fingerprint import content_hash, word_count
from transforms.links import target_key
from transforms.minhash import METHOD, sign
from transforms.outcome import Outcome
from transforms.schema import (
    RECORDS,
    Article,
    Attempt,
    Caption,
    Capture,
    Comment,
    Evidence,
    Fetch,
    Link,
    PageType,
    Precision,
    Provenance,
    Signature,
    Verdict,
)
from transforms.url import article_id, host_of, normalize, registrable_domain
from warehouse.datadir import DataDir
from warehouse.lake import write_batch
from warehouse.records import TABLES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = datetime(2026, 10, 30, 8, tzinfo=UTC)
EXTRACTOR = "made-up 1"
WORDS = [
    "harbour",
    "council",
    "tram",
    "winter",
    "bridge",
    "library",
    "festival",
    "river",
    "market",
    "school",
    "budget",
    "ferry",
    "orchard",
    "clock",
]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What one capture of a page shows, and where the capture lies."""

    url: str = "https://news.example/a"
    canonical: str | None = None
    title: str | None = "Ferry returns to the harbour"
    text: str = "The ferry is back. " * 10
    minute: int = 0
    """Time of capture, in minutes after START."""
    warc_file: str = "one.warc.gz"
    offset: int = 0
    rejected: Outcome | None = None
    comments: Sequence[tuple[str, str]] = ()
    links: Sequence[str] = ()
    modified: int | None = None
    """When the page says that it was changed, in minutes after START."""
    published: int = -1_440
    """When the page says that it was published, in minutes after START."""
    is_signed: bool = True
    """Whether the batch holds the signature of the text; older ones do not."""
    source: str = "paper"
    extractor: str = EXTRACTOR

    @property
    def captured_at(self) -> datetime:
        return START + timedelta(minutes=self.minute)

    @property
    def capture_id(self) -> str:
        shown = (self.url, self.captured_at.isoformat(), self.title, self.text, self.canonical, str(self.comments))
        return blake2b(repr(shown).encode(), digest_size=16).hexdigest()

    def capture(self) -> Capture:
        return Capture(
            capture_id=self.capture_id,
            url=self.url,
            final_url=self.url,
            source=self.source,
            captured_at=self.captured_at,
            status=200,
            content_type="text/html",
            payload_digest=self.capture_id,
            payload_bytes=len(self.text),
            warc_file=self.warc_file,
            warc_offset=self.offset,
            warc_record_id=f"<urn:{self.warc_file}:{self.offset}>",
            outcome=self.rejected or Outcome.NEW,
        )

    def article(self) -> Article:
        published = START + timedelta(minutes=self.published)
        return Article(
            article_id=article_id(self.url),
            url=self.url,
            final_url=self.url,
            declared_canonical_url=self.canonical,
            host=host_of(self.url),
            domain=registrable_domain(self.url),
            source=self.source,
            title=self.title,
            authors=["Ada Quill", "Bo Lin"],
            published_at=published,
            published_date=published.date(),
            published_precision=Precision.MINUTE,
            modified_at=None if self.modified is None else START + timedelta(minutes=self.modified),
            language="en",
            page_type=PageType.ARTICLE,
            text=self.text,
            word_count=word_count(self.text),
            tags=["harbour"],
            captions=[Caption(image_url=None, text="The pier")],
            comment_count=len(self.comments),
            content_hash=content_hash(self.title, ["Ada Quill", "Bo Lin"], published, self.text),
            capture_id=self.capture_id,
            captured_at=self.captured_at,
            extractor=self.extractor,
            provenance=Provenance(title="h1", text="trafilatura"),
        )

    def reader_comments(self) -> list[Comment]:
        return [
            Comment(
                comment_id=key,
                article_id=article_id(self.url),
                capture_id=self.capture_id,
                position=position,
                author="Kim",
                text=text,
                seen_at=self.captured_at,
            )
            for position, (key, text) in enumerate(self.comments)
        ]

    def found_links(self) -> list[Link]:
        return [
            Link(
                capture_id=self.capture_id,
                article_id=article_id(self.url),
                position=position,
                url=url,
                host=host_of(url),
                domain=registrable_domain(url),
                text="there",
                is_internal=registrable_domain(url) == registrable_domain(self.url),
                is_nofollow=False,
                is_sponsored=False,
                is_ugc=False,
                target_key=target_key(normalize(url)),
            )
            for position, url in enumerate(self.links)
        ]

    def signature(self) -> Signature:
        sketch = sign(self.text)
        return Signature(
            capture_id=self.capture_id,
            method=METHOD,
            shingle_count=sketch.shingle_count,
            hashes=list(sketch.hashes),
        )

    def evidence(self) -> Evidence:
        return Evidence(
            capture_id=self.capture_id,
            article_id=article_id(self.url),
            position=0,
            field="title",
            verdict=Verdict.REJECTED,
            rule="og:title",
            value=f"{self.title} | News",
        )


def fetch(url: str = "https://news.example/a", *, minute: int = 0, **changes: object) -> Fetch:
    at = START + timedelta(minutes=minute)
    made = Fetch(
        run_id="crawl-1",
        source="paper",
        url=url,
        outcome=Outcome.CAPTURED,
        fetched_at=at,
        wait_s=1.5,
        raw_bytes=2_000,
        capture_id="kept",
        attempts=[Attempt(url=url, at=at, status=200, outcome=Outcome.CAPTURED, wait_s=1.5, latency_s=0.1)],
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def tables(shown: Iterable[Shown], fetches: Iterable[Fetch] = ()) -> dict[str, pa.Table]:
    listed = list(shown)
    read = [s for s in listed if s.rejected is None]
    rows = {
        "captures": [s.capture() for s in listed],
        "articles": [s.article() for s in read],
        "comments": [c for s in read for c in s.reader_comments()],
        "evidence": [s.evidence() for s in read],
        "links": [link for s in read for link in s.found_links()],
        "signatures": [s.signature() for s in read if s.is_signed],
        "fetches": list(fetches),
    }
    return {name: to_table(RECORDS[name], rows[name]) for name in RECORDS}


def put(
    datadir: DataDir,
    batch_id: str,
    shown: Iterable[Shown],
    fetches: Iterable[Fetch] = (),
    on_step: Callable[[str], None] = lambda _: None,
) -> None:
    write_batch(datadir, batch_id, tables(shown, fetches), extractor=EXTRACTOR, on_step=on_step)


@dataclass(frozen=True)
class World:
    """A small press over three weeks: edits, reverts, reruns of pages, doubles, mergers and rejections, by seed."""

    seed: int
    pages: int = 12
    captures: int = 60
    batches: int = 9
    shown: list[list[Shown]] = field(init=False)
    fetches: list[list[Fetch]] = field(init=False)

    def __post_init__(self) -> None:
        rng = random.Random(self.seed)
        texts = [" ".join(rng.choices(WORDS, k=30)) for _ in range(self.pages * 2)]
        shown: list[list[Shown]] = [[] for _ in range(self.batches)]
        fetches: list[list[Fetch]] = [[] for _ in range(self.batches)]
        for number in range(self.captures):
            page = rng.randrange(self.pages)
            site = f"https://{'www.' if page % 3 else ''}paper{page % 3}.example"
            canonical = rng.choice([None, None, f"{site}/{rng.randrange(self.pages)}", "https://elsewhere.example/1"])
            one = Shown(
                url=f"{site}/{page}" + rng.choice(["", "", "?print=1"]),
                canonical=canonical,
                title=rng.choice([f"Story {page % 5}", f"Story {page % 5}, updated"]),
                text=texts[page % 6 * 2 + rng.randrange(2)],
                minute=rng.randrange(30_000),
                warc_file=f"{rng.randrange(4)}.warc.gz",
                offset=number * 1_000,
                rejected=rng.choice([None] * 6 + [Outcome.EXTRACT_EMPTY]),
                comments=[(f"c{page}-{i}", rng.choice(WORDS)) for i in range(rng.randrange(3))],
                links=[f"{site}/{(page + 3) % self.pages}", "https://elsewhere.example/1"][: number % 3],
                is_signed=number % 3 > 0,
                modified=number * 7 if number % 2 else None,
                source=f"paper{page % 3}",
            )
            shown[rng.randrange(self.batches)].append(one)
            if rng.random() < 0.2:
                again = replace(one, warc_file="again.warc.gz", offset=rng.randrange(1_000) * 7)
                shown[rng.randrange(self.batches)].append(again)
            fetches[rng.randrange(self.batches)].append(fetch(one.url, minute=one.minute))
        object.__setattr__(self, "shown", shown)
        object.__setattr__(self, "fetches", fetches)

    def put(self, datadir: DataDir, number: int) -> None:
        put(datadir, f"batch-{number}", self.shown[number], self.fetches[number])


_READ_AS = {"versions": "article_versions"}
"""Tables that are compared by a view: texts may lie elsewhere."""


def rows(warehouse: Path, *, without: Sequence[str] = ("loads", "batches")) -> dict[str, list[str]]:
    """Every row of every table, in order, as text: two warehouses are the same when these are."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return rows_in(con, without=without)


def rows_in(con: duckdb.DuckDBPyConnection, *, without: Sequence[str] = ("loads", "batches")) -> dict[str, list[str]]:
    """The same of an open warehouse."""
    return {
        t.name: [str(row) for row in con.execute(f"FROM {_READ_AS.get(t.name, t.name)} ORDER BY ALL").fetchall()]
        for t in TABLES
        if t.name not in without and t.name != "text_files"  # where texts lie is no row of theirs
    }


def query(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return list(con.execute(sql).fetchall())
