"""What a CSV file plainly is, by its header."""

import pytest

from resolvers.catalogue.magento_import import COLUMNS
from rules.magento_file import ignored_stock_columns, why_no_products, why_no_source_items

ITEMS = ["source_code", "sku", "status", "quantity"]
PRODUCTS = ["sku", "store_view_code", "attribute_set_code", "product_type", "name", "price", "qty", "out_of_stock_qty"]
SALABLE = ["sales_channel", "sku", "name", "salable_qty", "stock_status", "availability"]
INDEX = ["sku", "qty", "is_salable"]
PRICES = ["sku", "tier_price_website", "tier_price_customer_group", "tier_price_qty", "tier_price"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (ITEMS, "salable import source-items"),
        ([*PRODUCTS, "source_code"], "salable import source-items"),
        (SALABLE, "computed"),
        (INDEX, "computed"),
        (PRICES, "prices"),
        (["sku", "price", "qty"], "neither a name nor a setting"),
    ],
)
def test_another_export_is_no_product_export(header: list[str], said: str) -> None:
    assert said in (why_no_products(header, COLUMNS) or "")


@pytest.mark.parametrize(
    "header",
    [PRODUCTS, ["sku"], ["sku", "name", "weight"], ["sku", "min_qty"], ["line", "reason", "sku"], ["name"], []],
)
def test_an_extract_of_a_product_export_is_one(header: list[str]) -> None:
    assert why_no_products(header, COLUMNS) is None


def test_a_product_export_is_no_file_of_source_items() -> None:
    assert "salable import magento" in (why_no_source_items(PRODUCTS) or "")
    assert "salable import magento" in (why_no_source_items(["sku", "backorders"]) or "")
    assert "computed" in (why_no_source_items(SALABLE) or "")
    assert why_no_source_items(ITEMS) is None
    assert why_no_source_items(["line", "reason", *ITEMS]) is None
    assert why_no_source_items(["sku", "quantity"]) is None  # what it lacks is said by name


def test_columns_about_stock_that_are_not_read_are_known_by_their_words() -> None:
    ignored = [
        "qty",
        "is_in_stock",
        "is_decimal_divided",
        "deferred_stock_update",
        "use_config_deferred_stock_update",
        "low_stock_date",
        "stock_threshold_qty",
        "allow_backorder",
        "Out of Stock Qty",
        "minQty",
        " min_qty",
        "Allow_Backorders",
        "quantity_and_stock_status",
    ]
    assert ignored_stock_columns(ignored) == ignored
    assert ignored_stock_columns(COLUMNS) == []
    others = ["price", "stockings_color", "tier_price_qty", "use_config_gift_message_available", "name", "website_id"]
    assert ignored_stock_columns(others) == []
