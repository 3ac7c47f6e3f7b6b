"""Dates by htmldate: the library's own, whatever of it was exchanged."""

import re
from datetime import date

import lxml.html
import pytest
from htmldate import core, extractors, find_date
from hypothesis import given
from hypothesis import strategies as st

from transforms.guessed_dates import _SIGNS, _YEAR, ByHyphen, guess_date

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
        ("<script>x = '1985-03-12T10:00:00Z'</script>", None),
        ("<p>v1-2-3, 2021-03-12</p>", "2021-03-12"),
        ("<p>2021-03-x 2021-4-12-5</p>", "2021-04-12"),
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


@pytest.mark.parametrize("pattern", [core.TIMESTAMP_PATTERN, core.TIMESTAMP_LOOSE_PATTERN])
@given(pieces=st.lists(st.sampled_from(("2021", "-", "1999", "03", "1", "T", " ", "10:00:00", "Z", "+01:00", "x"))))
def test_stamps_by_their_hyphen(pattern: re.Pattern[str], pieces: list[str]) -> None:
    text = "".join(pieces)
    own, found = pattern.search(text), ByHyphen(pattern).search(text)
    assert (own and (own.span(), own.groups())) == (found and (found.span(), found.groups()))


def test_what_is_no_stamp_is_asked_as_it_is() -> None:
    found = ByHyphen(extractors.DATE_CORE_PATTERN).search("on 5.11.2024")
    assert found is not None
    assert found[0] == "5.11.2024"


def test_the_stamps_of_the_library_begin_with_a_year() -> None:
    assert all(p.pattern.startswith(f"({_YEAR}") for p in (core.TIMESTAMP_PATTERN, core.TIMESTAMP_LOOSE_PATTERN))
