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
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import UserError

POOL = "broadsheet"
WRITER_LIMIT = "broadsheet-warehouse-writer"
"""Name of the global concurrency limit, of one slot, that a load holds: the Prefect UI shows who waits for whom."""

_TOP_KEYS = {"name", "prefect-version", "definitions", "build", "push", "pull", "deployments"}
_DEPLOYMENT_KEYS = {
    "name", "version", "version_type", "tags", "description", "schedule", "schedules", "flow_name", "entrypoint",
    "parameters", "enforce_parameter_schema", "work_pool", "concurrency_limit", "triggers", "sla", "build", "push",
    "pull",
}  # fmt: skip
_SCHEDULE_KEYS = {
    "cron", "interval", "rrule", "anchor_date", "timezone", "active", "day_or", "slug", "parameters",
    "max_scheduled_runs", "replaces",
}  # fmt: skip


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


def check_deployments(path: Path) -> tuple[str, ...]:
    """The names of the deployments in a prefect.yaml; raises UserError that names the first wrong key."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}; run this where prefect.yaml lies") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not isinstance(content.get("deployments"), list):
        raise UserError(f"{path}: needs a list `deployments`")
    _refuse_unknown(path, "top level", content, _TOP_KEYS)
    for number, deployment in enumerate(content["deployments"], start=1):
        where = f"deployment {number}"
        if not isinstance(deployment, dict) or not deployment.get("name") or not deployment.get("entrypoint"):
            raise UserError(f"{path}: {where} needs `name` and `entrypoint`")
        where = f"deployment {deployment['name']!r}"
        _refuse_unknown(path, where, deployment, _DEPLOYMENT_KEYS)
        for schedule in deployment.get("schedules") or []:
            _refuse_unknown(path, f"a schedule of {where}", schedule, _SCHEDULE_KEYS)
            if not {"cron", "interval", "rrule"} & set(schedule):
                raise UserError(f"{path}: a schedule of {where} needs cron, interval or rrule")
    return tuple(str(d["name"]) for d in content["deployments"])


def _refuse_unknown(path: Path, where: str, given: Any, known: Iterable[str]) -> None:
    if not isinstance(given, dict):
        raise UserError(f"{path}: {where} must be a table of keys")
    for key in given:
        if key not in known:
            raise UserError(f"{path}: {where} has the unknown key {key!r}; known are {', '.join(sorted(known))}")


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

    async with get_client() as client:
        with contextlib.suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        await client.upsert_global_concurrency_limit_by_name(WRITER_LIMIT, limit=1)
        await ensure_automations(client, shipped_automations(os.environ))
