"""A real mail server for tests, which takes mails or does what mail servers do to them."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from resolvers.notifications.deliveries import Delivery
from resolvers.outbox import Event
from server.settings import Settings

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(slots=True)
class PostOffice:
    """What came in; answers, first to last, are given to mails (DATA), and to recipients by their address."""

    envelopes: list[Envelope] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)
    drops: int = 0
    stalls: int = 0
    connections: int = 0
    port: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails that were taken."""
        return [message_from_bytes(each.original_content or b"", policy=default) for each in self.envelopes]

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count who comes."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a mail, refuse it, hang up, or say nothing for long."""
        if self.drops:
            self.drops -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 never read"
        if self.stalls:
            self.stalls -= 1
            await asyncio.sleep(60)
        if self.answers and not (answer := self.answers.pop(0)).startswith("2"):
            return answer
        self.envelopes.append(envelope)
        return "250 taken"


@asynccontextmanager
async def post_office(
    *, implicit_tls: ssl.SSLContext | None = None, office: PostOffice | None = None, **options: Any
) -> AsyncIterator[PostOffice]:
    """A mail server on a free port, with aiosmtpd's options."""
    loop = asyncio.get_running_loop()
    taken = office or PostOffice()
    made: list[SMTP] = []

    def make() -> SMTP:
        made.append(partial(SMTP, taken, hostname="localhost", loop=loop, **options)())
        return made[-1]

    server = await loop.create_server(make, "127.0.0.1", 0, ssl=implicit_tls)
    taken.port = server.sockets[0].getsockname()[1]
    try:
        yield taken
    finally:
        server.close()
        for each in made:
            if each.transport:
                each.transport.close()
        await asyncio.sleep(0)


def settings_for(office: PostOffice, *, tls: str = "none", login: str = "", **more: Any) -> Settings:
    """Settings that hand mails to this server."""
    url = f"smtp://{login}127.0.0.1:{office.port}?tls={tls}"
    return Settings.model_validate({"smtp_url": url, "mail_from": "Tent shop <shop@example.com>", **more})


def delivery(
    number: int, event: Event, subject: str, payload: dict[str, Any], target: str = "ann@example.com"
) -> Delivery:
    """A delivery, a minute after the one before."""
    return Delivery(number, number, event, subject, payload, target, 0, NOON + timedelta(minutes=number))


def low(number: int, sku: str = "TENT", target: str = "ann@example.com") -> Delivery:
    """An item that fell to its notify quantity."""
    payload = {"sku": sku, "source": "berlin", "quantity": "9", "notify": "10", "from": f"product {sku}"}
    return delivery(number, Event.LOW_STOCK, sku, payload, target)
