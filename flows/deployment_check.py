"""prefect.yaml held against what Prefect and our flows know, before it is deployed.

`prefect deploy` ignores a key that it does not know, and takes parameters that no flow has: a schedule that is silently
missing is noticed weeks later. Every complaint is one line that names the place.
"""

from __future__ import annotations

import importlib
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError

from flows.located_yaml import Table
from flows.schedules import read_deployments
from warehouse.errors import UserError

POOL = "broadsheet"
"""The work pool that `deploy` makes and the worker of `serve` asks for work."""

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
_POOL_KEYS = {"name", "work_queue_name", "job_variables"}
_LIMIT_KEYS = {"limit", "collision_strategy", "grace_period_seconds"}
_STRATEGIES = {"ENQUEUE", "CANCEL_NEW"}


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """A complaint, and the line that it is about."""

    def __init__(self, words: str, line: int) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True, slots=True)
class _Flow:
    """What a deployment says about a flow is checked against: types by parameter, and which have no default."""

    name: str
    types: dict[str, Any]
    required: frozenset[str]


def check_deployments(path: Path) -> tuple[str, ...]:
    """The names of the deployments in a prefect.yaml; raises UserError that names the line of the first thing wrong.

    Flows are imported, so Prefect is too: set its environment variables before.
    """
    content = read_deployments(path)
    try:
        _refuse_unknown("top level", content, _TOP_KEYS)
        return _names(content["deployments"], path.parent)
    except _Wrong as wrong:
        raise UserError(f"{path}: line {wrong.line}: {wrong}") from None


def _names(deployments: list[Any], project: Path) -> tuple[str, ...]:
    seen: set[tuple[str, str]] = set()
    names = []
    for number, deployment in enumerate(deployments, start=1):
        if not isinstance(deployment, Table) or not deployment.get("name") or not deployment.get("entrypoint"):
            line = deployment.line if isinstance(deployment, Table) else 1
            raise _Wrong(f"deployment {number} needs `name` and `entrypoint`", line)
        where = f"deployment {deployment['name']!r}"
        _refuse_unknown(where, deployment, _DEPLOYMENT_KEYS)
        flow = _flow_of(where, deployment, project)
        if (flow.name, deployment["name"]) in seen:
            raise _Wrong(f"{where}: there are two of this name for one flow", deployment.lines["name"])
        seen.add((flow.name, deployment["name"]))
        names.append(str(deployment["name"]))
        _check_parameters(where, deployment, flow)
        _check_limit(where, deployment)
        _check_tags(where, deployment)
        _check_pool(where, deployment)
        listed = deployment.get("schedules") or []
        if not isinstance(listed, list):
            raise _Wrong(f"{where}: `schedules` must be a list", deployment.lines["schedules"])
        schedules = [*listed, *([s] if (s := deployment.get("schedule")) else [])]
        if schedules and not deployment.get("work_pool"):
            raise _Wrong(f"{where} has a schedule and no `work_pool`: nobody would run it", deployment.line)
        _check_schedules(where, schedules, deployment, flow)
    return tuple(names)


def _flow_of(where: str, deployment: Table, project: Path) -> _Flow:
    entrypoint, line = str(deployment["entrypoint"]), deployment.lines["entrypoint"]
    file, colon, attribute = entrypoint.rpartition(":")
    module = file if colon else entrypoint.rpartition(".")[0]
    attribute = attribute if colon else entrypoint.rpartition(".")[2]
    try:
        if colon:
            if not (project / file).is_file():
                raise _Wrong(f"{where}: entrypoint: there is no file {file!r}", line)
            from prefect.flows import load_flow_from_entrypoint

            found: Any = load_flow_from_entrypoint(f"{project / file}:{attribute}", use_placeholder_flow=False)
        else:
            found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise _Wrong(f"{where}: entrypoint {entrypoint!r} cannot be imported: {error}", line) from error
    if not callable(getattr(found, "fn", None)) or not hasattr(found, "parameters"):
        raise _Wrong(f"{where}: entrypoint {entrypoint!r} is no flow", line)
    types = {name: t for name, t in typing.get_type_hints(found.fn, include_extras=True).items() if name != "return"}
    return _Flow(str(found.name), types, frozenset(found.parameters.required))


