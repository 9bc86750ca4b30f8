"""The programs that are told by HTTP: the list, the upsert, the removal.

A secret leaves here twice: to the admin who has it made, once, and to what signs with it (webhook_calls.py).
"""

import base64
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from models.clock import database_now
from models.database import Client, reader, transaction
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.errors import refuse_if
from resolvers.keys import ENDPOINT, Keys, keys_of, look_alikes
from resolvers.outbox import Event
from resolvers.pages import Page, page, page_request
from resolvers.upserts import row_errors, take_turns
from rules.key import no_such
from rules.validation import UserError, code_errors
from rules.web_address import url_errors

MOST_ENDPOINTS = 100
BOTH_SECRETS_SIGN = timedelta(hours=24)
"""How long after a rotation what is sent is signed with the secret before it too."""
SECRET_BYTES = 32

_SHOWN = "code, url, events, is_enabled, failures, disabled_reason, created_at"
_PAGE = f"SELECT {_SHOWN} FROM webhook_endpoint WHERE code > $1 ORDER BY code"
_COUNT = "SELECT COUNT(*) AS n FROM webhook_endpoint"
_COLUMNS = "url, secret, previous_secret, previous_until, events, is_enabled, failures, disabled_reason"
_LOCK = f"SELECT code, created_at, {_COLUMNS} FROM webhook_endpoint ORDER BY code FOR NO KEY UPDATE"
_ROWS = (
    "rows($1, code text, created_at bigint, url text, secret text, previous_secret text, previous_until bigint,"
    " events text, is_enabled boolean, failures integer, disabled_reason text)"
)
_WRITE = f"""
INSERT INTO webhook_endpoint (code, created_at, {_COLUMNS})
SELECT r.code, r.created_at, {", ".join(f"r.{name}" for name in _COLUMNS.split(", "))}
FROM {_ROWS}
WHERE TRUE ON CONFLICT (code) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", "))}
"""
_PENDING = """
SELECT id FROM delivery WHERE channel = 'WEBHOOK' AND target = ANY($1) AND state = 'PENDING' AND attempts >= {attempts:d}
ORDER BY id FOR NO KEY UPDATE
"""
# What was tried waits for its next attempt; what is behind it follows by itself, however much that is.
_GO_ON = f"UPDATE delivery SET due_at = $2, attempts = 0 WHERE id IN ({_PENDING.format(attempts=1)})"
_FORGET_PENDING = f"DELETE FROM delivery WHERE id IN ({_PENDING.format(attempts=0)})"
_REMOVE = "DELETE FROM webhook_endpoint WHERE code = ANY($1) RETURNING code"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """An endpoint as it is shown: never its secret; without events it wants all."""

    code: str
    url: str
    events: tuple[Event, ...]
    unknown_events: tuple[str, ...]
    is_enabled: bool
    failures: int
    disabled_reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """What to write of one endpoint; None leaves it as it is."""

    code: str
    url: str | None = None
    events: Sequence[Event] | None = None
    is_enabled: bool | None = None
    is_rotated: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """The endpoints as they are now, and the secrets that were made, by code."""

    endpoints: Sequence[WebhookEndpoint]
    secrets: dict[str, str]


async def endpoint_page(first: int | None, after: str | None) -> Page[WebhookEndpoint]:
    """One page of the endpoints, by code."""
    request = page_request(first, after, (str,))
    behind = request.after[0] if request.after else ""
    rows = await fetch(reader(), f"{_PAGE} LIMIT {request.first + 1:d}", behind)

    async def count() -> int:
        return int((await fetch(reader(), _COUNT))[0]["n"])

    return page([_endpoint(row) for row in rows], request, lambda endpoint: (endpoint.code,), count)


async def upsert_endpoints(rows: Sequence[EndpointRow], actor: str, *, may_be_private: bool) -> Written:
    """Write these endpoints, all or none; Refused for unlawful rows.

    A new one, and one that is rotated, gets a secret. One that is enabled again, or gets another URL, starts anew: its
    failures are forgotten, and what waited for it is due at once.
    """
    keys = await keys_of(ENDPOINT, [row.code for row in rows])
    rows = [replace(row, code=keys.of(row.code)) for row in rows]
    refuse_if(list(_errors(rows, keys, may_be_private=may_be_private)))

    async def write(client: Client) -> Written:
        await take_turns(client)
        known = {row["code"]: row for row in await fetch(client, _LOCK)}
        refuse_if(list(_conflicts(rows, known)))
        now = await database_now(client)
        records = [_record(row, known.get(row.code), actor, now) for row in rows]
        await fetch(client, _WRITE, records)
        anew = [each["code"] for each in records if _starts_anew(each, known.get(each["code"]))]
        if anew:
            await fetch(client, _GO_ON, anew, to_microseconds(now))
        made = {each["code"]: each["secret"] for each in records}
        fresh = {code: secret for code, secret in made.items() if secret != known.get(code, {}).get("secret")}
        return Written([_endpoint(each) for each in records], fresh)

    return await transaction(write) if rows else Written([], {})


