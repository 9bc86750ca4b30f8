"""Source items: the list, and the writes of quantities and statuses."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from models.database import Client, reader, transaction
from models.deadline import at_length
from models.sql import fetch
from resolvers.balances import Key, lock_balances
from resolvers.covered_lines import CoverChange, freeing
from resolvers.errors import refuse_if
from resolvers.goods import SourceItem, source_item_of
from resolvers.held_orders import held_by_goods
from resolvers.keys import PRODUCT, SOURCE, key_of, keys_of, look_alikes
from resolvers.notifications.stock_events import movement
from resolvers.orders.line_news import news_of_lines
from resolvers.outbox import tell
from resolvers.pages import Page, page, page_request
from resolvers.queue import queues_of
from resolvers.upserts import row_errors, unknown_product_errors, unknown_source_errors
from rules.calculator import StockStatus
from rules.held import SupplyChange
from rules.item_advice import no_longer_sellable, nothing_sellable, source_disabled, unlinked_source
from rules.key import no_such_item, visible
from rules.quantity import from_units, show, to_units
from rules.validation import Advice, Path, UserError, code_errors, is_code

_INSERT = """
INSERT INTO source_item (source_id, product_id, quantity, in_stock)
SELECT r.source, r.sku, 0, TRUE FROM rows($1, source text, sku text)
WHERE TRUE ORDER BY r.sku, r.source ON CONFLICT (product_id, source_id) DO NOTHING
"""
_LOCK = """
SELECT i.source_id AS source, i.product_id AS sku, i.quantity FROM source_item i
JOIN rows($1, source text, sku text) ON i.product_id = r.sku AND i.source_id = r.source
ORDER BY i.product_id, i.source_id FOR NO KEY UPDATE OF i
"""
_UPDATE = """
UPDATE source_item SET
    quantity = COALESCE(r.quantity, source_item.quantity), in_stock = COALESCE(r.in_stock, source_item.in_stock)
FROM rows($1, source text, sku text, quantity bigint, in_stock boolean)
WHERE source_item.product_id = r.sku AND source_item.source_id = r.source
    AND (source_item.quantity <> r.quantity OR source_item.in_stock <> r.in_stock)
