"""What `broadsheet doctor` asks the Prefect server: pool, worker, schedules, automations, runs, who may reach it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flows import prefect_env
from flows.doctor import Finding, Mark
from flows.schedules import Schedule, never_crawled
from flows.sources import Source
from warehouse.status import size_of

STALE = timedelta(minutes=2)
"""A worker gives a sign of life every half minute."""
DATABASE_WARN = 2_000_000_000


def check_server(data_dir: Path, environ: Mapping[str, str], sources: Sequence[Source] = ()) -> Iterable[Finding]:
    """The server that runs are reported to, if there is one, and what it knows; `sources` are what it should crawl."""
    server = prefect_env.find_server(data_dir, environ, timeout_s=5.0)
    yield from _ports(data_dir, server, environ)
    database = prefect_env.home_of(data_dir) / "prefect.db"
    if os.access(database, os.F_OK):  # unlike exists() it is no error where the folder cannot be looked at
        size = size_of(database)
        yield Finding(
            "prefect's database",
            Mark.WARN if size > DATABASE_WARN else Mark.OK,
            f"{size / 1e6:.0f} MB",
            "shorten PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD" if size > DATABASE_WARN else "",
        )
    if server is None or not prefect_env.is_healthy(server, timeout_s=10.0):
        found = f"{server} does not answer" if server else "none is running"
        yield Finding("server", Mark.BAD, found, "`broadsheet serve`, or the service that runs it")
        return
    yield Finding("server", Mark.OK, server)
    yield _reach(server, environ)
    try:
        with prefect_env.home_for_now(data_dir) as home:
            os.environ.update({**prefect_env.client_environment(data_dir, server, environ), **home})
            answers = asyncio.run(_asked(environ, sources))
    except Exception as error:  # noqa: BLE001 - whatever the client raises is the finding
        advice = "is PREFECT_API_AUTH_STRING the one that the server has?" if "401" in str(error) else "see its log"
        answers = [Finding("server", Mark.BAD, f"it answers with {type(error).__name__}: {str(error)[:200]}", advice)]
    yield from answers


def _ports(data_dir: Path, server: str | None, environ: Mapping[str, str]) -> Iterable[Finding]:
    """Without a server of ours, the port that `serve` would take must be free."""
    if server or environ.get("PREFECT_API_URL"):
        return
    left = prefect_env.address_file(data_dir)
    port = urlsplit(left.read_text().strip()).port if os.access(left, os.R_OK) else 4200
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port or 4200))
        except OSError:
            yield Finding("port", Mark.WARN, f"{port} is taken by something else", "`broadsheet serve --port` another")
            return
    yield Finding("port", Mark.OK, f"{port} is free")


def _reach(server: str, environ: Mapping[str, str]) -> Finding:
    host = urlsplit(server).hostname or ""
    if host in ("127.0.0.1", "localhost", "::1"):
        return Finding("reach", Mark.OK, "bound to loopback")
    if environ.get("PREFECT_API_AUTH_STRING"):
        return Finding("reach", Mark.OK, f"{host}, with a password")
    return Finding(
        "reach",
        Mark.BAD,
        f"{host}, without a password: whoever reaches it can run code here",
        "bind it to loopback, or set PREFECT_SERVER_API_AUTH_STRING there and PREFECT_API_AUTH_STRING here",
    )


async def _asked(environ: Mapping[str, str], sources: Sequence[Source]) -> list[Finding]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.exceptions import ObjectNotFound

    from flows.automations import ZOMBIES, silence_s
    from flows.deployment_check import POOL
    from flows.health_automations import notifications

    found: list[Finding] = []
    now = datetime.now(UTC)
    async with get_client() as client:
        try:
            pool = await client.read_work_pool(POOL)
        except ObjectNotFound:
            return [Finding("pool", Mark.BAD, f"there is no work pool {POOL!r}", "`broadsheet deploy`")]
        paused = pool.is_paused
        found.append(
            Finding("pool", Mark.BAD if paused else Mark.OK, f"{POOL!r}{' is paused' if paused else ''}",
                    f"resume it in the UI, or `prefect work-pool resume {POOL}`" if paused else "")
        )  # fmt: skip
        workers = await client.read_workers_for_work_pool(POOL)
        alive = [w for w in workers if w.last_heartbeat_time and now - w.last_heartbeat_time < STALE]
        found.append(
            Finding("worker", Mark.OK if alive else Mark.BAD, f"{len(alive)} alive, of {len(workers)} known",
                    "" if alive else f"`broadsheet serve`, or `prefect worker start --pool {POOL} --type process`")
        )  # fmt: skip

        async def count(state: StateType) -> int:
            wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[state])))
            return len(await client.read_flow_runs(flow_run_filter=wanted))

        deployments = await client.read_deployments()
        active = [d for d in deployments if not d.paused and any(s.active for s in d.schedules)]
        scheduled = await count(StateType.SCHEDULED)
        if not deployments:
            found.append(Finding("schedules", Mark.BAD, "nothing is deployed", "`broadsheet deploy`"))
        elif not active:
            found.append(Finding("schedules", Mark.BAD, f"none of {len(deployments)} deployments has one that is on",
                                 "switch one on in the UI, or in prefect.yaml and `broadsheet deploy`"))  # fmt: skip
        elif not scheduled:
            found.append(Finding("schedules", Mark.BAD, f"{len(active)} are on, and no run is scheduled",
                                 "is sqlalchemy below 2.1 (see packages)? restart the server"))  # fmt: skip
        else:
            found.append(Finding("schedules", Mark.OK, f"{len(active)} are on, {scheduled} runs are scheduled"))
        found += about_groups(sources, [
            Schedule(deployment=d.name, entrypoint=d.entrypoint or "", parameters={**d.parameters, **s.parameters},
                     is_on=s.active and not d.paused)
            for d in deployments for s in d.schedules
        ])  # fmt: skip
        zombies = await client.read_automations_by_name(ZOMBIES)
        if (silent_s := await silence_s(client)) is None:
            words = "the one that finds dead runs is " + ("off" if zombies else "missing")
            found.append(Finding("automations", Mark.BAD, words, "switch it on in the UI, or `broadsheet deploy`"))
        else:
            found.append(Finding("automations", Mark.OK, f"dead runs are found after {silent_s:g} s"))
        found.append(about_notifications(await notifications(client), environ.get("BROADSHEET_NOTIFY_WEBHOOK")))
        late = await _late(client, now)
        words = f"{late} should have begun over ten minutes ago" if late else "none is late"
        found.append(Finding("runs", Mark.WARN if late else Mark.OK, words, "is the worker alive?" if late else ""))
    return found


def about_groups(sources: Sequence[Source], schedules: Sequence[Schedule]) -> Iterable[Finding]:
    """Whether each source is crawled by a schedule that is on."""
    lines = never_crawled(sources, schedules)
    advice = "switch its schedule on in prefect.yaml (`active: true`), or write one, then `broadsheet deploy`"
    yield from (Finding("groups", Mark.WARN, line, advice) for line in lines)
    if sources and not lines:
        yield Finding("groups", Mark.OK, "a schedule that is on crawls each source")


def about_notifications(told: str, address: str | None) -> Finding:
    """Whether somebody is told when a source falls ill; an `address` that is empty says that nobody is to be."""
    if told == "on" or (told == "off" and address == ""):
        return Finding("notifications", Mark.OK, told)
    if told == "off":
        advice = "" if address else "set BROADSHEET_NOTIFY_WEBHOOK (to nothing, if nobody is to be told), then "
        words = "off: nobody is told when a source falls ill"
        return Finding("notifications", Mark.WARN, words, f"{advice}`broadsheet deploy`")
    return Finding("notifications", Mark.WARN, told, "switch the automation on in the UI")


async def _late(client: object, now: datetime) -> int:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateName

    assert isinstance(client, PrefectClient)
    wanted = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Late"])))
    runs = await client.read_flow_runs(flow_run_filter=wanted)
    return sum(r.expected_start_time is not None and now - r.expected_start_time > timedelta(minutes=10) for r in runs)
