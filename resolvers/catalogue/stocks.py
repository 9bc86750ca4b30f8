"""Stocks with their sources and sales channels, as one graph of values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from models.database import Client, reader, snapshot
from models.sql import fetch
from resolvers.goods import Source
from resolvers.pages import Page, page, page_request

_LINKS = """
SELECT l.stock_id, l.priority, s.code, s.name, s.enabled FROM stock_source l JOIN source s ON s.code = l.source_id
WHERE l.stock_id = ANY($1) ORDER BY l.stock_id, l.priority, s.code
"""


@dataclass(frozen=True, slots=True)
class StockSource:
    """A source in a stock; lower priorities are drawn on first."""

    source: Source
    priority: int


@dataclass(slots=True)
class Stock:
    """A pool of sources, and the sales channels that sell from it."""

    code: str
    name: str
    sources: list[StockSource] = field(default_factory=list)
    sales_channels: list["SalesChannel"] = field(default_factory=list)


@dataclass(slots=True)
class SalesChannel:
    """Sells from exactly one stock."""

    code: str
    name: str
    stock: Stock


async def stocks_by_code(client: Client, codes: Iterable[str]) -> dict[str, Stock]:
    """The stocks of these codes, whole, in three statements."""
    asked = sorted(set(codes))
    if not asked:
        return {}
    rows = await fetch(client, "SELECT code, name FROM stock WHERE code = ANY($1)", asked)
    stocks = {row["code"]: Stock(row["code"], row["name"]) for row in rows}
    for row in await fetch(client, _LINKS, asked):
        source = Source(row["code"], row["name"], bool(row["enabled"]))
        stocks[row["stock_id"]].sources.append(StockSource(source, row["priority"]))
    channels = await fetch(
        client, "SELECT code, name, stock_id FROM sales_channel WHERE stock_id = ANY($1) ORDER BY code", asked
    )
    for row in channels:
        stock = stocks[row["stock_id"]]
        stock.sales_channels.append(SalesChannel(row["code"], row["name"], stock))
    return stocks


async def channels_by_code(client: Client, codes: Iterable[str]) -> dict[str, SalesChannel]:
    """The sales channels of these codes with their stocks, in four statements."""
    asked = sorted(set(codes))
    rows = await fetch(client, "SELECT stock_id FROM sales_channel WHERE code = ANY($1)", asked) if asked else []
    stocks = await stocks_by_code(client, {row["stock_id"] for row in rows})
    return {channel.code: channel for stock in stocks.values() for channel in stock.sales_channels}


async def stock_page(first: int | None, after: str | None) -> Page[Stock]:
    """One page of the stocks, by code."""
    request = page_request(first, after, (str,))

    async def read(client: Client) -> list[Stock]:
        codes = await _codes(client, "stock", request.after[0] if request.after else "", request.first + 1)
        stocks = await stocks_by_code(client, codes)
        return [stocks[code] for code in codes]

    return page(await snapshot(read), request, lambda stock: (stock.code,), lambda: _count("stock"))


async def channel_page(first: int | None, after: str | None) -> Page[SalesChannel]:
    """One page of the sales channels, by code."""
    request = page_request(first, after, (str,))

    async def read(client: Client) -> list[SalesChannel]:
        codes = await _codes(client, "sales_channel", request.after[0] if request.after else "", request.first + 1)
        channels = await channels_by_code(client, codes)
        return [channels[code] for code in codes]

    return page(await snapshot(read), request, lambda channel: (channel.code,), lambda: _count("sales_channel"))


async def _codes(client: Client, table: str, behind: Any, limit: int) -> list[str]:
    rows = await fetch(client, f"SELECT code FROM {table} WHERE code > $1 ORDER BY code LIMIT {limit:d}", behind)
    return [row["code"] for row in rows]


async def _count(table: str) -> int:
    return int((await fetch(reader(), f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"])
