"""The worked example of the law, end to end over HTTP."""

from tests.client import Api

RULES = {
    "changes": [
        {
            "scope": {"type": "PRODUCT", "sku": "TENT"},
            "settings": {
                "backorders": "ALLOW_AND_NOTIFY",
                "outOfStockThreshold": -50,
                "notifyForQuantityBelow": 10,
                "onlyXLeftThreshold": 5,
            },
        }
    ]
}


async def test_25_on_hand_with_a_threshold_of_minus_50_are_75_salable(api: Api) -> None:
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}])
    item = {"source": "default", "sku": "TENT", "quantity": 25}
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
    await api.change("setScopeRules", "input", "SetScopeRulesInput!", RULES)

    query = """{ product(sku: "TENT") {
        salableQty stockStatus availability onlyXLeftInStock
        salableQtyTerms { kind quantity source rule { scope { type sku } value } }
        salability(quantity: 30) { isSalable backorderedQty maxSalableQty notice errors { code } }
    } }"""
    product = (await api.data(query))["product"]

    assert product["salableQty"] == 75
    assert (product["stockStatus"], product["availability"], product["onlyXLeftInStock"]) == (
        "IN_STOCK",
        "IN_STOCK",
        None,
    )
    assert product["salableQtyTerms"] == [
        {"kind": "SOURCE_QUANTITY", "quantity": 25, "source": "default", "rule": None},
        {"kind": "RESERVATIONS", "quantity": 0, "source": None, "rule": None},
        {
            "kind": "OUT_OF_STOCK_THRESHOLD",
            "quantity": 50,
            "source": None,
            "rule": {"scope": {"type": "PRODUCT", "sku": "TENT"}, "value": -50},
        },
    ]
    assert product["salability"] == {
        "isSalable": True,
        "backorderedQty": 5,
        "maxSalableQty": 75,
        "notice": "25 can ship now; the remaining 5 are on backorder and ship when stock arrives.",
        "errors": [],
    }
