"""One mail as it is sent: headers that no text can break out of, text, and HTML where there is some.

Headers are written here and not by `email.message`: that reads what it is given, and takes an encoded word in it for what
the word says, a line break too in the Pythons before 3.11.10. Here a text is text: what looks like an encoded word is
encoded itself, and readers show it as it was written.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from resolvers.notifications.deliveries import Delivery
from rules.validation import is_email
from server.mail.check import Meant, problem_in
from server.mail.smtp_address import Mailbox, in_ascii
from server.mail.templates import Rendered, one_line

LONGEST_PLAIN = 60
"""Characters of a text that stands in a header as it is; lines of 78 are what every reader shows."""
_BODY = SMTP.clone(cte_type="7bit")


class Unsendable(Exception):  # noqa: N818  # what it is
    """What no mail can be made of; the message says why, without the address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The bytes of a mail as they are sent, and its envelope, in which the domains of the addresses are in ASCII."""

    content: bytes
    sender: str
    recipient: str

    @property
    def is_ascii(self) -> bool:
        """Whether every server takes it; else only one that knows SMTPUTF8."""
        return f"{self.sender}{self.recipient}".isascii()


def mail_of(sender: Mailbox, target: str, words: Rendered, deliveries: Sequence[Delivery]) -> Mail:
    """The mail of these words to this address; Unsendable where there can be none."""
    if not is_email(target):
        raise Unsendable("This is no mail address.")
    try:
        from_, to = in_ascii(sender.email), in_ascii(target)
    except ValueError:
        raise Unsendable("The domain of this mail address cannot be written in ASCII.") from None
    name, subject = one_line(sender.name), one_line(words.subject)
    head = {
        "From": f"{_phrase('From', name)} <{from_}>" if name else from_,
        "To": to,
        "Subject": _text("Subject", subject),
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": f"<{_fingerprint(deliveries)}@{from_.rpartition('@')[2]}>",
        "Auto-Submitted": "auto-generated",
    }
    content = "".join(f"{field}: {value}\r\n" for field, value in head.items()).encode() + _body(words)
    if problem := problem_in(content, Meant(tuple(head), to, from_, name, subject)):
        raise Unsendable(f"The mail is not sent: {problem}.")
    return Mail(content, from_, to)


def _body(words: Rendered) -> bytes:
    """What follows the headers that are written here: those of the parts hold nothing that comes from outside.

    In lines of 7 bits: every server takes them.
    """
    message = EmailMessage(_BODY)
    message.set_content(words.text)
    if words.html is not None:
        message.add_alternative(words.html, subtype="html")
    return message.as_bytes()


def _fingerprint(deliveries: Sequence[Delivery]) -> str:
    """The same for the same deliveries, whenever they are sent: a mail that comes twice is known for one.

    With the instants of their making, so that two databases that count from 1 do not say the same.
    """
    said = " ".join(sorted(f"{each.id}:{each.created_at.timestamp():.6f}" for each in deliveries))
    return f"salable.{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _text(field: str, value: str) -> str:
    """A text as it stands in a header: plain where it is short, in ASCII and looks like nothing else; else encoded."""
    is_plain = value.isascii() and "=?" not in value and len(value) <= LONGEST_PLAIN
    return value if is_plain else Header(value, "utf-8", header_name=field).encode(linesep="\r\n")


def _phrase(field: str, name: str) -> str:
    """A name before an address: in quotes where it is plain, since commas and brackets mean something there."""
    written = _text(field, name)
    if written != name or all(letter.isalnum() or letter == " " for letter in name):
        return written
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
