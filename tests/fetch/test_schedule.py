from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flows.fetch.schedule import (
    POLL_FIRST_S,
    POLL_MAX_S,
    POLL_MIN_S,
    after_failed_poll,
    after_fetch,
    after_poll,
    is_due,
)
from transforms.outcome import FETCH_OUTCOMES, Outcome
from warehouse.ledger_rows import DocumentState, UrlState

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC).timestamp()
NEW = UrlState(url="u", original_url="u", source="s", first_seen_at=NOW, due_at=NOW, run_id="r")
HAD = replace(NEW, captured_at=NOW - 10, visits=1)
FEED = DocumentState(url="f", source="s")
HOUR, DAY = 3_600.0, 86_400.0


@pytest.mark.parametrize(
    ("state", "outcome", "pause_s", "detail", "due_in"),
    [
        (NEW, Outcome.CAPTURED, HOUR, None, HOUR),
        (NEW, Outcome.CAPTURED, None, None, None),
        (HAD, Outcome.NOT_MODIFIED, 6 * HOUR, None, 6 * HOUR),
        (NEW, Outcome.DEFERRED, HOUR, None, 0.0),
        (NEW, Outcome.BUDGET, HOUR, None, 0.0),
        (NEW, Outcome.DUPLICATE, HOUR, None, None),
        (NEW, Outcome.OUT_OF_SCOPE, HOUR, None, None),
        (NEW, Outcome.TIMEOUT, HOUR, None, HOUR),
        (replace(NEW, attempts=2), Outcome.TIMEOUT, HOUR, None, 4 * HOUR),
        (replace(NEW, attempts=5), Outcome.TIMEOUT, HOUR, None, None),
        (NEW, Outcome.NOT_HTML, HOUR, "image/png", None),
        (NEW, Outcome.HTTP_4XX, HOUR, "status 404", DAY),
        (replace(NEW, attempts=1), Outcome.HTTP_4XX, HOUR, "status 404", None),
        (HAD, Outcome.HTTP_4XX, HOUR, "status 404", DAY),
        (replace(HAD, gone_at=NOW - DAY), Outcome.HTTP_4XX, HOUR, "gone: status 410", None),
    ],
)
def test_when_a_page_is_due_again(
    state: UrlState, outcome: Outcome, pause_s: float | None, detail: str | None, due_in: float | None
) -> None:
    after = after_fetch(state, outcome, NOW, pause_s, detail)
    assert after.due_at == (None if due_in is None else NOW + due_in)
    assert after.run_id is None


@pytest.mark.parametrize("outcome", sorted(FETCH_OUTCOMES))
def test_every_outcome_leaves_a_state(outcome: Outcome) -> None:
    assert after_fetch(NEW, outcome, NOW, HOUR, None).run_id is None


def test_gone_keeps_its_first_time_and_ends_when_the_page_is_back() -> None:
    gone = after_fetch(HAD, Outcome.HTTP_4XX, NOW, HOUR, "status 404")
    assert gone.gone_at == NOW
    assert after_fetch(gone, Outcome.HTTP_4XX, NOW + DAY, HOUR, "status 404").gone_at == NOW
    assert after_fetch(gone, Outcome.CAPTURED, NOW + DAY, HOUR, None).gone_at is None
    assert after_fetch(HAD, Outcome.HTTP_4XX, NOW, HOUR, "status 403").gone_at is None


def test_what_makes_a_page_due() -> None:
    rested = replace(HAD, due_at=NOW + HOUR)
    assert is_due(NEW, None, NOW)
    assert not is_due(rested, None, NOW)
    assert is_due(rested, NOW - 5, NOW)
    assert not is_due(rested, NOW - 20, NOW)
    assert not is_due(replace(rested, listed_modified_at=NOW - 5), NOW - 5, NOW)


def test_busy_feeds_are_polled_often_and_quiet_ones_seldom() -> None:
    def polls(*news: int) -> list[float]:
        document, pauses = FEED, []
        for new_count in news:
            document = after_poll(document, now=NOW, interval_s=None, new_count=new_count)
            pauses.append(document.due_at - NOW)
        return pauses

    assert polls(5, 5, 5, 5) == [POLL_FIRST_S, POLL_FIRST_S / 2, POLL_MIN_S, POLL_MIN_S]
    quiet = polls(*[0] * 20)
    assert quiet == sorted(quiet)
    assert quiet[-1] == POLL_MAX_S


@pytest.mark.parametrize(
    ("interval_s", "ttl_s", "fields", "pause_s"),
    [
        (600.0, None, {}, 600.0),
        (600.0, 1_800.0, {}, 1_800.0),
        (600.0, 60.0, {}, 600.0),
        (600.0, None, {"cache-control": "public, max-age=3600"}, 3_600.0),
        (600.0, 9e9, {}, POLL_MAX_S),
        (0.0, 1_800.0, {"cache-control": "max-age=3600"}, 0.0),
    ],
)
def test_what_the_owner_asks_for_makes_the_pause_longer(
    interval_s: float, ttl_s: float | None, fields: dict[str, str], pause_s: float
) -> None:
    document = after_poll(FEED, now=NOW, interval_s=interval_s, new_count=0, ttl_s=ttl_s, fields=fields)
    assert document.due_at == NOW + pause_s


def test_skipped_hours_are_skipped() -> None:
    document = after_poll(FEED, now=NOW, interval_s=HOUR, new_count=0, skip_hours=frozenset([9, 10]))
    assert datetime.fromtimestamp(document.due_at, UTC).hour == 11


def test_a_feed_that_fails_is_polled_later_each_time() -> None:
    document, pauses = FEED, []
    for _ in range(12):
        document = after_failed_poll(document, now=NOW, interval_s=None)
        pauses.append(document.due_at - NOW)
    assert pauses[:3] == [POLL_FIRST_S, 2 * POLL_FIRST_S, 4 * POLL_FIRST_S]
    assert pauses[-1] == POLL_MAX_S
    assert after_poll(document, now=NOW, interval_s=None, new_count=0).failures == 0
