"""Automations that ship with Broadsheet, and how they come to a server: made, or brought up to date, by their name.

They are values made from settings here, not a file, since what one of them waits for follows how often a flow gives a
sign of life.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from flows.prefect_env import HEARTBEAT_S
from flows.settings import make_settings

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

ZOMBIES = "broadsheet: a run that gives no sign of life has crashed"
_SAID_BY = ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "BROADSHEET_HEARTBEATS_MISSED_MAX")


def heartbeat_automation(within_s: float) -> AutomationCore:
    """Calls a run crashed that has sent a heartbeat, and then for `within_s` neither another nor its end.

    Some heartbeats may be missed: a machine that is busy or asleep for a moment must lose no run.
    """
    return AutomationCore(
        name=ZOMBIES,
        description="A flow process that was killed cannot report its end. Its run would stay Running for ever.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},  # its end has the name of its state, and those names are free
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=within_s),
        ),
        actions=[
            ChangeFlowRunState(
                force=False,
                state=StateType.CRASHED,
                name="Crashed",
                message="No sign of life: its process was killed, or its machine went down. The next run carries on.",
            )
        ],
    )


def shipped_automations(environ: Mapping[str, str]) -> tuple[AutomationCore, ...]:
    """What every deployed Broadsheet has. `environ` and the settings say how often runs give a sign of life."""
    heartbeat_s = float(environ.get("PREFECT_FLOWS_HEARTBEAT_FREQUENCY") or HEARTBEAT_S)
    return (heartbeat_automation(heartbeat_s * make_settings().heartbeats_missed_max),)


def says_heartbeats(environ: Mapping[str, str]) -> bool:
    """Whether this environment says how long a run may be silent, rather than leaving it to the defaults."""
    return any(environ.get(name) for name in _SAID_BY)


async def silence_s(client: PrefectClient) -> float | None:
    """After how many seconds without a sign of life the server calls a run crashed; None where it never does."""
    known = await client.read_automations_by_name(ZOMBIES)
    if not known or not known[0].enabled or not isinstance(known[0].trigger, EventTrigger):
        return None
    return known[0].trigger.within.total_seconds()


async def ensure_automations(
    client: PrefectClient, automations: Iterable[AutomationCore], *, keeps_within: bool = False
) -> None:
    """Make each automation on the server, or bring the one of its name up to date. Deploying twice is harmless.

    With `keeps_within` one that is there keeps how long it waits: whoever deploys from another shell than the service's
    does not know how often its runs give a sign of life, and too short a wait would call runs crashed that are alive.
    """
    for automation in automations:
        known = await client.read_automations_by_name(automation.name)
        if not known:
            await client.create_automation(automation)
            continue
        new, old = automation.trigger, known[0].trigger
        if keeps_within and isinstance(new, EventTrigger) and isinstance(old, EventTrigger):
            new = new.model_copy(update={"within": old.within})
        # whoever has switched it off in the UI wants it off
        changed = automation.model_copy(update={"enabled": known[0].enabled, "trigger": new})
        await client.update_automation(known[0].id, changed)
        for twin in known[1:]:
            await client.delete_automation(twin.id)
