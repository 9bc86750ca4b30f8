"""Filling in what keys that look alike have in common, where a row came without it.

So are all rows when the column is new, and those that an older version writes beside this one. Until then they are in use
like any other; only LOOKS_LIKE and 'there is ...' pass them over.
"""

from functools import partial
from time import monotonic

from models.batches import BATCH, pause_after
from models.database import Client, reader, transaction
from models.sql import fetch
from rules.key import folded

FOLDED = (("product", "sku"), ("source", "code"), ("stock", "code"), ("sales_channel", "code"))
"""The tables with the column `folded`, and their keys."""

_ANY_EMPTY = "SELECT 1 AS found FROM {table} WHERE folded IS NULL LIMIT 1"
_EMPTY = """
SELECT {key} AS key FROM {table} WHERE folded IS NULL AND {key} > $1 ORDER BY {key} LIMIT {batch} FOR NO KEY UPDATE
"""
_FILL = "UPDATE {table} SET folded = r.folded FROM rows($1, key text, folded text) WHERE {table}.{key} = r.key"


async def fill_folded() -> int:
    """Fill in all that is empty, one short transaction a batch, and return how many rows that were. Safe to repeat."""
    filled = 0
    for table, key in FOLDED:
        if not await fetch(reader(), _ANY_EMPTY.format(table=table)):
            continue
        last = ""
        while True:
            began = monotonic()
            keys = await transaction(partial(_fill, table=table, key=key, last=last))
            filled += len(keys)
            if len(keys) < BATCH:
                break
            last = keys[-1]
            await pause_after(began)
    return filled


async def _fill(client: Client, *, table: str, key: str, last: str) -> list[str]:
    rows = await fetch(client, _EMPTY.format(table=table, key=key, batch=BATCH), last)
    keys = [str(row["key"]) for row in rows]
    if keys:
        records = [{"key": each, "folded": folded(each)} for each in keys]
        await fetch(client, _FILL.format(table=table, key=key), records)
    return keys
