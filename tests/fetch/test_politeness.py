from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flows.fetch.politeness import BUSY_MAX, DOWN_AFTER_FAILURES, DOWN_WAITS_S, Lane, Pace, Scheduler, Signal

A, B = "http://a.example:80", "http://b.example:80"


def scheduler(**pace: float | int) -> Scheduler[str]:
    return Scheduler(Pace(**{"latency_factor": 0.0, **pace}))  # type: ignore[arg-type]


def test_one_at_a_time_with_a_gap_from_the_answer() -> None:
    s = scheduler(gap_s=1.0)
    for job in "12":
        s.add(A, job, 0.0)
    first = s.take(0.0)
    assert first is not None
    assert (first.job, first.wait_s, first.wait_reason) == ("1", 0.0, None)
    assert s.take(5.0) is None
    assert s.next_at() is None
    s.finish(A, 10.0, 0.2, Signal.FINE)
    assert s.next_at() == 11.0
    assert s.take(10.9) is None
    second = s.take(11.5)
    assert second is not None
    assert (second.job, second.wait_s, second.wait_reason) == ("2", 1.0, "gap")


def test_a_waiting_site_does_not_hold_back_another() -> None:
    s = scheduler(gap_s=5.0)
    s.add(A, "a1", 0.0)
    s.add(A, "a2", 0.0)
    s.take(0.0)
    s.finish(A, 0.1, 0.1, Signal.BUSY, 100.0)
    s.add(B, "b1", 0.1)
    turn = s.take(0.1)
    assert turn is not None
    assert turn.job == "b1"


def test_the_gap_follows_the_latency() -> None:
    s = scheduler(gap_s=1.0, latency_factor=2.0)
    s.add(A, "1", 0.0)
    s.add(A, "2", 0.0)
    s.take(0.0)
    s.finish(A, 3.0, 3.0, Signal.FINE)
    assert s.next_at() == 9.0
    turn = s.take(9.0)
    assert turn is not None
    assert turn.wait_reason == "latency"


def test_crawl_delay_is_kept_and_clamped() -> None:
    s = scheduler(gap_s=1.0, crawl_delay_max_s=60.0)
    s.set_delay(A, 10.0)
    s.add(A, "1", 0.0)
    s.add(A, "2", 0.0)
    s.take(0.0)
    s.finish(A, 0.0, 0.0, Signal.FINE)
    assert s.next_at() == 10.0
    s.set_delay(A, 86_400.0)
    assert s.take(10.0) is None
    assert s.next_at() == 60.0


def test_retry_after_is_kept_clamped_and_named() -> None:
    s = scheduler(gap_s=1.0, retry_after_max_s=300.0, busy_wait_s=30.0)
    s.add(A, "1", 0.0)
    s.add(A, "2", 0.0)
    s.take(0.0)
    s.finish(A, 0.0, 0.1, Signal.BUSY, 7.0)
    assert s.next_at() == 7.0
    turn = s.take(7.0)
    assert turn is not None
    assert (turn.wait_s, turn.wait_reason) == (7.0, "retry_after")
    s.add(A, "3", 7.0)
    s.finish(A, 7.0, 0.1, Signal.BUSY)
    assert s.next_at() == 37.0
    assert s.take(37.0) is not None
    s.add(A, "4", 37.0)
    s.finish(A, 37.0, 0.1, Signal.BUSY, 9_999.0)
    assert s.next_at() == 337.0


def test_failures_slow_down_and_success_speeds_up_again() -> None:
    s = scheduler(gap_s=1.0)
    now, gaps = 0.0, []
    for signal in (Signal.FAILING, Signal.FAILING, Signal.FINE, Signal.FINE):
        s.add(A, "x", now)
        assert s.take(now) is not None
        s.finish(A, now, 0.1, signal)
        s.add(A, "y", now)
        gaps.append((s.next_at() or 0.0) - now)
        s.drop(A)
        now += 100.0
    assert gaps == [1.0, 2.0, 1.0, 1.0]


