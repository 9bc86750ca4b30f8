"""Writing stocks and sales channels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.database import Client, transaction
from models.sql import fetch
from resolvers.catalogue.stocks import SalesChannel, Stock, channels_by_code, stocks_by_code
from resolvers.errors import refuse_if
from resolvers.held_orders import Feeds, feeds_of, held_by_feeds
from resolvers.keys import SALES_CHANNEL, SOURCE, STOCK, Keys, keys_of, look_alike_advice
from resolvers.notifications.told import look_again
from resolvers.upserts import row_errors, unknown_source_errors, unknown_stock_errors
from rules.key import folded, visible
from rules.validation import Advice, UserError, code_errors, text_errors

_STOCK_ROWS = "rows($1, code text, name text, folded text)"
_INSERT_STOCKS = f"""
INSERT INTO stock (code, name, folded) SELECT r.code, COALESCE(r.name, r.code), r.folded FROM {_STOCK_ROWS}
WHERE TRUE ORDER BY r.code ON CONFLICT (code) DO NOTHING RETURNING code
"""
_LOCK_STOCKS = "SELECT code FROM stock WHERE code = ANY($1) ORDER BY code FOR NO KEY UPDATE"
_UPDATE_STOCKS = f"UPDATE stock SET name = COALESCE(r.name, stock.name) FROM {_STOCK_ROWS} WHERE stock.code = r.code"
_LINKED = """
SELECT l.stock_id AS stock, l.source_id AS source, s.enabled FROM stock_source l JOIN source s ON s.code = l.source_id
WHERE l.stock_id = ANY($1)
"""
_UNLINK = "DELETE FROM stock_source WHERE stock_id = ANY($1)"
_LINK = """
INSERT INTO stock_source (stock_id, source_id, priority)
SELECT r.stock, r.source, r.priority FROM rows($1, stock text, source text, priority integer)
"""
_SHARED = """
SELECT source_id, stock_id FROM stock_source WHERE source_id = ANY($1) ORDER BY source_id, stock_id
"""
_CHANNEL_ROWS = "rows($1, code text, name text, stock text, folded text)"
_INSERT_CHANNELS = f"""
INSERT INTO sales_channel (code, name, stock_id, folded)
SELECT r.code, COALESCE(r.name, r.code), r.stock, r.folded FROM {_CHANNEL_ROWS}
WHERE r.stock IS NOT NULL ORDER BY r.code ON CONFLICT (code) DO NOTHING RETURNING code
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

    Links count as rows. SHARED_SOURCE is advised for every link that makes a source feed two stocks, LOOKS_LIKE for each
    new stock whose code differs from another one only by case or spaces, WOULD_HOLD_ORDERS where orders wait because other
    sources feed their stocks.
    """
    keys = await keys_of(STOCK, [row.code for row in rows])
    sources = await keys_of(SOURCE, [link.source for row in rows for link in row.sources or ()])
    rows = [
        replace(
            row,
            code=keys.of(row.code),
            sources=row.sources and [replace(link, source=sources.of(link.source)) for link in row.sources],
        )
        for row in rows
    ]
    refuse_if(_stock_errors(rows, keys))
    linked = [row for row in rows if row.sources is not None]
    links = [
        {"stock": row.code, "source": link.source, "priority": link.priority}
        for row in linked
        for link in row.sources or ()
    ]
    records = [{"code": row.code, "name": row.name, "folded": folded(row.code)} for row in rows]
    codes = [row.code for row in rows]

    async def write(client: Client) -> tuple[dict[str, Stock], list[Advice], Feeds, Feeds]:
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
        made = {row["code"] for row in await fetch(client, _INSERT_STOCKS, records)}
        await fetch(client, _LOCK_STOCKS, codes)
        await fetch(client, _UPDATE_STOCKS, records)
        relinked = [row.code for row in linked]
        before = await fetch(client, _LINKED, relinked)
        await fetch(client, _UNLINK, relinked)
        if links:
            await fetch(client, _LINK, links)
        after = before
        if {(row["stock"], row["source"]) for row in before} != {(link["stock"], link["source"]) for link in links}:
            await look_again(client)  # other goods count there now
            after = await fetch(client, _LINKED, relinked)
        users: dict[str, list[str]] = {}
        for row in await fetch(client, _SHARED, [link["source"] for link in links]):
            users.setdefault(row["source_id"], []).append(row["stock_id"])
        fed = [feeds_of((row["stock"], row["source"]) for row in at if row["enabled"]) for at in (before, after)]
        paths = {code: ("stocks", str(index), "code") for index, code in enumerate(codes) if code in made}
        advice = [*_shared_sources(rows, users), *await look_alike_advice(client, STOCK, paths)]
        return await stocks_by_code(client, codes), advice, fed[0], fed[1]

    if not rows:
        return [], []
    stocks, advice, before, after = await transaction(write)
    first = next((index for index, row in enumerate(rows) if before.get(row.code) != after.get(row.code)), 0)
    held = await held_by_feeds(before, after)
    return [stocks[code] for code in codes], [*advice, *held.advice(("stocks", str(first), "sources"))]


async def upsert_sales_channels(rows: Sequence[ChannelRow]) -> tuple[list[SalesChannel], list[Advice]]:
    """Write these sales channels, all or none, and return them as they are now, in order; Refused for unlawful rows.

    LOOKS_LIKE is advised for each new one whose code differs from another one only by case or spaces.
    """
    keys = await keys_of(SALES_CHANNEL, [row.code for row in rows])
    stocks = await keys_of(STOCK, [row.stock for row in rows if row.stock is not None])
    rows = [
        replace(row, code=keys.of(row.code), stock=None if row.stock is None else stocks.of(row.stock)) for row in rows
    ]
    refuse_if(_channel_errors(rows, keys))
    records = [{"code": row.code, "name": row.name, "stock": row.stock, "folded": folded(row.code)} for row in rows]
    codes = [row.code for row in rows]

    async def write(client: Client) -> tuple[dict[str, SalesChannel], list[Advice]]:
        named = [(row.stock, ("sales_channels", str(index), "stock")) for index, row in enumerate(rows) if row.stock]
        refuse_if(await unknown_stock_errors(client, named))
        made = {row["code"] for row in await fetch(client, _INSERT_CHANNELS, records)}
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
        paths = {code: ("sales_channels", str(index), "code") for index, code in enumerate(codes) if code in made}
        return await channels_by_code(client, codes), await look_alike_advice(client, SALES_CHANNEL, paths)

    channels, advice = await transaction(write) if rows else ({}, [])
    return [channels[code] for code in codes], advice


def _stock_errors(rows: Sequence[StockRow], keys: Keys) -> list[UserError]:
    size = sum(1 + len(row.sources or ()) for row in rows)
    errors = list(row_errors("stocks", [row.code for row in rows], size))
    for index, row in enumerate(rows):
        path = ("stocks", str(index))
        errors += keys.errors(row.code, (*path, "code"))
        errors += text_errors(row.name, (*path, "name"))
        seen: set[str] = set()
        for place, link in enumerate(row.sources or ()):
            here = (*path, "sources", str(place))
            errors += code_errors(link.source, (*here, "source"))
            if link.source in seen:
                errors.append(UserError("DUPLICATE_ROW", "This source stands twice in one stock.", here))
            seen.add(link.source)
    return errors


def _channel_errors(rows: Sequence[ChannelRow], keys: Keys) -> list[UserError]:
    errors = list(row_errors("sales_channels", [row.code for row in rows]))
    for index, row in enumerate(rows):
        path = ("sales_channels", str(index))
        errors += keys.errors(row.code, (*path, "code"))
        errors += text_errors(row.name, (*path, "name"))
        if row.stock is not None:
            errors += code_errors(row.stock, (*path, "stock"))
    return errors


def _shared_sources(rows: Sequence[StockRow], users: dict[str, list[str]]) -> list[Advice]:
    return [
        Advice(
            "SHARED_SOURCE",
            f"Source {visible(link.source)} feeds the stocks {', '.join(map(visible, users[link.source]))}:"
            " its goods are offered in each of them, and the promise never to sell the last unit twice holds only within"
            " one stock.",
            ("stocks", str(index), "sources", str(place), "source"),
        )
        for index, row in enumerate(rows)
        for place, link in enumerate(row.sources or ())
        if len(users[link.source]) > 1
    ]
