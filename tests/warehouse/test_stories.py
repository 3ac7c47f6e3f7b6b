"""Stories over loads: what is one, who was first, and that loads, rebuilds and any order agree."""

import random
import re
from collections.abc import Sequence
from dataclasses import astuple, replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic import NOW, Shown, put, query, rows

from transforms.minhash import METHOD
from transforms.schema import Signature
from transforms.url import article_id
from warehouse.datadir import DataDir
from warehouse.ddl import create_table, empty_relation
from warehouse.forget import forget
from warehouse.load import load
from warehouse.present import find_touched_versions
from warehouse.statements import statement
from warehouse.stories import update_stories
from warehouse.story_records import STORY_TABLES

SYLLABLES = ("ba", "ko", "ri", "tu", "shen", "la", "mo", "ne", "dri", "vas")
NAMES = tuple(t.name for t in STORY_TABLES)


def prose(count: int, seed: int) -> str:
    rng = random.Random(seed)
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(1, 3))) for _ in range(count))


def edited(text: str, share: float, seed: int = 3) -> str:
    rng = random.Random(seed)
    return " ".join("changed" if rng.random() < share else word for word in text.split())


FERRY = prose(200, seed=1)
SHORT = prose(45, seed=2)
BRIEF = prose(10, seed=4)
BOX = prose(60, seed=5)


def at(site: str, text: str, published: int = 0, *, page: str = "story", **changes: object) -> Shown:
    minute = max(published, 0) + 30
    shown = Shown(url=f"https://{site}.example/{page}", text=text, published=published, minute=minute)
    return replace(shown, **changes)  # type: ignore[arg-type]


def loaded(datadir: DataDir, *batches: Sequence[Shown]) -> None:
    for shown in batches:
        digest = abs(hash(tuple(s.capture_id for s in shown)))
        put(datadir, f"batch-{digest}", shown)
        load(datadir, run_id="run", now=NOW)


