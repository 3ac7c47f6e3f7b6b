"""The page that extraction is warmed up with goes the whole way."""

from transforms.extract import extract_page
from transforms.page import Extracted, ExtractOptions
from transforms.sample_page import sample_page


def test_sample_page_shows_extraction_all_that_it_loads_late():
    found = extract_page(sample_page(), ExtractOptions())
    assert isinstance(found, Extracted)
    article = found.article
    assert (article.title, article.authors, article.language) == ("The ferry sails again", ["Ada Quill"], "en")
    assert article.published_at is not None
    assert len(found.comments) == 1
