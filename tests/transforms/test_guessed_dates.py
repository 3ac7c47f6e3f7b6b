"""Dates by htmldate: the library's own, whatever of it was exchanged."""

from datetime import date

import lxml.html
import pytest
from htmldate import extractors, find_date

from transforms.guessed_dates import _SIGNS, guess_date

PAGE = "<html><head><title>Ferry</title></head><body><p>The ferry sails again.</p>{}<p>2 of 3</p></body></html>"


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("", None),
        ("<p>Room 12.3.4</p>", None),
        ("<div class='post-date'>12 March 2021</div>", "2021-03-12"),
        ("<div id='post-date'>12 March 2021</div>", "2021-03-12"),
        ("<div class='box' id='post-date'>12 March 2021</div>", None),
        ("<div id='post-date' class='box'>12 March 2021</div>", "2021-03-12"),
        ("<div class='box' itemprop='datePublished'>12 March 2021</div>", "2021-03-12"),
        ("<small>12 March 2021</small>", "2021-03-12"),
        ("<div>Stand: 12.03.2021</div>", "2021-03-12"),
        ("<div>posted : 3/12/2021</div>", "2021-12-03"),
        ("<div>v1.2.3 of 4.5.6, on 2021/3/12</div>", "2021-03-12"),
        ("<div>12.03.2021'de güncellendi</div>", "2021-03-12"),
        ("<script>x = '2021-03-12T10:00:00Z'</script>", "2021-03-12"),
        ("<div>Stand: 12.03.2031</div>", None),
    ],
)
def test_the_same_date_as_htmldate(markup: str, found: str | None) -> None:
    tree = lxml.html.document_fromstring(PAGE.format(markup))
    url, latest = "https://news.example/ferry", date(2026, 1, 1)
    own = find_date(
        lxml.html.document_fromstring(PAGE.format(markup)),
        original_date=True,
        extensive_search=False,
        url=url,
        min_date="1995-01-01",
        max_date=latest.isoformat(),
    )
    assert guess_date(tree, url, latest) == own == found


def test_the_pattern_that_was_exchanged_is_the_library_s() -> None:
    assert extractors.DATE_CORE_PATTERN.pattern != _SIGNS
