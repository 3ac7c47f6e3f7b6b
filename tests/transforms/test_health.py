"""Verdicts on sources: what must be named, what must not, and where the border lies; then years without a fault."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from health_world import DAYS, HABITS, OTHER_TEMPLATE, START, TEMPLATE, Habit, hours, period, year
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.health import History, judge
from transforms.health_grid import Grid
from transforms.health_records import ADVICE, VERDICT_DESCRIPTIONS, SourcePeriod, SourceVerdict, TemplateCount

FIRST = DAYS.number(START)
PAST = 30
"""Healthy days before the day that a case is about."""


def case(*last: Mapping[str, Any] | None, past: int = PAST, **usual: Any) -> set[str]:
    """The verdicts that hold after `past` healthy days and then the days in `last`; None is a day with nothing."""
    facts = {FIRST + n: period(FIRST + n, **usual) for n in range(past)}
    for n, counts in enumerate(last, start=FIRST + past):
        if counts is not None:
            facts[n] = period(n, **{**usual, **counts})
    now = DAYS.start(FIRST + past + len(last)) + timedelta(hours=1)
    busy = frozenset(range(FIRST, FIRST + past + len(last)))
    rows = judge("paper", History(facts=facts), first=FIRST, now=now, grid=DAYS, busy=busy)
    return {row.verdict.value for row in rows if row.is_open}


def template(signature: int, pages: int) -> list[TemplateCount]:
    return [TemplateCount(signature=signature, page_count=pages)]


FAILING = {"listing_read_count": 0, "answered_count": 0, "new_count": 0, "capture_count": 0, "version_count": 0,
           "dated_count": 0, "authored_count": 0, "word_median": None, "text_count": 0, "distinct_text_count": 0,
           "templates": [], "latency_count": 0, "latency_median_s": None}  # fmt: skip
QUIET = {"new_count": 0, "capture_count": 0, "version_count": 0, "dated_count": 0, "authored_count": 0,
         "word_median": None, "text_count": 0, "distinct_text_count": 0, "templates": []}  # fmt: skip
BLOG = {"new_count": 0, "capture_count": 1, "version_count": 1, "dated_count": 1, "authored_count": 1, "text_count": 1,
        "distinct_text_count": 1, "request_count": 2, "listing_count": 1, "listing_read_count": 1, "page_count": 1,
        "answered_count": 1, "templates": template(TEMPLATE, 1)}  # fmt: skip

CASES: list[tuple[str, str, bool, Sequence[Mapping[str, Any] | None], Mapping[str, Any]]] = [
    # verdict, what happens, whether it is named, the last days, what is usual besides
    ("unreachable", "no answer at all", True, [{**FAILING, "unreachable_count": 40}], {}),
    ("unreachable", "one request in eight", False, [{"unreachable_count": 5}], {}),
    ("unreachable", "half of them, which is usual", False, [{"unreachable_count": 20}], {"unreachable_count": 18}),
    ("unreachable", "a third of them: border", True, [{"unreachable_count": 13}], {}),
    ("unreachable", "a daily feed fails once", False, [{**FAILING, "request_count": 1, "listing_count": 1,
                                                        "page_count": 0, "unreachable_count": 1}], BLOG),
    ("unreachable", "given up after three requests", True, [{**FAILING, "request_count": 3, "put_off_count": 9,
                                                             "unreachable_count": 3}], {}),
    ("server_errors", "every answer a 503", True, [{**FAILING, "server_error_count": 40}], {}),
    ("server_errors", "three of forty", False, [{"server_error_count": 3}], {}),
    ("server_errors", "a quarter: border", True, [{"server_error_count": 10}], {}),
    ("server_errors", "shaky as ever", False, [{"server_error_count": 8}], {"server_error_count": 6}),
    ("client_errors", "the feed and its pages are 404", True, [{**FAILING, "client_error_count": 30}], {}),
    ("client_errors", "a few dead links", False, [{"client_error_count": 4}], {}),
    ("client_errors", "a quarter: border", True, [{"client_error_count": 10}], {}),
    ("rate_limited", "most are 429", True, [{"rate_limited_count": 25}], {}),
    ("rate_limited", "one in twenty", False, [{"rate_limited_count": 2}], {}),
    ("rate_limited", "a fifth: border", True, [{"rate_limited_count": 8}], {}),
    ("all_redirect", "every page to one address", True, [{"redirected_count": 36, "redirect_target_count": 1}], {}),
    ("all_redirect", "half of them", False, [{"redirected_count": 18, "redirect_target_count": 18}], {}),
    ("all_redirect", "always did", False, [{"redirected_count": 36}], {"redirected_count": 36}),
    ("all_redirect", "29 of 36: border", True, [{"redirected_count": 29}], {}),
    ("robots_changed", "another file", True, [{"robots_digests": ["https://paper.example bbbb"]}], {}),
    ("robots_changed", "half of the pages closed", True, [{"denied_count": 18}], {}),
    ("robots_changed", "a new host with a file of its own", False,
     [{"robots_digests": ["https://other.example cccc", "https://paper.example aaaa"]}], {}),
    ("robots_changed", "a page in twelve closed", False, [{"denied_count": 3}], {}),
    ("robots_changed", "closed as ever", False, [{"denied_count": 18}], {"denied_count": 17}),
    ("consent_wall", "every page a dialogue", True, [{"consent_count": 12}], {}),
    ("consent_wall", "two of twelve", False, [{"consent_count": 2}], {}),
    ("consent_wall", "five of twelve: border", True, [{"consent_count": 5}], {}),
    ("paywall_teaser", "marked and short", True, [{"paywall_count": 12, "word_median": 60.0}], {}),
    ("paywall_teaser", "marked, but whole", False, [{"paywall_count": 12}], {}),
    ("paywall_teaser", "short, but not marked", False, [{"word_median": 60.0}], {}),
    ("paywall_teaser", "teasers as ever", False, [{"paywall_count": 12, "word_median": 60.0}],
     {"paywall_count": 12, "word_median": 60.0}),
    ("empty_pages", "no page has text", True, [{"empty_count": 12}], {}),
    ("empty_pages", "two of twelve", False, [{"empty_count": 2}], {}),
    ("empty_pages", "five of twelve: border", True, [{"empty_count": 5}], {}),
    ("dates_gone", "none is dated", True, [{"dated_count": 0}], {}),
    ("dates_gone", "two of twelve lost", False, [{"dated_count": 10}], {}),
    ("dates_gone", "half lost: border", True, [{"dated_count": 6}], {}),
    ("dates_gone", "never had any", False, [{"dated_count": 0}], {"dated_count": 0}),
    ("dates_gone", "three articles prove nothing", False,
     [{"version_count": 2, "dated_count": 0, "authored_count": 2}], {}),
    ("authors_gone", "none is named", True, [{"authored_count": 0}], {}),
    ("authors_gone", "two of twelve lost", False, [{"authored_count": 10}], {}),
    ("authors_gone", "half lost: border", True, [{"authored_count": 6}], {}),
    ("authors_gone", "rarely names any", False, [{"authored_count": 0}], {"authored_count": 2}),
    ("short_texts", "a tenth of the words", True, [{"word_median": 40.0}], {}),
    ("short_texts", "two thirds of the words", False, [{"word_median": 270.0}], {}),
    ("short_texts", "a third: border", True, [{"word_median": 130.0}], {}),
    ("short_texts", "short as ever", False, [{"word_median": 55.0}], {"word_median": 60.0}),
    ("duplicates", "one text under every address", True, [{"distinct_text_count": 1}], {}),
    ("duplicates", "two of twelve repeat", False, [{"distinct_text_count": 10}], {}),
    ("duplicates", "five of twelve: border", True, [{"distinct_text_count": 7}], {}),
    ("template_changed", "every page", True, [{"templates": template(OTHER_TEMPLATE, 12)}], {}),
    ("template_changed", "a special among others", False,
     [{"templates": template(TEMPLATE, 8) + template(OTHER_TEMPLATE, 4)}], {}),
    ("template_changed", "some bits differ", False, [{"templates": template(TEMPLATE ^ 0b111_0111, 12)}], {}),
    ("template_changed", "ten of twelve: border", True,
     [{"templates": template(OTHER_TEMPLATE, 10) + template(TEMPLATE, 2)}], {}),
    ("silent", "nothing new for five days", True, [QUIET] * 5, {}),
    ("silent", "nothing new for two days", False, [QUIET] * 2, {}),
    ("silent", "nothing new for three days: border", True, [QUIET] * 3, {}),
    ("silent", "unreadable, which is another verdict", False, [{**FAILING, "unreachable_count": 40}] * 5, {}),
    ("silent", "pages that are only revisited", False, [QUIET] * 5, {"new_count": 0}),
    ("fewer_articles", "a trickle for a week", True, [{"new_count": 1}] * 7, {}),
    ("fewer_articles", "half for a week", False, [{"new_count": 5}] * 7, {}),
    ("fewer_articles", "one thin day", False, [{"new_count": 1}], {}),
    ("fewer_articles", "a fifth: border", True, [{"new_count": 2}] * 5, {}),
    ("fewer_articles", "above a fifth", False, [{"new_count": 3}] * 5, {}),
    ("slow", "five seconds instead of a fifth", True, [{"latency_median_s": 5.0}], {}),
    ("slow", "twice as slow", False, [{"latency_median_s": 0.4}], {}),
    ("slow", "a second more: border", True, [{"latency_median_s": 1.25}], {}),
    ("slow", "slow as ever", False, [{"latency_median_s": 5.5}], {"latency_median_s": 5.0}),
    ("not_asked", "nobody asks it any more", True, [None] * 4, {}),
    ("not_asked", "not asked for two days", False, [None] * 2, {}),
    ("not_asked", "for three days: border", True, [None] * 3, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "what", "is_named", "last", "usual"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES]
)
def test_case(
    verdict: str, what: str, is_named: bool, last: Sequence[Mapping[str, Any] | None], usual: Mapping[str, Any]
) -> None:
    assert (verdict in case(*last, **usual)) is is_named


def test_every_verdict_has_its_cases_and_its_words() -> None:
    for verdict in SourceVerdict:
        named = [c[2] for c in CASES if c[0] == verdict]
        assert len(named) >= 3, verdict
        assert True in named, verdict
        assert False in named, verdict
    assert set(ADVICE) == set(VERDICT_DESCRIPTIONS) == set(SourceVerdict)


def test_a_healthy_source_has_no_verdict() -> None:
    assert case({}) == set()


def test_a_source_that_never_worked_is_named_though_it_has_no_past() -> None:
    assert case({**FAILING, "client_error_count": 40}, past=0) == {"client_errors"}


@pytest.mark.parametrize("count", [4, 5, 6])
@pytest.mark.parametrize("past", [0, 2, 3, 4, 5, 10, 30])
def test_a_short_outage_of_a_small_source_is_named_however_little_is_known_of_it(past: int, count: int) -> None:
    """Two requests a day that went well, then a few that all end in a 503: a short good past excuses nothing."""
    outage = {**FAILING, "request_count": count, "page_count": count - 1, "server_error_count": count}
    assert case(outage, past=past, **BLOG) == {"server_errors"}


@pytest.mark.parametrize("past", [0, 3, 30])
def test_two_failed_requests_prove_nothing(past: int) -> None:
    assert case({**FAILING, "request_count": 2, "page_count": 1, "server_error_count": 2}, past=past, **BLOG) == set()


def test_a_verdict_stands_without_new_evidence_and_ends_with_better() -> None:
    assert "dates_gone" in case({"dated_count": 0}, QUIET, QUIET)
    assert "dates_gone" not in case({"dated_count": 0}, QUIET, {})


def test_what_lasts_for_half_of_the_past_is_usual() -> None:
    assert "dates_gone" in case(*[{"dated_count": 0}] * 20)
    assert "dates_gone" not in case(*[{"dated_count": 0}] * 40)


def test_since_is_the_first_day_of_the_verdict() -> None:
    facts = {FIRST + n: period(FIRST + n, dated_count=0 if n >= 30 else 12) for n in range(34)}
    rows = judge("paper", History(facts=facts), first=FIRST, now=DAYS.start(FIRST + 33), grid=DAYS)
    assert [row.period_at for row in rows] == [DAYS.start(FIRST + n) for n in range(30, 34)]
    assert {row.since_at for row in rows} == {DAYS.start(FIRST + 30)}
    assert [row.is_open for row in rows] == [False, False, False, True]


def test_files_given_by_hand_are_not_judged() -> None:
    facts = {FIRST + n: period(FIRST + n, source="ingest", dated_count=0 if n > 30 else 12) for n in range(34)}
    assert judge("ingest", History(facts=facts), first=FIRST, now=DAYS.start(FIRST + 34), grid=DAYS) == []


@pytest.mark.parametrize("habit", HABITS, ids=[habit.name for habit in HABITS])
def test_a_year_without_a_fault_has_next_to_no_verdict(habit: Habit) -> None:
    wrong = days = 0
    for seed in range(2):
        facts = year(habit, seed)
        now = DAYS.start(max(facts) + 1)
        rows = judge(habit.name, History(facts=facts), first=min(facts), now=now, grid=DAYS, busy=frozenset(facts))
        # the press's robots.txt does change in September
        wrong += len([row for row in rows if row.measure != "robots.txt files that changed"])
        days += len(facts)
    assert wrong < 0.005 * days


def test_quiet_nights_are_no_silence() -> None:
    grid = Grid(timedelta(hours=1))
    facts = {grid.number(row.period_at): row for row in hours(21, seed=1)}
    now = grid.start(max(facts) + 1)
    assert judge("paper", History(facts=facts), first=min(facts), now=now, grid=grid, busy=frozenset(facts)) == []


def test_a_silent_day_of_an_hourly_source_is_named() -> None:
    grid = Grid(timedelta(hours=1))
    facts = {grid.number(row.period_at): row for row in hours(21, seed=1)}
    last = max(facts)
    for number in range(last - 29, last + 1):
        facts[number] = replace(facts[number], new_count=0)
    rows = judge("paper", History(facts=facts), first=min(facts), now=grid.start(last + 1), grid=grid)
    assert {row.verdict for row in rows if row.is_open} == {SourceVerdict.SILENT}


@st.composite
def histories(draw: st.DrawFn) -> dict[int, SourcePeriod]:
    """Up to forty days of any counts that can be."""
    facts = {}
    for n in draw(st.sets(st.integers(0, 40), min_size=1, max_size=30)):
        requests, versions = draw(st.integers(0, 30)), draw(st.integers(0, 12))
        facts[FIRST + n] = period(
            FIRST + n,
            request_count=requests,
            server_error_count=draw(st.integers(0, requests)),
            unreachable_count=0,
            listing_count=1,
            listing_read_count=draw(st.integers(0, 1)),
            new_count=draw(st.integers(0, versions)),
            capture_count=versions,
            version_count=versions,
            dated_count=draw(st.integers(0, versions)),
            authored_count=draw(st.integers(0, versions)),
            word_median=draw(st.floats(1, 5_000)) if versions else None,
            text_count=versions,
            distinct_text_count=draw(st.integers(min(1, versions), versions)),
            templates=template(draw(st.sampled_from([TEMPLATE, OTHER_TEMPLATE])), versions) if versions else [],
            latency_median_s=draw(st.floats(0, 60)),
        )
    return facts


@settings(max_examples=30)
@given(histories(), st.integers(0, 45))
def test_judging_on_from_any_day_gives_what_judging_from_the_first_gives(
    facts: dict[int, SourcePeriod], cut: int
) -> None:
    now, busy = DAYS.start(FIRST + 45), frozenset(facts)
    whole = judge("paper", History(facts=facts), first=FIRST, now=now, grid=DAYS, busy=busy)
    first = FIRST + cut
    before = [row for row in whole if DAYS.number(row.period_at) == first - 1]
    tail = judge("paper", History(facts=facts, before=before), first=first, now=now, grid=DAYS, busy=busy)
    assert tail == [row for row in whole if DAYS.number(row.period_at) >= first]


@settings(max_examples=30)
@given(histories())
def test_rows_are_in_order_unique_and_not_of_the_future(facts: dict[int, SourcePeriod]) -> None:
    now = DAYS.start(FIRST + 38)
    rows = judge("paper", History(facts=facts), first=FIRST, now=now, grid=DAYS, busy=frozenset(facts))
    keys = [(row.period_at, list(SourceVerdict).index(row.verdict)) for row in rows]
    assert keys == sorted(set(keys))
    assert all(row.since_at <= row.seen_at <= row.period_at <= now for row in rows)
    assert all(row.sentence and row.advice and row.is_open == (row.period_at == now) for row in rows)
