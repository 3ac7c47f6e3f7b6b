"""Where the recorder enters what it writes: in a ledger of our own, or in one that several workers share.

In a shared ledger a group is announced before it is written, and whatever fails because the server is away is tried
again as long as this worker's lease lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flows.fetch.keeper import Keeper
from transforms.schema import Fetch
from warehouse.ledger import Ledger
from warehouse.ledger_outcomes import Outcomes
from warehouse.ledger_rows import DocumentState, HostState, RobotsState, UrlState


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Outcomes that are entered together, with the states that follow from them."""

    fetches: Sequence[Fetch]
    urls: Sequence[UrlState] = ()
    documents: Sequence[DocumentState] = ()
    hosts: Sequence[HostState] = ()
    robots: Sequence[RobotsState] = ()


class Books(Protocol):
    """What the recorder needs of a ledger."""

    def open_batch(self, batch_id: str, run_id: str) -> None:
        """Enter a batch before anything is written to it."""
        ...

    def intend(self, batch_id: str, urls: Sequence[str]) -> None:
        """Say that answers of these pages are about to be written."""
        ...

    def commit(self, batch_id: str, warc_file: str | None, group: Group) -> None:
        """Enter a group whose captures are on disk."""
        ...

    def close_batch(self, batch_id: str, warc_file: str | None, now: float) -> None:
        """Note that nothing more comes to a batch."""
        ...

    def hand_over(self, batch_id: str) -> None:
        """Forget a batch's log: whoever loads it has it."""
        ...


@dataclass(frozen=True, slots=True)
class OwnBooks:
    """A ledger that no other worker takes pages from."""

    ledger: Ledger

    def open_batch(self, batch_id: str, run_id: str) -> None:
        """Enter a batch before anything is written to it."""
        self.ledger.runs.open_batch(batch_id, run_id)

    def intend(self, batch_id: str, urls: Sequence[str]) -> None:
        """Nothing: after a kill the next run reads the same disk."""

    def commit(self, batch_id: str, warc_file: str | None, group: Group) -> None:
        """Enter a group whose captures are on disk."""
        self.ledger.commit(
            batch_id, warc_file, group.fetches, urls=group.urls, documents=group.documents, hosts=group.hosts
        )

    def close_batch(self, batch_id: str, warc_file: str | None, now: float) -> None:
        """Note that nothing more comes to a batch."""
        self.ledger.runs.close_batch(batch_id, warc_file, now)

    def hand_over(self, batch_id: str) -> None:
        """Forget a batch's log: whoever loads it has it."""
        self.ledger.runs.hand_over(batch_id)


@dataclass(slots=True)
class SharedBooks:
    """A ledger that several workers share, through one of them."""

    ledger: Ledger
    outcomes: Outcomes
    keeper: Keeper
    _number: int = field(default=0, init=False)

    def open_batch(self, batch_id: str, run_id: str) -> None:
        """Enter a batch before anything is written to it."""
        self.keeper.patiently(lambda: self.ledger.runs.open_batch(batch_id, run_id))

    def intend(self, batch_id: str, urls: Sequence[str]) -> None:
        """Say that answers of these pages are about to be written. Raises LeaseLostError: they must not be."""
        if urls:
            self.keeper.patiently(lambda: self.outcomes.intend(batch_id, urls))

    def commit(self, batch_id: str, warc_file: str | None, group: Group) -> None:
        """Enter a group whose captures are on disk. Raises LeaseLostError."""
        self._number += 1
        self.keeper.patiently(
            lambda: self.outcomes.commit(
                self._number,
                batch_id,
                warc_file,
                group.fetches,
                urls=group.urls,
                documents=group.documents,
                hosts=group.hosts,
                robots=group.robots,
            )
        )

    def close_batch(self, batch_id: str, warc_file: str | None, now: float) -> None:
        """Note that nothing more comes to a batch."""
        self.keeper.patiently(lambda: self.ledger.runs.close_batch(batch_id, warc_file, now))

    def hand_over(self, batch_id: str) -> None:
        """Forget a batch's log: whoever loads it has it."""
        self.keeper.patiently(lambda: self.ledger.runs.hand_over(batch_id))
