"""Subcommand that searches title and text of the current articles."""

from __future__ import annotations

from typing import Annotated, BinaryIO

import duckdb
import pyarrow as pa
from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.commands.output import Format, OutputOption, is_table, write_rows
from transforms.search_passage import Passage
from warehouse.export import ExportFormat, write_answer
from warehouse.search import SearchAnswer, SearchHit, SearchRequest, Sort, day_or_moment
from warehouse.search import search as run_search

_COLUMNS = pa.schema(
    [
        ("rank", pa.int64()),
        ("score", pa.float64()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("source", pa.string()),
        ("language", pa.string()),
        ("domain", pa.string()),
        ("title", pa.string()),
        ("url", pa.string()),
        ("snippet", pa.string()),
        ("article_id", pa.string()),
    ]
)


def search(
    query: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    source: Annotated[
        list[str] | None, Parameter(help="only articles of this source; may be given again", negative="")
    ] = None,
    language: Annotated[
        list[str] | None, Parameter(help="only in this language (en, de, ja …); may be given again", negative="")
    ] = None,
    domain: Annotated[
        list[str] | None, Parameter(help="only of this registrable domain; may be given again", negative="")
    ] = None,
    published_from: Annotated[
        str | None, Parameter(name="--from", help="published on this day or later: 2026-11-20, or a moment in UTC")
    ] = None,
    published_to: Annotated[str | None, Parameter(name="--to", help="published on this day or earlier")] = None,
    limit: Annotated[int, Parameter(help="hits to show")] = 20,
    sort: Annotated[Sort, Parameter(help="the best first, or the newest")] = Sort.RELEVANCE,
    format: Annotated[Format, Parameter(help="how to print the hits")] = "table",
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> int:
    """Search title and text: words that all occur, "a phrase", -not, OR, prefix*, title:word, parentheses.

    Quote the whole query for the shell: 'climate "heat wave" -sport'. `*` alone is every article.
    """
    as_table = is_table(format, output)
    request = SearchRequest(
        query=query,
        sources=source or (),
        languages=language or (),
        domains=domain or (),
        published_from=day_or_moment(published_from, "--from"),
        published_to=day_or_moment(published_to, "--to"),
        limit=limit,
        sort=sort,
    )
    answer = run_search(open_existing(data_dir), request)
    if as_table:
        _print(answer, request)
    else:
        write_rows(lambda file_format, target: _write(answer, file_format, target), format, output)
    return 0


def _print(answer: SearchAnswer, request: SearchRequest) -> None:
    if not answer.hits:
        show.say(_nothing_found(request))
        return
    console = show.console()
    grid = Table(header_style="bold", show_lines=True)
    grid.add_column("score", justify="right", no_wrap=True)
    grid.add_column("published", no_wrap=True)
    grid.add_column("source", overflow="fold", max_width=16)
    grid.add_column("title", overflow="fold", ratio=2)
    grid.add_column("snippet", overflow="fold", ratio=3)
    for hit in answer.hits:
        grid.add_row(
            "" if hit.score is None else f"{hit.score:.2f}",
            f"{hit.published_at:%Y-%m-%d}" if hit.published_at else "",
            hit.source,
            _shown(hit.title, is_terminal=console.is_terminal),
            _shown(hit.snippet, is_terminal=console.is_terminal),
        )
    console.print(grid)
    shown = f"{len(answer.hits)} of {answer.count}" if answer.count > len(answer.hits) else str(answer.count)
    show.say(f"{shown} {'article' if answer.count == 1 else 'articles'}")


def _nothing_found(request: SearchRequest) -> str:
    filters = (request.sources, request.languages, request.domains, request.published_from, request.published_to)
    if any(filters):
        return "no article matches: leave out a filter, or try fewer words"
    return "no article matches: try fewer words, OR between them, or the beginning of a word with a star (flood*)"


def _shown(passage: Passage, *, is_terminal: bool) -> Text:
    """Marks in bold in a terminal; elsewhere, where bold is lost, between two stars."""
    if not is_terminal:
        return Text(passage.marked())
    text = Text(passage.text)
    for start, end in passage.marks:
        text.stylize("bold", start, end)
    return text


def _write(answer: SearchAnswer, file_format: ExportFormat, target: BinaryIO) -> int:
    hits = pa.Table.from_pylist([_row(hit) for hit in answer.hits], schema=_COLUMNS)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.register("hits", hits)
        return write_answer(con, "FROM hits ORDER BY rank", file_format, target)


def _row(hit: SearchHit) -> dict[str, object]:
    return {
        "rank": hit.rank,
        "score": hit.score,
        "published_at": hit.published_at,
        "source": hit.source,
        "language": hit.language,
        "domain": hit.domain,
        "title": hit.title.text,
        "url": hit.url,
        "snippet": hit.snippet.marked(),
        "article_id": hit.article_id,
    }
