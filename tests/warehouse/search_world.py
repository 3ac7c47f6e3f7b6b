"""Articles in several languages, as made-up captures, and short ways to search them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import duckdb
import tantivy
from synthetic import NOW, START, Shown, put

from transforms.columns import to_table
from transforms.schema import Article
from transforms.search_query import parse
from warehouse.datadir import DataDir
from warehouse.load import load
from warehouse.search import SearchAnswer, SearchRequest, search
from warehouse.search_fields import Row, RowCoder, make_query, make_schema
from warehouse.search_index import update_index
from warehouse.search_open import OpenIndex


@dataclass(frozen=True, kw_only=True)
class Told(Shown):
    """A capture with its own language and time of publication."""

    language: str | None = "en"
    published_at: datetime | None = START

    def article(self) -> Article:
        return replace(Shown.article(self), language=self.language, published_at=self.published_at)


def told(name: str, title: str, text: str, language: str | None = "en", day: int | None = 0, **more: str) -> Told:
    published = None if day is None else START + timedelta(days=day)
    return Told(
        url=f"https://{more.get('host', 'news.example')}/{name}",
        title=title,
        text=text,
        language=language,
        published_at=published,
        minute=60 * 24 * ((day or 0) + 1),
        source=more.get("source", "paper"),
    )


PRESS = [
    told("heat", "Heat wave over the harbour", "The heat stays. A wave of visitors came to the tide clock.", day=0),
    told("wave", "A wave of applause", "The heat wave was named in passing. Sport everywhere.", day=1),
    told("strasse", "Neue Straße in Zürich", "Der Bürgermeister eröffnet die Straße. Heißes Wetter.", "de", 2),
    told("coeur", "Le cœur de la ville", "L’été à la plage, dit le maire d'Évreux.", "fr", 3),
    told("nino", "El niño y el mar", "Mañana habrá sol en la montaña.", "es", 4, source="diario"),
    told("tokyo", "東京都庁で展示", "東京都庁で新しい展示が始まった。黒猫も来た。", "ja", 5, source="shimbun"),
    told("kyoto", "京都の桜", "京都で桜が咲いた。東京からも人が来た。", "ja", 6, source="shimbun"),
    told("beijing", "北京举行展览", "展览在北京大学举行，2026年结束。", "zh", 7),
    told("seoul", "서울에서 열린 전시", "전시는 서울에서 열렸다.", "ko", 8),
    told("thai", "ภาษาไทยง่าย", "หนังสือภาษาไทยเล่มใหม่", "th", 9),
    told("arabic", "المدرسة الجديدة", "افتتح أحمد المُدَرِّسَةَ إلى جانب النهر.", "ar", 10),
    told("russian", "Новая ёлка", "В городе поставили ёлку и открыли библиотеку.", "ru", 11),
    told("hindi", "हिन्दी की किताब", "नई किताब हिन्दी में छपी।", "hi", 12),
    told("greek", "Η οδός της Αθήνας", "Στην ΟΔΟ άνοιξε μια βιβλιοθήκη.", "el", 13),
    told("undated", "A tide table", "The tide is known for years. No date is printed.", None, None, host="old.example"),
]


def load_press(datadir: DataDir, shown: Iterable[Shown] = PRESS, batch: str = "press") -> None:
    """Put articles into the lake and load them."""
    put(datadir, batch, shown)
    load(datadir, run_id="r", now=NOW)


def index_press(datadir: DataDir, shown: Sequence[Told] = PRESS) -> str:
    """Put articles into a file with the tables that the index's step reads, and run that step alone."""
    with duckdb.connect(str(datadir.warehouse)) as con:
        con.execute("SET TimeZone = 'UTC'")
        articles = to_table(Article, [told.article() for told in shown])
        con.register("came_in", articles)
        con.execute(
            "CREATE TABLE IF NOT EXISTS versions AS SELECT *, true AS is_current, '' AS batch_id FROM came_in LIMIT 0"
        )
        con.execute("CREATE VIEW IF NOT EXISTS articles AS FROM versions")
        con.execute("CREATE OR REPLACE MACRO text_store() AS 'warehouse'")
        con.execute("CREATE TABLE IF NOT EXISTS loads (load_id VARCHAR, search_index VARCHAR)")
        con.execute("CREATE TEMP TABLE touched AS SELECT article_id FROM came_in")
        con.execute("DELETE FROM versions WHERE article_id IN (FROM touched)")
        con.execute("INSERT INTO versions SELECT *, true, '' FROM came_in")
        con.execute(
            "CREATE TEMP TABLE touched_versions AS SELECT rowid AS row_number, capture_id, batch_id, is_current "
            "FROM versions WHERE article_id IN (FROM touched)"
        )
        [(number,)] = con.execute("SELECT count(*) FROM loads").fetchall()
        name = update_index(con, datadir, f"load-{number}", is_fresh=number == 0)
        con.execute("INSERT INTO loads VALUES (?, ?)", [f"load-{number}", name])
    return name


def names(answer: SearchAnswer) -> list[str]:
    """The last part of each hit's URL, in order."""
    return [hit.url.rpartition("/")[2] for hit in answer.hits]


def ask(datadir: DataDir, query: str, **filters: object) -> list[str]:
    return names(search(datadir, SearchRequest(query=query, **filters)))  # type: ignore[arg-type]


def index_in_memory(texts: Iterable[tuple[str, str]], *, commit_every: int = 1_000) -> OpenIndex:
    """An index of titles and texts; the article ids are their numbers, in 32 digits."""
    index, coder = tantivy.Index(make_schema()), RowCoder()
    writer = index.writer(15_000_000, 1)
    for number, (title, text) in enumerate(texts):
        writer.add_document(coder.document(Row(f"{number:032x}", "u", "s", None, "d", None, title, text)))
        if number % commit_every == commit_every - 1:
            writer.commit()
    writer.commit()
    index.reload()
    return OpenIndex(index)


def found_in(index: OpenIndex, query: str, *, limit: int | None = None) -> list[int]:
    made = make_query(index.schema, parse(query), {}, None, None)
    return [int(hit.article_id, 16) for hit in index.best(made, limit=limit, is_newest_first=False)[1]]
