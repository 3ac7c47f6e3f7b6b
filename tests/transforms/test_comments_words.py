"""The machinery of comment sections, told from prose about comments."""

from __future__ import annotations

import pytest

from transforms.comments_words import Chrome, chrome_of, headings_among, speaker_of


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Comments", Chrome.HEADING),
        ("12 Comments", Chrome.HEADING),
        ("3 Responses to Harbour town votes to keep its ferry", Chrome.HEADING),
        ("One thought on “Harbour town votes to keep its ferry”", Chrome.HEADING),
        ("Kommentare (3)", Chrome.HEADING),
        ("2 commentaires", Chrome.HEADING),
        ("Комментарии", Chrome.HEADING),
        ("Leave a Reply", Chrome.FORM),
        ("Your email address will not be published.", Chrome.FORM),
        ("Schreibe einen Kommentar", Chrome.FORM),
        ("コメントを残す", Chrome.FORM),
        ("Reply", Chrome.REPLY),
        ("Antworten ↓", Chrome.REPLY),
        ("回复", Chrome.REPLY),
        ("« Older Comments", Chrome.NAV),
        ("[…] ARTICLE: The vote on the ferry […]", Chrome.NAV),
    ],
)
def test_chrome_is_named(line: str, kind: Chrome) -> None:
    assert chrome_of(line) is kind
    assert headings_among([line]) or kind is not Chrome.HEADING


@pytest.mark.parametrize(
    "line",
    [
        "",
        "We will close the comments below our articles.",
        "Comments are free, but facts are sacred, said the editor.",
        "Reply to your mother, he thought",
        "Discussion",
        "The form must reach us by Friday",
        "x" * 5_000,
    ],
)
def test_prose_is_none(line: str) -> None:
    assert chrome_of(line) is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Ida Holm says:", "Ida Holm"),
        ("tidewatcher said...", "tidewatcher"),
        ("Ida Holm schrieb am:", "Ida Holm"),
        ("Ida Holm dit :", "Ida Holm"),
        ("Ida Holm a écrit :", "Ida Holm"),
        ("Ida Holm пишет:", "Ida Holm"),
        ("She said nothing at all", None),
        ("Ida Holm", None),
    ],
)
def test_speakers_are_named(line: str, name: str | None) -> None:
    assert speaker_of(line) == name


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        ([], []),
        (["Ferry", "Harbour news"], []),
        (["Ferry", "12 Comments", "Harbour news", "Kommentare (3)"], [1, 3]),
        (["12", "Comments are free, he said", "The ferry\nComments"], []),
        (["5", "\nto"], []),
    ],
)
def test_headings_among_texts_are_whole_texts(texts: list[str], places: list[int]) -> None:
    assert headings_among(texts) == places
