"""The demo catalogue shows every state of the law, and loading it again changes nothing."""

from models.database import reader
from models.sql import fetch
from server.demo import load_demo
from tests.client import Api

CATALOGUE = """{ products(first: 250) { totalCount nodes {
    sku salableQty stockStatus availability onlyXLeftInStock
    effectiveBackorderConfig {
        backorders backorderLimit { kind } manageStock sources { counts } settings { scope { type } }
    }
    salableQtyTerms { kind source rule { scope { type } } }
} } }"""

SALABLE = {
    "TENT": 75,  # the worked example
    "LANTERN": 118,  # 120, and 2 are ordered
    "BACKPACK": 0,
    "KAYAK": 4,  # unlimited: the plain Q + R
    "CANOE": -6,  # unlimited, six on backorder
    "GIFTCARD": None,  # not managed
    "HAMMOCK": 7,  # 5 of 12 are kept from being sold
    "SLEEPINGBAG": 0,
    "BOOTS": 45,  # one rule of -50 over two sources that count: 10 + 5 + 50, and 20 are ordered
    "JACKET": 54,  # two rules of -20: 8 + 6 + 20 + 20
    "GLOVES": 22,  # the source's rule
    "HAT": 4,  # the product's rule hides it
    "SCARF": 0,  # lies at a disabled source
    "SUNGLASSES": 0,  # its item is set out of stock
    "BOTTLE": 75,
    "COMPASS": 9,  # -10 counts as 0 without backorders
    "TOWEL": 0,  # lies nowhere
    "PUMP": 0,  # lies where this channel does not sell from
    "BIKE": 0,  # its backorders are used up
    "WHEEL": 11,  # 15 may be sold of none that is there, and 4 are ordered
    "SNOWSHOES": 2,
    "SKIS": 28,  # 7 + 3 - 2 + 20
}


async def test_demo_quantities_are_what_the_law_says(api: Api) -> None:
    assert await load_demo() == 32
    nodes = (await api.data(CATALOGUE))["products"]["nodes"]
    found = {node["sku"]: node["salableQty"] for node in nodes}
    assert {sku: found[sku] for sku in SALABLE} == SALABLE


async def test_demo_shows_every_state(api: Api) -> None:
    await load_demo()
    nodes = (await api.data(CATALOGUE))["products"]["nodes"]
    configs = [node["effectiveBackorderConfig"] for node in nodes]
    rules = [term["rule"] for node in nodes for term in node["salableQtyTerms"] if term["rule"]]
    assert {node["availability"] for node in nodes} == {
        "IN_STOCK",
        "LIMITED_AVAILABILITY",
        "BACK_ORDER",
        "OUT_OF_STOCK",
    }
    assert {config["backorders"] for config in configs} == {"NO_BACKORDERS", "ALLOW", "ALLOW_AND_NOTIFY"}
    assert {config["backorderLimit"]["kind"] for config in configs} == {"NONE", "LIMITED", "UNLIMITED"}
    assert {config["manageStock"] for config in configs} == {True, False}
    assert {rule["scope"]["type"] for rule in rules} == {"SOURCE", "PRODUCT", "PRODUCT_SOURCE"}
    assert {setting["scope"]["type"] for config in configs for setting in config["settings"]} >= {
        "DEFAULT",
        "GLOBAL",
        "PRODUCT",
    }
    assert {source["counts"] for config in configs for source in config["sources"]} == {True, False}


async def test_the_demo_has_orders_and_some_of_them_wait(api: Api) -> None:
    await load_demo()
    query = "{ orders { nodes { number shippingHold } } backorders { nodes { orderNumber sku waitingQty } } }"
    found = await api.data(query)
    assert [(order["number"], order["shippingHold"]) for order in found["orders"]["nodes"]] == [
        ("DEMO-3", True),
        ("DEMO-2", True),
        ("DEMO-1", False),
    ]
    waiting = [tuple(line.values()) for line in found["backorders"]["nodes"]]
    assert waiting == [("DEMO-2", "WHEEL", 4), ("DEMO-3", "BOOTS", 5)]


async def test_loading_the_demo_again_writes_no_revision(api: Api) -> None:
    await load_demo()
    before = await fetch(reader(), "SELECT value FROM revision")
    await load_demo()
    assert await fetch(reader(), "SELECT value FROM revision") == before
    assert (await api.data("{ products { totalCount } sourceItems { totalCount } }"))["products"]["totalCount"] == 32
