"""The crawl: from sources to captures on disk and an outcome for every URL.

`crawl` puts the parts together and says in which order they begin and end; each part knows its own business only.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from importlib.metadata import version

from flows.fetch.address import Guard, Lookup
from flows.fetch.books import OwnBooks, SharedBooks
from flows.fetch.client import Answer, Client
from flows.fetch.concluder import Concluder
from flows.fetch.discovery import Discovery
from flows.fetch.engine import Engine
from flows.fetch.frontier import Frontier
from flows.fetch.gate import Gate
from flows.fetch.model import CrawlBatch, CrawlReport, Job, Progress, Tally
from flows.fetch.politeness import Pace, Scheduler
from flows.fetch.recorder import Recorder
from flows.fetch.recovery import FOLDER, Recovery
from flows.fetch.share import PatientLedger
from flows.fetch.together import SharedRobots, work_together
from flows.settings import Settings
from flows.sources import Source
from transforms.outcome import Outcome
from warehouse.captures_writer import CaptureWriter
from warehouse.datadir import DataDir
from warehouse.ledger import Ledger
from warehouse.ledger_place import ledger_errors
from warehouse.ledger_rows import this_owner

__all__ = ["CrawlBatch", "CrawlReport", "Progress", "crawl", "steady_clock", "user_agent"]


def user_agent(contact: str | None) -> str:
    """The one honest name under which everything is asked for."""
    name = f"Broadsheet/{version('broadsheet')}"
    return f"{name} (+{contact})" if contact else name


def steady_clock() -> Callable[[], float]:
    """Seconds since 1970 that never run backwards within a run, whatever is done to the machine's clock."""
    started, since = time.time(), time.monotonic()
    return lambda: started + time.monotonic() - since


async def crawl(
    sources: Sequence[Source],
    *,
    settings: Settings,
    datadir: DataDir,
    run_id: str,
    on_batch: Callable[[CrawlBatch], None],
    on_progress: Callable[[Progress], None] = lambda progress: None,  # noqa: ARG005
    should_stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] | None = None,
    lookup: Lookup | None = None,
    tls: ssl.SSLContext | None = None,
    is_forced: bool = False,
) -> CrawlReport:
    """Crawl what is due of these sources, and first put in order what killed runs left.

    `on_batch` is called from another thread, for each batch as it closes; whoever takes it calls `batch.taken()` once
    its fetches are safe. `should_stop` is asked often: once it says yes, what is not under way is deferred.
    `is_forced` asks for everything known, due or not. Raises OSError where captures or ledger cannot be written.
    """
    tally = Tally()
    own = clock or steady_clock()
    ledger = await asyncio.to_thread(Ledger.open, datadir.ledger_place)
    with ExitStack() as stack:
        stack.callback(ledger.close)
        if datadir.ledger_url:
            stack.enter_context(ledger_errors(datadir.ledger_place))
        shared = await asyncio.to_thread(work_together, ledger, datadir, settings, run_id, own, is_given=bool(clock))
        now = shared.clock if shared else own
        begun = now()
        recovery = Recovery(
            datadir=datadir,
            ledger=ledger,
            settings=settings,
            sources=sources,
            tally=tally,
            now=begun,
            member=shared.member if shared else None,
        )
        await asyncio.to_thread(recovery.run, run_id, on_batch)
        ledger.runs.start(run_id, owner := shared.member.owner if shared else this_owner(), begun)
        keep = shared.begin() if shared else None
        writer = CaptureWriter(
            datadir.captures,
            FOLDER,
            bytes_max=settings.warc_bytes_max,
            clock=lambda: datetime.fromtimestamp(now(), UTC),
            info=[("http-header-user-agent", user_agent(settings.contact)), ("isPartOf", run_id)],
        )
        recorder = Recorder(
            books=SharedBooks(ledger, shared.outcomes, shared.keeper) if shared else OwnBooks(ledger),
            writer=writer,
            captures=datadir.captures,
            run_id=run_id,
            tally=tally,
            clock=now,
            age_max_s=settings.warc_age_max_s,
            on_batch=on_batch,
            on_group=lambda: on_progress(_progress(tally)),
        )
        guard = Guard(settings.allow_private, has_contact=settings.contact is not None)
        async with Client(user_agent=user_agent(settings.contact), guard=guard, tls=tls, lookup=lookup) as client:
            scheduler = Scheduler[Job](_pace(settings))
            concluder = Concluder(settings=settings, recorder=recorder, tally=tally, run_id=run_id, clock=now)

            def settle(job: Job, outcome: Outcome, detail: str | None, answer: Answer | None) -> None:
                concluder.settle(job, outcome, detail, answer)
                discovery.ended(job, outcome, detail)

            gate = Gate(
                settings=settings,
                ledger=ledger,
                scheduler=scheduler,
                settle=settle,
                tally=tally,
                run_id=run_id,
                owner=owner,
                clock=now,
                should_stop=should_stop,
                shared_robots=SharedRobots(concluder.keep_robots) if shared else None,
            )
            share = (
                None
                if not shared
                else shared.share(
                    settings=settings,
                    sources=sources,
                    gate=gate,
                    scheduler=scheduler,
                    tally=tally,
                    should_stop=should_stop,
                )
            )
            known = PatientLedger(ledger, shared.keeper) if shared else ledger
            discovery = Discovery(
                ledger=known,
                frontier=Frontier(
                    known,
                    run_id,
                    settings,
                    tally,
                    put=ledger.put_urls,
                    enqueue=share.put if share else None,
                    is_forced=is_forced,
                ),
                concluder=concluder,
                tally=tally,
                clock=now,
                sitemaps_of=gate.sitemaps,
                is_forced=is_forced,
            )
            engine = Engine(
                settings=settings,
                client=client,
                scheduler=scheduler,
                gate=gate,
                concluder=concluder,
                discovery=discovery,
                clock=now,
                should_stop=should_stop,
                share=share,
            )
            writing = asyncio.create_task(recorder.run())
            keeping = asyncio.create_task(keep(engine.fail)) if keep else None
            try:
                try:
                    await engine.run(sources, writing)
                finally:
                    recorder.close()
                    await writing
            except BaseException:
                # This process may live on: what the run had in hand must not wait for its end.
                with suppress(OSError):
                    writer.close()
                (shared.break_off if shared else ledger.runs.abandon)(run_id)
                raise
            finally:
                if keeping:
                    keeping.cancel()
        if shared:
            shared.leave()
        ledger.runs.finish(run_id, now(), "finished")
    return tally.report(run_id, now() - begun)


def _pace(settings: Settings) -> Pace:
    return Pace(
        concurrency=settings.host_concurrency,
        gap_s=settings.host_gap_s,
        latency_factor=settings.latency_factor,
        crawl_delay_max_s=settings.crawl_delay_max_s,
        busy_wait_s=settings.rate_limit_wait_s,
        retry_after_max_s=settings.retry_after_max_s,
        sites_at_once=settings.hosts_at_once,
    )


def _progress(tally: Tally) -> Progress:
    return Progress(
        discovered=tally.discovered,
        settled=tally.outcomes.total(),
        captured=sum(n for (_, _, outcome), n in tally.outcomes.items() if outcome == "captured"),
    )
