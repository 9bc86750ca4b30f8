"""Who is told, and how that went."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.notifications import delivery_list, recipients, webhook_endpoints
from schema.connection import Connection, connection
from schema.context import Context, require_admin
from schema.given import ABSENT, After, First, given
from schema.notification import Delivery, DeliveryFilter, NotificationRecipients, WebhookEndpoint


@strawberry.type(description="What an admin asks of notifications.")
class NotificationQuery:
    @strawberry.field(description="Admin only. The mail addresses, those for every source first, then by source.")
    async def notification_recipients(self, info: Info[Context, None]) -> list[NotificationRecipients]:
        """The addresses."""
        require_admin(info)
        return [NotificationRecipients.of(row) for row in await recipients.all_recipients()]

    @strawberry.field(description="Admin only. The webhook endpoints, by code; never their secrets.")
    async def webhook_endpoints(
        self, info: Info[Context, None], first: First = 50, after: After = ABSENT
    ) -> Connection[WebhookEndpoint]:
        """The endpoints."""
        require_admin(info)
        return connection(await webhook_endpoints.endpoint_page(first, given(after)), WebhookEndpoint.of)

    @strawberry.field(description="Admin only. What is on its way to whom, and what became of it, newest first.")
    async def deliveries(
        self,
        info: Info[Context, None],
        filter: Annotated[DeliveryFilter | None, strawberry.argument(description="Which deliveries.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[Delivery]:
        """The deliveries."""
        require_admin(info)
        asked = given(filter) or DeliveryFilter()
        criteria = delivery_list.DeliveryFilter(
            state=given(asked.state),
            channel=given(asked.channel),
            event=given(asked.event),
            target=given(asked.target),
            subject=given(asked.subject),
        )
        return connection(await delivery_list.delivery_page(criteria, first, given(after)), Delivery.of)