def _check_parameters(where: str, table: Table, flow: _Flow) -> None:
    given = table.get("parameters") or Table()
    if not isinstance(given, Table):
        raise _Wrong(f"{where}: `parameters` must be a table of keys", table.lines["parameters"])
    for name, value in given.items():
        if name not in flow.types:
            known = ", ".join(sorted(flow.types))
            raise _Wrong(f"{where}: its flow has no parameter {name!r}; it has {known}", given.lines[name])
        if isinstance(value, str) and "{{" in value:
            continue  # Prefect fills it in when it deploys
        try:
            TypeAdapter(flow.types[name]).validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]["msg"]
            raise _Wrong(f"{where}: parameter {name}: {value!r}: {first}", given.lines[name]) from error


def _check_tags(where: str, deployment: Table) -> None:
    """One word is a list of its letters to Prefect."""
    tags = deployment.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise _Wrong(f"{where}: tags {tags!r}: must be a list of texts, such as [{POOL}]", deployment.lines["tags"])


def _check_pool(where: str, deployment: Table) -> None:
    pool = deployment.get("work_pool")
    if pool is None:
        return
    line = deployment.lines["work_pool"]
    if not isinstance(pool, Table):
        raise _Wrong(f"{where}: `work_pool` must be a table of keys, such as {{name: {POOL}}}", line)
    _refuse_unknown(f"{where}, work_pool", pool, _POOL_KEYS)
    if pool.get("name") != POOL:
        words = (
            f"{where}: work_pool {pool.get('name')!r}: the pool that there is, and that a worker looks at, is {POOL!r}"
        )
        raise _Wrong(words, pool.lines.get("name", line))


def _check_limit(where: str, deployment: Table) -> None:
    limit = deployment.get("concurrency_limit")
    if limit is None:
        return
    line = deployment.lines["concurrency_limit"]
    if isinstance(limit, Table):
        _refuse_unknown(f"{where}, concurrency_limit", limit, _LIMIT_KEYS)
        strategy = limit.get("collision_strategy", "ENQUEUE")
        if strategy not in _STRATEGIES:
            raise _Wrong(f"{where}: collision_strategy {strategy!r} is none of {', '.join(sorted(_STRATEGIES))}", line)
        limit = limit.get("limit")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise _Wrong(f"{where}: concurrency_limit must be a whole number from 1", line)


def _check_schedules(where: str, schedules: Iterable[Any], deployment: Table, flow: _Flow) -> None:
    slugs: set[str] = set()
    for schedule in schedules:
        there = f"a schedule of {where}"
        if not isinstance(schedule, Table):
            raise _Wrong(f"{there} must be a table of keys", deployment.line)
        _refuse_unknown(there, schedule, _SCHEDULE_KEYS)
        if sum(key in schedule for key in _RULES) != 1:
            raise _Wrong(f"{there} needs cron, interval or rrule, one of them", schedule.line)
        for key, check in (*_RULES.items(), ("timezone", _timezone), ("active", _flag)):
            if key in schedule:
                try:
                    check(schedule[key])
                except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
                    words = str(error).splitlines()[0]
                    raise _Wrong(f"{there}: {key} {schedule[key]!r}: {words}", schedule.lines[key]) from error
        slug = schedule.get("slug")
        if slug is not None and slug in slugs:
            raise _Wrong(f"{there}: there are two of the slug {slug!r}", schedule.lines["slug"])
        slugs.add(str(slug))
        _check_parameters(there, schedule, flow)
        given = {*(deployment.get("parameters") or ()), *(schedule.get("parameters") or ())}
        if missing := sorted(flow.required - given):
            raise _Wrong(f"{there} gives no value for {', '.join(missing)}, which has no default", schedule.line)


def _cron(value: Any) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    try:
        CronSchedule(cron=value)
    except ValidationError as error:
        raise ValueError("is no cron line (minute hour day month weekday)") from error


def _interval(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 1:
        raise ValueError("must be a number of seconds, from 1")


def _rrule(value: Any) -> None:
    from prefect.client.schemas.schedules import RRuleSchedule

    try:
        RRuleSchedule(rrule=value)
    except ValidationError as error:
        raise ValueError("is no recurrence rule (RFC 5545)") from error


def _timezone(value: Any) -> None:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise ValueError("is no time zone, such as Europe/Paris") from error


def _flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")


_RULES: dict[str, Callable[[Any], None]] = {"cron": _cron, "interval": _interval, "rrule": _rrule}


def _refuse_unknown(where: str, given: Table, known: set[str]) -> None:
    for key in given:
        if key not in known:
            words = f"{where} has the unknown key {key!r}; known are {', '.join(sorted(known))}"
            raise _Wrong(words, given.lines[key])
