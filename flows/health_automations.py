"""The automation that ships with Broadsheet for source health: news of a source goes to the webhook that was named.

The address may hold a token: it is kept in a Prefect block, which encrypts it, and stands in no automation, log or
artifact. Whoever deploys from another shell than the service's has no address to give: what is there then stays.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound
from prefect.types import SecretDict
from pydantic import SecretStr

from flows.health_events import BEGUN, ENDED, RESOURCE

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

BLOCK = "broadsheet-notify"
SOURCES = "broadsheet: news of a source's health goes to the webhook"


class Notifications(StrEnum):
    """Whether a server tells of sources that fall ill."""

    ON = "on"
    OFF = "off"
    SWITCHED_OFF = "switched off in the UI"


def source_automation(block_id: UUID) -> AutomationCore:
    """Posts the payload of each event as JSON; its `text` is a sentence, which chat services show as it is."""
    return AutomationCore(
        name=SOURCES,
        description="One call when a verdict on a source begins to hold, one when it no longer does.",
        trigger=EventTrigger(
            expect={BEGUN, ENDED},
            match=ResourceSpecification({"prefect.resource.id": [f"{RESOURCE}.*"]}),
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[CallWebhook(block_document_id=block_id, payload="{{ event.payload | tojson }}")],
    )


async def health_automations(client: PrefectClient, webhook: SecretStr | None) -> tuple[AutomationCore, ...]:
    """The automation over a block that holds the address.

    Without a `webhook` nothing changes on the server; an empty one removes both automation and block.
    """
    if webhook is None:
        return ()
    if webhook.get_secret_value().strip():
        block = Webhook(url=webhook, headers=SecretDict({"Content-Type": "application/json"}))
        return (source_automation(await block.save(BLOCK, overwrite=True)),)
    for known in await client.read_automations_by_name(SOURCES):
        await client.delete_automation(known.id)
    if (old := await _block_id(client)) is not None:
        await client.delete_block_document(old)
    return ()


async def notifications(client: PrefectClient) -> Notifications:
    """How it stands on the server now, whoever has deployed it."""
    known = await client.read_automations_by_name(SOURCES)
    if not known or await _block_id(client) is None:
        return Notifications.OFF
    return Notifications.ON if known[0].enabled else Notifications.SWITCHED_OFF


async def _block_id(client: PrefectClient) -> UUID | None:
    try:
        return (await client.read_block_document_by_name(BLOCK, "webhook", include_secrets=False)).id
    except ObjectNotFound:
        return None
