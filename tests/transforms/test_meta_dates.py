"""Moments from text."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates import Moment, held_back, parse_moment
from transforms.marks import _CHANGED, _MAY_CHANGE, publication_part
from transforms.schema import Precision

CASES = [
    # stamps: text, UTC, the day as printed, precision, offset
    ("2024-07-18T11:48:00+0100", "2024-07-18T10:48:00", "2024-07-18", "second", 60),
    ("2024-02-14 16:15:30 UTC", "2024-02-14T16:15:30", "2024-02-14", "second", 0),
    ("2024-02-14T16:15:30.1234567Z", "2024-02-14T16:15:30", "2024-02-14", "second", 0),
    ("20240214T161530Z", "2024-02-14T16:15:30", "2024-02-14", "second", 0),
    ("2024-02-14T16:15", "2024-02-14T16:15:00", "2024-02-14", "minute", None),
    ("2024-02-14", "2024-02-14T00:00:00", "2024-02-14", "day", None),
    ("2025-06-30T00:00:00+02:00", "2025-06-29T22:00:00", "2025-06-30", "day", 120),
    ("1700000000", "2023-11-14T22:13:20", "2023-11-14", "second", 0),
    ("1700000000000", "2023-11-14T22:13:20", "2023-11-14", "second", 0),
    ("Mon, 18 Nov 2019 22:10:11 +0000", "2019-11-18T22:10:11", "2019-11-18", "second", 0),
    ("Thu Jul 18 2024 11:48:00 GMT+0100 (British Summer Time)", "2024-07-18T10:48:00", "2024-07-18", "second", 60),
    # printed, in many languages
    ("Published 6:00 a.m. ET Jan. 5, 2024", "2024-01-05T11:00:00", "2024-01-05", "minute", -300),
    ("July 18, 2024 at 3:05 pm ET", "2024-07-18T19:05:00", "2024-07-18", "minute", -240),
    ("Oct 3rd, 2024", "2024-10-03T00:00:00", "2024-10-03", "day", None),
    ("18. Juli 2024 11:48 Uhr", "2024-07-18T11:48:00", "2024-07-18", "minute", None),
    ("18.07.2024, 11:48 Uhr", "2024-07-18T11:48:00", "2024-07-18", "minute", None),
    ("le 4 août 2023 à 14h30", "2023-08-04T14:30:00", "2023-08-04", "minute", None),
    ("1º de maio de 2024", "2024-05-01T00:00:00", "2024-05-01", "day", None),
    ("5 мая 2024, 14:22", "2024-05-05T14:22:00", "2024-05-05", "minute", None),
    ("2024年3月5日 12時30分", "2024-03-05T12:30:00", "2024-03-05", "minute", None),
    ("2024. 3. 5. 오후 3:20", "2024-03-05T15:20:00", "2024-03-05", "minute", None),
    ("5 tháng 3 2024", "2024-03-05T00:00:00", "2024-03-05", "day", None),
    ("٣ مارس ٢٠٢٤", "2024-03-03T00:00:00", "2024-03-03", "day", None),
    ("12 ม.ค. 2567", "2024-01-12T00:00:00", "2024-01-12", "day", None),
    ("2024. május 5. 10:22", "2024-05-05T10:22:00", "2024-05-05", "minute", None),
    ("04-ago-2021 5:11:10", "2021-08-04T05:11:10", "2021-08-04", "second", None),
    ("13/4/2024", "2024-04-13T00:00:00", "2024-04-13", "day", None),
    ("4/13/2024", "2024-04-13T00:00:00", "2024-04-13", "day", None),
    ("3/4/2024", "2024-04-03T00:00:00", "2024-04-03", "day", None),
]


@pytest.mark.parametrize(("text", "at", "day", "precision", "offset"), CASES)
def test_a_text_gives_its_moment(text: str, at: str, day: str, precision: str, offset: int | None) -> None:
    moment = parse_moment(text)
    assert moment == Moment(
        datetime.fromisoformat(at).replace(tzinfo=UTC), date.fromisoformat(day), Precision(precision), offset
    )


@pytest.mark.parametrize(
    "text",
    ["", "no date", "0001-01-01T00:00:00", "2024-02-30", "99999999", "12 apples 2024", "May", "1:23:45", "9" * 50],
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert parse_moment(text) is None


def test_number_dates_can_put_the_month_first() -> None:
    moment = parse_moment("3/4/2024", is_day_first=False)
    assert moment is not None
    assert moment.day == date(2024, 3, 4)


@given(st.text(max_size=300) | st.from_regex(r"[\d/.:\-T ]{1,40}(Z|[+-]\d\d:?\d\d)?"))
def test_no_text_raises(text: str) -> None:
    moment = parse_moment(text)
    assert moment is None or moment.at.tzinfo is UTC


NOW = datetime(2024, 5, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2024-05-03T11:59:00Z", datetime(2024, 5, 3, 11, 59, tzinfo=UTC), "second"),
        ("2024-05-03 20:00:00", datetime(2024, 5, 3, tzinfo=UTC), "day"),  # local time without its zone
        ("2024-05-04", datetime(2024, 5, 3, tzinfo=UTC), "day"),  # the next day has begun further east
    ],
)
def test_a_local_time_ahead_keeps_its_day_alone(text: str, at: datetime, precision: str) -> None:
    moment = parse_moment(text)
    assert moment is not None
    held = held_back(moment, NOW)
    assert held is not None
    assert (held.at, held.precision.value, held.day) == (at, precision, moment.day)


def test_a_real_future_is_no_publication() -> None:
    moment = parse_moment("2024-05-06T12:00:00Z")
    assert moment is not None
    assert held_back(moment, NOW) is None


@given(
    st.datetimes(
        timezones=st.just(UTC),
        min_value=datetime.fromisoformat("1900-01-01"),
        max_value=datetime.fromisoformat("2100-01-01"),
    )
)
def test_no_moment_lies_after_the_capture(at: datetime) -> None:
    held = held_back(Moment(at, at.date(), Precision.SECOND), NOW)
    assert held is None or held.at <= NOW


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("3 May 2024", "3 May 2024"),
        ("Last updated 3 May 2024", ""),
        ("Posted 2 May, updated 3 May", "Posted 2 May,"),
        ("Aktualisiert 3. Mai, veröffentlicht 2. Mai", "veröffentlicht 2. Mai"),
    ],
)
def test_the_part_of_a_date_line_that_is_about_publication(line: str, part: str) -> None:
    assert publication_part(line).strip() == part


@given(st.from_regex(_CHANGED))
def test_no_word_of_change_is_passed_over(line: str) -> None:
    assert _MAY_CHANGE.search(line)
