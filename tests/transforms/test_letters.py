"""Texts read by table of characters: the same words as patterns find, whatever a text is made of."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rensa import RMinHash

from transforms import fingerprint, minhash
from transforms.letters import codes_of, table_of
from transforms.unspaced import UNSPACED

TEXTS = st.text("ab Z_'’-—.\n09é€ß\u0301ﬁ日本ー゛ไกำ한한\u093fकمَرİſ\u2028😀𝐀𠀀\ufeff", max_size=80)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", []),
        ("aé日", [0x61, 0xE9, 0x65E5]),
        ("a😀", [0x61, 0xFFFF]),
        ("a\ud83d", [0x61, 0xD83D]),
        ("a𝐀", None),
        ("a𠀀", None),
    ],
)
def test_signs_beyond_the_tables_count_as_none_and_letters_beyond_leave_the_text_to_patterns(
    text: str, codes: list[int] | None
) -> None:
    found = codes_of(text)
    assert (found.tolist() if found is not None else None) == codes


def test_a_table_says_which_patterns_match() -> None:
    table = table_of((re.compile(r"\d+"), re.compile("[0-4]")))
    assert table[[0x2F, 0x30, 0x39, 0x0663, 0xFFFF]].tolist() == [0, 3, 1, 1, 0]


@given(TEXTS)
def test_words_are_counted_as_the_pattern_finds_them(text: str) -> None:
    unspaced = UNSPACED.findall(text)
    letters = sum(unicodedata.category(letter)[0] == "L" for letter in unspaced)
    words = fingerprint._WORD.findall(UNSPACED.sub(" ", text))
    assert fingerprint.word_count(text) == letters + len(words)


@given(TEXTS)
def test_shingles_are_runs_of_the_tokens_that_the_pattern_finds(text: str) -> None:
    tokens = minhash._TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    is_unspaced = 2 * len(UNSPACED.findall(text)) > len(tokens)
    width = minhash.CHARACTERS if is_unspaced else minhash.WORDS
    shingles = [" ".join(tokens[start : start + width]) for start in range(len(tokens) - width + 1)]
    hashes = sorted({found >> 32 for found in RMinHash.hash_token_sets([shingles])[0]})
    kept = tuple(hashes[: minhash.KEPT_MIN]) if len(hashes) >= minhash.SHINGLES_MIN else ()
    sketch = minhash.sign(text)
    assert sketch.shingle_count == len(hashes)
    assert sketch.hashes[: minhash.KEPT_MIN] == kept
