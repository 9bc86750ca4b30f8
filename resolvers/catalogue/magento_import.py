"""Products and their own rules from rows of Magento's product export: one transaction and one change set a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.database import Client, reader, snapshot, transaction
from models.sql import fetch
from resolvers.catalogue.product_import_advice import ProductImportAdvice
from resolvers.catalogue.product_upserts import ProductRow, write_products
from resolvers.keys import PRODUCT, Keys, keys_of, look_alike_advice, look_alikes
from resolvers.rule_store.change_log import lock_revision, rows_of_scopes, store
from resolvers.rule_store.rules_request import newer_errors
from rules.change import PLAIN, ChangeSet, RuleChange, RulesChange, difference
from rules.key import with_hint
from rules.magento import COLUMNS as SETTING_COLUMNS
from rules.magento import Gap, gaps_of, settings_of, unguarded
from rules.magento_file import why_no_products
from rules.magento_notes import MagentoNotes
from rules.scope import ScopeType
from rules.setting import SettingKey, SettingValue
from rules.validation import code_errors, text_errors

NEEDED = ("sku",)
STORE_VIEW = "store_view_code"
COLUMNS = (
    *NEEDED,
    STORE_VIEW,
    "name",
    *(name for column in SETTING_COLUMNS for name in (*column.values, *column.flags)),
)
_READ = frozenset(COLUMNS)
_Faults = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class ImportedProduct:
    """What a row says of a product: a name of None stays as it is, and so does the rule of a setting that is absent.

    gaps and ignored are what it gives besides: cells that are not taken as they stand, and columns that are not read.
    """

    sku: str
    name: str | None = None
    settings: Mapping[SettingKey, SettingValue | None] = field(default_factory=dict)
    gaps: tuple[tuple[Gap, str], ...] = ()
    ignored: tuple[str, ...] = ()
    is_name_left_out: bool = False


def product_of(cells: Mapping[str, str]) -> tuple[ImportedProduct, list[str]]:
    """The product that a row describes, and what is wrong with it.

    A row of a store view holds the name that is shown there, which is not the product's name here.
    """
    sku = unguarded(cells["sku"])
    given = unguarded(cells.get("name", ""))
    is_of_store_view = bool(cells.get(STORE_VIEW))
    name = given if given.strip() and not is_of_store_view else None
    settings, faults = settings_of(cells)
    ignored = tuple(column for column, text in cells.items() if column not in _READ and text.strip())
    wrong = [f"sku: {error.message}" for error in code_errors(sku, ("sku",))]
    wrong += [f"name: {error.message}" for error in text_errors(name, ("name",))]
    is_name_left_out = is_of_store_view and bool(given.strip())
    row = ImportedProduct(sku, name, settings, tuple(gaps_of(cells)), ignored, is_name_left_out)
    return row, wrong + faults


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: its change set (None where no rule changed), and the rows that it left out, with reasons, by
    their place among those given."""

    change_set: ChangeSet | None = None
    faults: Mapping[int, Sequence[str]] = field(default_factory=dict)


def refusal(header: Sequence[str]) -> str | None:
    """Why a file with this header is no product export; None where it can be one."""
    return why_no_products(header, COLUMNS)


def note(notes: MagentoNotes, product: ImportedProduct) -> None:
    """Count what of a lawful row was not taken as it stands."""
    notes.add_cells(product.gaps, product.ignored)
    if product.is_name_left_out:
        notes.store_view_names += 1
    elif product.name is None and not product.settings:
        notes.add_without_effect(product.sku)


async def import_products(
    products: Sequence[ImportedProduct],
    *,
    actor: str,
    reason: str,
    is_dry_run: bool = False,
    advice: ProductImportAdvice | None = None,
) -> Imported:
    """Write these lawful products and the plain rules of their own, all but those whose SKUs no new product may have or
    that have a rule in its place which only a newer version can read.

    What a later row gives wins over an earlier one of the same product. A dry run only looks. What may not have been meant
    is taken in by the advice of the run.
    """
    keys = await keys_of(PRODUCT, [product.sku for product in products])
    faults = await _faults(products, keys)
    merged = _merged([product for at, product in enumerate(products) if at not in faults], keys)
    asked = [
        RulesChange(ScopeType.PRODUCT, None, product.sku, product.settings) for product in merged if product.settings
    ]

    async def write(client: Client) -> tuple[ChangeSet | None, Sequence[RuleChange], set[str], _Faults]:
        revision = await lock_revision(client) if asked else 0
        changes, newer = await _difference(client, asked)
        rows = [ProductRow(product.sku, product.name) for product in merged if product.sku not in newer]
        made = await write_products(client, rows)
        if not changes:
            return None, changes, made, newer
        change_set = ChangeSet(revision + 1, datetime.now(UTC), actor, reason, tuple(changes))
        await store(client, change_set)
        return change_set, changes, made, newer

    async def look(client: Client) -> tuple[None, Sequence[RuleChange], set[str], _Faults]:
        known = await fetch(client, "SELECT sku FROM product WHERE sku = ANY($1)", [product.sku for product in merged])
        made = {product.sku for product in merged} - {row["sku"] for row in known}
        changes, newer = await _difference(client, asked)
        return None, changes, made, newer

    if not merged:
        return Imported(faults=faults)
    change_set, changes, made, newer = await (snapshot(look) if is_dry_run else transaction(write))
    if advice is not None:
        paths = {product.sku: ("sku",) for product in merged if product.sku in made}
        advice.tally.add(await look_alike_advice(reader(), PRODUCT, paths))
        await advice.add([change for change in asked if change.sku not in newer], changes)
    left_out = {at: newer[sku] for at, product in enumerate(products) if (sku := keys.of(product.sku)) in newer}
    return Imported(change_set, {**left_out, **faults})


async def _difference(client: Client, asked: Sequence[RulesChange]) -> tuple[list[RuleChange], _Faults]:
    """What these rules would alter, and by SKU what is wrong with those that would write over what a newer version has."""
    found = await rows_of_scopes(client, [change.scope for change in asked])
    faults: _Faults = {}
    for change in asked:
        places = [((change.scope, key, PLAIN), (key.value,)) for key in change.settings]
        if errors := newer_errors(places, found.newer):
            faults[change.scope.sku or ""] = [f"{error.path[0]}: {error.message}" for error in errors]
    return difference([change for change in asked if change.sku not in faults], PLAIN, found.rows), faults


async def _faults(products: Sequence[ImportedProduct], keys: Keys) -> dict[int, list[str]]:
    found = {at: error for at, product in enumerate(products) for error in keys.errors(product.sku, ("sku",))}
    alike = await look_alikes(reader(), PRODUCT, [products[at].sku for at in found])
    return {at: [f"sku: {with_hint(error.message, alike.get(products[at].sku))}"] for at, error in found.items()}


def _merged(products: Sequence[ImportedProduct], keys: Keys) -> list[ImportedProduct]:
    merged: dict[str, ImportedProduct] = {}
    for product in products:
        sku = keys.of(product.sku)
        earlier = merged.get(sku, ImportedProduct(sku))
        settings = {**earlier.settings, **product.settings}
        merged[sku] = ImportedProduct(sku, product.name or earlier.name, settings)
    return list(merged.values())
