"""A made-up press of any size, written to the lake batch by batch: what bench_warehouse.py loads.

Texts are about 3 kB in sentences and paragraphs, words drawn with the frequencies of a language: of 200,000 words the
k-th has a probability in proportion to 1 / (k + 2.7) ** 1.07, short words first. One page in twenty prints the text of
its neighbour with other last words, as agencies' customers do; one in thirty is edited two days later, one in twenty is
seen again as it was. The same batch number gives the same rows, whoever makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from math import log1p
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.columns import arrow_schema
from transforms.fingerprint import content_hash
from transforms.minhash import METHOD, sign
from transforms.schema import RECORDS
from transforms.url import article_id
from warehouse.datadir import DataDir
from warehouse.lake import known_batches, write_batch

BATCH = 5_000
WORDS_PER_TEXT = 430
HOSTS = 300
VOCABULARY_WORDS = 200_000
EXTRACTOR = "made-up 2"
START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_MINUTES = 500_000
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwz"
_ENDINGS = ("", ",", ".", ".\n")
_ENDING_ODDS = np.cumsum([0.86, 0.075, 0.05])


@dataclass(frozen=True)
class Vocabulary:
    """Words by rank, the commonest first; as many again with each ending that a sentence needs."""

    words: tuple[str, ...]
    ended: pa.Array
    cumulated: np.ndarray

    @classmethod
    def make(cls) -> Vocabulary:
        """The one vocabulary of the press."""
        rng = Random(7)
        seen: dict[str, None] = {}
        while len(seen) < VOCABULARY_WORDS:
            syllables = 1 + min(int(log1p(len(seen)) / 3.2), 3) + rng.randrange(2)
            word = "".join(rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(syllables))
            seen.setdefault(word + rng.choice(("", "", "", "n", "r", "s")))
        words = tuple(seen)
        odds = 1 / (np.arange(VOCABULARY_WORDS) + 1 + 2.7) ** 1.07
        return cls(words, pa.array([w + e for e in _ENDINGS for w in words]), np.cumsum(odds) / odds.sum())

    def draw(self, rng: np.random.Generator, count: int, length: int) -> np.ndarray:
        """Ranks of words, `length` for each of `count` texts."""
        return np.searchsorted(self.cumulated, rng.random((count, length))).clip(max=VOCABULARY_WORDS - 1)

    def punctuated(self, rng: np.random.Generator, ranks: np.ndarray) -> np.ndarray:
        """The same words as places in `ended`: some close a clause, a sentence or a paragraph."""
        endings = np.searchsorted(_ENDING_ODDS, rng.random(ranks.shape))
        endings[:, -1] = 2
        return np.asarray(ranks + VOCABULARY_WORDS * endings)

    def join(self, places: np.ndarray) -> pa.Array:
        """Texts from places in `ended`."""
        offsets = np.arange(0, places.size + 1, places.shape[1], dtype=np.int32)
        listed = pa.ListArray.from_arrays(pa.array(offsets), self.ended.take(pa.array(places.ravel())))
        return pc.replace_substring(pc.binary_join(listed, " "), "\n ", "\n")


def write_press(folder: Path, articles: int, *, processes: int = 2) -> DataDir:
    """The lake of a press with that many articles; what is there already is not made again."""
    datadir = DataDir.open(folder, create=True)
    wanted = range(-(-articles // BATCH))
    known = known_batches(datadir)
    missing = [n for n in wanted if _batch_id(n) not in known]
    shares = [missing[n::processes] for n in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(_write_share, folder, share) for share in shares if share]:
            done.result()
    return datadir


def _write_share(folder: Path, numbers: Sequence[int]) -> None:
    datadir, vocabulary = DataDir.open(folder, create=True), Vocabulary.make()
    for number in numbers:
        write_batch(datadir, _batch_id(number), base_batch(number, vocabulary), extractor=EXTRACTOR)


def _batch_id(number: int) -> str:
    return f"base-{number:06}"


def base_batch(number: int, vocabulary: Vocabulary) -> dict[str, pa.Table]:
    """The captures and articles of one batch."""
    rng = np.random.default_rng(number)
    numbers = np.arange(number * BATCH, (number + 1) * BATCH)
    places = vocabulary.punctuated(rng, vocabulary.draw(rng, BATCH, WORDS_PER_TEXT))
    copied = np.flatnonzero(rng.random(BATCH - 1) < 1 / 20) + 1
    places[copied, :-20] = places[copied - 1, :-20]
    titles = vocabulary.draw(rng, BATCH, 8)
    again = np.flatnonzero(rng.random(BATCH) < 1 / 20)
    edited = np.flatnonzero(rng.random(BATCH) < 1 / 30)
    later_places, later_titles = places[edited].copy(), titles[edited].copy()
    later_places[:, 100:110] = vocabulary.draw(rng, len(edited), 10)
    later_titles[::3, 2] = vocabulary.draw(rng, len(edited[::3]), 1)[:, 0]
    shown = [
        (numbers, places, titles, 0),
        (numbers[again], places[again], titles[again], 1),
        (numbers[edited], later_places, later_titles, 2),
    ]
    parts = [made(n, vocabulary.join(p), _titles(vocabulary, t), visit=v) for n, p, t, v in shown]
    return {table: pa.concat_tables([part[table] for part in parts]) for table in parts[0]}


def edits_and_news(articles: pa.Table, first_new: int, count: int, vocabulary: Vocabulary) -> dict[str, pa.Table]:
    """A day's batch: the given articles (url, title, text) with another title or text each, and `count` new ones."""
    rng = np.random.default_rng(first_new)
    numbers = np.array([int(url.rpartition("/")[2]) for url in articles["url"].to_pylist()])
    added = vocabulary.join(vocabulary.punctuated(rng, vocabulary.draw(rng, len(numbers), 15)))
    texts = pc.binary_join_element_wise(articles["text"].combine_chunks(), added, "\n")
    titles = [f"{t}, updated" if n % 3 else t for n, t in enumerate(articles["title"].to_pylist())]
    news = np.arange(first_new, first_new + count)
    places = vocabulary.punctuated(rng, vocabulary.draw(rng, count, WORDS_PER_TEXT))
    parts = [
        made(numbers, texts, titles, visit=9, days=360),
        made(news, vocabulary.join(places), _titles(vocabulary, vocabulary.draw(rng, count, 8)), visit=0, days=347),
    ]
    return {table: pa.concat_tables([part[table] for part in parts]) for table in parts[0]}


