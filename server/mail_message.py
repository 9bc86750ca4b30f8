"""One mail as it is sent: headers that no text can break out of, text, and HTML where there is some."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from resolvers.deliveries import Delivery
from rules.validation import is_email
from server.mail_templates import Rendered, one_line
from server.smtp_address import Mailbox


class BadAddress(Exception):  # noqa: N818  # what it is
    """An address that no mail can be sent to; the message does not show it."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message and its envelope, in which the domains of the addresses are in ASCII."""

    message: EmailMessage
    sender: str
    recipient: str


def mail_of(sender: Mailbox, target: str, words: Rendered, deliveries: Sequence[Delivery]) -> Mail:
    """The mail of these words to this address; BadAddress where there can be none."""
    envelope = _in_ascii(sender.email), _in_ascii(target)
    is_ascii = "".join(envelope).isascii()
    # Lines of 7 bits: every server takes them. A name that is not ASCII stands before the @ as it is, or nowhere.
    message = EmailMessage((SMTP if is_ascii else SMTPUTF8).clone(cte_type="7bit"))
    message["From"] = _address(envelope[0], one_line(sender.name))
    message["To"] = _address(envelope[1])
    message["Subject"] = one_line(words.subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{_fingerprint(deliveries)}@{envelope[0].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text)
    if words.html is not None:
        message.add_alternative(words.html, subtype="html")
    return Mail(message, *envelope)


def _fingerprint(deliveries: Sequence[Delivery]) -> str:
    """The same for the same deliveries, whenever they are sent: a mail that comes twice is known for one.

    With the instants of their making, so that two databases that count from 1 do not say the same.
    """
    said = " ".join(sorted(f"{each.id}:{each.created_at.timestamp():.6f}" for each in deliveries))
    return f"salable.{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _in_ascii(address: str) -> str:
    if not is_email(address):
        raise BadAddress("This is no mail address.")
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadAddress("The domain of this mail address cannot be written in ASCII.") from None


def _address(email: str, name: str = "") -> Address:
    local, _, domain = email.rpartition("@")
    return Address(name, local, domain)
