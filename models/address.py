"""Where the database is: the URL of the settings, read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where the database is: a file of SQLite, or what connects to PostgreSQL."""

    file: Path | None
    credentials: dict[str, Any]

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.file is not None


def parse_address(url: str) -> DatabaseAddress:
    """Read a database URL; ValueError, with what would be right, for anything else.

    sqlite:///relative.db, sqlite:////absolute.db, postgresql://user:password@host:port/db, the latter also over a Unix
    socket with ?host=/directory, and with ?sslmode=.
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
    if not database or not host or options:
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
    )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its message would show a part of the address, perhaps of the password
        raise ValueError("special characters in a password are written with %, such as %2F for /") from None
    return parts, port