"""
_NOT_SELLING = """
SELECT s.code, s.enabled, EXISTS (SELECT 1 FROM stock_source l WHERE l.source_id = s.code) AS is_linked
FROM source s WHERE s.code = ANY($1) ORDER BY s.code
"""
_DELETE = """
DELETE FROM source_item WHERE id IN (
    SELECT i.id FROM source_item i
    JOIN rows($1, source text, sku text) ON i.product_id = r.sku AND i.source_id = r.source
)
"""


@dataclass(frozen=True, slots=True)
class SourceItemRow:
    """What to write of one source item; None leaves a column as it is.

    With an expected quantity the row is refused where the quantity on hand is another one now (a new item has 0).
    """

    source: str
    sku: str
    quantity: Decimal | None = None
    is_in_stock: bool | None = None
    expected_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GoodsChange:
    """What a write of source items did: supplies that are other ones now, what backorders cannot sell any more, and the
    sources written to that are disabled, or that goods were counted at though no stock is linked to them."""

    supplies: list[SupplyChange]
    unsellable: list[Key] = field(default_factory=list)
    disabled: list[str] = field(default_factory=list)
    unlinked: list[str] = field(default_factory=list)


@at_length
async def source_item_page(
    source: str | None, sku: str | None, status: StockStatus | None, first: int | None, after: str | None
) -> Page[SourceItem]:
    """One page of the source items, by SKU and source."""
    request = page_request(first, after, (str, str))
    source, sku = await key_of(SOURCE, source), await key_of(PRODUCT, sku)
    conditions, parameters = ["TRUE"], list[Any]()
    for column, value in (("i.source_id", source), ("i.product_id", sku)):
        if value is not None:
            parameters.append(value if is_code(value) else "")
            conditions.append(f"{column} = ${len(parameters)}")
    if status is not None:
        conditions.append("i.in_stock" if status is StockStatus.IN_STOCK else "NOT i.in_stock")
    where = " AND ".join(conditions)
    behind = list(request.after or ("", ""))
    rows = await fetch(
        reader(),
        "SELECT i.source_id AS source, s.name AS source_name, s.enabled, i.product_id AS sku, i.quantity, i.in_stock"
        f" FROM source_item i JOIN source s ON s.code = i.source_id WHERE {where}"
        f" AND (i.product_id, i.source_id) > (${len(parameters) + 1}, ${len(parameters) + 2})"
        f" ORDER BY i.product_id, i.source_id LIMIT {request.first + 1:d}",
        *parameters,
        *behind,
    )

    async def count() -> int:
        counted = await fetch(reader(), f"SELECT COUNT(*) AS n FROM source_item i WHERE {where}", *parameters)
        return int(counted[0]["n"])

    return page([source_item_of(row) for row in rows], request, lambda item: (item.sku, item.source.code), count)


async def set_source_items(rows: Sequence[SourceItemRow]) -> tuple[int, list[Advice]]:
    """Write these items, all or none; Refused for unlawful rows and stale quantities.

    Returns how many rows were given, and what may not have been meant: a warning stands at the first row that it is about.
    """
    keys = await _stored([(row.source, row.sku) for row in rows])
    rows = [replace(row, source=source, sku=sku) for row, (source, sku) in zip(rows, keys, strict=True)]
    _refuse_unlawful(keys)

    async def write(client: Client) -> GoodsChange:
        refuse_if(await _unknown_errors(client, keys))
        return await write_source_items(client, rows)

    return len(rows), await _advice(keys, await transaction(write)) if rows else []


async def write_source_items(client: Client, rows: Sequence[SourceItemRow]) -> GoodsChange:
    """Write these lawful items of known sources and products, at least one and none of them twice, in a transaction.

    Refused for stale quantities. Returns what it changed.
    """
    records = [
        {
            "source": row.source,
            "sku": row.sku,
            "quantity": None if row.quantity is None else to_units(row.quantity),
            "in_stock": row.is_in_stock,
        }
        for row in rows
    ]
    queues = await queues_of(client, [(row.sku, row.source) for row in rows])
    await lock_balances(client, queues)
    async with movement(client, {row.sku for row in rows}) as moved, freeing(client, queues) as cover:
        await _write(client, rows, records)
    await tell(client, await news_of_lines(client, cover.covered))
    unsellable = no_longer_sellable(moved.before.sold, moved.after.sold)
    return GoodsChange(_supply_changes(cover), unsellable, *await not_selling(client, rows))


async def not_selling(client: Client, rows: Sequence[SourceItemRow]) -> tuple[list[str], list[str]]:
    """Of the sources of these rows: those that are disabled, and those with goods that no stock is linked to."""
    found = await fetch(client, _NOT_SELLING, sorted({row.source for row in rows}))
    counted = {row.source for row in rows if row.quantity}
    return (
        [row["code"] for row in found if not row["enabled"]],
        [row["code"] for row in found if not row["is_linked"] and row["code"] in counted],
    )


async def _write(client: Client, rows: Sequence[SourceItemRow], records: list[dict[str, Any]]) -> None:
    await fetch(client, _INSERT, records)
    on_hand = {(row["source"], row["sku"]): from_units(row["quantity"]) for row in await fetch(client, _LOCK, records)}
    refuse_if(
        [
            UserError(
                "STALE_QUANTITY",
                f"The quantity of {visible(row.sku)} at {visible(row.source)} is {show(on_hand[row.source, row.sku])} now.",
                ("items", str(index), "expected_quantity"),
            )
            for index, row in enumerate(rows)
            if row.expected_quantity is not None and row.expected_quantity != on_hand[row.source, row.sku]
        ]
    )
    await fetch(client, _UPDATE, records)


async def remove_source_items(keys: Sequence[tuple[str, str]]) -> tuple[int, list[Advice]]:
    """Remove the items of these (source, SKU) pairs, all or none; UNKNOWN_SOURCE_ITEM where there is none.

    Returns how many rows were given, and what may not have been meant.
    """
    keys = await _stored(keys)
    _refuse_unlawful(keys)
    records = [{"source": source, "sku": sku} for source, sku in keys]

    async def remove(client: Client) -> GoodsChange:
        queues = await queues_of(client, [(sku, source) for source, sku in keys])
        await lock_balances(client, queues)
        async with movement(client, {sku for _, sku in keys}) as moved, freeing(client, queues) as cover:
            known = {(row["source"], row["sku"]) for row in await fetch(client, _LOCK, records)}
            unknown = [(index, key) for index, key in enumerate(keys) if key not in known]
            skus = await look_alikes(client, PRODUCT, sorted({sku for _, (_, sku) in unknown}))
            sources = await look_alikes(client, SOURCE, sorted({source for _, (source, _) in unknown}))
            alike = {(source, sku): skus.get(sku) or sources.get(source) for _, (source, sku) in unknown}
            refuse_if(
                [
                    UserError(
                        "UNKNOWN_SOURCE_ITEM", no_such_item(sku, source, alike[source, sku]), ("items", str(index))
                    )
                    for index, (source, sku) in unknown
                ]
            )
            await fetch(client, _DELETE, records)
        await tell(
            client, await news_of_lines(client, cover.covered)
        )  # one below 0 took from what other sources supply
        return GoodsChange(_supply_changes(cover), no_longer_sellable(moved.before.sold, moved.after.sold))

    return len(keys), await _advice(keys, await transaction(remove)) if keys else []


def _supply_changes(cover: CoverChange) -> list[SupplyChange]:
    return [SupplyChange(each.sku, each.stock, each.before, each.after) for each in cover.supplies]


async def _advice(keys: Sequence[tuple[str, str]], change: GoodsChange) -> list[Advice]:
    """Every warning about a change of these (source, SKU) pairs, which has been committed."""
    first: dict[str, Path] = {}
    first_of_sku: dict[str, Path] = {}
    for index, (source, sku) in enumerate(keys):
        first.setdefault(source, ("items", str(index), "source"))
        first_of_sku.setdefault(sku, ("items", str(index)))
    advice = [source_disabled(source, first[source]) for source in change.disabled]
    advice += [unlinked_source(source, first[source]) for source in change.unlinked]
    held = await held_by_goods(change.supplies)
    advice += held.advice(min((first_of_sku[sku] for sku in held.skus), key=_place, default=("items",)))
    if gone := sorted({sku for sku, _ in change.unsellable}):
        advice.append(nothing_sellable(gone, min((first_of_sku[sku] for sku in gone), key=_place)))
    return advice


def _place(path: Path) -> int:
    return int(path[1])


async def _stored(keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    sources = await keys_of(SOURCE, [source for source, _ in keys])
    skus = await keys_of(PRODUCT, [sku for _, sku in keys])
    return [(sources.of(source), skus.of(sku)) for source, sku in keys]


def _refuse_unlawful(keys: Sequence[tuple[str, str]]) -> None:
    errors = list(row_errors("items", keys))
    for index, (source, sku) in enumerate(keys):
        errors += code_errors(source, ("items", str(index), "source"))
        errors += code_errors(sku, ("items", str(index), "sku"))
    refuse_if(errors)


async def _unknown_errors(client: Client, keys: Sequence[tuple[str, str]]) -> list[UserError]:
    sources = [(source, ("items", str(index), "source")) for index, (source, _) in enumerate(keys)]
    skus = [(sku, ("items", str(index), "sku")) for index, (_, sku) in enumerate(keys)]
    return await unknown_source_errors(client, sources) + await unknown_product_errors(client, skus)
