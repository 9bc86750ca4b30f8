"""The number of statements does not grow with the number of products."""

import pytest

from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.statements import counted_statements
from tests.worlds import rule, stock_up

EVERY_FIELD = """
fragment Rule on ScopeRule { id scope { type source sku } setting value revision activeFrom activeUntil }
fragment Setting on EffectiveSetting {
  setting value scope { type source sku } rule { ...Rule } overridden { ...Rule }
}
fragment Every on Product {
  sku name salesChannel salableQty stockStatus availability onlyXLeftInStock
  salableQtyTerms { kind quantity source rule { ...Rule } }
  effectiveBackorderConfig {
    backorders outOfStockThreshold backorderLimit { kind quantity } onlyXLeftThreshold manageStock
    settings { ...Setting }
    sources {
      source counts backorders { ...Setting } outOfStockThreshold { ...Setting } notifyForQuantityBelow { ...Setting }
    }
  }
  salability(quantity: 3) {
    sku requestedQty isSalable backorderedQty maxSalableQty notice errors { code message }
  }
  sourceItems { source { code name enabled } sku quantity status }
}
"""
BY_SKU = EVERY_FIELD + "query ($skus: [String!]!) { productsBySku(skus: $skus) { ...Every } }"
PAGE = EVERY_FIELD + "query ($first: Int!) { products(first: $first) { nodes { ...Every } pageInfo { hasNextPage } } }"


@pytest.fixture
async def catalogue(api: Api) -> Api:
    """500 products at three sources, each with a rule of its own."""
    skus = [f"SKU-{number:03}" for number in range(500)]
    await stock_up({sku: {"north": 5, "south": 7, "west": -1} for sku in skus})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await rule(scope_of("south", None), {SettingKey.BACKORDERS: BackorderMode.NO_BACKORDERS})
    for sku in skus[::50]:
        await rule(scope_of(None, sku), {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY})
    return api


@pytest.mark.parametrize("number", [1, 10, 500])
async def test_any_number_of_skus_with_every_field_takes_three_statements(catalogue: Api, number: int) -> None:
    skus = [f"SKU-{each:03}" for each in range(number)]
    with counted_statements() as seen:
        products = (await catalogue.data(BY_SKU, {"skus": skus}))["productsBySku"]
    assert [product["sku"] for product in products] == skus
    assert all(len(product["sourceItems"]) == 3 for product in products)
    assert len(seen) == 3, seen


@pytest.mark.parametrize("first", [1, 10, 250])
async def test_any_page_with_every_field_takes_four_statements(catalogue: Api, first: int) -> None:
    with counted_statements() as seen:
        nodes = (await catalogue.data(PAGE, {"first": first}))["products"]["nodes"]
    assert len(nodes) == first
    assert len(seen) == 4, seen


async def test_any_cart_takes_three_statements(catalogue: Api) -> None:
    query = "query ($items: [SalabilityRequest!]!) { salability(items: $items) { sku isSalable } }"
    for number in (1, 500):
        items = [{"sku": f"SKU-{each:03}", "quantity": 1} for each in range(number)]
        with counted_statements() as seen:
            assert len((await catalogue.data(query, {"items": items}))["salability"]) == number
        assert len(seen) == 3, seen


async def test_writing_500_items_takes_as_many_statements_as_writing_one(catalogue: Api) -> None:
    counts = []
    for number in (1, 500):
        items = [{"source": "north", "sku": f"SKU-{each:03}", "quantity": each + 100} for each in range(number)]
        with counted_statements() as seen:
            await catalogue.change("setSourceItems", "items", "[SourceItemInput!]!", items)
        counts.append(len(seen))
    assert counts[0] == counts[1]
