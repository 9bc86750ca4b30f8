"""Products and their own rules from rows of Magento's product export: one transaction and one change set a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.database import Client, reader, transaction
from resolvers.keys import PRODUCT, Keys, keys_of, look_alike_advice, look_alikes
from resolvers.product_upserts import ProductRow, write_products
from resolvers.rule_store import lock_revision, rows_of_scopes, store
from rules.change import PLAIN, ChangeSet, RulesChange, difference
from rules.key import with_hint
from rules.magento import COLUMNS as SETTING_COLUMNS
from rules.magento import settings_of, unguarded
from rules.scope import ScopeType
from rules.setting import SettingKey, SettingValue
from rules.validation import Advice, code_errors, text_errors

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


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: its change set (None where no rule changed), the rows that it left out, with reasons, by their
    place among those given, and what may not have been meant."""

    change_set: ChangeSet | None = None
    faults: Mapping[int, Sequence[str]] = field(default_factory=dict)
    advice: Sequence[Advice] = ()


async def import_products(
    products: Sequence[ImportedProduct], *, actor: str, reason: str, is_dry_run: bool = False
) -> Imported:
    """Write these lawful products and the plain rules of their own, all but those whose SKUs no new product may have.

    What a later row gives wins over an earlier one of the same product. A dry run only looks.
    """
    keys = await keys_of(PRODUCT, [product.sku for product in products])
    faults = await _faults(products, keys)
    merged: dict[str, ImportedProduct] = {}
    for index, product in enumerate(products):
        if index in faults:
            continue
        sku = keys.of(product.sku)
        earlier = merged.get(sku, ImportedProduct(sku))
        settings = {**earlier.settings, **product.settings}
        merged[sku] = ImportedProduct(sku, product.name or earlier.name, settings)
    asked = [
        RulesChange(ScopeType.PRODUCT, None, product.sku, product.settings)
        for product in merged.values()
        if product.settings
    ]

    async def write(client: Client) -> Imported:
        made = await write_products(client, [ProductRow(product.sku, product.name) for product in merged.values()])
        advice = await look_alike_advice(client, PRODUCT, {sku: ("sku",) for sku in merged if sku in made})
        if not asked:
            return Imported(None, faults, advice)
        revision = await lock_revision(client)
        changes = difference(asked, PLAIN, await rows_of_scopes(client, [change.scope for change in asked]))
        if not changes:
            return Imported(None, faults, advice)
        change_set = ChangeSet(revision + 1, datetime.now(UTC), actor, reason, tuple(changes))
        await store(client, change_set)
        return Imported(change_set, faults, advice)

    return await transaction(write) if merged and not is_dry_run else Imported(faults=faults)


async def _faults(products: Sequence[ImportedProduct], keys: Keys) -> dict[int, list[str]]:
    found = {at: error for at, product in enumerate(products) for error in keys.errors(product.sku, ("sku",))}
    alike = await look_alikes(reader(), PRODUCT, [products[at].sku for at in found])
    return {at: [f"sku: {with_hint(error.message, alike.get(products[at].sku))}"] for at, error in found.items()}
