"""Tell a Prefect server what there is to run: work pool, the one writer's limit, and every deployment of prefect.yaml.

Deploying twice is harmless: each part is created or brought up to date. prefect.yaml is checked first, because
`prefect deploy` ignores a key that it does not know, and a schedule that is silently missing is noticed weeks later.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.deployment_check import POOL, check_deployments
from flows.settings import make_settings
from warehouse.errors import UserError

WRITER_LIMIT = "broadsheet-warehouse-writer"
"""Name of the global concurrency limit, of one slot, that a load holds: the Prefect UI shows who waits for whom."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a server was told: the deployments' names, and one line each on what else now holds there."""

    names: tuple[str, ...]
    notes: tuple[str, ...]


def deploy(project: Path, api_url: str, environ: Mapping[str, str], *, runs_worker: bool) -> Deployed:
    """Deploy all of `project`'s prefect.yaml to the server at `api_url`.

    `environ` is what the user has said, before our defaults were added to it. Where we do not run the worker
    (`runs_worker`), how long its runs may be silent stays as it is on the server unless `environ` says it. Raises
    UserError when the file is wrong or the server refuses it.
    """
    names = check_deployments(project / "prefect.yaml")
    notes = asyncio.run(_prepare_server(environ, runs_worker=runs_worker))
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=project,
        env={**os.environ, "PREFECT_API_URL": api_url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = last_words(done.stderr) or last_words(done.stdout) or "no reason given"
        raise UserError(f"prefect.yaml was not deployed: {reason}")
    asyncio.run(_close_forms(names))
    return Deployed(names, notes)


def last_words(output: str) -> str:
    """The last paragraph of what a command said, as one line: its last line alone may be the end of a sentence."""
    return " ".join(re.split(r"\n\s*\n", output.strip())[-1].split())


def start_now(deployment: str) -> None:
    """Ask for a run of a deployment (`flow/name`) at once, beside its schedule."""
    asyncio.run(_start_now(deployment))


async def _start_now(deployment: str) -> None:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        found = await client.read_deployment_by_name(deployment)
        await client.create_flow_run_from_deployment(found.id)


async def _prepare_server(environ: Mapping[str, str], *, runs_worker: bool) -> tuple[str, ...]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists

    from flows.automations import ensure_automations, says_heartbeats, shipped_automations, silence_s
    from flows.health_automations import health_automations, notifications

    webhook = make_settings().notify_webhook
    async with get_client() as client:
        with contextlib.suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        await client.upsert_global_concurrency_limit_by_name(WRITER_LIMIT, limit=1)
        automations = [*shipped_automations(environ), *await health_automations(client, webhook)]
        keeps_within = not (runs_worker or says_heartbeats(environ))
        await ensure_automations(client, automations, keeps_within=keeps_within)
        return _notes(await notifications(client), webhook is None, await silence_s(client))


async def _close_forms(names: Sequence[str]) -> None:
    """Let the server refuse a parameter that no flow knows: as deployed, it takes any, and the run fails instead."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentUpdate
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    wanted = DeploymentFilter(name=DeploymentFilterName(any_=list(names)))
    async with get_client() as client:
        for one in await client.read_deployments(deployment_filter=wanted):
            if one.work_pool_name in (POOL, None):
                closed = {**(one.parameter_openapi_schema or {}), "additionalProperties": False}
                await client.update_deployment(one.id, DeploymentUpdate(parameter_openapi_schema=closed))


def _notes(told: str, is_left: bool, silent_s: float | None) -> tuple[str, ...]:
    """What nobody should find out in a month: whether anybody is told of a source, and of a run, that has failed."""
    left = ", left as they are: BROADSHEET_NOTIFY_WEBHOOK is not set" if is_left else ""
    dead = f"called crashed after {silent_s:g} s without a sign of life" if silent_s else "not looked for"
    return f"notifications: {told}{left}", f"dead runs: {dead}"
