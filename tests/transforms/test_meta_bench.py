"""A floor under the metadata of real pages, where the user has a set of them with gold beside."""

import json
import os
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import lxml.html
import pytest
from warcio.archiveiterator import ArchiveIterator

from transforms.metadata import read_metadata
from transforms.page import Page

BENCH = os.environ.get("BROADSHEET_BENCH")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BENCH, reason="BROADSHEET_BENCH names no folder of pages with gold"),
]


def squash(value: str) -> str:
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", value)).casefold()


def share(hits: list[float]) -> float:
    return sum(hits) / len(hits)


def test_articles_of_many_publishers() -> None:
    dev = Path(BENCH or "") / "dev"
    with (dev / "gold.jsonl").open(encoding="utf-8") as lines:
        golds = {g["url"]: g for g in map(json.loads, lines) if g["page_type"] == "article"}
    titles, authors, days, minutes = [], [], [], []
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    with (dev / "pages.warc.gz").open("rb") as warc:
        for number, record in enumerate(ArchiveIterator(warc)):
            gold = golds.get(record.rec_headers["WARC-Target-URI"])
            if gold is None or number % 3:
                continue
            tree = lxml.html.document_fromstring(record.content_stream().read(), parser=parser)
            got = read_metadata(tree, page_of(gold["url"], record.rec_headers["WARC-Date"]))
            if gold["title"]:
                titles.append(float(squash(got.title or "") == squash(gold["title"])))
            if gold["authors"]:
                want, found = {squash(a) for a in gold["authors"]}, {squash(a) for a in got.authors}
                authors.append(2 * len(want & found) / (len(want) + len(found)))
            if gold["published"]:
                at = datetime.fromisoformat(gold["published"]).replace(microsecond=0)
                at = at if at.tzinfo else at.replace(tzinfo=UTC)
                seen = {str(got.published_date), str(got.published_at)[:10]}
                days.append(float(gold["published"][:10] in seen or str(at.astimezone(UTC))[:10] in seen))
                if len(gold["published"]) > 10:
                    minutes.append(float(str(got.published_at)[:16] == str(at.astimezone(UTC))[:16]))
    assert len(titles) > 100
    assert share(titles) >= 0.80
    assert share(authors) >= 0.78
    assert share(days) >= 0.87
    assert share(minutes) >= 0.90


def page_of(url: str, captured: str) -> Page:
    return Page(
        capture_id="c", url=url, final_url=url, source="s", captured_at=datetime.fromisoformat(captured),
        content_type="text/html", content_encoding=None, body=b"",
    )  # fmt: skip
