"""Tokens: made once, shown once, stored as digests."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.rows import fetch_as
from models.sql import fetch
from resolvers.errors import Refused, refuse_if
from resolvers.keys import TOKEN, keys_of, stored_key
from resolvers.newer import is_of
from rules.key import quoted
from rules.validation import UserError

FIRST = "admin"
"""The name of the token that the settings give."""

_BY_DIGEST = "SELECT name, role FROM token WHERE digest = $1 AND revoked_at IS NULL"
_BY_DIGESTS = "SELECT digest, name, role FROM token WHERE digest = ANY($1) AND revoked_at IS NULL"
_ALL = "SELECT name, role, created_at, revoked_at FROM token ORDER BY name"
_INSERT = """
INSERT INTO token (name, role, digest, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING RETURNING name
"""
_REVOKE = "UPDATE token SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL RETURNING name"


class TokenRole(StrEnum):
    """What the holder of a token may do."""

    ADMIN = "ADMIN"
    ORDERS = "ORDERS"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a token is; a role that only a newer version knows is None: it allows nothing here that a shopper may not."""

    name: str
    role: TokenRole | None


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token, as it is listed: never its secret. The role is as it is stored."""

    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None


async def holder_of(secret: str) -> Holder | None:
    """Whose this token is, if it is valid; one statement."""
    rows = await fetch(reader(), _BY_DIGEST, digest_of(secret))
    return Holder(rows[0]["name"], _role(rows[0]["role"])) if rows else None


async def holders_by_digest(digests: Collection[str]) -> dict[str, Holder]:
    """Whose the valid ones of these tokens are; one statement."""
    rows = await fetch(reader(), _BY_DIGESTS, sorted(digests))
    return {row["digest"]: Holder(row["name"], _role(row["role"])) for row in rows}


async def create_token(name: str, role: TokenRole) -> str:
    """Make a token and return its secret, which cannot be shown again; Refused for a name that is or was in use."""
    keys = await keys_of(TOKEN, [name])
    name = keys.of(name)
    errors = list(keys.errors(name, ("name",)))
    if name == FIRST:
        errors.append(
            UserError("DUPLICATE_ROW", f"{FIRST} is the name of the token that the settings give.", ("name",))
        )
    refuse_if(errors)
    secret = f"salable_{secrets.token_urlsafe(32)}"

    async def write(client: Client) -> None:
        row = (name, role.value, digest_of(secret), to_microseconds(datetime.now(UTC)))
        if not await fetch(client, _INSERT, *row):
            message = f"There is, or was, a token of the name {quoted(name)}; the history names it, so choose another."
            raise Refused([UserError("DUPLICATE_ROW", message, ("name",))])

    await transaction(write)
    return secret


async def tokens() -> list[TokenEntry]:
    """All tokens, revoked ones too, by name."""
    return await fetch_as(reader(), TokenEntry, _ALL)


async def revoke_token(name: str) -> bool:
    """Make a token invalid from now on; False where no valid token has the name."""

    name = await stored_key(TOKEN, name)

    async def write(client: Client) -> bool:
        return bool(await fetch(client, _REVOKE, name, to_microseconds(datetime.now(UTC))))

    return await transaction(write)


def _role(text: str) -> TokenRole | None:
    return TokenRole(text) if is_of(TokenRole, text, "role") else None


def digest_of(secret: str) -> str:
    """What is stored of a token."""
    # The secret has 256 random bits: a plain digest cannot be guessed backwards.
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
