"""Idempotency: a retry of a call that took effect returns what that call did; a refused call leaves no trace."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from models.batches import BATCH, in_batches
from models.database import Client, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.errors import Refused, refuse_if
from rules.validation import UserError, text_errors

Facts = dict[str, Any]

_CLAIM = """
INSERT INTO call (mutation, key, digest, facts, created_at) VALUES ($1, $2, $3, '', $4)
ON CONFLICT (mutation, key) DO NOTHING RETURNING id
"""
_FOUND = "SELECT digest, facts FROM call WHERE mutation = $1 AND key = $2"
_REMEMBER = "UPDATE call SET facts = $3 WHERE mutation = $1 AND key = $2"

_FORGET = f"""
DELETE FROM call WHERE id IN (
    SELECT id FROM call WHERE mutation = 'receiveStock' AND created_at < $1 ORDER BY created_at LIMIT {BATCH:d}
) RETURNING id
"""


async def once(
    mutation: str, key: str, given: Mapping[str, Any], body: Callable[[Client], Awaitable[Facts]], path: tuple[str, ...]
) -> Facts:
    """Run the body in one transaction and remember its facts under the key, or return those of the call that did.

    given is the input as values: quantities in whole ten-thousandths, so that 5 and 5.0000 are one input. Another input
    under a key that is taken is IDEMPOTENCY_KEY_REUSED. Of two at once, the second waits for the first. What the body
    refuses is rolled back with its key.
    """
    refuse_if(list(text_errors(key, path)))
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()  # in ASCII, whatever was sent

    async def run(client: Client) -> Facts:
        now = to_microseconds(datetime.now(UTC))
        if not await fetch(client, _CLAIM, mutation, key, digest, now):
            found = (await fetch(client, _FOUND, mutation, key))[0]
            if found["digest"] != digest:
                message = "This key has been used for a call with other input; a retry sends the same input."
                raise Refused([UserError("IDEMPOTENCY_KEY_REUSED", message, path)])
            facts: Facts = orjson.loads(found["facts"])
            return facts
        facts = await body(client)
        await fetch(client, _REMEMBER, mutation, key, orjson.dumps(facts).decode())
        return facts

    return await transaction(run)


async def forget_receipts(older_than: datetime) -> int:
    """Forget the keys of receipts that are older than an instant, and return how many; those of orders are kept.

    In short batches, each a transaction of its own.
    """

    async def forget(client: Client) -> int:
        return len(await fetch(client, _FORGET, to_microseconds(older_than)))

    return await in_batches(forget)
