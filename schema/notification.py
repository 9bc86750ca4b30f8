"""Who is told of what: addresses, endpoints, and the deliveries to them."""

from datetime import datetime

import strawberry

from resolvers.notifications import delivery_list, recipients, webhook_endpoints
from resolvers.notifications.deliveries import Channel, DeliveryState
from resolvers.outbox import Event
from schema.errors import UserError
from schema.given import ABSENT


def _user_errors() -> list[UserError]:
    return strawberry.field(default_factory=list, description="Why nothing was written; empty where it was.")  # type: ignore[no-any-return]


@strawberry.type(description="The mail addresses that hear of the stock of a source.")
class NotificationRecipients:
    source: str | None = strawberry.field(
        description="The source's code; null: all sources that have no addresses of their own, and what is of no source."
    )
    emails: list[str] = strawberry.field(description="The addresses.")

    @classmethod
    def of(cls, row: recipients.Recipients) -> "NotificationRecipients":
        """Addresses for the API."""
        return cls(source=row.source, emails=list(row.emails))


@strawberry.type(description="A program that is told by HTTP. Its secret is shown once, when it is made.")
class WebhookEndpoint:
    code: str = strawberry.field(description="Its code.")
    url: str = strawberry.field(description="Where events are posted to.")
    events: list[Event] = strawberry.field(
        description="What it is told; empty: everything, or, where there are unknownEvents, nothing but these."
    )
    unknown_events: list[str] = strawberry.field(
        description="What it is told too, by a newer version that knows these events; a change of events keeps them."
    )
    enabled: bool = strawberry.field(description="While it is not, nothing is sent, and what is on its way waits.")
    failures: int = strawberry.field(description="How many attempts have failed since the last one that succeeded.")
    disabled_reason: str | None = strawberry.field(description="Why it is disabled; null while it is enabled.")
    created_at: datetime = strawberry.field(description="When it was first written.")

    @classmethod
    def of(cls, endpoint: webhook_endpoints.WebhookEndpoint) -> "WebhookEndpoint":
        """An endpoint for the API."""
        return cls(
            code=endpoint.code,
            url=endpoint.url,
            events=list(endpoint.events),
            unknown_events=list(endpoint.unknown_events),
            enabled=endpoint.is_enabled,
            failures=endpoint.failures,
            disabled_reason=endpoint.disabled_reason or None,
            created_at=endpoint.created_at,
        )


@strawberry.type(description="A secret that was made: keep it, it is not shown again.")
class WebhookSecret:
    code: str = strawberry.field(description="The endpoint's code.")
    secret: str = strawberry.field(description="What its messages are signed with, from now on: whsec_ and base64.")


@strawberry.type(description="One event on its way to one target.")
class Delivery:
    id: strawberry.ID = strawberry.field(description="Its id.")
    event: Event = strawberry.field(description="What is told.")
    subject: str = strawberry.field(description="Of what: a SKU, an order's number, a revision or an endpoint's code.")
    channel: Channel = strawberry.field(description="By what it goes.")
    target: str = strawberry.field(description="To whom: a mail address, or an endpoint's code.")
    state: DeliveryState = strawberry.field(description="Where it is.")
    attempts: int = strawberry.field(description="How many attempts there were.")
    created_at: datetime = strawberry.field(description="When it was queued.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is due; null where it is over. Events of one subject go to a target in their order, so that it"
        " may wait for one before it."
    )
    delivered_at: datetime | None = strawberry.field(description="When it arrived; null where it has not.")
    error: str | None = strawberry.field(description="Why the last attempt failed; null where none did.")

    @classmethod
    def of(cls, entry: delivery_list.DeliveryEntry) -> "Delivery":
        """A delivery for the API."""
        return cls(
            id=strawberry.ID(str(entry.id)),
            event=entry.event,
            subject=entry.subject,
            channel=entry.channel,
            target=entry.target,
            state=entry.state,
            attempts=entry.attempts,
            created_at=entry.created_at,
            next_attempt_at=entry.next_attempt_at,
            delivered_at=entry.delivered_at,
            error=entry.error or None,
        )


