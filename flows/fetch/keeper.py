"""A worker's sign of life on a shared ledger, and what it may do while the ledger cannot be reached.

The lease of everything that a worker holds ends when its last sign of life is so old that others may take over. It
stops asking sites so long before that what it has asked is answered by then, and gives up when the time is over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from warehouse.errors import UserError
from warehouse.ledger_member import LeaseLostError, Member
from warehouse.ledger_place import is_passing

R = TypeVar("R")
_PAUSE_FIRST_S = 0.1
_PAUSE_MAX_S = 2.0


class LedgerLostError(UserError):
    """The ledger could not be reached for the length of a lease."""


class Keeper:
    """Keeps a worker alive in the ledger, in a thread of its own."""

    def __init__(
        self,
        member: Member,
        *,
        name: str,
        clock: Callable[[], float],
        margin_s: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`name` is the ledger's in messages; `margin_s` the longest time that a request may take."""
        self._member = member
        self._name = name
        self._clock = clock
        self._margin_s = margin_s
        self._sleep = sleep
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="keeper")
        self.valid_until = 0.0

    def join(self) -> None:
        """Begin to take part. Raises what the database refuses."""
        now = self._clock()
        self._member.join(now)
        self.valid_until = now + self._member.lease_s

    def may_ask(self, now: float) -> bool:
        """Whether a request that begins now is over before the lease is."""
        return now < self.valid_until - self._margin_s

    async def run(self, on_lost: Callable[[UserError], None]) -> None:
        """Give signs of life until cancelled, or until it is too late, which `on_lost` is told."""
        loop = asyncio.get_running_loop()
        every_s = self._member.lease_s / 4
        pause_s = every_s
        try:
            while True:
                await asyncio.sleep(pause_s)
                try:
                    now = self._clock()
                    renewal = loop.run_in_executor(self._thread, self._member.renew, now)
                    await asyncio.wait({renewal}, timeout=max(0.0, self.valid_until - now))
                    if not renewal.done():  # a server that takes what is sent and never answers
                        renewal.add_done_callback(_forget)
                        self._give_up(on_lost)
                        return
                    renewal.result()
                    self.valid_until, pause_s = now + self._member.lease_s, every_s
                except LeaseLostError as error:
                    self.valid_until = 0.0
                    on_lost(error)
                    return
                except DBAPIError as error:
                    if not is_passing(error) or self._is_over():
                        self._give_up(on_lost)
                        return
                    pause_s = min(1.0, every_s / 2)
        finally:
            self._thread.shutdown(wait=False)

    def patiently(self, call: Callable[[], R]) -> R:
        """Call something that uses the ledger, again while the ledger is away and the lease lasts. Blocks: for threads.

        Raises LedgerLostError, LeaseLostError.
        """
        pause_s = _PAUSE_FIRST_S
        while True:
            try:
                return call()
            except DBAPIError as error:
                if not is_passing(error):
                    raise
                if self._is_over():
                    raise self._lost() from error
            self._sleep(pause_s)
            pause_s = min(_PAUSE_MAX_S, 2 * pause_s)

    def _give_up(self, on_lost: Callable[[UserError], None]) -> None:
        on_lost(self._lost())
        self.valid_until = 0.0
        self._member.sever()

    def _is_over(self) -> bool:
        return self._clock() >= self.valid_until

    def _lost(self) -> LedgerLostError:
        return LedgerLostError(
            f"the ledger {self._name} was out of reach for {self._member.lease_s:g} s: this worker stops, others take "
            "its hosts over; what it captured is kept, and the next run over this data dir enters it"
        )


def _forget(renewal: asyncio.Future[None]) -> None:
    """What comes of a sign of life that came too late is of no interest."""
    if not renewal.cancelled():
        renewal.exception()
