"""What strangers may ask, and a table of attacks that come to nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from synthetic import NOW, Shown, put

from warehouse.datadir import DataDir
from warehouse.errors import QueryError, WarehouseError
from warehouse.guest import GuestLimits, GuestSession, guest
from warehouse.load import load
from warehouse.texts import TextStore

LIMITS = GuestLimits(time_s=1.0, memory_mb=200, slack_mb=250, rows=100, answer_bytes=1_000_000, answer_values=10_000)
SECRET = "nobody-reads-this"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    made = DataDir.open(tmp_path_factory.mktemp("guests") / "data", create=True)
    put(made, "a", [Shown(comments=[("1", "So")])])
    load(made, run_id="run-1", now=NOW)
    (made.root / "secret.csv").write_text(SECRET)
    return made


@pytest.fixture(scope="module")
def session(kept: DataDir) -> Iterator[GuestSession]:
    os.environ["BROADSHEET_TEST_SECRET"] = SECRET
    with guest(kept, replace(LIMITS, time_s=30.0)) as session:  # what may be asked is not asked in time
        yield session
    del os.environ["BROADSHEET_TEST_SECRET"]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT title FROM articles", [("Ferry returns to the harbour",)]),
        ("FROM articles_as_of('2026-11-01') SELECT count(*)", [(1,)]),
        ("WITH a AS (FROM comments) SELECT author, text FROM a;", [("Kim", "So")]),
        ("SELECT published_at FROM articles", [(datetime(2026, 10, 29, 8, tzinfo=UTC),)]),
        ("SELECT 1 AS a, 2 AS a, NULL", [(1, 2, None)]),
        ("SELECT {'a': [1, NULL]}, map {'k': 1}", [({"a": [1, None]}, [("k", 1)])]),
        ("SELECT count(*) FROM (SUMMARIZE comments)", [(10,)]),
    ],
)
def test_a_guest_may_ask(session: GuestSession, sql: str, rows: list[object]) -> None:
    assert session.ask(sql).rows == rows


@pytest.mark.parametrize("value", ["170141183460469231731687303715884105727::HUGEINT", "'294247-01-01'::TIMESTAMP"])
def test_values_beyond_python_are_refused_in_words(session: GuestSession, value: str) -> None:
    with pytest.raises(QueryError, match="cast it to VARCHAR"):
        session.ask(f"SELECT {value}")


@pytest.mark.parametrize("sql", ["FROM search('clock')", "SELECT search('clock')"])
def test_search_is_not_offered(session: GuestSession, sql: str) -> None:
    with pytest.raises(QueryError, match=r"^search is not offered to guests: .*$"):
        session.ask(sql)


ATTACKS = """
COPY (SELECT 1) TO '{root}/x.csv'
COPY (SELECT 1) TO '{root}/warehouse.duckdb' (FORMAT csv, USE_TMP_FILE false)
COPY (SELECT 1) TO '{root}/warehouse.duckdb.wal' (FORMAT csv, USE_TMP_FILE false)
COPY comments FROM '/etc/passwd'
EXPLAIN ANALYZE COPY (SELECT 1) TO '{root}/x.csv'
SELECT 1; COPY (SELECT 1) TO '{root}/x.csv'
EXPORT DATABASE '{root}/x'
IMPORT DATABASE '{root}/x'
FROM read_csv('{root}/secret.csv')
FROM read_csv_auto('{root}/secret.csv')
FROM read_text('{root}/secret.csv')
FROM read_blob('{root}/secret.csv')
FROM read_json('{root}/secret.csv')
FROM read_parquet('{root}/lake/**/*.parquet')
FROM parquet_metadata('{root}/secret.csv')
FROM sniff_csv('{root}/secret.csv')
FROM '{root}/secret.csv'
FROM query('SELECT * FROM read_text(''{root}/secret.csv'')')
FROM query_table('{root}/secret.csv')
FROM glob('{root}/*')
FROM 'http://127.0.0.1:9/x.csv'
FROM read_csv('s3://bucket/x.csv')
ATTACH '{root}/other.duckdb'
ATTACH ':memory:' AS other
ATTACH '{root}/warehouse.duckdb' AS again (READ_ONLY)
DETACH warehouse
USE memory
INSTALL httpfs
LOAD httpfs
LOAD '{root}/x.duckdb_extension'
SET memory_limit = '10GB'
SET threads = 64
SET enable_external_access = true
SET allowed_paths = ['/etc/passwd']
SET lock_configuration = false
SET temp_directory = '{root}'
SET SESSION search_path = 'main'
RESET memory_limit
PRAGMA memory_limit = '10GB'
PRAGMA database_list
PRAGMA enable_profiling
CALL enable_logging()
SELECT getenv('BROADSHEET_TEST_SECRET')
FROM duckdb_secrets()
FROM which_secret('x', 's3')
CREATE SECRET s (TYPE s3)
CREATE PERSISTENT SECRET s (TYPE s3)
FROM duckdb_extensions()
CREATE TEMP TABLE t AS SELECT 1
CREATE TEMP MACRO articles() AS TABLE SELECT 1
CREATE TABLE t (i INT)
DELETE FROM comments
UPDATE comments SET author = 'x'
INSERT INTO comments SELECT * FROM comments
MERGE INTO comments USING comments AS c ON true WHEN MATCHED THEN DELETE
DROP TABLE comments
ALTER TABLE comments RENAME TO c
COMMENT ON TABLE comments IS 'x'
CHECKPOINT
VACUUM
BEGIN
PREPARE q AS COPY (SELECT 1) TO '{root}/x.csv'
EXECUTE q
FROM arrow_scan(1, 2, 3)
FROM pandas_scan(1)
FROM session
SELECT 1 +
SELECT 'x
FROM json_execute_serialized_sql('{{}}')
SELECT CAST('5881580-07-10' AS DATE)
"""


@pytest.mark.parametrize("attack", ATTACKS.strip().splitlines())
def test_an_attack_is_refused_and_changes_nothing(kept: DataDir, session: GuestSession, attack: str) -> None:
    before = _files(kept.root)
    with pytest.raises(QueryError) as caught:
        session.ask(attack.format(root=kept.root))
    assert SECRET not in str(caught.value)
    assert _files(kept.root) == before
    assert session.ask("SELECT author FROM comments").rows == [("Kim",)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bomb", "says"),
    [
        ("SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b, range(1000000) AS c", "longer than 1 s"),
        ("SELECT count(*) FROM generate_series(1, 1000000000000)", "longer than 1 s"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r", "longer than 1 s"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n + 1 FROM r) SELECT count(*) FROM r", "longer than 1 s"),
        # one call that heeds no interrupt: the child is killed
        ("SELECT levenshtein(repeat('x', 200000), repeat('y', 200000))", "longer than 1 s"),
        ("SELECT regexp_extract_all(repeat('a', 20000000), '(a?){500}')", "longer than 1 s"),
        ("SELECT repeat('x', 10000000000)", "maximum supported string size"),
        ("SELECT repeat('x', 4000000000)", "more than 200 MB"),
        ("SELECT range(100000000)", "more than 200 MB"),
        ("SELECT list(i) FROM range(100000000) AS t(i)", "more than 200 MB"),
        ("SELECT i, count(*) FROM range(100000000) AS t(i) GROUP BY ALL ORDER BY ALL", "longer than|more than"),
        ("SELECT repeat('x', 20000) FROM range(1000)", "larger than 1,000,000 bytes"),
        ("SELECT [NULL FOR x IN range(20000)]", "more than 10,000 values"),
        ("SELECT '" + "x" * 20_000 + "'", "longer than 20000 characters"),
        ("SELECT " + "(" * 9_000 + "1" + ")" * 9_000, "."),
    ],
)
def test_a_bomb_ends_and_the_next_query_is_answered(kept: DataDir, bomb: str, says: str) -> None:
    # what fills memory may take its time
    limits = LIMITS if "longer than 1 s" in says else replace(LIMITS, time_s=60.0)
    with guest(kept, limits) as session:
        with pytest.raises(QueryError, match=says):
            session.ask(bomb)
        assert session.ask("SELECT author FROM comments").rows == [("Kim",)]


def test_an_endless_answer_is_cut_and_not_computed(session: GuestSession) -> None:
    found = session.ask("FROM range(100000000000)")
    assert (len(found.rows), found.is_cut) == (LIMITS.rows, True)
    found = session.ask(f"FROM range({LIMITS.rows})")
    assert (len(found.rows), found.is_cut) == (LIMITS.rows, False)


def test_a_session_sees_the_next_load_and_ends_with_its_block(kept: DataDir) -> None:
    with guest(kept) as session:
        assert session.ask("SELECT count(*) FROM captures").rows == [(1,)]
        put(kept, "b", [Shown(minute=3, text="Gone. " * 30)])
        load(kept, run_id="run-2", now=NOW)
        assert session.ask("SELECT count(*) FROM captures").rows == [(2,)]
        child = session._child
    assert child is not None
    assert child.poll() is not None


def test_texts_in_the_lake_can_be_read_and_no_other_file(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    put(datadir, "a", [Shown(text="The ferry is back. " * 10)])
    load(datadir, run_id="run-1", now=NOW, text_store=TextStore.LAKE)
    before = _files(datadir.root)
    [file] = [path for path, *_ in before if "articles" in path and path.endswith(".parquet")]
    [other] = [path for path, *_ in before if "captures" in path and path.endswith(".parquet")]
    with guest(datadir, LIMITS) as session:
        assert session.ask("SELECT contains(text, 'ferry') FROM articles").rows == [(True,)]
        for attack in (
            f"FROM read_parquet('{other}')",
            f"COPY (SELECT 1) TO '{file}' (FORMAT parquet, USE_TMP_FILE false)",
        ):
            with pytest.raises(QueryError):
                session.ask(attack)
    assert _files(datadir.root) == before


def test_without_a_warehouse_there_is_one_line(datadir: DataDir) -> None:
    with guest(datadir) as session, pytest.raises(WarehouseError, match="nothing is loaded"):
        session.ask("SELECT 1")
    datadir.warehouse.write_bytes(b"no database at all" * 1_000)
    with guest(datadir) as session, pytest.raises(WarehouseError, match="cannot be read"):
        session.ask("SELECT 1")


def _files(root: Path) -> list[tuple[str, int, int]]:
    found = ((p, p.stat()) for p in root.rglob("*") if p.is_file())
    return sorted((str(p), s.st_size, s.st_mtime_ns) for p, s in found)
