"""Flattened documents: the article ends where its readers begin, and what is only about comments stays whole."""

from __future__ import annotations

import json
import os
import tarfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.document import split_document

FIXTURES = Path(__file__).parent.parent / "fixtures" / "documents"
IDA, PER, KATE = ("Ida Holm", "2021-05-03 09:15"), ("Per Lund", "2021-05-03 11:40"), "2021-05-04 08:02"


def read(name: str) -> str:
    return (FIXTURES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "ending", "signed"),
    [
        ("wordpress_en", "in the spring.", [IDA, PER, ("Ida Holm", KATE)]),
        ("blogger_en", "in the spring.", [("tidewatcher", "2021-05-03 04:45"), ("Nell", "2021-05-03 06:14")]),
        (
            "typepad_en",
            "in the spring.",
            [
                ("Bob Farrow", "2021-05-03 21:48"),
                ("T. Quist", "2021-05-04 11:25"),
                ("Ann-Marie Dahl", "2021-05-05 17:22"),
            ],
        ),
        (
            "nested_names_en",
            "in the spring.",
            [("gullwing", None), ("harbourmaster", None), ("gullwing", None), ("Marta", None), ("Olaf P", None)],
        ),
        ("pingback_en", "in the spring.", []),
        ("kommentare_de", "elf Millionen kosten.", [IDA, ("Peer Lund", PER[1]), ("Käthe B.", KATE)]),
        ("commentaires_fr", "au printemps.", [IDA, ("Pierre Lun", PER[1])]),
        ("comentarios_es", "oficina del puerto.", [("Ida Holm", None), ("Pedro Luna", None), ("Ana", None)]),
        ("kommentarii_ru", "сообщили в порту.", [("Ида Хольм", IDA[1]), ("Пётр Лунд", PER[1])]),
        ("komento_ja", "千百万かかる。", [("潮見", IDA[1]), ("北岸の人", PER[1])]),
    ],
)
def test_the_comments_are_cut_and_read(name: str, ending: str, signed: list[tuple[str, str | None]]) -> None:
    text = read(name)
    document = split_document(text)
    assert document.title == text.splitlines()[0]
    assert document.text.endswith(ending)
    assert text.startswith(document.text)
    got = [(c.author, f"{c.published_at:%Y-%m-%d %H:%M}" if c.published_at else None) for c in document.comments]
    assert got == signed
    assert all(c.text for c in document.comments)
    assert [s.rule for s in document.stripped] == [document.rule]
    for gone in ("Leave a Reply", "Antworten", "Répondre", "Responder", "Ответить", "返信", "thought on", "[…]"):
        assert gone not in document.text


@pytest.mark.parametrize("name", ["about_comments", "live_blog", "timeline", "interview", "quoted_posts"])
def test_an_article_without_comments_stays_whole(name: str) -> None:
    text = read(name)
    document = split_document(text)
    assert document.text == text
    assert document.comments == ()
    assert document.stripped == ()


@pytest.mark.parametrize("text", ["", "\n\n", "One line only", "A title\n\nAnd a body."])
def test_short_texts_stay_as_they_are(text: str) -> None:
    assert split_document(text).text == text


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["Ida Holm", "3 May 2021 at 9:15", "Reply", "Comments", "Some words here.", "  deeper", ""])
    )
)
def test_the_text_is_always_the_beginning_of_the_document(lines: list[str]) -> None:
    text = "A title\n" + "\n".join(lines)
    document = split_document(text)
    assert text.startswith(document.text)
    assert document.title is None or document.text.startswith(document.title)
    assert document == split_document(text)


def test_a_very_long_document_is_left_alone() -> None:
    assert split_document("Ida Holm\n3 May 2021 at 9:15\n" * 60_000).rule == "whole_too_long"


@pytest.mark.skipif("BROADSHEET_BENCH" not in os.environ, reason="BROADSHEET_BENCH names no folder of measured texts")
def test_the_floors_hold_on_measured_texts() -> None:
    folder = Path(os.environ["BROADSHEET_BENCH"]) / "dev"
    golds = {g["name"]: g for g in map(json.loads, (folder / "texts.jsonl").open(encoding="utf-8"))}
    removed = comments = damaged = without = 0
    with tarfile.open(folder / "texts.tar.gz") as archive:
        for member in archive:
            gold = golds.get(Path(member.name).stem)
            handle = archive.extractfile(member)
            if gold is None or handle is None:
                continue
            kept = Counter(split_document(handle.read().decode("utf-8")).text.split())
            article, tail = Counter(gold["article"].split()), Counter(gold["comments"].split())
            if tail:
                comments += tail.total()
                removed += tail.total() - min((kept - article).total(), tail.total())
            else:
                without += 1
                damaged += (article - kept).total() > 0.005 * article.total()
    assert removed >= 0.9 * comments
    assert damaged <= 0.02 * without
