"""Tell a Prefect server what there is to run: work pool, the one writer's limit, and every deployment of prefect.yaml.

Deploying twice is harmless: each part is created or brought up to date. prefect.yaml is checked first, because
`prefect deploy` ignores a key that it does not know, and a schedule that is silently missing is noticed weeks later.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

from flows.deployment_check import check_deployments
from flows.settings import make_settings
from warehouse.errors import UserError

POOL = "broadsheet"
WRITER_LIMIT = "broadsheet-warehouse-writer"
"""Name of the global concurrency limit, of one slot, that a load holds: the Prefect UI shows who waits for whom."""


def deploy(project: Path, api_url: str) -> tuple[str, ...]:
    """Deploy all of `project`'s prefect.yaml to the server at `api_url`; returns the deployments' names.

    Raises UserError when the file is wrong or the server refuses it.
    """
    names = check_deployments(project / "prefect.yaml")
    asyncio.run(_prepare_server())
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=project,
        env={**os.environ, "PREFECT_API_URL": api_url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no reason given"]
        raise UserError(f"prefect.yaml was not deployed: {last[0].strip()}")
    return names


def start_now(deployment: str) -> None:
    """Ask for a run of a deployment (`flow/name`) at once, beside its schedule."""
    asyncio.run(_start_now(deployment))


async def _start_now(deployment: str) -> None:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        found = await client.read_deployment_by_name(deployment)
        await client.create_flow_run_from_deployment(found.id)


async def _prepare_server() -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists

    from flows.automations import ensure_automations, shipped_automations
    from flows.health_automations import health_automations

    webhook = make_settings().notify_webhook
    async with get_client() as client:
        with contextlib.suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        await client.upsert_global_concurrency_limit_by_name(WRITER_LIMIT, limit=1)
        about_sources = await health_automations(client, webhook)
        await ensure_automations(client, [*shipped_automations(os.environ), *about_sources])