async def remove_endpoints(codes: Sequence[str]) -> int:
    """Remove these endpoints, all or none, with what was on its way to them; Refused for one that there is not."""
    keys = await keys_of(ENDPOINT, codes)
    codes = [keys.of(code) for code in codes]
    errors = list(row_errors("codes", codes))
    for index, code in enumerate(codes):
        errors += code_errors(code, ("codes", str(index)))
    refuse_if(errors)

    async def write(client: Client) -> int:
        await take_turns(client)
        removed = {row["code"] for row in await fetch(client, _REMOVE, list(codes))}
        unknown = {code: ("codes", str(at)) for at, code in enumerate(codes) if code not in removed}
        alike = await look_alikes(client, ENDPOINT, list(unknown))
        refuse_if([unknown_endpoint(code, path, alike.get(code)) for code, path in unknown.items()])
        await fetch(client, _FORGET_PENDING, list(codes))
        return len(removed)

    return await transaction(write) if codes else 0


def unknown_endpoint(code: str, path: tuple[str, ...], alike: str | None = None) -> UserError:
    """UNKNOWN_ENDPOINT."""
    return UserError("UNKNOWN_ENDPOINT", no_such("endpoint", code, alike), path)


def _errors(rows: Sequence[EndpointRow], keys: Keys, *, may_be_private: bool) -> Iterator[UserError]:
    yield from row_errors("endpoints", [row.code for row in rows])
    for index, row in enumerate(rows):
        path = ("endpoints", str(index))
        yield from keys.errors(row.code, (*path, "code"))
        if row.url is not None:
            yield from url_errors(row.url, (*path, "url"), may_be_private=may_be_private)


def _conflicts(rows: Sequence[EndpointRow], known: dict[str, dict[str, Any]]) -> Iterator[UserError]:
    if len({*known, *(row.code for row in rows)}) > MOST_ENDPOINTS:
        yield UserError("TOO_MANY", f"There are at most {MOST_ENDPOINTS} endpoints.", ("endpoints",))
        return
    for index, row in enumerate(rows):
        if row.code not in known and row.url is None:
            yield UserError("INVALID_URL", "A new endpoint needs a URL.", ("endpoints", str(index), "url"))


def _record(row: EndpointRow, stands: dict[str, Any] | None, actor: str, now: datetime) -> dict[str, Any]:
    """The whole row to store, from what is given and what stands."""
    record: dict[str, Any] = {
        "code": row.code,
        "url": "",
        "secret": "",
        "previous_secret": "",
        "previous_until": 0,
        "events": "[]",
        "is_enabled": True,
        "failures": 0,
        "disabled_reason": "",
        "created_at": to_microseconds(now),
    }
    record |= {name: value for name, value in (stands or {}).items() if name in record}
    record["is_enabled"] = bool(record["is_enabled"])
    if row.url is not None and row.url != record["url"]:
        record |= {"url": row.url, "failures": 0}
    if row.events is not None:
        # What only a newer version tells is not seen by who writes this list: it stays in it, unless everything is wanted.
        unseen = [each for each in orjson.loads(record["events"]) if each not in set(Event)] if row.events else []
        record["events"] = orjson.dumps([*dict.fromkeys(row.events), *unseen]).decode()
    if row.is_enabled is not None and row.is_enabled is not record["is_enabled"]:
        reason = "" if row.is_enabled else f"Disabled by {actor}."
        record |= {"is_enabled": row.is_enabled, "disabled_reason": reason, "failures": 0}
    if stands is None or row.is_rotated:
        until = to_microseconds(now + BOTH_SECRETS_SIGN) if stands else 0
        record |= {"previous_secret": record["secret"], "previous_until": until, "secret": _new_secret()}
    return record


def _starts_anew(record: dict[str, Any], stood: dict[str, Any] | None) -> bool:
    changed = stood is not None and (not stood["is_enabled"] or stood["url"] != record["url"])
    return changed and bool(record["is_enabled"])


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _endpoint(row: dict[str, Any]) -> WebhookEndpoint:
    wanted, known = orjson.loads(row["events"]), set(Event)
    return WebhookEndpoint(
        row["code"],
        row["url"],
        tuple(Event(each) for each in wanted if each in known),
        tuple(each for each in wanted if each not in known),
        bool(row["is_enabled"]),
        row["failures"],
        row["disabled_reason"],
        from_microseconds(row["created_at"]),
    )
