"""The worlds of tests/cases/msi-cases.json, written through our own resolvers, in our own words.

Magento's stock 1 is our default stock, stock 10 is "stock-10"; min_qty is the Out-of-Stock Threshold; a row of
notify_stock_qty is a rule of a product at a source; backorders 0, 1, 2 are our three modes. A key that is given is a rule,
a key that is not given is none. The file's readme says what its fields mean.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.database import Client, transaction
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import ChannelRow, LinkRow, StockRow, upsert_sales_channels, upsert_stocks
from resolvers.orders.reservations import ReservationRow, append_reservations
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import RulesOutcome, set_scope_rules
from rules.change import RulesChange
from rules.scope import ScopeType
from rules.setting import BackorderMode, SettingKey, SettingValue

FILE = Path(__file__).parents[1] / "cases" / "msi-cases.json"

SETTINGS = {
    "manage_stock": SettingKey.MANAGE_STOCK,
    "backorders": SettingKey.BACKORDERS,
    "min_qty": SettingKey.OUT_OF_STOCK_THRESHOLD,
    "notify_stock_qty": SettingKey.NOTIFY_FOR_QUANTITY_BELOW,
    "stock_threshold_qty": SettingKey.ONLY_X_LEFT_THRESHOLD,
    "min_sale_qty": SettingKey.MIN_SALE_QTY,
    "max_sale_qty": SettingKey.MAX_SALE_QTY,
    "enable_qty_increments": SettingKey.ENABLE_QTY_INCREMENTS,
    "qty_increments": SettingKey.QTY_INCREMENTS,
    "is_qty_decimal": SettingKey.QTY_USES_DECIMALS,
}
MODES = tuple(BackorderMode)
DEFAULT_STOCK = 1

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its world (no rows at all where it carries its own input), what is asked, and what is expected.

    Cases of one world_key share their world and only read it; one that brings its own input has a key of its own. reasons
    are the messages of all errors of a requested quantity, None where the case does not tell them.
    """

    id: str
    world_key: str
    world: Mapping[str, Sequence[Row]]
    global_config: Row
    product_config: Mapping[str, Row]
    reservations: Sequence[Row]
    source_items: Sequence[Row]
    ask: Row
    expected: Any
    reasons: Sequence[str] | None

    @property
    def kind(self) -> str:
        """What is asked, in one word."""
        return str(self.ask["kind"])

    def rows(self, table: str) -> Sequence[Row]:
        """The rows of one table of the fixture."""
        return self.world.get(table, ())

    def channel(self, stock: int) -> str:
        """The sales channel that sells from a stock: the fixture's own, or one that the world adds."""
        given = [channel["code"] for channel in self.rows("sales_channels") if channel["stock"] == stock]
        return given[0] if given else f"channel-{stock}"


def load_cases() -> list[Case]:
    """All cases of the file, in its order; quantities are exact."""
    data = json.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)
    return [_case(case, data["fixtures"].get(case["fixture"], {})) for case in data["cases"]]


def stock_code(stock: int) -> str:
    """The code of a stock that the file calls by number."""
    return "default" if stock == DEFAULT_STOCK else f"stock-{stock}"


def stock_number(code: str) -> int:
    """The number by which the file calls a stock."""
    return DEFAULT_STOCK if code == "default" else int(code.removeprefix("stock-"))


async def build(case: Case) -> None:
    """Write the world of a case into the open database."""
    await upsert_sources([SourceRow(row["code"], enabled=row["enabled"]) for row in case.rows("sources")])
    await upsert_products([ProductRow(row["sku"]) for row in case.rows("products")])
    await upsert_stocks([_stock(case, row) for row in case.rows("stocks")])
    await upsert_sales_channels(
        [ChannelRow(case.channel(row["id"]), stock=stock_code(row["id"])) for row in case.rows("stocks")]
    )
    await set_source_items(
        [
            SourceItemRow(row["source"], row["sku"], Decimal(row["quantity"]), row["status"] == "in_stock")
            for row in case.source_items
        ]
    )
    if changes := list(_rules(case)):
        await set_rules(changes)
    await _reserve(case)


async def set_rules(changes: Sequence[RulesChange]) -> RulesOutcome:
    """Set these rules as one change set."""
    return await set_scope_rules(RulesRequest(changes, actor="tests"))


def settings_of(config: Row) -> dict[SettingKey, SettingValue]:
    """The settings that a configuration gives a value."""
    return {SETTINGS[key]: _value(SETTINGS[key], value) for key, value in config.items()}


def _value(key: SettingKey, value: Any) -> SettingValue:
    if key is SettingKey.BACKORDERS:
        return MODES[int(value)]
    return value if isinstance(value, bool) else Decimal(value)


def _case(case: Row, fixture: Mapping[str, Sequence[Row]]) -> Case:
    errors, messages = case.get("expected_errors"), case.get("expected_messages")
    items, notify = _source_items(case, fixture), _notify(case["ask"], fixture)
    own = [case[key] for key in ("fixture", "global_config", "product_config", "reservations")]
    return Case(
        id=case["id"],
        world_key=json.dumps([*own, items, notify], default=str) if fixture else case["id"],
        world={**fixture, "notify": notify},
        global_config=case["global_config"],
        product_config=case["product_config"],
        reservations=case["reservations"],
        source_items=items,
        ask=case["ask"],
        expected=case["expected"],
        reasons=messages if errors is None else [error["message"] for error in errors],
    )


def _source_items(case: Row, fixture: Mapping[str, Sequence[Row]]) -> list[Row]:
    override = case.get("source_items_override", ())
    replaced = {(item["source"], item["sku"]) for item in override}
    kept = () if case.get("source_items_replace") else fixture.get("source_items", ())
    return [*(item for item in kept if (item["source"], item["sku"]) not in replaced), *override]


def _notify(ask: Row, fixture: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The notify rows of the fixture, and in the place of one of them that of a question which sets it."""
    rows = fixture.get("notify", ())
    if ask["kind"] != "low_stock_feed_count":
        return list(rows)
    return [*(row for row in rows if (row["source"], row["sku"]) != (ask["source"], ask["sku"])), ask]


def _stock(case: Case, row: Row) -> StockRow:
    links = [LinkRow(link["source"], link["priority"]) for link in case.rows("links") if link["stock"] == row["id"]]
    return StockRow(stock_code(row["id"]), row["name"], links)


def _rules(case: Case) -> Iterable[RulesChange]:
    if case.global_config:
        yield RulesChange(ScopeType.GLOBAL, settings=settings_of(case.global_config))
    for row in case.rows("products"):
        if config := {**row["config"], **case.product_config.get(row["sku"], {})}:
            yield RulesChange(ScopeType.PRODUCT, sku=row["sku"], settings=settings_of(config))
    for row in case.rows("notify"):
        if row["notify_stock_qty"] is not None:
            settings = settings_of({"notify_stock_qty": row["notify_stock_qty"]})
            yield RulesChange(ScopeType.PRODUCT_SOURCE, row["source"], row["sku"], settings)


async def _reserve(case: Case) -> None:
    now = datetime.now(UTC)
    rows = [
        ReservationRow(row["sku"], stock_code(row["stock"]), Decimal(row["quantity"]), f"order-{number}", "placed", now)
        for number, row in enumerate(case.reservations)
    ]

    async def append(client: Client) -> None:
        await append_reservations(client, rows)

    await transaction(append)
