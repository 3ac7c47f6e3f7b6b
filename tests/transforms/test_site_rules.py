"""What sources.toml says is special about one site, on its way into the record."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.extract import extract_page
from transforms.guards import parse
from transforms.page import Extracted, ExtractOptions, Page, Rejected, SiteRules
from transforms.site_rules import check_selector, date_pattern, drop_matching, find_formatted

PARAGRAPH = (
    "<p>The ferry between the two banks was moored on {n} mornings of the month, the harbour office says, because the "
    "chain that pulls it had been worn thin by the sand that every flood leaves in the channel behind it.</p>"
)
PAGE = """<!doctype html><html lang="de"><head><title>The ferry rests</title></head><body>
<article><h1>The ferry rests</h1><div class="stamp">{date}</div>{paragraphs}
<p class="tides">Our own calendar of tides for the coming year hangs in every kitchen between here and the sea, and
it is to be had at the counter of this paper for the price of two loaves of bread, as long as there are any.</p>
</article></body></html>"""


def read(rules: tuple[SiteRules, ...], date: str = "") -> Extracted | Rejected:
    markup = PAGE.format(date=date, paragraphs="".join(PARAGRAPH.format(n=n) for n in range(3, 9)))
    page = Page(
        capture_id="c", url="https://q.example/a", final_url="https://q.example/a", source="quay",
        captured_at=datetime(2026, 11, 1, tzinfo=UTC), content_type="text/html; charset=utf-8", content_encoding=None,
        body=markup.encode(),
    )  # fmt: skip
    return extract_page(page, ExtractOptions(site_rules=rules))


def article(*rules: SiteRules, date: str = "") -> Extracted:
    result = read(rules, date)
    assert isinstance(result, Extracted)
    return result


def test_what_a_source_drops_is_no_text_and_is_kept_as_evidence() -> None:
    assert "calendar of tides" in article().article.text
    without = article(SiteRules(source="quay", drop=(".tides", ".nowhere")))
    assert "calendar of tides" not in without.article.text
    assert "The ferry between" in without.article.text
    [row] = [e for e in without.evidence if e.rule.startswith("site:")]
    assert (row.rule, row.verdict, row.value[:12]) == ("site:.tides", "stripped", "Our own cale")


def test_the_rules_of_another_source_change_nothing() -> None:
    assert article(SiteRules(source="other", drop=("article",), date_format="%m/%d/%Y")) == article()


def test_dropping_everything_is_a_named_outcome() -> None:
    result = read((SiteRules(source="quay", drop=("body > *",)),))
    assert isinstance(result, Rejected)
    assert result.outcome == "extract_empty"


def test_the_root_and_the_body_stay() -> None:
    tree, _ = parse("<html><body><p>kept</p></body></html>")
    assert tree is not None
    assert drop_matching(tree, ("html", "body", "*")) != ()
    assert tree.find("body") is not None


@pytest.mark.parametrize(
    ("printed", "date_format", "at", "day"),
    [
        # the general rule reads the day first in German; this site prints the month first
        ("03/04/2026", None, "2026-04-03T00:00", date(2026, 4, 3)),
        ("03/04/2026", "%m/%d/%Y", "2026-03-04T00:00", date(2026, 3, 4)),
        ("03/04/2026, 10:45", "%m/%d/%Y", "2026-03-04T10:45", date(2026, 3, 4)),
        # nothing else would see a date in these
        ("Nr. 4|3|26", "Nr. %d|%m|%y", "2026-03-04T00:00", date(2026, 3, 4)),
        ("den 4. Mars anno 2026", "%d. %B anno %Y", "2026-03-04T00:00", date(2026, 3, 4)),
    ],
)
def test_a_site_may_say_how_it_prints_dates(printed: str, date_format: str | None, at: str, day: date) -> None:
    found = article(SiteRules(source="quay", date_format=date_format), date=printed).article
    assert found.published_at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert found.published_date == day


@pytest.mark.parametrize(
    ("text", "date_format", "found"),
    [
        ("am 5.6.2024 um", "%d.%m.%Y", ("5.6.2024", "2024-06-05")),
        ("15.06.20245", "%d.%m.%Y", None),
        ("32.13.2024, 1.2.2024", "%d.%m.%Y", ("1.2.2024", "2024-02-01")),
        ("June  5, 2024 9:05 PM", "%B %d, %Y %I:%M %p", ("June  5, 2024 9:05 PM", "2024-06-05T21:05")),
        ("5 juin 99 23:59:58+02:00", "%d %b %y %H:%M:%S%z", ("5 juin 99 23:59:58+02:00", "1999-06-05T23:59:58+02:00")),
        ("Wed 5 Noneth 2024", "%a %d %b %Y", None),
        ("at % 5/6/2024", "%%  %d/%m/%Y", ("% 5/6/2024", "2024-06-05")),
        ("5.6.2024 25:00", "%d.%m.%Y %H:%M", None),
    ],
)
def test_dates_by_a_format(text: str, date_format: str, found: tuple[str, str] | None) -> None:
    assert find_formatted(text, date_format) == found


@pytest.mark.parametrize(
    ("date_format", "says"),
    [
        ("%d.%m.", "needs a year"),
        ("%Y", "needs a day"),
        ("%d %Y", "needs a month"),
        ("%d %m %B %Y", "needs a month"),
        ("%d.%d.%m.%Y", "has %d twice"),
        ("%j %Y", "knows no %j"),
        ("%d.%m.%Y %", "knows no %"),
        ("%d.%m.%Y %H", "for a time"),
        ("%d.%m.%Y %I:%M", "for a time"),
    ],
)
def test_a_format_that_names_no_moment_is_refused(date_format: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        date_pattern(date_format)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)), st.sampled_from(["%d.%m.%Y", "%y-%d|%m"]))
def test_what_strftime_prints_is_read_back(day: date, date_format: str) -> None:
    found = find_formatted(f"x {day.strftime(date_format)} y", date_format)
    assert found is not None
    assert found[1] == day.isoformat()


@pytest.mark.parametrize("selector", ["p..x", "", "div >", "a:nonsense(", "[x"])
def test_a_wrong_selector_is_one_line(selector: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        check_selector(selector)
    assert "\n" not in str(caught.value)