def test_a_site_that_is_down_is_set_aside_tried_again_and_given_up() -> None:
    s = scheduler(gap_s=0.0)
    now, waits = 0.0, []
    while not s.is_given_up(A):
        s.add(A, "x", now)
        at = s.next_at() or 0.0
        waits.append(round(at - now))
        now = max(now, at)
        assert s.take(now) is not None
        s.finish(A, now, None, Signal.DOWN)
    assert [w for w in waits if w > 3] == [round(w) for w in DOWN_WAITS_S]
    assert len(waits) == DOWN_AFTER_FAILURES * (len(DOWN_WAITS_S) + 1)


def test_a_site_that_keeps_asking_to_wait_is_given_up() -> None:
    s = scheduler()
    now = 0.0
    for _ in range(BUSY_MAX):
        assert not s.is_given_up(A)
        s.add(A, "x", now)
        now = max(now, s.next_at() or 0.0)
        assert s.take(now) is not None
        s.finish(A, now, 0.1, Signal.BUSY, 1.0)
    assert s.is_given_up(A)
    s.add(A, "left", now)
    assert s.drop(A) == ["left"]
    assert s.take(now + 1_000) is None


def test_work_under_way_goes_before_fresh_work() -> None:
    s = scheduler(gap_s=0.0)
    s.add(A, "fresh", 0.0)
    s.add(A, "hop", 0.0, Lane.UNDER_WAY)
    turn = s.take(0.0)
    assert turn is not None
    assert turn.job == "hop"


def test_sites_at_once_are_bounded() -> None:
    s = scheduler(gap_s=0.0, sites_at_once=1)
    s.add(A, "a", 0.0)
    s.add(B, "b", 0.0)
    assert s.take(0.0) is not None
    assert s.take(0.0) is None
    assert s.next_at() is None
    s.finish(A, 1.0, 0.1, Signal.FINE)
    turn = s.take(1.0)
    assert turn is not None
    assert turn.job == "b"


def test_what_earlier_runs_remember_counts() -> None:
    s = scheduler(gap_s=1.0)
    s.resume(A, last_event_at=99.5, not_before=None, latency_s=0.1)
    s.resume(B, last_event_at=10.0, not_before=130.0, latency_s=0.1)
    s.add(A, "a", 100.0)
    s.add(B, "b", 100.0)
    assert s.take(100.0) is None
    assert s.next_at() == 100.5
    assert s.take(100.5) is not None
    assert s.take(129.0) is None
    assert s.take(130.0) is not None


def test_a_turn_that_was_not_used_can_be_given_back() -> None:
    s = scheduler(gap_s=0.0)
    s.add(A, "1", 0.0)
    s.add(A, "2", 0.0)
    s.take(0.0)
    s.cancel(A)
    assert s.take(0.0) is not None


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 5), st.sampled_from(Signal), st.floats(0, 400)), max_size=40),
    st.integers(1, 3),
)
def test_no_site_is_ever_asked_too_soon_and_no_job_is_lost(
    events: list[tuple[int, float, Signal, float]], concurrency: int
) -> None:
    s = scheduler(gap_s=1.0, concurrency=concurrency)
    now, ended, rest, done = 0.0, {}, {}, 0
    for site_number, *_ in events:
        s.add(f"s{site_number}", "job", now)
    for _, latency, signal, retry_after in events:
        at = s.next_at()
        assert at is not None
        now = max(now, at)
        turn = s.take(now)
        while turn is None:
            at = s.next_at()
            assert at is not None
            now = max(now, at)
            turn = s.take(now)
        assert now >= ended.get(turn.site, float("-inf")) + 1.0
        assert now >= rest.get(turn.site, 0.0)
        now += latency
        s.finish(turn.site, now, latency, signal, retry_after)
        ended[turn.site] = now
        if signal is Signal.BUSY:
            rest[turn.site] = now + min(retry_after, 300.0)
        done += 1
    assert done == len(events)
    assert len(s) == 0
