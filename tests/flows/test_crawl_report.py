"""What `broadsheet crawl` says of a run that captured pages and loaded nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from flows.account import Account
from flows.fetch.model import Tally
from transforms.outcome import Outcome
from transforms.schema import Fetch

PAGE = Fetch(
    run_id="r1",
    source="harbour",
    url="https://harbour.example/a",
    outcome=Outcome.CAPTURED,
    fetched_at=datetime(2026, 11, 23, tzinfo=UTC),
    wait_s=0.0,
    raw_bytes=7,
    attempts=[],
)


def test_a_run_that_only_crawls_owes_no_captures() -> None:
    for discovered, is_balanced in ((3, True), (4, False)):
        account = Account("r1")
        account.add_crawl(Tally(discovered=discovered).report("r1", 1.0))
        account.count_fetches([PAGE] * 3)
        report = account.report()
        assert report.is_balanced is is_balanced
        assert ("DO NOT BALANCE" in report.balance()) is not is_balanced
