"""Who is told of what is data too: an admin writes it."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.errors import Refused, refuse_if
from resolvers.notifications.delivery_list import retry_delivery
from resolvers.notifications.dismissals import Dismissal, dismiss_deliveries
from resolvers.notifications.recipients import Recipients, set_recipients
from resolvers.notifications.webhook_endpoints import EndpointRow, remove_endpoints, upsert_endpoints
from rules.validation import code_errors
from schema.context import Context, Webhooks, require_admin
from schema.errors import user_errors
from schema.given import given
from schema.notification import (
    Delivery,
    DismissDeliveriesInput,
    DismissDeliveriesPayload,
    NotificationRecipients,
    NotificationRecipientsInput,
    RemoveWebhookEndpointsPayload,
    RetryDeliveryPayload,
    SetNotificationRecipientsPayload,
    TestWebhookEndpointPayload,
    UpsertWebhookEndpointsPayload,
    WebhookEndpoint,
    WebhookEndpointInput,
    WebhookSecret,
)


@strawberry.type(description="What an admin changes of notifications.")
class NotificationMutation:
    @strawberry.mutation(description="Admin only. Replace the mail addresses of the sources that are named.")
    async def set_notification_recipients(
        self,
        info: Info[Context, None],
        recipients: Annotated[
            list[NotificationRecipientsInput], strawberry.argument(description="The addresses, by source.")
        ],
    ) -> SetNotificationRecipientsPayload:
        """Write addresses."""
        require_admin(info)
        try:
            written = await set_recipients([Recipients(given(row.source), tuple(row.emails)) for row in recipients])
        except Refused as refused:
            return SetNotificationRecipientsPayload(user_errors=user_errors(refused))
        return SetNotificationRecipientsPayload(recipients=[NotificationRecipients.of(row) for row in written])

    @strawberry.mutation(
        description="Admin only. Write webhook endpoints. A new one gets a secret, which is shown once."
    )
    async def upsert_webhook_endpoints(
        self,
        info: Info[Context, None],
        endpoints: Annotated[list[WebhookEndpointInput], strawberry.argument(description="The endpoints.")],
    ) -> UpsertWebhookEndpointsPayload:
        """Write endpoints."""
        actor = require_admin(info)
        rows = [
            EndpointRow(
                row.code, given(row.url), given(row.events), given(row.enabled), given(row.rotate_secret) is True
            )
            for row in endpoints
        ]
        try:
            written = await upsert_endpoints(rows, actor, may_be_private=_webhooks(info).may_be_private)
        except Refused as refused:
            return UpsertWebhookEndpointsPayload(user_errors=user_errors(refused))
        return UpsertWebhookEndpointsPayload(
            endpoints=[WebhookEndpoint.of(endpoint) for endpoint in written.endpoints],
            secrets=[WebhookSecret(code=code, secret=secret) for code, secret in written.secrets.items()],
        )

    @strawberry.mutation(description="Admin only. Remove webhook endpoints, with what is on its way to them.")
    async def remove_webhook_endpoints(
        self,
        info: Info[Context, None],
        codes: Annotated[list[str], strawberry.argument(description="Their codes.")],
    ) -> RemoveWebhookEndpointsPayload:
        """Remove endpoints."""
        require_admin(info)
        try:
            return RemoveWebhookEndpointsPayload(count=await remove_endpoints(codes))
        except Refused as refused:
            return RemoveWebhookEndpointsPayload(user_errors=user_errors(refused))

    @strawberry.mutation(
        description="Admin only. Send an event of the type webhook.test to an endpoint, enabled or not, and wait for the"
        " answer. Nothing is queued, and a failure is not counted."
    )
    async def test_webhook_endpoint(
        self, info: Info[Context, None], code: Annotated[str, strawberry.argument(description="The endpoint's code.")]
    ) -> TestWebhookEndpointPayload:
        """Try an endpoint."""
        require_admin(info)
        try:
            refuse_if(list(code_errors(code, ("code",))))
            outcome = await _webhooks(info).test(code)
        except Refused as refused:
            return TestWebhookEndpointPayload(user_errors=user_errors(refused))
        return TestWebhookEndpointPayload(delivered=outcome.delivered, error=outcome.error or None)

    @strawberry.mutation(
        description="Admin only. Make a delivery that is dead, or waits for its next attempt, due at once; its attempts"
        " count anew."
    )
    async def retry_delivery(
        self,
        info: Info[Context, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="The delivery's id.")],  # noqa: A002
    ) -> RetryDeliveryPayload:
        """Try a delivery again."""
        require_admin(info)
        try:
            return RetryDeliveryPayload(delivery=Delivery.of(await retry_delivery(id)))
        except Refused as refused:
            return RetryDeliveryPayload(user_errors=user_errors(refused))

    @strawberry.mutation(
        description="Admin only. Remove deliveries that were given up, at most 10,000 a call; who did it stands in the log."
    )
    async def dismiss_deliveries(
        self,
        info: Info[Context, None],
        input: Annotated[DismissDeliveriesInput, strawberry.argument(description="Which deliveries.")],  # noqa: A002
    ) -> DismissDeliveriesPayload:
        """Take dead deliveries off the list."""
        actor = require_admin(info)
        asked = Dismissal(given(input.ids), given(input.channel), given(input.target), given(input.before))
        try:
            done = await dismiss_deliveries(asked, actor)
        except Refused as refused:
            return DismissDeliveriesPayload(user_errors=user_errors(refused))
        return DismissDeliveriesPayload(count=done.count, has_more=done.is_more)


def _webhooks(info: Info[Context, None]) -> Webhooks:
    if info.context.webhooks is None:
        raise RuntimeError("the process that serves this schema cannot send webhooks")
    return info.context.webhooks
