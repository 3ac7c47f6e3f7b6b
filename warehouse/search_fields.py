"""What the search index holds of an article, and a parsed query as a query on these fields.

`body` holds the terms of title and text, with a term between them that no query has, so that no phrase runs from one
into the other; `title` holds the title's again, for `title:` and to rank higher what has the words there. What a
result shows (`row`) lies in the index too: fetching ten texts out of a large warehouse takes longer than the search.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import tantivy
import zstandard

from transforms.search_query import All, And, Node, Not, Or, Words
from transforms.search_terms import index_text, is_run, pieces, run_terms

TITLE_BOOST = 2.0
UNDATED = -(1 << 62)
"""`published` of an article without a date: older than any."""
FILTERS = ("source", "language", "domain")

_BETWEEN = " ¶ "
_HEAD_VALUES = 7
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One article as the index keeps it. Times are UTC."""

    article_id: str
    url: str
    source: str
    language: str | None
    domain: str
    published_at: datetime | None
    title: str | None
    text: str


def make_schema() -> tantivy.Schema:
    """The fields of the index."""
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("article_id", tokenizer_name="raw", index_option="basic")
    schema.add_text_field("body", tokenizer_name="whitespace", index_option="position")
    schema.add_text_field("title", tokenizer_name="whitespace", index_option="position")
    for name in FILTERS:
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    schema.add_integer_field("published", fast=True)
    # the article's id as two numbers: thousands of hits are told apart and joined without reading their rows
    schema.add_integer_field("id_high", fast=True)
    schema.add_integer_field("id_low", fast=True)
    schema.add_bytes_field("row", stored=True)
    return schema.build()


class RowCoder:
    """Rows as bytes and back, compressed one by one: a result reads a few of many.

    A row is JSON on one line and then its text, as it is.
    """

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)
        self._decompressor = zstandard.ZstdDecompressor()

    def document(self, row: Row) -> tantivy.Document:
        """The document that is indexed for an article."""
        document = tantivy.Document()
        title = index_text(row.title or "")
        document.add_text("article_id", row.article_id)
        document.add_text("body", title + _BETWEEN + index_text(row.text))
        document.add_text("title", title)
        document.add_text("source", row.source)
        document.add_text("domain", row.domain)
        if row.language:
            document.add_text("language", row.language)
        document.add_integer("published", UNDATED if row.published_at is None else microseconds(row.published_at))
        high, low = id_numbers(row.article_id)
        document.add_integer("id_high", high)
        document.add_integer("id_low", low)
        document.add_bytes("row", self._encoded(row))
        return document

    def row(self, document: tantivy.Document) -> Row:
        """The article that a document was made from."""
        head, _, text = self._decompressor.decompress(bytes(document.get_first("row") or b"")).partition(b"\n")
        values = json.loads(head)
        published = values[5]
        values[5] = None if published is None else _EPOCH + timedelta(microseconds=published)
        if len(values) == _HEAD_VALUES:  # in indexes of before, the text is the last of the values
            values.append(text.decode())
        return Row(*values)

    def _encoded(self, row: Row) -> bytes:
        published = None if row.published_at is None else microseconds(row.published_at)
        values = (row.article_id, row.url, row.source, row.language, row.domain, published, row.title)
        return self._compressor.compress(f"{json.dumps(values, ensure_ascii=False)}\n{row.text}".encode())


def microseconds(moment: datetime) -> int:
    """A moment as the index has it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def id_numbers(article_id: str) -> tuple[int, int]:
    """The 32 hex digits of an article's id as two signed numbers."""
    key = bytes.fromhex(article_id)
    return int.from_bytes(key[:8], "big", signed=True), int.from_bytes(key[8:], "big", signed=True)


def id_of(high: int, low: int) -> str:
    """The article's id from its two numbers."""
    return (high.to_bytes(8, "big", signed=True) + low.to_bytes(8, "big", signed=True)).hex()


def make_query(
    schema: tantivy.Schema,
    node: Node,
    filters: dict[str, Sequence[str]],
    published_from: datetime | None,
    published_before: datetime | None,
) -> tantivy.Query:
    """The index's query: what `node` says, ranked, within the filters, which do not rank."""
    clauses = [(tantivy.Occur.Must, _scored(schema, node))]
    for name, values in filters.items():
        if values:
            clauses.append((tantivy.Occur.Must, _unscored(tantivy.Query.term_set_query(schema, name, list(values)))))
    if published_from is not None or published_before is not None:
        lower = UNDATED + 1 if published_from is None else microseconds(published_from)
        upper = None if published_before is None else microseconds(published_before)
        span = tantivy.Query.range_query(
            schema, "published", tantivy.FieldType.Integer, lower, upper, include_upper=upper is None
        )
        clauses.append((tantivy.Occur.Must, _unscored(span)))
    return tantivy.Query.boolean_query(clauses) if len(clauses) > 1 else clauses[0][1]


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)


def _scored(schema: tantivy.Schema, node: Node) -> tantivy.Query:
    query = tantivy.Query
    match node:
        case Words(field="title"):
            return _words(schema, node, "title")
        case Words():
            in_title = query.boost_query(_words(schema, node, "title"), TITLE_BOOST)
            return query.boolean_query(
                [(tantivy.Occur.Must, _words(schema, node, "body")), (tantivy.Occur.Should, in_title)]
            )
        case Not(inner):
            return query.boolean_query(
                [(tantivy.Occur.Must, _unscored(query.all_query())), (tantivy.Occur.MustNot, _scored(schema, inner))]
            )
        case And(nodes):
            return query.boolean_query(
                [
                    (tantivy.Occur.MustNot, _scored(schema, n.node))
                    if isinstance(n, Not)
                    else (tantivy.Occur.Must, _scored(schema, n))
                    for n in (nodes if any(not isinstance(n, Not) for n in nodes) else (All(), *nodes))
                ]
            )
        case Or(nodes):
            return query.boolean_query([(tantivy.Occur.Should, _scored(schema, n)) for n in nodes])
        case All():
            return _unscored(query.all_query())


def _words(schema: tantivy.Schema, words: Words, field: str) -> tantivy.Query:
    terms = _terms(words)
    if len(terms) > 1 and any(tail for _, _, tail in terms):
        return tantivy.Query.regex_phrase_query(schema, field, [(place, term + tail) for place, term, tail in terms])
    if len(terms) > 1:
        return tantivy.Query.phrase_query(schema, field, [(place, term) for place, term, _ in terms])
    [(_, term, tail)] = terms
    if tail:
        return tantivy.Query.regex_query(schema, field, term + tail)
    return tantivy.Query.term_query(schema, field, term, "freq")


def _terms(words: Words) -> list[tuple[int, str, str]]:
    """Place and text of each term, and the pattern of what may follow in it: nothing, or any letters, or one letter."""
    terms: list[tuple[int, str, str]] = []
    place = 0
    for part, following in zip(words.parts, (*words.parts[1:], None), strict=True):
        if not is_run(part):
            terms += [(place + n, piece, "") for n, piece in enumerate(pieces(part))]
            place += len(pieces(part))
            continue
        if len(part) == 1:
            # alone it is the first letter of a pair, or the last of its run; before a word it can only be the last
            terms.append((place, part, "" if following is not None and not is_run(following) else ".?"))
        else:
            # what follows the run's last letter is not known, so the last letter is no term of its own
            terms += [(place + n, pair, "") for n, pair in enumerate(run_terms(part)[:-1])]
        place += len(part)
    if words.is_prefix:
        terms[-1] = (*terms[-1][:2], ".*")
    return terms
