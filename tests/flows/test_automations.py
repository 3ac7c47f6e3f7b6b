"""What a deployment does to automations that are on the server already; the client is a server of two dictionaries."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger
from prefect.exceptions import ObjectNotFound
from pydantic import SecretStr

from flows.automations import ensure_automations, says_heartbeats, shipped_automations, silence_s
from flows.doctor import Mark
from flows.doctor_server import about_notifications
from flows.health_automations import BLOCK, SOURCES, Notifications, health_automations, notifications, source_automation
from flows.settings import make_settings


class Known:
    """Answers as a Prefect client does, as far as automations and blocks go."""

    def __init__(self, *automations: AutomationCore, has_block: bool = True) -> None:
        self.automations: dict[UUID, Automation] = {}
        self.blocks: dict[UUID, str] = {uuid4(): BLOCK} if has_block else {}
        for automation in automations:
            self._put(uuid4(), automation)

    def _put(self, automation_id: UUID, automation: AutomationCore) -> None:
        self.automations[automation_id] = Automation(id=automation_id, **automation.model_dump())

    async def read_automations_by_name(self, name: str) -> list[Automation]:
        return [a for a in self.automations.values() if a.name == name]

    async def create_automation(self, automation: AutomationCore) -> None:
        self._put(uuid4(), automation)

    async def update_automation(self, automation_id: UUID, automation: AutomationCore) -> None:
        self._put(automation_id, automation)

    async def delete_automation(self, automation_id: UUID) -> None:
        del self.automations[automation_id]

    async def read_block_document_by_name(self, name: str, _type: str, include_secrets: bool = True) -> Any:
        for block_id, known in self.blocks.items():
            if known == name:
                return SimpleNamespace(id=block_id)
        raise ObjectNotFound(http_exc=httpx.HTTPError("404"))

    async def delete_block_document(self, block_id: UUID) -> None:
        del self.blocks[block_id]

    @property
    def client(self) -> PrefectClient:
        return cast(PrefectClient, self)


def notifying(*, enabled: bool = True, has_block: bool = True) -> Known:
    return Known(source_automation(uuid4()).model_copy(update={"enabled": enabled}), has_block=has_block)


async def test_without_an_address_what_was_deployed_stays() -> None:
    known = notifying()
    assert await health_automations(known.client, None) == ()
    assert await notifications(known.client) is Notifications.ON
    assert len(known.blocks) == 1


async def test_an_empty_address_removes_automation_and_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_NOTIFY_WEBHOOK", "")
    known = notifying()
    assert await health_automations(known.client, make_settings().notify_webhook) == ()
    assert (known.automations, known.blocks) == ({}, {})
    assert await notifications(known.client) is Notifications.OFF
    assert await health_automations(known.client, SecretStr(" ")) == ()


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (notifying(), Notifications.ON),
        (notifying(enabled=False), Notifications.SWITCHED_OFF),
        (notifying(has_block=False), Notifications.OFF),
        (Known(), Notifications.OFF),
    ],
)
async def test_how_notifications_stand(known: Known, told: Notifications) -> None:
    assert await notifications(known.client) is told


@pytest.mark.parametrize(
    ("told", "address", "mark", "advice"),
    [
        (Notifications.ON, None, Mark.OK, ""),
        (Notifications.OFF, "", Mark.OK, ""),
        (Notifications.OFF, None, Mark.WARN, "set BROADSHEET_NOTIFY_WEBHOOK"),
        (Notifications.OFF, "https://hooks.example/", Mark.WARN, "`broadsheet deploy`"),
        (Notifications.SWITCHED_OFF, None, Mark.WARN, "in the UI"),
    ],
)
def test_the_doctor_says_whether_anybody_is_told(told: str, address: str | None, mark: Mark, advice: str) -> None:
    finding = about_notifications(told, address)
    assert (finding.check, finding.mark) == ("notifications", mark)
    assert advice in finding.advice


@pytest.mark.parametrize(
    ("keeps_within", "expected_s"),
    [(True, 1_500.0), (False, 540.0)],
)
async def test_how_long_a_run_may_be_silent_stays_where_nobody_says_it(keeps_within: bool, expected_s: float) -> None:
    [long] = shipped_automations({"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "500"})
    known = Known(long.model_copy(update={"description": "of an earlier version", "enabled": True}))
    await ensure_automations(known.client, shipped_automations({}), keeps_within=keeps_within)
    [automation] = known.automations.values()
    assert await silence_s(known.client) == expected_s
    assert automation.description == long.description
    assert isinstance(automation.trigger, EventTrigger)
    assert automation.trigger.after == {"prefect.flow-run.heartbeat"}


async def test_one_that_was_switched_off_stays_off_and_a_missing_one_is_made() -> None:
    [shipped] = shipped_automations({})
    known = Known(shipped.model_copy(update={"enabled": False}))
    await ensure_automations(known.client, [shipped, source_automation(uuid4())], keeps_within=True)
    assert {a.name: a.enabled for a in known.automations.values()} == {shipped.name: False, SOURCES: True}
    assert await silence_s(known.client) is None


@pytest.mark.parametrize(
    ("environ", "is_said"),
    [
        ({}, False),
        ({"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": ""}, False),
        ({"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "180"}, True),
        ({"BROADSHEET_HEARTBEATS_MISSED_MAX": "5"}, True),
    ],
)
def test_what_says_how_often_runs_give_a_sign_of_life(environ: dict[str, str], is_said: bool) -> None:
    assert says_heartbeats(environ) is is_said
