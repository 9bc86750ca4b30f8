"""A rule whose value only a newer version can read: nothing is written over it, by whatever way."""

from datetime import datetime
from typing import Any

import pytest

from models.database import reader
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.catalogue.magento_import import ImportedProduct, import_products
from resolvers.errors import Refused
from resolvers.rule_store.rule_import import RuleEntry, plan_import
from resolvers.rules_in_force import NO_START
from rules.change import PLAIN, RulesChange
from rules.scope import ScopeType
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.newer import RULE, newer_rule, write
from tests.schema.rule_store import LAMP, TENT, ask_revert, ask_rules, day, refused, set_rules, stock_up

PREVIEW = "query ($i: SetScopeRulesInput!) { previewScopeRules(input: $i) { userErrors { code field } } }"
IN_WINDOW = {"activeFrom": day(3), "activeUntil": day(5)}


@pytest.fixture
async def shop(api: Api) -> Api:
    """A shop where TENT has backorders of a kind that there is not here."""
    await stock_up(api)
    await newer_rule("backorders", "ALLOW_ONCE", sku="TENT", scope="PRODUCT")
    return api


async def _rules() -> list[tuple[Any, ...]]:
    rows = await fetch(reader(), "SELECT sku, setting, value, active_from FROM scope_rule ORDER BY id")
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("value", ["ALLOW", None])
async def test_it_is_neither_changed_nor_removed_and_a_preview_says_so(shop: Api, value: str | None) -> None:
    before = await _rules()
    field = ["input", "changes", "1", "settings", "backorders"]
    change = ({"minSaleQty": 2}, {"backorders": value, "minSaleQty": 2})
    error = await refused(shop, (LAMP, change[0]), (TENT, change[1]))
    assert (error["code"], error["field"]) == ("NEWER_VERSION", field)
    assert error["message"].startswith("Backorders of product TENT has a value that only a newer version can read")
    asked = {"changes": [{"scope": LAMP, "settings": change[0]}, {"scope": TENT, "settings": change[1]}]}
    assert (await shop.data(PREVIEW, {"i": asked}))["previewScopeRules"] == {
        "userErrors": [{"code": "NEWER_VERSION", "field": field}]
    }
    assert await _rules() == before


async def test_other_settings_of_its_scope_and_other_windows_are_changed(shop: Api) -> None:
    await set_rules(shop, (TENT, {"minSaleQty": 2}))
    await set_rules(shop, (TENT, {"backorders": "ALLOW"}), **IN_WINDOW)
    await set_rules(shop, (TENT, {"backorders": None}), activeFrom=day(7))  # it hides the one that is not known here
    assert [row[1:3] for row in await _rules()] == [
        ("backorders", "ALLOW_ONCE"),
        ("min_sale_qty", "2"),
        ("backorders", "ALLOW"),
        ("backorders", None),
    ]


async def test_a_window_of_one_overlaps_as_any_other(shop: Api) -> None:
    start, end = (to_microseconds(datetime.fromisoformat(day(number))) for number in (4, 6))
    await write(RULE, "PRODUCT", "", "TENT", "backorders", start, end, "ALLOW_ONCE")
    payload = await ask_rules(shop, (TENT, {"backorders": "ALLOW"}), **IN_WINDOW)
    assert [each["code"] for each in payload["userErrors"]] == ["OVERLAPPING_SCHEDULE"]
    payload = await ask_rules(shop, (TENT, {"backorders": "ALLOW"}), activeFrom=day(4), activeUntil=day(6))
    assert [each["code"] for each in payload["userErrors"]] == ["NEWER_VERSION"]


async def test_an_undoing_does_not_write_over_it(shop: Api) -> None:
    await set_rules(shop, (TENT, {"minSaleQty": 2}))
    await write("UPDATE scope_rule SET value = 'A_DOZEN' WHERE setting = 'min_sale_qty'")
    before = await _rules()
    payload = await ask_revert(shop, 1)
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("NEWER_VERSION", ["revision"])]
    assert await _rules() == before


@pytest.mark.parametrize("prune", [True, False])
async def test_a_file_of_rules_that_names_it_is_refused_with_the_line(shop: Api, *, prune: bool) -> None:
    change = RulesChange(ScopeType.PRODUCT, None, "TENT", {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    with pytest.raises(Refused) as refusal:
        await plan_import([RuleEntry(change, PLAIN, 7)], prune=prune)
    assert [(each.code, each.path) for each in refusal.value.errors] == [("NEWER_VERSION", ("line 7",))]


@pytest.mark.parametrize("is_dry_run", [True, False])
async def test_an_import_of_products_leaves_out_the_one_that_has_it(shop: Api, *, is_dry_run: bool) -> None:
    settings = {SettingKey.BACKORDERS: BackorderMode.ALLOW}
    products = [ImportedProduct(sku, f"Our {sku}", settings) for sku in ("LAMP", "TENT", "ROPE")]
    imported = await import_products(products, actor="kim", reason="Nightly", is_dry_run=is_dry_run)
    [[at, [fault]]] = imported.faults.items()
    assert (at, fault.split(":")[0]) == (1, "backorders")
    plain = ("backorders", "ALLOW", NO_START)
    written = [] if is_dry_run else [("LAMP", *plain), ("ROPE", *plain)]
    assert await _rules() == [("TENT", "backorders", "ALLOW_ONCE", NO_START), *written]
    rows = await fetch(reader(), "SELECT name FROM product WHERE name LIKE 'Our %' ORDER BY sku")
    assert [row["name"] for row in rows] == ([] if is_dry_run else ["Our LAMP", "Our ROPE"])
