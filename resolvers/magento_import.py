"""Products and their own rules from rows of Magento's product export: one transaction and one change set a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.database import Client, transaction
from resolvers.product_upserts import ProductRow, write_products
from resolvers.rule_store import lock_revision, rows_of_scopes, store
from rules.change import PLAIN, ChangeSet, RulesChange, difference
from rules.magento import COLUMNS as SETTING_COLUMNS
from rules.magento import settings_of, unguarded
from rules.scope import ScopeType
from rules.setting import SettingKey, SettingValue
from rules.validation import code_errors, text_errors

NEEDED = ("sku",)
STORE_VIEW = "store_view_code"
COLUMNS = (
    *NEEDED,
    STORE_VIEW,
    "name",
    *(name for column in SETTING_COLUMNS for name in (column.value, column.flag) if name is not None),
)


@dataclass(frozen=True, slots=True)
class ImportedProduct:
    """What a row says of a product: a name of None stays as it is, and so does the rule of a setting that is absent."""

    sku: str
    name: str | None = None
    settings: Mapping[SettingKey, SettingValue | None] = field(default_factory=dict)


def product_of(cells: Mapping[str, str]) -> tuple[ImportedProduct, list[str]]:
    """The product that a row describes, and what is wrong with it.

    A row of a store view holds the name that is shown there, which is not the product's name here.
    """
    sku = unguarded(cells["sku"])
    given = unguarded(cells.get("name", ""))
    name = given if given.strip() and not cells.get(STORE_VIEW) else None
    settings, faults = settings_of(cells)
    wrong = [f"sku: {error.message}" for error in code_errors(sku, ("sku",))]
    wrong += [f"name: {error.message}" for error in text_errors(name, ("name",))]
    return ImportedProduct(sku, name, settings), wrong + faults


async def import_products(products: Sequence[ImportedProduct], *, actor: str, reason: str) -> ChangeSet | None:
    """Write these lawful products and the plain rules of their own, all or none; None where no rule changed.

    What a later row gives wins over an earlier one of the same product.
    """
    merged: dict[str, ImportedProduct] = {}
    for product in products:
        earlier = merged.get(product.sku, ImportedProduct(product.sku))
        settings = {**earlier.settings, **product.settings}
        merged[product.sku] = ImportedProduct(product.sku, product.name or earlier.name, settings)
    asked = [
        RulesChange(ScopeType.PRODUCT, None, product.sku, product.settings)
        for product in merged.values()
        if product.settings
    ]

    async def write(client: Client) -> ChangeSet | None:
        await write_products(client, [ProductRow(product.sku, product.name) for product in merged.values()])
        if not asked:
            return None
        revision = await lock_revision(client)
        changes = difference(asked, PLAIN, await rows_of_scopes(client, [change.scope for change in asked]))
        if not changes:
            return None
        change_set = ChangeSet(revision + 1, datetime.now(UTC), actor, reason, tuple(changes))
        await store(client, change_set)
        return change_set

    return await transaction(write) if merged else None