@strawberry.input(description="The addresses of one source.")
class NotificationRecipientsInput:
    source: str | None = strawberry.field(
        default=ABSENT, description="The source's code; left out: for all sources that have no addresses of their own."
    )
    emails: list[str] = strawberry.field(description="Replaces the addresses; an empty list removes them. At most 100.")


@strawberry.input(description="What to write of an endpoint; what is left out stays as it is.")
class WebhookEndpointInput:
    code: str = strawberry.field(description="Its code, 1 to 64 characters.")
    url: str | None = strawberry.field(
        default=ABSENT,
        description="Where to post events to, by https or http, at a public address; needed for a new one.",
    )
    events: list[Event] | None = strawberry.field(
        default=ABSENT, description="What to tell; an empty list means everything, as a new one has it."
    )
    enabled: bool | None = strawberry.field(
        default=ABSENT, description="Whether to tell; a new one is told. Enabled again, what waited for it goes on."
    )
    rotate_secret: bool | None = strawberry.field(
        default=ABSENT,
        description="True makes a new secret; for 24 hours the one before it signs too. A new endpoint gets one anyway.",
    )


@strawberry.input(description="Which deliveries; what is left out does not matter, and all that is given must hold.")
class DeliveryFilter:
    state: DeliveryState | None = strawberry.field(default=ABSENT, description="Deliveries of this state.")
    channel: Channel | None = strawberry.field(default=ABSENT, description="Deliveries that go by this.")
    event: Event | None = strawberry.field(default=ABSENT, description="Deliveries of this event.")
    target: str | None = strawberry.field(default=ABSENT, description="Deliveries to this address or endpoint.")
    subject: str | None = strawberry.field(default=ABSENT, description="Deliveries about this SKU, order and so on.")


@strawberry.type(description="What setNotificationRecipients did.")
class SetNotificationRecipientsPayload:
    recipients: list[NotificationRecipients] = strawberry.field(
        default_factory=list, description="All addresses as they are now."
    )
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What upsertWebhookEndpoints did.")
class UpsertWebhookEndpointsPayload:
    endpoints: list[WebhookEndpoint] = strawberry.field(
        default_factory=list, description="The endpoints as they are now."
    )
    secrets: list[WebhookSecret] = strawberry.field(
        default_factory=list, description="The secrets that this call made; they are shown here and nowhere else."
    )
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What removeWebhookEndpoints did.")
class RemoveWebhookEndpointsPayload:
    count: int = strawberry.field(default=0, description="How many endpoints were removed.")
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What testWebhookEndpoint did.")
class TestWebhookEndpointPayload:
    delivered: bool = strawberry.field(default=False, description="Whether the endpoint answered with 2xx.")
    error: str | None = strawberry.field(default=None, description="What went wrong; null where nothing did.")
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What retryDelivery did.")
class RetryDeliveryPayload:
    delivery: Delivery | None = strawberry.field(
        default=None, description="The delivery as it is now; null where the call was refused."
    )
    user_errors: list[UserError] = _user_errors()


@strawberry.input(
    description="Which dead deliveries to dismiss: all that is given must hold; ids, target or before is needed."
)
class DismissDeliveriesInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=ABSENT, description="These; at most 1,000.")
    channel: Channel | None = strawberry.field(default=ABSENT, description="Those that went by this.")
    target: str | None = strawberry.field(default=ABSENT, description="Those to this address or endpoint.")
    before: datetime | None = strawberry.field(
        default=ABSENT, description="Those that were given up before this instant."
    )


@strawberry.type(description="What dismissDeliveries did.")
class DismissDeliveriesPayload:
    count: int = strawberry.field(default=0, description="How many deliveries are gone.")
    has_more: bool = strawberry.field(default=False, description="Whether there are more of them: call again.")
    user_errors: list[UserError] = _user_errors()
