"""Source items from rows of text, with Magento's own columns: lawful rows are written, each other one says why not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.database import Client, snapshot, transaction
from resolvers.catalogue.item_import_advice import ItemImportAdvice
from resolvers.catalogue.source_items import GoodsChange, SourceItemRow, write_source_items
from resolvers.keys import PRODUCT, SOURCE, keys_of
from resolvers.upserts import unknown_product_errors, unknown_source_errors
from rules.magento import A_QUANTITY, A_STATUS, quantity_of, status_of, unguarded
from rules.validation import code_errors

NEEDED = ("source_code", "sku")
COLUMNS = (*NEEDED, "status", "quantity")

Faults = Mapping[int, Sequence[str]]
"""What is wrong with the rows that were not written, by their place among those given."""


def item_of(cells: Mapping[str, str]) -> tuple[SourceItemRow, list[str]]:
    """The source item that a row names, and what is wrong with it by itself; an empty cell leaves a column as it is."""
    source, sku = (unguarded(cells[column]) for column in NEEDED)
    faults = [
        f"{column}: {error.message}"
        for column, code in zip(NEEDED, (source, sku), strict=True)
        for error in code_errors(code, (column,))
    ]
    status, quantity = (cells.get(column, "").strip() for column in ("status", "quantity"))
    is_in_stock, on_hand = status_of(status), quantity_of(quantity)
    if status and is_in_stock is None:
        faults.append(f"status {A_STATUS}")
    if quantity and on_hand is None:
        faults.append(f"quantity {A_QUANTITY}")
    return SourceItemRow(source, sku, on_hand, is_in_stock), faults


async def import_items(
    rows: Sequence[SourceItemRow], *, is_dry_run: bool, advice: ItemImportAdvice | None = None
) -> Faults:
    """Write these lawful items in one transaction, but for those of unknown sources and products.

    What a later row gives wins over an earlier one of the same item. A dry run only looks. What may not have been meant is
    taken in by the advice of the run.
    """
    sources, skus = (
        await keys_of(SOURCE, [row.source for row in rows]),
        await keys_of(PRODUCT, [row.sku for row in rows]),
    )
    rows = [replace(row, source=sources.of(row.source), sku=skus.of(row.sku)) for row in rows]

    def known(unknown: Faults) -> list[SourceItemRow]:
        merged: dict[tuple[str, str], SourceItemRow] = {}
        for index, row in enumerate(rows):
            if index not in unknown:
                key = (row.source, row.sku)
                merged[key] = _over(merged.get(key), row)
        return list(merged.values())

    async def look(client: Client) -> Faults:
        unknown = await _unknown(client, rows)
        if advice is not None:
            await advice.plans(client, known(unknown))
        return unknown

    async def write(client: Client) -> tuple[Faults, GoodsChange | None]:
        unknown = await _unknown(client, rows)
        lawful = known(unknown)
        return unknown, await write_source_items(client, lawful) if lawful else None

    if not rows:
        return {}
    if is_dry_run:
        return await snapshot(look)
    faults, change = await transaction(write)
    if advice is not None and change is not None:
        await advice.wrote(change)
    return faults


def _over(earlier: SourceItemRow | None, later: SourceItemRow) -> SourceItemRow:
    if earlier is None:
        return later
    return SourceItemRow(
        later.source,
        later.sku,
        earlier.quantity if later.quantity is None else later.quantity,
        earlier.is_in_stock if later.is_in_stock is None else later.is_in_stock,
    )


async def _unknown(client: Client, rows: Sequence[SourceItemRow]) -> Faults:
    sources = [(row.source, (str(index),)) for index, row in enumerate(rows)]
    skus = [(row.sku, (str(index),)) for index, row in enumerate(rows)]
    faults: dict[int, list[str]] = {}
    for error in await unknown_source_errors(client, sources) + await unknown_product_errors(client, skus):
        faults.setdefault(int(error.path[0]), []).append(error.message)
    return faults
