"""How well stories are found: texts against themselves edited, cut, prefixed, embedded; and unrelated ones of a site.

usage: BROADSHEET_BENCH=FOLDER python benchmarks/stories_eval.py [--half tuned|held] [--kind WORD]

Texts are those of FOLDER/dev/gold.jsonl and texts.jsonl, where the variable is set, and of the demo press. Every second
one was looked at while thresholds were chosen (`tuned`); the others (`held`) are what is reported. For each kind of
pair the originals and their variants, each on a site of its own, become one warehouse, and the stories told from it by
the load's own step are held against the pairs. An original that has a near-duplicate among the originals is left out;
what a text is embedded in is words of the other half, drawn at random, so that no two variants share more than a text.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import duckdb
import pyarrow as pa

from demo.articles import last_edition
from demo.expected import expected_articles
from transforms.fingerprint import word_count
from transforms.language import language_of
from transforms.normalize import clean_text
from transforms.schema import Signature
from warehouse.ddl import create_table, empty_relation
from warehouse.statements import statement
from warehouse.stories import update_stories
from warehouse.story_records import STORY_TABLES

START = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = ((20, "20-49"), (50, "50-99"), (100, "100-199"), (200, "200-499"), (500, "500-"))
UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
PREFIX = "SALTMERE (Northing Wire) – "


@dataclass(frozen=True)
class Text:
    """One text, its language and its length in words (of scripts without spaces, in letters)."""

    text: str
    language: str
    words: int

    @property
    def is_unspaced(self) -> bool:
        return 2 * len(UNSPACED.findall(self.text)) > len(self.text)

    @property
    def units(self) -> list[str]:
        return list(self.text) if self.is_unspaced else self.text.split(" ")

    def joined(self, units: Sequence[str]) -> str:
        return ("" if self.is_unspaced else " ").join(units)

    @property
    def size(self) -> str:
        return next(name for least, name in reversed(SIZES) if self.words >= least)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--half", choices=("tuned", "held"), default="held")
    arguments.add_argument("--kind", default="", help="only kinds whose name holds this")
    given = arguments.parse_args()
    read_texts = list(read())
    texts, others = read_texts[::2], read_texts[1::2]
    if given.half == "tuned":
        texts, others = others, texts
    texts = alone(texts)
    print(f"{len(texts)} texts: {dict(Counter(t.language for t in texts).most_common(12))}")
    print(
        f"\n{'recall %':18}"
        + "".join(f"{name:>9}" for _, name in SIZES)
        + f"{'all':>8}{'not en':>8}{'precision %':>13}"
    )
    for name, change in kinds(random.Random(11), others).items():
        if given.kind in name:
            print(row(name, texts, [change(t) for t in texts]), flush=True)
    print(
        "\nunrelated texts of one site that share a box of so many words: pairs of texts taken for one story, per mille"
    )
    for length in (15, 30, 60, 100):
        print(f"  {length:4} words: {same_site(texts, length)}")


def read() -> Iterator[Text]:
    found = [clean_text("\n".join(e.paragraphs)) for e in expected_articles(last_edition())]
    if folder := os.environ.get("BROADSHEET_BENCH"):
        for name, field in (("gold.jsonl", "text"), ("texts.jsonl", "article")):
            lines = (Path(folder) / "dev" / name).read_text(encoding="utf-8").split("\n")
            found += [clean_text(json.loads(line)[field] or "") for line in lines if line]
    for text in dict.fromkeys(found):
        if (words := word_count(text)) >= SIZES[0][0]:
            yield Text(text, language_of(text, None) or "?", words)


def kinds(rng: random.Random, others: Sequence[Text]) -> dict[str, Callable[[Text], str]]:
    """What an agency's customers do to a text."""

    def edited(share: float) -> Callable[[Text], str]:
        def change(t: Text) -> str:
            strange = t.units
            kept = (
                u if rng.random() >= share else rng.choice(["", rng.choice(strange), rng.choice(strange)])
                for u in t.units
            )
            return t.joined([u for u in kept if u])

        return change

    def cut(share: float) -> Callable[[Text], str]:
        return lambda t: t.joined(t.units[: int(len(t.units) * share)])

    other_words = [u for t in others if not t.is_unspaced for u in t.units]
    other_letters = [u for t in others if t.is_unspaced for u in t.units] or other_words

    def embedded(times: int) -> Callable[[Text], str]:
        def change(t: Text) -> str:
            words = other_words if not t.is_unspaced else other_letters
            around = rng.choices(words, k=(times - 1) * len(t.units))
            half = (times - 1) * len(t.units) // 2
            return "\n".join((t.joined(around[:half]), t.text, t.joined(around[half : 2 * half])))

        return change

    return {
        "agency line": lambda t: PREFIX + t.text,
        "edited 5 %": edited(0.05),
        "edited 10 %": edited(0.10),
        "edited 20 %": edited(0.20),
        "edited 30 %": edited(0.30),
        "cut to 70 %": cut(0.7),
        "cut to 50 %": cut(0.5),
        "cut to 30 %": cut(0.3),
        "cut and edited": lambda t: edited(0.05)(Text(PREFIX + cut(0.6)(t), t.language, t.words)),
        "embedded in 2x": embedded(2),
        "embedded in 4x": embedded(4),
        "embedded in 8x": embedded(8),
    }


