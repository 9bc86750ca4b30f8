"""Where the database is: the URL of the settings, read."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from models.timeouts import Timeouts

CONNECTIONS = 16
"""To PostgreSQL, of one process: six of them fit its default of 100."""
FEWEST_CONNECTIONS = 6


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where the database is: a file of SQLite, or what connects to PostgreSQL."""

    file: Path | None
    credentials: dict[str, Any]
    schema: str = "public"
    """Where the tables of PostgreSQL are."""
    is_pooled: bool = False
    """Whether a pooler stands before PostgreSQL that gives each transaction another session."""
    direct: dict[str, Any] | None = None
    """What connects past the pooler, for what needs a session of its own."""
    connections: int = CONNECTIONS
    """How many connections to PostgreSQL a process has at most."""
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.file is not None

    @property
    def has_sessions(self) -> bool:
        """Whether a session of PostgreSQL can be had that lasts: to listen, and for locks."""
        return not self.is_pooled or self.direct is not None

    def past_the_pooler(self) -> "DatabaseAddress":
        """Where sessions last; ValueError where only a pooler is known."""
        if not self.is_pooled:
            return self
        if self.direct is None:
            raise ValueError("this needs a connection past the pooler: set SALABLE_DATABASE_DIRECT_URL")
        return replace(self, credentials=self.direct, is_pooled=False, direct=None)

    def of_a_command(self) -> "DatabaseAddress":
        """The same, with timeouts for what somebody waits for."""
        return replace(self, timeouts=Timeouts.of_a_command())


def parse_address(url: str) -> DatabaseAddress:
    """Read a database URL; ValueError, with what would be right, for anything else.

    sqlite:///relative.db, sqlite:////absolute.db, postgresql://user:password@host:port/db, the latter also over a Unix
    socket with ?host=/directory, and with ?sslmode= and ?schema= (public, where it is left out).
    """
    parts, port = _split(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path[1:])
        if parts.netloc or not path or parts.query:
            raise ValueError("a SQLite address is sqlite:///relative.db or sqlite:////absolute.db")
        return DatabaseAddress(Path(path), {})
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("a database address begins with sqlite:/// or postgresql://")
    database = unquote(parts.path[1:])
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = options.pop("host", parts.hostname)
    sslmode = options.pop("sslmode", None)
    schema = options.pop("schema", "public")
    if not database or not host or not schema or options:
        raise ValueError("a PostgreSQL address is postgresql://user:password@host:port/db, or ...@/db?host=/directory")
    return DatabaseAddress(
        None,
        {
            "host": host,
            "port": port or 5432,
            "user": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "database": database,
            **({"ssl": sslmode} if sslmode else {}),
        },
        schema=schema,
    )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its message would show a part of the address, perhaps of the password
        raise ValueError("special characters in a password are written with %, such as %2F for /") from None
    return parts, port
