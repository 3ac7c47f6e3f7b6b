"""The automation that ships with Broadsheet for source health: news of a source goes to the webhook that was named.

The address may hold a token: it is kept in a Prefect block, which encrypts it, and stands in no automation, log or
artifact. Without an address there is neither block nor automation.
"""

from __future__ import annotations

from datetime import timedelta
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
    """The automation over a block that holds the address; where there is none, both are removed from the server."""
    if webhook is None:
        for known in await client.read_automations_by_name(SOURCES):
            await client.delete_automation(known.id)
        try:
            old = await client.read_block_document_by_name(BLOCK, "webhook")
            await client.delete_block_document(old.id)
        except ObjectNotFound:
            pass
        return ()
    block = Webhook(url=webhook, headers=SecretDict({"Content-Type": "application/json"}))
    return (source_automation(await block.save(BLOCK, overwrite=True)),)
