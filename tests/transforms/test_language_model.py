"""The leaner model tells the same languages as the library's own."""

import numpy as np
import py3langid
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import LanguageIdentifier

from transforms.language_model import load_identifier
from transforms.language_trie import trie_of
from transforms.language_weights import weights_of

LEAN = load_identifier()

SENTENCES = (
    ("The eel came back to the harbour, and nobody saw it leave.", "en"),
    ("Die Mühle am Fluss steht still, seit der Müller fort ist.", "de"),
    ("Le moulin ne tourne plus depuis que le meunier est parti.", "fr"),
    ("Мельница на реке стоит, с тех пор как мельник уехал.", "ru"),
    ("粉屋がいなくなってから、川の水車は止まったままです。", "ja"),
    ("توقفت الطاحونة على النهر منذ رحيل الطحان.", "ar"),
)


@pytest.mark.parametrize(("sentence", "language"), SENTENCES)
def test_sentences(sentence, language):
    assert LEAN.classify(sentence)[0] == language
    assert LEAN.rank(sentence) == py3langid.rank(sentence)


@given(st.text(max_size=200))
def test_any_text_is_told_as_the_library_tells_it(text):
    assert LEAN.classify(text) == py3langid.classify(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_weighed_as_the_library_weighs_them(data):
    assert LEAN.rank(data) == py3langid.rank(data)


def test_the_model_takes_a_fifth_of_the_memory():
    whole = LanguageIdentifier.from_model_file("data/model.npz.xz")
    parts = [getattr(part, name) for part in (LEAN._trie, LEAN._weights) for name in part.__slots__]
    assert sum(array.nbytes for array in parts) < 0.2 * (4 * len(whole.tk_nextmove) + whole.nb_ptc.nbytes)


def table(*edges: tuple[int, int, int]) -> np.ndarray:
    moves = np.zeros((4, 256), np.uint32)
    for state, letter, following in edges:
        moves[state, letter] = following
    return moves


# the runs "a", "ab" and "b": from "a" on, another "a" or "b" is moved to as from the root
AUTOMATON = [(0, 97, 1), (0, 98, 2), (1, 97, 1), (1, 98, 3), (2, 97, 1), (2, 98, 2), (3, 97, 1), (3, 98, 2)]


def test_longest_runs_are_found():
    trie = trie_of(table(*AUTOMATON), range(4), [-1, 10, 11, 12])
    assert trie is not None
    assert trie.found_in(b"xabba\0a") == [10, 12, 11, 10, 10]
    assert trie.found_in(b"") == []


@pytest.mark.parametrize("wrong", [(3, 98, 0), (0, 99, 1), (2, 120, 2), (0, 98, 0)])
def test_another_automaton_is_not_taken_for_a_trie(wrong):
    assert trie_of(table(*AUTOMATON, wrong), range(4), [-1, 10, 11, 12]) is None


def test_a_table_of_another_kind_is_not_taken_apart():
    assert weights_of(np.zeros((3, 2), np.float32)) is None
    assert weights_of(np.ones((3, 2), np.float16)) is None
