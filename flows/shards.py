"""One shard of a WARC file, from captures to a batch in the lake.

The unit of work that Prefect sees: a path and two offsets go in, counts come out, and pages never pass through Prefect.
A shard's batch is named after its file and place, so doing it again replaces its own output and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.attempts import Mapper
from flows.own_memory import give_back_memory
from flows.progress import Progress, report
from transforms.outcome import Outcome
from transforms.page import Extracted, Page, Rejected
from transforms.schema import Article, Capture, Comment, Evidence, Link, Signature
from warehouse.batch_names import batch_name, whole_files
from warehouse.captures import Broken, Captured, Shard, read_captures
from warehouse.captures_stored import captures_to_extract, shard_file
from warehouse.datadir import DataDir
from warehouse.lake import known_batches

if TYPE_CHECKING:
    import pyarrow as pa

PROGRESS_EVERY = 16
PAGES_AT_ONCE = 32
"""Pages whose rows become Arrow together: as objects they take several times the memory."""
_FREE_BYTES = 4_000_000
"""What they, and the bodies that were read meanwhile, may leave in holes of the heap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardReport:
    """Counts of one shard. `is_known`: the lake held it already, made by the same extractor, and nothing was done."""

    batch_id: str
    capture_count: int = 0
    article_count: int = 0
    comment_count: int = 0
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a shard gave: its counts, and its rows by table of the lake."""

    report: ShardReport
    tables: dict[str, pa.Table]


def batch_id_of(shard: Shard, total: int) -> str:
    """The batch that holds a shard's output: its WARC file's path below captures/, its number, and of how many."""
    return batch_name(shard.warc_file, shard.number, total)


def pending_files(datadir: DataDir) -> tuple[str, ...]:
    """Capture files that the lake does not hold, or not every shard of: what a run that was cut off has left."""
    whole = whole_files(known_batches(datadir))
    return tuple(name for name in captures_to_extract(datadir) if name not in whole)


def known_shards(batches: Mapping[str, str | None], warc_file: str, extractor: str) -> frozenset[str]:
    """The batches of a file, of all those that the lake holds (`known_batches`), which this extractor made."""
    own = f"{warc_file}#"
    return frozenset(key for key, made_by in batches.items() if made_by == extractor and key.startswith(own))


def read_shard(
    datadir: DataDir, shard: Shard, total: int, pool: Mapper, *, sources: Set[str] = frozenset()
) -> Extraction:
    """Extract the pages of `shard`, one of `total` of its file; the caller writes what came of it as one batch.

    `sources` leaves out the captures of all others, where there are any.
    """
    captures: list[Capture] = []
    gathered = _Gathered()
    asked: list[int] = []

    def pages() -> Iterator[Page]:
        with shard_file(datadir, shard) as (path, root):
            for item in read_captures(path, root=root, start=shard.start, end=shard.end):
                if isinstance(item, Broken):
                    continue  # named by the plan of the whole file
                if sources and item.page.source not in sources:
                    continue
                captures.append(_capture_row(item))
                if item.reject is None:
                    asked.append(len(captures) - 1)
                    yield item.page

    for done, (number, result) in enumerate(pool.map(pages()), start=1):
        place = asked[number]
        captures[place] = replace(captures[place], structure=result.structure, wall=result.wall)
        if isinstance(result, Rejected):
            captures[place] = replace(captures[place], outcome=result.outcome, detail=result.detail)
        gathered.add(number, None if isinstance(result, Rejected) else result)
        if done % PROGRESS_EVERY == 0:
            report(Progress("extract", done, shard.count, f"{shard.warc_file} shard {shard.number + 1} of {total}"))
    from transforms.columns import to_table

    tables = {"captures": to_table(Capture, captures), **gathered.tables()}
    report_of_shard = ShardReport(
        batch_id=batch_id_of(shard, total),
        capture_count=len(captures),
        article_count=tables["articles"].num_rows,
        comment_count=tables["comments"].num_rows,
    )
    return Extraction(report_of_shard, tables)


class _Gathered:
    """What the pages of a shard gave, by table of the lake, in the order of the file whichever child was first.

    So the same file gives the same batch, and a batch that was made again is known to be the same.
    """

    def __init__(self) -> None:
        self._early: dict[int, Extracted | None] = {}
        self._next = 0
        self._waiting: list[Extracted] = []
        self._parts: list[dict[str, pa.Table]] = []

    def add(self, number: int, page: Extracted | None) -> None:
        """What page `number` gave, counted from 0; None where nothing."""
        self._early[number] = page
        while self._next in self._early:
            if (following := self._early.pop(self._next)) is not None:
                self._waiting.append(following)
            self._next += 1
        if len(self._waiting) >= PAGES_AT_ONCE:
            self._convert()

    def tables(self) -> dict[str, pa.Table]:
        import pyarrow as pa

        self._convert()
        return {name: pa.concat_tables(part[name] for part in self._parts) for name in self._parts[0]}

    def _convert(self) -> None:
        from transforms.columns import to_table

        pages, self._waiting = self._waiting, []
        self._parts.append(
            {
                "articles": to_table(Article, (page.article for page in pages)),
                "comments": to_table(Comment, (comment for page in pages for comment in page.comments)),
                "evidence": to_table(Evidence, (found for page in pages for found in page.evidence)),
                "links": to_table(Link, (link for page in pages for link in page.links)),
                "signatures": to_table(Signature, (page.signature for page in pages if page.signature)),
            }
        )
        give_back_memory(from_bytes=_FREE_BYTES)


def _capture_row(item: Captured) -> Capture:
    """A capture as the lake holds it: `new` stands for any version, and the load decides which over all of history."""
    return Capture(
        capture_id=item.page.capture_id,
        url=item.page.url,
        final_url=item.page.final_url,
        source=item.page.source,
        captured_at=item.page.captured_at,
        status=item.status,
        content_type=item.page.content_type,
        payload_digest=item.payload_digest,
        payload_bytes=item.payload_bytes,
        warc_file=item.warc_file,
        warc_offset=item.warc_offset,
        warc_record_id=item.warc_record_id,
        outcome=item.reject.outcome if item.reject else Outcome.NEW,
        detail=item.reject.detail if item.reject else None,
    )
