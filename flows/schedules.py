"""What crawls by itself: the schedules of a prefect.yaml, or of a server, held against the sources.

A source whose group no schedule names is never crawled, and nothing fails: that must be said. No Prefect is needed, so
`serve` and `sources check` can read the file before anything is started.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.located_yaml import Table, read_yaml
from flows.sources import Source
from warehouse.errors import UserError

_BY_GROUP = {"flows.pipeline.pipeline", "flows.crawl.crawl"}
_BY_SOURCE = "flows.pipeline.crawl_source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One schedule of a deployment, with the parameters that its runs get."""

    deployment: str
    entrypoint: str
    parameters: Mapping[str, Any]
    is_on: bool

    def crawls(self, source: Source) -> bool:
        """Whether its runs, if it is on, crawl this source."""
        flow = self.entrypoint.replace("/", ".").replace(".py:", ".")
        if flow == _BY_SOURCE:
            return bool(self.parameters.get("source") == source.id)
        if flow not in _BY_GROUP or self.parameters.get("urls_file"):
            return False
        ids, groups = (_texts(self.parameters.get(name)) for name in ("source", "group"))
        return source.id in ids if ids else not groups or source.group in groups


def read_deployments(path: Path) -> Table:
    """A prefect.yaml as it is written, with its list `deployments`; raises UserError where it is none. No Prefect."""
    try:
        content = read_yaml(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}; run this where prefect.yaml lies") from error
    if not isinstance(content, Table) or not isinstance(content.get("deployments"), list):
        raise UserError(f"{path}: needs a list `deployments`")
    return content


def schedules_of(content: Table) -> tuple[Schedule, ...]:
    """The schedules of a prefect.yaml; what is not written as Prefect wants it is left to `check_deployments`."""
    found = []
    for deployment in content["deployments"]:
        if not isinstance(deployment, Table):
            continue
        listed = deployment.get("schedules")
        single = deployment.get("schedule")
        for schedule in [*(listed if isinstance(listed, list) else ()), single]:
            if isinstance(schedule, Table):
                found.append(
                    Schedule(
                        deployment=str(deployment.get("name")),
                        entrypoint=str(deployment.get("entrypoint")),
                        parameters={**_table(deployment.get("parameters")), **_table(schedule.get("parameters"))},
                        is_on=schedule.get("active", True) is not False,
                    )
                )
    return tuple(found)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Table) else {}


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def never_crawled(sources: Iterable[Source], schedules: Iterable[Schedule]) -> tuple[str, ...]:
    """A line for each group of which some source is crawled by no schedule that is on: which, and what is off."""
    schedules = tuple(schedules)
    left: dict[str, list[str]] = {}
    off: dict[str, set[str]] = {}
    for source in sources:
        if any(schedule.is_on and schedule.crawls(source) for schedule in schedules):
            continue
        left.setdefault(source.group, []).append(source.id)
        off.setdefault(source.group, set()).update(s.deployment for s in schedules if s.crawls(source))
    return tuple(_line(group, ids, sorted(off[group])) for group, ids in left.items())


def _line(group: str, ids: list[str], off: list[str]) -> str:
    names = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    why = f"the schedule of {', '.join(off)} is off" if off else "no schedule names it"
    return f"group {group!r} ({names}) is never crawled by itself: {why}"