def alone(texts: list[Text]) -> list[Text]:
    """The texts that are near-duplicates of no other."""
    pairs = stories((f"{n}", f"site{n}.example", t.text) for n, t in enumerate(texts))
    doubled = {int(key) for pair in pairs for key in pair}
    return [t for n, t in enumerate(texts) if n not in doubled]


def row(name: str, texts: Sequence[Text], changed: Sequence[str]) -> str:
    originals = ((f"{n}", f"site{n}.example", t.text) for n, t in enumerate(texts))
    variants = ((f"{n}v", f"copy{n}.example", text) for n, text in enumerate(changed))
    pairs = stories([*originals, *variants])
    right = {int(one) for one, other in pairs if other == f"{one}v"} | {
        int(other) for one, other in pairs if one == f"{other}v"
    }
    wrong = sum(1 for one, other in pairs if one.rstrip("v") != other.rstrip("v"))
    cells = [recall([n for n, t in enumerate(texts) if t.size == size], right) for _, size in SIZES]
    cells.append(recall(range(len(texts)), right))
    foreign = recall([n for n, t in enumerate(texts) if t.language != "en"], right)
    precision = 100 * len(right) / max(len(right) + wrong, 1)
    return f"{name:18}" + "".join(f"{c:>9}" for c in cells[:-1]) + f"{cells[-1]:>8}{foreign:>8}{precision:>13.1f}"


def recall(asked: Sequence[int], right: set[int]) -> str:
    return f"{100 * sum(n in right for n in asked) / len(asked):.1f}" if asked else "-"


def same_site(texts: Sequence[Text], length: int) -> str:
    spaced = [t for t in texts if not t.is_unspaced and t.words >= 30]
    box = " ".join(random.Random(length).choice([t for t in spaced if t.words >= 200]).units[:length])
    told = []
    for domain in ("one.example", None):
        pairs = stories((f"{n}", domain or f"site{n % 2}.example", f"{t.text}\n{box}") for n, t in enumerate(spaced))
        told.append(1000 * len(pairs) / (len(spaced) * (len(spaced) - 1) / 2))
    return f"{told[0]:.3f} on one domain, {told[1]:.3f} over two ({len(spaced)} texts)"


def stories(pages: Iterator[tuple[str, str, str]] | Sequence[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Pairs of names that stand in one story, the first article's name in front."""
    listed = list(pages)
    keys = {blake2b(name.encode(), digest_size=16).hexdigest(): name for name, _, _ in listed}
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        versions = pa.table(
            {
                "article_id": list(keys),
                "capture_id": list(keys),
                "domain": [domain for _, domain, _ in listed],
                "published_at": [START + timedelta(minutes=n) for n in range(len(listed))],
                "published_precision": ["minute"] * len(listed),
                "captured_at": [START + timedelta(days=90)] * len(listed),
                "version_number": [1] * len(listed),
                "is_current": [True] * len(listed),
                "title": [name for name, _, _ in listed],
                "language": ["?"] * len(listed),
                "text": [text for _, _, text in listed],
            }
        )
        con.register("shown", versions)
        none = "NULL AS valid_to, CAST(NULL AS VARCHAR) AS previous_capture_id, '' AS batch_id, '' AS source"
        con.execute(f"CREATE TABLE versions AS SELECT *, {none} FROM shown")
        con.execute("CREATE VIEW article_versions AS FROM versions")
        con.execute("CREATE TABLE displaced_articles (article_id VARCHAR)")
        con.execute("CREATE TABLE touched AS SELECT article_id FROM versions")
        for name in ("former", "present"):
            con.execute(statement(name))
        con.execute(f"CREATE TABLE lake_signatures AS {empty_relation(Signature)}")
        for table in STORY_TABLES:
            con.execute(create_table(table))
        update_stories(con)
        found = con.execute(
            "SELECT first_article_id, article_id FROM stories JOIN story_articles USING (story_id) WHERE NOT is_first"
        ).fetchall()
    return {(keys[first], keys[other]) for first, other in found}


if __name__ == "__main__":
    main()