def groups(datadir: DataDir) -> list[list[str]]:
    """The stories as the pages that they are on, the first page in front, `+` before one that embeds the text."""
    found = query(
        datadir.warehouse,
        """SELECT list(
             if(s.is_embedding, '+', '') || regexp_extract(a.url, '//(.*)', 1) ORDER BY s.is_first DESC, a.url)
           FROM story_articles AS s JOIN articles AS a USING (article_id) GROUP BY story_id ORDER BY 1""",
    )
    return [[re.sub(r"\.example|/story", "", page) for page in pages] for (pages,) in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("case", "shown", "expected"),
    [
        ("same text", [at("a", FERRY), at("b", FERRY, 5)], [["a", "b"]]),
        ("agency line", [at("a", FERRY), at("b", f"SALTMERE (Wire) - {FERRY}", 5)], [["a", "b"]]),
        ("edited", [at("a", FERRY), at("b", edited(FERRY, 0.08), 5)], [["a", "b"]]),
        ("cut to the half", [at("a", FERRY), at("b", FERRY[: len(FERRY) // 2], 5)], [["a", "b"]]),
        ("short", [at("a", SHORT), at("b", f"Wire: {SHORT}", 5)], [["a", "b"]]),
        ("a line proves nothing", [at("a", BRIEF), at("b", BRIEF, 5)], []),
        ("another text", [at("a", FERRY), at("b", prose(200, seed=9), 5)], []),
        ("a quotation", [at("a", FERRY), at("b", f"{prose(150, seed=9)} {' '.join(FERRY.split()[:20])}", 5)], []),
        ("a shared box, one site", [at("a", f"{prose(60, 7)} {BOX}"), at("a", f"{prose(60, 8)} {BOX}", page="2")], []),
        ("one site twice", [at("a", FERRY), at("a", FERRY, 5, page="2")], [["a", "a/2"]]),
        (
            "held by a longer page",
            [at("a", FERRY), at("b", f"{prose(700, 11)} {FERRY} {prose(500, 12)}", 5)],
            [["a", "+b"]],
        ),
        (
            "a page that collects two stories joins both, and they stay two",
            [
                at("a", FERRY),
                at("b", FERRY, 5),
                at("c", prose(200, 21)),
                at("d", prose(200, 21), 5),
                at("z", f"{FERRY} {prose(700, 22)} {prose(200, 21)}", -60),
            ],
            [["a", "b", "+z"], ["c", "d", "+z"]],
        ),
        (
            "a chain does not drift: each is measured against the first",
            [
                at("a", prose(120, 31) + " " + prose(120, 32)),
                at("b", prose(120, 32) + " " + prose(120, 33), 5),
                at("c", prose(120, 33) + " " + prose(120, 34), 9),
                at("d", prose(120, 34) + " " + prose(120, 35), 12),
            ],
            [["a", "b"], ["c", "d"]],
        ),
    ],
)
def test_what_is_a_story(ready: DataDir, case: str, shown: list[Shown], expected: list[list[str]]) -> None:
    loaded(ready, shown)
    assert groups(ready) == expected, case


def test_who_was_first_and_how_long_the_others_took(ready: DataDir) -> None:
    loaded(ready, [at("b", FERRY, 90), at("a", FERRY, 30), at("c", edited(FERRY, 0.05), 95)])
    assert query(
        ready.warehouse,
        "SELECT first_domain, article_count, domain_count, embedding_count, title, language FROM stories",
    ) == [("a.example", 3, 3, 0, "Ferry returns to the harbour", "en")]
    assert query(
        ready.warehouse, "SELECT domain, delay_s, is_first, similarity = 1 FROM story_articles ORDER BY delay_s"
    ) == [("a.example", 0.0, True, True), ("b.example", 3_600.0, False, True), ("c.example", 3_900.0, False, False)]


def test_an_earlier_copy_that_arrives_late_takes_the_first_place(ready: DataDir) -> None:
    loaded(ready, [at("b", FERRY, 90), at("c", FERRY, 95)])
    assert query(ready.warehouse, "SELECT first_domain FROM stories") == [("b.example",)]
    loaded(ready, [at("a", FERRY, 30)])
    assert groups(ready) == [["a", "b", "c"]]
    assert query(ready.warehouse, "SELECT first_domain FROM stories") == [("a.example",)]


def test_an_earlier_capture_of_a_page_without_another_text_can_make_it_first(ready: DataDir) -> None:
    loaded(ready, [at("a", FERRY, 90, minute=300), at("b", FERRY, 80, minute=310)])
    assert groups(ready) == [["b", "a"]]
    loaded(ready, [at("a", FERRY, 90, minute=40)])
    assert groups(ready) == [["a", "b"]]


def test_a_changed_text_leaves_its_story_and_joins_another(ready: DataDir) -> None:
    other = prose(200, seed=41)
    loaded(ready, [at("a", FERRY), at("b", FERRY, 5), at("c", other, 6)])
    loaded(ready, [at("b", other, 5, minute=500)])
    assert groups(ready) == [["b", "c"]]
    loaded(ready, [at("b", FERRY, 5, minute=900)])
    assert groups(ready) == [["a", "b"]]


def test_forgotten_pages_leave_no_trace(ready: DataDir) -> None:
    loaded(ready, [at("a", FERRY), at("b", FERRY, 5), at("c", FERRY, 9)])
    forget(ready, "a.example", run_id="run", now=NOW)
    assert groups(ready) == [["b", "c"]]
    forget(ready, "https://b.example/story", run_id="run", now=NOW)
    assert [query(ready.warehouse, f"SELECT count(*) FROM {t}") for t in NAMES] == [[(n,)] for n in (0, 0, 0, 1)]


def test_what_a_batch_has_not_signed_is_signed_by_the_load(ready: DataDir, tmp_path: Path) -> None:
    shown = [at("a", FERRY), at("b", edited(FERRY, 0.1), 5), at("c", BRIEF, 6)]
    loaded(ready, shown)
    older = DataDir.open(tmp_path / "older", create=True)
    loaded(older, [replace(s, is_signed=False) for s in shown])
    signed = rows(ready.warehouse)
    assert {t: signed[t] for t in NAMES} == {t: rows(older.warehouse)[t] for t in NAMES}
    assert query(older.warehouse, "SELECT DISTINCT method FROM article_signatures") == [(METHOD,)]


def test_many_pages_of_one_template_cost_no_square_of_links(ready: DataDir) -> None:
    weather = "Station {0} reports {1} degrees and wind of {2} knots from the west. " + prose(40, seed=51)
    pages = [at("w", weather.format(n, n % 30, n % 50), page=str(n)) for n in range(120)]
    loaded(ready, pages[:60], pages[60:])
    [(links,)] = query(ready.warehouse, "SELECT count(*) FROM story_links")
    assert isinstance(links, int)
    assert links < 4 * len(pages)
    assert len(groups(ready)) == 1


def test_a_template_that_more_pages_have_than_any_story_joins_nobody(
    ready: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.stories.HOLDERS_MAX", 10)
    pages = [at(f"s{n}", FERRY, n) for n in range(12)]
    loaded(ready, pages[:10])
    assert len(groups(ready)[0]) == 10
    loaded(ready, pages[10:])
    assert groups(ready) == []


TEXTS = [
    FERRY,
    edited(FERRY, 0.1),
    edited(FERRY, 0.3, seed=6),
    FERRY[: len(FERRY) // 2],
    SHORT,
    f"{SHORT} {prose(60, 61)}",
    f"{prose(400, 62)} {SHORT} {FERRY} {prose(300, 63)}",
    prose(120, 31) + " " + prose(120, 32),
    prose(120, 32) + " " + prose(120, 33),
    prose(120, 33) + " " + prose(120, 34),
    BRIEF,
]
CAPTURES = st.lists(
    st.builds(
        lambda site, text, published, minute, is_signed: at(
            f"s{site}", TEXTS[text], published, minute=max(published, 0) + minute, offset=minute, is_signed=is_signed
        ),
        st.integers(0, 6),
        st.integers(0, len(TEXTS) - 1),
        st.integers(-300, 300),
        st.integers(1, 600),
        st.booleans(),
    ),
    min_size=2,
    max_size=14,
    unique_by=(lambda s: s.capture_id, lambda s: (s.url, s.minute)),
)


class Warehouse:
    """The tables that stories are made from, in memory: many loads in little time."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        self.con.execute(
            "CREATE TABLE versions (article_id VARCHAR, capture_id VARCHAR, domain VARCHAR, published_at TIMESTAMPTZ, "
            "published_precision VARCHAR, captured_at TIMESTAMPTZ, version_number BIGINT, is_current BOOLEAN, "
            "title VARCHAR, language VARCHAR, text VARCHAR, "
            "valid_to TIMESTAMPTZ, previous_capture_id VARCHAR, batch_id VARCHAR, source VARCHAR)"
        )
        self.con.execute("CREATE VIEW article_versions AS FROM versions")
        self.con.execute("CREATE TABLE displaced_articles (article_id VARCHAR)")
        self.con.execute(f"CREATE TABLE lake_signatures AS {empty_relation(Signature)}")
        for table in STORY_TABLES:
            self.con.execute(create_table(table))

    def load(self, shown: Sequence[Shown], touched: Sequence[Shown]) -> None:
        """All pages as they are now; `touched` are those that this load has to do with."""
        pages: dict[str, list[Shown]] = {}
        for s in shown:
            pages.setdefault(s.article().article_id, []).append(s)
        self.con.execute("CREATE OR REPLACE TEMP TABLE touched (article_id VARCHAR)")
        for key in {s.article().article_id for s in touched}:
            self.con.execute("INSERT INTO touched VALUES (?)", [key])
        self.con.execute("CREATE OR REPLACE TEMP TABLE seen_before AS FROM touched")
        self.con.execute(statement("former"))
        self.con.execute("DELETE FROM versions")
        for key, seen in pages.items():
            for number, s in enumerate(sorted(seen, key=lambda s: s.minute), start=1):
                a = s.article()
                row = [
                    key,
                    a.capture_id,
                    a.domain,
                    a.published_at,
                    "minute",
                    a.captured_at,
                    number,
                    number == len(seen),
                ]
                self.con.execute(
                    f"INSERT INTO versions VALUES ({', '.join('?' * 11)}, NULL, NULL, NULL, NULL)",
                    [*row, a.title, a.language, a.text],
                )
        find_touched_versions(self.con, None)
        self.con.execute("DELETE FROM lake_signatures")
        for s in shown:
            if s.is_signed:
                self.con.execute("INSERT INTO lake_signatures VALUES (?, ?, ?, ?)", list(astuple(s.signature())))
        update_stories(self.con)

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        return {t.name: self.con.execute(f"FROM {t.name} ORDER BY ALL").fetchall() for t in STORY_TABLES}


@given(shown=CAPTURES, data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_and_any_number_of_loads_give_the_same_rows(shown: list[Shown], data: st.DataObject) -> None:
    order = data.draw(st.permutations(shown))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(shown) - 1), max_size=4)))
    by_loads, at_once = Warehouse(), Warehouse()
    for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
        by_loads.load(order[:end], order[start:end])
    at_once.load(shown, shown)
    assert by_loads.rows() == at_once.rows()


def test_story_ids_hash_the_first_article(ready: DataDir) -> None:
    loaded(ready, [at("a", FERRY), at("b", FERRY, 5)])
    [(story_id, first)] = query(ready.warehouse, "SELECT story_id, first_article_id FROM stories")
    assert first == article_id("https://a.example/story")
    assert re.fullmatch("[0-9a-f]{32}", str(story_id))


def test_the_queries_in_the_document_have_answers(ready: DataDir) -> None:
    loaded(ready, [at("a", FERRY), at("b", FERRY, 5)])
    document = (Path(__file__).parents[2] / "docs" / "stories.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", document, re.DOTALL)
    assert len(queries) == 3
    assert [q for q in queries if not query(ready.warehouse, q)] == []
