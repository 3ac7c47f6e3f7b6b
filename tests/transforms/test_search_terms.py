from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalize import clean_text
from transforms.search_terms import LETTERS_MAX, fold, fold_with_places, index_text, is_run, run_terms, words_and_runs

TERMS = [
    ("English", "The Mayor's 2,000 lamps: don’t!", "the mayor s 2 000 lamps don t"),
    ("German", "Zürich, Straße; GROẞ", "zurich strasse gross"),
    ("French", "L’été à Cœur-Joie ﬁnit", "l ete a coeur joie finit"),
    ("Spanish", "Señor ¿dónde? 3.ª", "senor donde 3 a"),
    ("Danish", "Ægir på Øen", "aegir pa oen"),
    ("Polish", "Łódź Żółw", "lodz zolw"),
    ("Turkish", "İstanbul ILIK ılık", "istanbul ilik ilik"),
    ("Vietnamese", "Việt Nam, đường phố", "viet nam duong pho"),
    ("Greek", "ΟΔΟΣ ὁδός Ἀθῆναι", "οδοσ οδοσ αθηναι"),
    ("Russian", "Ёлка и йод", "елка и йод"),
    ("Ukrainian", "Київ, п’ять", "київ п ять"),
    ("Arabic", "المُدَرِّسَةُ إلى أحمد ١٢٣ مـــد", "المدرسه الي احمد 123 مد"),
    ("Persian", "می‌خواهم کتاب ۱۲", "ميخواهم كتاب 12"),
    ("Hebrew", "שָׁלוֹם עולם", "שלום עולם"),
    ("Hindi", "हिन्दी में १२", "हिन्दी में 12"),
    ("Japanese", "東京都でiPhone１７を", "東京 京都 都で で iphone17 を"),
    ("half-width kana", "ﾃｽﾄ", "テス スト ト"),
    ("Chinese", "北京，2026年", "北京 京 2026 年"),
    ("Korean", "서울에서 큰", "서울 울에 에서 서 큰"),
    ("Thai", "ภาษา ไทย", "ภา าษ ษา า ไท ทย ย"),
    ("nothing to search", "— 🎉 … \n", ""),
    ("signs that hold letters", "① m² ½ ℡", "1 m2 1 2 tel"),
]


@pytest.mark.parametrize(("language", "text", "terms"), TERMS, ids=[t[0] for t in TERMS])
def test_a_text_is_cut_into_the_terms_that_a_reader_would_search_by(language: str, text: str, terms: str) -> None:
    assert index_text(text).split() == terms.split()


@given(st.text(st.one_of(st.characters(max_codepoint=127), st.sampled_from("éß“”’æİ1ªЁ٣\u0301 —")), max_size=80))
def test_a_text_in_latin_letters_is_folded_letter_by_letter_as_any_other(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert fold(text) == "".join(fold(letter) for letter in composed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("café", "cafe\u0301"),
        ("ZÜRICH", "zurich"),
        ("ＡＢＣ１２", "abc12"),
        ("Ёж", "еж"),
        ("كتاب", "کتاب"),
        ("co\u00adoperate", "cooperate"),
        ("が", "か\u3099"),
        ("각", "\u1100\u1161\u11a8"),
    ],
)
def test_two_ways_to_write_a_word_are_one(one: str, other: str) -> None:
    assert index_text(one).split() == index_text(other).split() != []


@pytest.mark.parametrize(("one", "other"), [("йод", "иод"), ("か", "が"), ("ไม", "ไม่"), ("ї", "і"), ("ئ", "ي")])
def test_letters_that_differ_for_their_readers_stay_apart(one: str, other: str) -> None:
    assert index_text(one).split() != index_text(other).split()


def test_a_word_of_any_length_is_cut_into_pieces() -> None:
    word = "ab" * LETTERS_MAX
    assert index_text(f"x {word} y").split() == ["x", word[:LETTERS_MAX], word[LETTERS_MAX:], "y"]


def test_words_and_runs_are_told_apart() -> None:
    parts = words_and_runs("東京tower 2026年")
    assert [(p, is_run(p)) for p in parts] == [("東京", True), ("tower", False), ("2026", False), ("年", True)]


def test_a_run_has_a_term_at_each_of_its_letters() -> None:
    assert run_terms("東京都") == ["東京", "京都", "都"]
    assert run_terms("猫") == ["猫"]


TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("aeéß œſİıйїئ東京が한글ไม่ี\u0301\u200d,.")),
    max_size=60,
)


@given(TEXTS)
def test_folding_letter_by_letter_is_folding_the_text(text: str) -> None:
    cleaned = clean_text(text)
    folded, places = fold_with_places(cleaned)
    assert folded == fold(cleaned)
    assert len(places) == len(folded)
    for place, letter in zip(places, folded, strict=True):
        assert letter in fold(cleaned[place])


@given(TEXTS)
def test_terms_hold_letters_digits_and_marks_only_and_folding_them_changes_nothing(text: str) -> None:
    terms = index_text(text)
    assert all(c == " " or c.isalnum() or unicodedata.category(c)[0] == "M" for c in terms)
    for term in terms.split():
        assert 1 <= len(term) <= LETTERS_MAX
        if not is_run(term):
            assert index_text(term) == term
