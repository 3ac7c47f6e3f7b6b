"""Dates in the lines around comments: where they stand and what they say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.comments_dates import day_first, find_moment, to_moment


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("line", "printed", "value"),
    [
        ("Ida Holm July 7, 2012 at 12:27 am", "July 7, 2012 at 12:27 am", utc(2012, 7, 7, 0, 27)),
        ("by ida on January 31, 2011 at 9:59 am.", "January 31, 2011 at 9:59 am.", utc(2011, 1, 31, 9, 59)),
        ("10. Jul, 2012 / Mandy says:", "10. Jul, 2012", utc(2012, 7, 10)),
        ("Kiss and Make-upOctober 22, 2012 10:46 AM", "October 22, 2012 10:46 AM", utc(2012, 10, 22, 10, 46)),
        (
            "Sunday, October 28, 2012 at 09:48 PM",
            "Sunday, October 28, 2012 at 09:48 PM",
            utc(2012, 10, 28, 21, 48),
        ),
        ("#1 munya 2011-06-02 13:28", "2011-06-02 13:28", utc(2011, 6, 2, 13, 28)),
        ("August 9, 2012 at 12:45 pm (UTC -4)", "August 9, 2012 at 12:45 pm (UTC -4)", utc(2012, 8, 9, 16, 45)),
        ("by b on Aug 9, 2012 10:40 AM EDT 4 recs", "Aug 9, 2012 10:40 AM EDT", utc(2012, 8, 9, 14, 40)),
        ("2012-07-03T12:00:05+02:00", "2012-07-03T12:00:05+02:00", utc(2012, 7, 3, 10, 0, 5)),
        ("12. März 2023 um 14:03 Uhr", "12. März 2023 um 14:03 Uhr", utc(2023, 3, 12, 14, 3)),
        ("le 5 mai 2021 à 12h45", "5 mai 2021 à 12h45", utc(2021, 5, 5, 12, 45)),
        ("3 gennaio 2019 alle ore 10:22", "3 gennaio 2019 alle ore 10:22", utc(2019, 1, 3, 10, 22)),
        ("Иван 5 мая 2020 в 12:01", "5 мая 2020 в 12:01", utc(2020, 5, 5, 12, 1)),
        ("磯の鯵 2021年5月3日(月) 9時15分", "2021年5月3日(月) 9時15分", utc(2021, 5, 3, 9, 15)),
        ("2021年5月3日 午後3時5分", "2021年5月3日 午後3時5分", utc(2021, 5, 3, 15, 5)),
        ("2021년 5월 3일 오후 3시 05분", "2021년 5월 3일 오후 3시 05분", utc(2021, 5, 3, 15, 5)),
        ("2021-05-03 上午 10:12:33", "2021-05-03 上午 10:12:33", utc(2021, 5, 3, 10, 12, 33)),
        ("٣ مايو ٢٠٢١ - ٠٧:٣٠", "٣ مايو ٢٠٢١ - ٠٧:٣٠", utc(2021, 5, 3, 7, 30)),
        ("2023年5月3日 12:30", "2023年5月3日 12:30", utc(2023, 5, 3, 12, 30)),
        ("16/09/2020 18:00", "16/09/2020 18:00", utc(2020, 9, 16, 18)),
        ("9/11/2012 at 2:36 pm", "9/11/2012 at 2:36 pm", None),
        ("Tuesday July 24, @10:49AM", "Tuesday July 24, @10:49AM", None),
        ("hace 3 días", "hace 3 días", None),
        ("Ida · vor 2 Stunden", "vor 2 Stunden", None),
        ("3日前", "3日前", None),
        ("6:46 AM", "6:46 AM", None),
    ],
)
def test_a_date_is_found_where_it_stands(line: str, printed: str, value: datetime | None) -> None:
    moment = find_moment(line)
    assert moment is not None
    assert line[moment.start : moment.end].strip() == printed
    assert to_moment(moment, is_day_first=None) == value


@pytest.mark.parametrize(
    "line", ["", "no date here", "I may come", "version 1.2.3.4", "a ratio of 3:1", "€12.50", "31/31/2020"]
)
def test_what_is_no_date_is_none(line: str) -> None:
    assert find_moment(line) is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["03/04/2020", "13/04/2020"], True),
        (["03/04/2020", "04/13/2020"], False),
        (["03/04/2020"], None),
    ],
)
def test_other_dates_of_the_page_tell_the_day_from_the_month(lines: list[str], expected: bool | None) -> None:
    moments = [m for m in map(find_moment, lines) if m]
    assert day_first(moments) is expected


@given(st.text(max_size=400))
def test_any_line_can_be_looked_at(line: str) -> None:
    moment = find_moment(line)
    if moment is not None:
        assert 0 <= moment.start < moment.end <= len(line)
        to_moment(moment, is_day_first=True)