def _titles(vocabulary: Vocabulary, ranks: np.ndarray) -> list[str]:
    return [str(title).capitalize() for title in vocabulary.join(ranks).to_pylist()]


def made(
    numbers: np.ndarray, texts: pa.Array, titles: list[str], *, visit: int, days: float | None = None
) -> dict[str, pa.Table]:
    """Rows of captures, articles and signatures, captured `days` after the start, else `visit` days after printing."""
    count, listed = len(numbers), texts.to_pylist()
    published = [START + timedelta(minutes=int(n) % YEAR_MINUTES) for n in numbers]
    if days is None:
        captured = [at + timedelta(hours=1, days=visit) for at in published]
    else:
        published = published if visit else [START + timedelta(days=days, seconds=int(n) % 86_400) for n in numbers]
        captured = [START + timedelta(days=days, hours=25, seconds=int(n) % 86_400) for n in numbers]
    hosts = [f"paper{n % HOSTS}.example" for n in numbers]
    sources = [f"paper{n % HOSTS}" for n in numbers]
    urls = [f"https://{host}/story/{n}" for host, n in zip(hosts, numbers, strict=True)]
    authors = [[f"Author {n % 5_000}"] for n in numbers]
    ids = [blake2b(f"{visit} {n}".encode(), digest_size=16).hexdigest() for n in numbers]
    common = {"capture_id": ids, "url": urls, "final_url": urls, "source": sources, "captured_at": captured}
    captures = {
        **common,
        "status": [200] * count,
        "content_type": ["text/html"] * count,
        "payload_digest": [blake2b(i.encode(), digest_size=16).hexdigest().upper() for i in ids],
        "payload_bytes": [100_000 + int(n) * 7 % 50_000 for n in numbers],
        "warc_file": [f"2026/{at:%m-%d}-{visit}.warc.gz" for at in captured],
        "warc_offset": [int(n) % YEAR_MINUTES * 30_011 for n in numbers],
        "warc_record_id": [f"<urn:uuid:{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}>" for i in ids],
        "outcome": ["new"] * count,
    }
    articles = {
        **common,
        "article_id": [article_id(u) for u in urls],
        "host": hosts,
        "domain": hosts,
        "title": titles,
        "authors": authors,
        "published_at": published,
        "published_date": [at.date() for at in published],
        "published_precision": ["minute"] * count,
        "language": [("en", "de", "fr", "es")[n % HOSTS % 4] for n in numbers],
        "page_type": ["article"] * count,
        "text": listed,
        "word_count": [WORDS_PER_TEXT] * count,
        "description": [text[:120] for text in listed],
        "tags": [[f"tag{n % 97}", f"tag{n % 31}"] for n in numbers],
        "section": [f"section {n % 11}" for n in numbers],
        "image_url": [f"{u}.jpg" for u in urls],
        "captions": [[]] * count,
        "site_name": [f"Paper {n % HOSTS}" for n in numbers],
        "is_free": [True] * count,
        "comment_count": [0] * count,
        "content_hash": [
            content_hash(t, a, p, x) for t, a, p, x in zip(titles, authors, published, listed, strict=True)
        ],
        "extractor": [EXTRACTOR] * count,
        "provenance": [{"title": "h1", "authors": "jsonld", "published": "jsonld", "text": "body"}] * count,
    }
    sketches = [sign(text) for text in listed]
    signatures = {
        "capture_id": ids,
        "method": [METHOD] * count,
        "shingle_count": [s.shingle_count for s in sketches],
        "hashes": [s.hashes for s in sketches],
    }
    tables = {"captures": captures, "articles": articles, "signatures": signatures}
    return {name: _filled(name, columns) for name, columns in tables.items()}


def _filled(name: str, columns: dict[str, list[object]]) -> pa.Table:
    schema = arrow_schema(RECORDS[name])
    count = len(columns["capture_id"])
    return pa.Table.from_arrays([pa.array(columns.get(f.name, [None] * count), f.type) for f in schema], schema=schema)
