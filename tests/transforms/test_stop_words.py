"""The stop words are those of the library's lists, and no others."""

from justext.utils import get_stoplist, get_stoplists

from transforms.stop_words import stop_words

WORDS = {word for language in get_stoplists() for word in get_stoplist(language)}


def test_all_words_of_all_lists_are_there():
    assert all(word in stop_words() for word in WORDS)


def test_no_other_word_is():
    for word in sorted(WORDS)[::7]:
        for other in (word[1:], word[:-1], word + word, word.upper(), word + "\ud800", f"{word}\n"):
            assert (other in stop_words()) == (other in WORDS)


def test_an_empty_word():
    assert ("" in stop_words()) == ("" in WORDS)
