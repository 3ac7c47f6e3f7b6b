"""The pages that extraction is warmed up with go the whole way."""

from transforms.extract import extract_page
from transforms.page import Extracted, ExtractOptions
from transforms.sample_pages import sample_pages
from transforms.stop_words import stop_words


def test_sample_page_shows_extraction_all_that_it_loads_late():
    found = extract_page(sample_pages()[0], ExtractOptions())
    assert isinstance(found, Extracted)
    article = found.article
    assert (article.title, article.authors, article.language) == ("The ferry sails again", ["Ada Quill"], "en")
    assert article.published_at is not None
    assert len(found.comments) == 1


def test_a_short_page_has_the_stop_words_loaded():
    stop_words.cache_clear()
    extract_page(sample_pages()[1], ExtractOptions())
    assert stop_words.cache_info().currsize == 1
