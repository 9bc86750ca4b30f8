"""What a CSV file of a shop plainly is, by its header, and which columns of a product export are about stock."""

import re
from collections.abc import Iterable, Sequence

from rules.magento import COLUMNS

_SALABLE = {"salable_qty", "is_salable", "salable_quantity"}
_PRICES = {"tier_price", "tier_price_website", "tier_price_qty"}
_PRODUCTS = {"product_type", "attribute_set_code", "product_websites", "store_view_code", "_type", "_attribute_set"}
_SETTINGS = {name for column in COLUMNS for name in (*column.values, *column.flags)}
_STOCK_WORDS = {
    "backorder",
    "backorders",
    "increment",
    "increments",
    "inventory",
    "qty",
    "quantity",
    "salable",
    "stock",
    "threshold",
}
OF_OTHER_FILES = frozenset({"source_code", *_SALABLE, *_PRICES, *_PRODUCTS, *_SETTINGS})
"""The columns by which a file is known to be another one."""
_OF_REJECTS = {"line", "reason"}
_ITS_OWN = {"is_decimal_divided", "is_qty_decimal"}
_OF_PRICES = {"price", "tier", "bundle", "option"}
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def why_no_products(header: Sequence[str], known: Iterable[str]) -> str | None:
    """Why a file cannot be Magento's product export, or an extract of one; None where it can.

    known are the columns that are read.
    """
    names = set(header)
    if "source_code" in names:
        return "it is a file of source items (it has source_code); bring it in by `salable import source-items`"
    if names & _SALABLE:
        return "it is an export of what can be sold, which is computed from items and rules and cannot be imported"
    if names & _PRICES and not names & (_PRODUCTS | _SETTINGS):
        return "it is an export of prices"
    others = names - _OF_REJECTS - {"sku"}
    if "sku" in names and others and not others & set(known):
        return "nothing of it but sku is read here: it has neither a name nor a setting of stock"
    return None


def why_no_source_items(header: Sequence[str]) -> str | None:
    """Why a file cannot be one of source items; None where it can."""
    names = set(header)
    if names & _SALABLE:
        return "it is an export of what can be sold, which is computed from items and rules and cannot be imported"
    if "source_code" not in names and names & (_PRODUCTS | _SETTINGS):
        return "it is a product export (it has no source_code); bring it in by `salable import magento`"
    return None


def ignored_stock_columns(header: Iterable[str]) -> list[str]:
    """The columns about stock that are not read: what they hold would be missed without a word."""
    return [name for name in header if name not in _SETTINGS and _is_about_stock(name)]


def _is_about_stock(name: str) -> bool:
    words = {word.lower() for word in _WORDS.findall(name)}
    return (bool(words & _STOCK_WORDS) or name.strip().lower() in _ITS_OWN) and not words & _OF_PRICES
