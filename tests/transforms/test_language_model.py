"""The leaner model tells the same languages as the library's own."""

import py3langid
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import LanguageIdentifier

from transforms.language_model import load_identifier

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


def test_bytes_that_are_alike_share_a_column():
    whole = LanguageIdentifier.from_model_file("data/model.npz.xz")
    assert len(LEAN.tk_nextmove) < 0.8 * len(whole.tk_nextmove)
