"""A shop with an accepted order, and what writes that touch its cover warn of."""

from typing import Any

from rules.scope import GLOBAL
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.orders import line, place
from tests.worlds import rule, stock_up


async def open_shop(api: Api) -> Api:
    """10 TENT and 5 LAMP lie at a, and backorders are on; order 1 wants 8 TENT."""
    await stock_up({"TENT": {"a": 10}, "LAMP": {"a": 5}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    assert (await place(api, "1", [line("TENT", 8)]))["userErrors"] == []
    return api


async def warned(api: Api, call: str, argument: str, type_: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The warnings of a call that goes well."""
    payload = await api.change(call, argument, f"[{type_}!]!", list(rows))
    assert payload["userErrors"] == []
    warnings: list[dict[str, Any]] = payload["warnings"]
    return warnings


async def count(api: Api, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The warnings of setSourceItems; TENT at a where a row says nothing else."""
    named = [{"source": "a", "sku": "TENT", **row} for row in rows]
    return await warned(api, "setSourceItems", "items", "SourceItemInput", *named)


async def sources(api: Api, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The warnings of upsertSources."""
    return await warned(api, "upsertSources", "sources", "SourceInput", *rows)


async def link(api: Api, stock: str, *linked: str) -> list[dict[str, Any]]:
    """The warnings of upsertStocks, which links these sources, and only these, to a stock."""
    links = [{"source": source, "priority": place} for place, source in enumerate(linked)]
    return await warned(api, "upsertStocks", "stocks", "StockInput", {"code": stock, "sources": links})


async def remove(api: Api, *items: tuple[str, str]) -> list[dict[str, Any]]:
    """The warnings of removeSourceItems."""
    rows = [{"source": source, "sku": sku} for source, sku in items]
    return await warned(api, "removeSourceItems", "items", "SourceItemKeyInput", *rows)


def shown(warnings: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Codes and fields."""
    return [(each["code"], ".".join(each["field"])) for each in warnings]


def said(warnings: list[dict[str, Any]]) -> str:
    """What the one warning, of orders that wait, says before the reason."""
    (warning,) = warnings
    assert warning["code"] == "WOULD_HOLD_ORDERS"
    return str(warning["message"]).split(":")[0]
