"""Stories: near-duplicate articles of several sites and days, kept up to date load by load.

A load compares what it changed and nothing else. Each shingle that came or went is looked up in the signatures of
all articles; where holders of one shingle are new to each other, their signatures are compared, and those that are
alike are linked. Links say only who may belong together: what they join is told anew from the signatures
(`transforms.stories`), so that the stories depend on the articles and not on the loads that brought them
(docs/decisions/0031-stories.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import duckdb
import pyarrow as pa

from transforms.columns import arrow_schema
from transforms.sketch import METHOD, Sketch
from transforms.stories import SHARED_MIN, Member, Told, connected, judge, tell
from warehouse.counting import count_rows
from warehouse.statements import statement
from warehouse.story_records import StoryArticle

HOLDERS_MAX = 1_000
"""A shingle that more articles hold is part of a template or a common phrase, and joins nobody."""
PART_ARTICLES = 100_000
"""Articles whose shingles are looked up in one pass: what decides the memory that a full build takes."""
_ROWS = 2_000
_SIGNED = pa.schema([("article_id", pa.string()), ("shingle_count", pa.int64()), ("hashes", pa.list_(pa.uint32()))])
_LINKS = pa.schema([("article_id", pa.string()), ("other_id", pa.string()), ("shared_count", pa.int64())])


@dataclass(frozen=True, slots=True, kw_only=True)
class StoriesChange:
    """What a load did about stories."""

    signed_count: int
    """Articles with a new text or their first."""
    computed_count: int
    """Of these, those whose batch holds no signature, so that it was computed from the text."""
    compared_count: int
    """Pairs of articles whose signatures were compared."""
    told_count: int
    """Articles whose story was told anew."""


def update_stories(con: duckdb.DuckDBPyConnection) -> StoriesChange:
    """Bring article_signatures, story_links, stories and story_articles up to date for the touched articles."""
    for name, value in (("signing", METHOD), ("story_holders", HOLDERS_MAX)):
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT ? AS value", [value])
    con.execute(statement("stories_changed"))
    computed = _sign_what_is_not(con)
    con.execute(statement("stories_replace"))
    signed = count_rows(con, "story_added")
    parts = 1 + max(signed, count_rows(con, "story_dropped")) // PART_ARTICLES
    for number in range(parts):
        con.execute(f"CREATE OR REPLACE TEMP TABLE story_part AS SELECT {number} AS number, {parts} AS of")
        con.execute(statement("stories_postings"))
    con.execute(statement("stories_links"))
    compared = _link(con)
    con.execute(statement("stories_reach"))
    told = _tell(con)
    con.execute(statement("stories_end"))
    return StoriesChange(signed_count=signed, computed_count=computed, compared_count=compared, told_count=told)


def _sign_what_is_not(con: duckdb.DuckDBPyConnection) -> int:
    """Compute the signatures that the lake does not hold, and return how many those were."""
    if not count_rows(con, "story_signed WHERE hashes IS NULL"):
        return 0
    from transforms.minhash import sign  # only for batches of before signatures

    texts = con.execute(
        "SELECT s.article_id, v.text FROM article_versions AS v JOIN story_signed AS s USING (capture_id) "
        "WHERE s.hashes IS NULL"
    )
    made: list[pa.Table] = []
    while rows := texts.fetchmany(_ROWS):
        made.append(
            pa.Table.from_pylist(
                [
                    {"article_id": key, "shingle_count": s.shingle_count, "hashes": s.hashes}
                    for key, s in ((key, sign(text)) for key, text in rows)
                ],
                _SIGNED,
            )
        )
    computed = pa.concat_tables(made)
    con.register("computed_signatures", computed)
    con.execute(
        "UPDATE story_signed AS s SET shingle_count = c.shingle_count, hashes = c.hashes "
        "FROM computed_signatures AS c WHERE c.article_id = s.article_id"
    )
    con.unregister("computed_signatures")
    return int(computed.num_rows)


def _link(con: duckdb.DuckDBPyConnection) -> int:
    """Link the candidates that are near-duplicates, and return how many were compared."""
    _know_wanted(con)
    # what the deltas count is less than all, so only few need to be looked at again
    pairs = con.execute(
        "SELECT p.article_id, p.other_id, p.shared_count, one.domain, one.shingle_count, one.hashes, "
        "other.domain, other.shingle_count, other.hashes FROM story_candidates AS p "
        "JOIN story_members AS one ON one.article_id = p.article_id "
        "JOIN story_members AS other ON other.article_id = p.other_id "
        "WHERE p.shared_count >= $least OR len(list_intersect(one.hashes, other.hashes)) >= $least",
        {"least": SHARED_MIN},
    )
    linked: list[dict[str, Any]] = []
    compared = 0
    while rows := pairs.fetchmany(_ROWS):
        compared += len(rows)
        for article_id, other_id, shared, domain, count, hashes, other_domain, other_count, other_hashes in rows:
            one = Member(article_id, domain, _NO_TIME, Sketch(tuple(hashes), count))
            other = Member(other_id, other_domain, _NO_TIME, Sketch(tuple(other_hashes), other_count))
            if judge(one, other):
                linked.append({"article_id": article_id, "other_id": other_id, "shared_count": shared})
    con.register("new_links", pa.Table.from_pylist(linked, _LINKS))
    con.execute("INSERT INTO story_links BY NAME FROM new_links")
    con.execute("INSERT INTO story_seeds SELECT unnest([article_id, other_id]) FROM new_links")
    con.unregister("new_links")
    return compared


_NO_TIME = datetime.min.replace(tzinfo=UTC)


def _tell(con: duckdb.DuckDBPyConnection) -> int:
    """Tell the stories of the reached articles anew, and return how many articles that were."""
    links = con.execute(
        "SELECT article_id, other_id FROM story_links WHERE article_id IN (FROM story_reached)"
    ).fetchall()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE story_wanted AS SELECT DISTINCT article_id FROM ("
        "SELECT unnest([article_id, other_id]) AS article_id FROM story_links WHERE article_id IN (FROM story_reached)"
        ") ANTI JOIN story_members USING (article_id)"
    )
    _know_wanted(con)
    found = con.execute(
        "SELECT article_id, domain, appeared_at, shingle_count, hashes FROM story_members "
        "WHERE article_id IN (SELECT unnest([article_id, other_id]) FROM story_links "
        "WHERE article_id IN (FROM story_reached))"
    )
    members: dict[str, Member] = {}
    while rows := found.fetchmany(_ROWS):
        for article_id, domain, appeared_at, count, hashes in rows:
            members[article_id] = Member(article_id, domain, appeared_at, Sketch(tuple(hashes), count))
    told = [row for group in connected(links) for story in tell(members[key] for key in group) for row in _rows(story)]
    con.register("told_rows", pa.Table.from_pylist(told, arrow_schema(StoryArticle)))
    con.execute("CREATE OR REPLACE TEMP TABLE told AS FROM told_rows")
    con.unregister("told_rows")
    con.execute(statement("stories_put"))
    return len(members)


def _know_wanted(con: duckdb.DuckDBPyConnection) -> None:
    """See that story_members has the articles in story_wanted."""
    if count_rows(con, "story_wanted"):
        con.execute(statement("stories_known"))


def _rows(story: list[Told]) -> Iterator[dict[str, Any]]:
    first = story[0].member
    story_id = blake2b(f"story {first.article_id}".encode(), digest_size=16).hexdigest()
    for place, told in enumerate(story):
        yield {
            "story_id": story_id,
            "article_id": told.member.article_id,
            "domain": told.member.domain,
            "appeared_at": told.member.appeared_at,
            "delay_s": (told.member.appeared_at - first.appeared_at).total_seconds(),
            "similarity": told.likeness.resemblance,
            "containment": told.likeness.containment,
            "is_first": place == 0,
            "is_embedding": told.is_embedding,
        }
