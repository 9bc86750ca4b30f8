"""Where mails are handed over: SALABLE_SMTP_URL, read once, and never shown."""

from dataclasses import dataclass, field
from email.utils import getaddresses
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from rules.validation import is_email, is_text

PORTS = {"smtp": 587, "smtps": 465}
_FORMS = "smtp://user:password@host:587?tls=starttls (or tls=none), or smtps://user:password@host:465"


class Security(StrEnum):
    """How the connection is kept private."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """A mail server, and who logs in to it (None: nobody does)."""

    host: str
    port: int
    security: Security
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Who writes: a mail address, with a name or ''."""

    name: str
    email: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.email.rpartition("@")[2]


def parse_smtp_url(url: str) -> SmtpAddress:
    """Read the address of a mail server; ValueError, with what would be right, for anything else."""
    parts, port = _split(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = options.pop("tls", "starttls")
    host = parts.hostname
    if parts.scheme not in PORTS or not host or parts.path.strip("/") or parts.fragment or options:
        raise ValueError(f"a mail server is {_FORMS}")
    if parts.scheme == "smtps" and "tls=" in parts.query:
        raise ValueError("smtps:// is TLS from the start: leave tls= out")
    if tls not in ("starttls", "none"):
        raise ValueError("tls= is starttls or none")
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    if (user is None) != (password is None):
        raise ValueError("a mail server is logged in to with user and password, or with neither")
    if not all(is_text(part) for part in (host, user or "", password or "")):
        raise ValueError("host, user and password have no control characters")
    security = Security.TLS if parts.scheme == "smtps" else Security(tls)
    default = 25 if security is Security.NONE else PORTS[parts.scheme]
    return SmtpAddress(host, port or default, security, user, password)


def parse_mailbox(text: str) -> Mailbox:
    """Read `name@domain` or `Name <name@domain>`; ValueError for anything else."""
    found = getaddresses([text])
    name, email = found[0] if len(found) == 1 else ("", "")
    # The parser mends what it can (it takes spaces out, say): a sender is what was written, or none.
    if not is_email(email) or email not in text or not is_text(text):
        raise ValueError("a sender is name@domain or Name <name@domain>")
    in_ascii(email)
    return Mailbox(name, email)


def in_ascii(email: str) -> str:
    """A mail address with its domain as the mail servers write it; ValueError where it cannot be written so."""
    name, _, domain = email.rpartition("@")
    try:
        written = f"{name}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        written = ""
    if not is_email(written):  # letters may have become others, which mean something
        raise ValueError("the domain of a sender can be written in ASCII")
    return written


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:  # its message would show a part of the address, perhaps of the password
        raise ValueError(
            f"a mail server is {_FORMS}; special characters are written with %, such as %2F for /"
        ) from None
    return parts, port
