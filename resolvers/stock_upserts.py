"""Writing stocks and sales channels."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.database import Client, transaction
from models.sql import fetch
from resolvers.errors import refuse_if
from resolvers.stocks import SalesChannel, Stock, channels_by_code, stocks_by_code
from resolvers.told import look_again
from resolvers.upserts import row_errors, unknown_source_errors, unknown_stock_errors
from rules.validation import Advice, UserError, code_errors, text_errors

_STOCK_ROWS = "rows($1, code text, name text)"
_INSERT_STOCKS = f"""
INSERT INTO stock (code, name) SELECT r.code, COALESCE(r.name, r.code) FROM {_STOCK_ROWS}
WHERE TRUE ORDER BY r.code ON CONFLICT (code) DO NOTHING
"""
_LOCK_STOCKS = "SELECT code FROM stock WHERE code = ANY($1) ORDER BY code FOR NO KEY UPDATE"
_UPDATE_STOCKS = f"UPDATE stock SET name = COALESCE(r.name, stock.name) FROM {_STOCK_ROWS} WHERE stock.code = r.code"
_LINKED = "SELECT stock_id AS stock, source_id AS source FROM stock_source WHERE stock_id = ANY($1)"
_UNLINK = "DELETE FROM stock_source WHERE stock_id = ANY($1)"
_LINK = """
INSERT INTO stock_source (stock_id, source_id, priority)
SELECT r.stock, r.source, r.priority FROM rows($1, stock text, source text, priority integer)
"""
_SHARED = """
SELECT source_id, stock_id FROM stock_source WHERE source_id = ANY($1) ORDER BY source_id, stock_id
"""
_CHANNEL_ROWS = "rows($1, code text, name text, stock text)"
_INSERT_CHANNELS = f"""
INSERT INTO sales_channel (code, name, stock_id) SELECT r.code, COALESCE(r.name, r.code), r.stock FROM {_CHANNEL_ROWS}
WHERE r.stock IS NOT NULL ORDER BY r.code ON CONFLICT (code) DO NOTHING
"""
_LOCK_CHANNELS = "SELECT code FROM sales_channel WHERE code = ANY($1) ORDER BY code FOR NO KEY UPDATE"
_UPDATE_CHANNELS = f"""
UPDATE sales_channel SET
    name = COALESCE(r.name, sales_channel.name), stock_id = COALESCE(r.stock, sales_channel.stock_id)
FROM {_CHANNEL_ROWS} WHERE sales_channel.code = r.code
"""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A source to link, with its priority."""

    source: str
    priority: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """What to write of one stock; None leaves it as it is, and links replace those that stand."""

    code: str
    name: str | None = None
    sources: Sequence[LinkRow] | None = None


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What to write of one sales channel; None leaves it as it is."""

    code: str
    name: str | None = None
    stock: str | None = None


async def upsert_stocks(rows: Sequence[StockRow]) -> tuple[list[Stock], list[Advice]]:
    """Write these stocks, all or none, and return them as they are now, in order; Refused for unlawful rows.

    Links count as rows. SHARED_SOURCE is advised for every link that makes a source feed two stocks.
    """
    refuse_if(_stock_errors(rows))
    linked = [row for row in rows if row.sources is not None]
    links = [
        {"stock": row.code, "source": link.source, "priority": link.priority}
        for row in linked
        for link in row.sources or ()
    ]
    records = [{"code": row.code, "name": row.name} for row in rows]
    codes = [row.code for row in rows]

    async def write(client: Client) -> tuple[dict[str, Stock], dict[str, list[str]]]:
        refuse_if(
            await unknown_source_errors(
                client,
                (
                    (link.source, ("stocks", str(index), "sources", str(place), "source"))
                    for index, row in enumerate(rows)
                    for place, link in enumerate(row.sources or ())
                ),
            )
        )
        await fetch(client, _INSERT_STOCKS, records)
        await fetch(client, _LOCK_STOCKS, codes)
        await fetch(client, _UPDATE_STOCKS, records)
        relinked = [row.code for row in linked]
        before = {(row["stock"], row["source"]) for row in await fetch(client, _LINKED, relinked)}
        await fetch(client, _UNLINK, relinked)
        if links:
            await fetch(client, _LINK, links)
        if before != {(link["stock"], link["source"]) for link in links}:
            await look_again(client)  # other goods count there now
        users: dict[str, list[str]] = {}
        for row in await fetch(client, _SHARED, [link["source"] for link in links]):
            users.setdefault(row["source_id"], []).append(row["stock_id"])
        return await stocks_by_code(client, codes), users

    if not rows:
        return [], []
    stocks, users = await transaction(write)
    return [stocks[code] for code in codes], list(_shared_sources(rows, users))


async def upsert_sales_channels(rows: Sequence[ChannelRow]) -> list[SalesChannel]:
    """Write these sales channels, all or none, and return them as they are now, in order; Refused for unlawful rows."""
    refuse_if(_channel_errors(rows))
    records = [{"code": row.code, "name": row.name, "stock": row.stock} for row in rows]
    codes = [row.code for row in rows]

    async def write(client: Client) -> dict[str, SalesChannel]:
        named = [(row.stock, ("sales_channels", str(index), "stock")) for index, row in enumerate(rows) if row.stock]
        refuse_if(await unknown_stock_errors(client, named))
        await fetch(client, _INSERT_CHANNELS, records)
        known = {row["code"] for row in await fetch(client, _LOCK_CHANNELS, codes)}
        refuse_if(
            [
                UserError(
                    "UNKNOWN_STOCK",
                    "A new sales channel needs the stock that it sells from.",
                    ("sales_channels", str(index), "stock"),
                )
                for index, row in enumerate(rows)
                if row.code not in known
            ]
        )
        await fetch(client, _UPDATE_CHANNELS, records)
        return await channels_by_code(client, codes)

    channels = await transaction(write) if rows else {}
    return [channels[code] for code in codes]


def _stock_errors(rows: Sequence[StockRow]) -> list[UserError]:
    size = sum(1 + len(row.sources or ()) for row in rows)
    errors = list(row_errors("stocks", [row.code for row in rows], size))
    for index, row in enumerate(rows):
        path = ("stocks", str(index))
        errors += code_errors(row.code, (*path, "code"))
        errors += text_errors(row.name, (*path, "name"))
        seen: set[str] = set()
        for place, link in enumerate(row.sources or ()):
            here = (*path, "sources", str(place))
            errors += code_errors(link.source, (*here, "source"))
            if link.source in seen:
                errors.append(UserError("DUPLICATE_ROW", "This source stands twice in one stock.", here))
            seen.add(link.source)
    return errors


def _channel_errors(rows: Sequence[ChannelRow]) -> list[UserError]:
    errors = list(row_errors("sales_channels", [row.code for row in rows]))
    for index, row in enumerate(rows):
        path = ("sales_channels", str(index))
        errors += code_errors(row.code, (*path, "code"))
        errors += text_errors(row.name, (*path, "name"))
        if row.stock is not None:
            errors += code_errors(row.stock, (*path, "stock"))
    return errors


def _shared_sources(rows: Sequence[StockRow], users: dict[str, list[str]]) -> list[Advice]:
    return [
        Advice(
            "SHARED_SOURCE",
            f"Source {link.source} feeds the stocks {', '.join(users[link.source])}: its goods are offered in each of"
            " them, and the promise never to sell the last unit twice holds only within one stock.",
            ("stocks", str(index), "sources", str(place), "source"),
        )
        for index, row in enumerate(rows)
        for place, link in enumerate(row.sources or ())
        if len(users[link.source]) > 1
    ]
