"""A refund puts back on a count only what a shipment of that line took off one, and only once."""

from decimal import Decimal
from typing import Any

import pytest

from rules.scope import scope_of
from rules.setting import SettingKey
from tests.client import Api
from tests.orders import Line, Payload, line, order, place, refund, ship
from tests.telling import write
from tests.worlds import rule, stock_up

COUNTS = """{
  sourceItems(filter: { sku: "TENT" }) { nodes { quantity source { code } } }
  product(sku: "TENT") { salableQty }
}"""


@pytest.fixture
async def shop(api: Api) -> Api:
    """10 TENT lie at a and none at b."""
    await stock_up({"TENT": {"a": 10, "b": 0}, "LAMP": {"a": 10}})
    return api


async def manage(*, on: bool) -> None:
    """Switch Manage Stock of TENT."""
    await rule(scope_of(None, "TENT"), {SettingKey.MANAGE_STOCK: on})


async def counts(api: Api) -> tuple[dict[str, Any], Any]:
    """What lies at each source, and what can be sold, as the stock is managed."""
    await manage(on=True)
    found = await api.data(COUNTS)
    lies = {each["source"]["code"]: each["quantity"] for each in found["sourceItems"]["nodes"]}
    return lies, found["product"]["salableQty"]


async def placed(api: Api, quantity: int) -> None:
    """Order 1 of so many TENT."""
    assert (await place(api, "1", [line("TENT", quantity)]))["userErrors"] == []


async def shipped(api: Api, *lines: Line) -> list[Any]:
    """Ship of order 1; the sources that the shipment names."""
    payload = await ship(api, "1", list(lines))
    assert payload["userErrors"] == []
    return [each["source"] for each in payload["shipment"]["lines"]]


def returned(payload: Payload) -> list[tuple[Any, Any]]:
    """The lines of a refund: how many, and where to."""
    assert payload["userErrors"] == []
    return [(each["quantity"], each["returnedToSource"]) for each in payload["refund"]["lines"]]


async def test_units_that_were_never_taken_off_a_count_are_not_added_to_one(shop: Api) -> None:
    await manage(on=False)
    await placed(shop, 3)
    assert await shipped(shop, line("TENT", 3, source="a")) == [None]
    assert returned(await refund(shop, "1", [line("TENT", 3, returnToSource="a")])) == [(3, None)]
    assert await counts(shop) == ({"a": 10, "b": 0}, 10)


async def test_what_was_placed_managed_and_shipped_unmanaged_was_not_taken(shop: Api) -> None:
    await placed(shop, 3)
    await manage(on=False)
    assert await shipped(shop, line("TENT", 3, source="a")) == [None]
    await manage(on=True)
    assert returned(await refund(shop, "1", [line("TENT", 3, returnToSource="a")])) == [(3, None)]
    assert await counts(shop) == ({"a": 10, "b": 0}, 10)


async def test_what_was_taken_goes_back_whether_its_stock_is_managed_then_or_not(shop: Api) -> None:
    await placed(shop, 3)
    assert await shipped(shop, line("TENT", 3, source="a")) == ["a"]
    await manage(on=False)
    assert returned(await refund(shop, "1", [line("TENT", 2, returnToSource="a")])) == [(2, "a")]
    assert await counts(shop) == ({"a": 9, "b": 0}, 9)


async def test_of_two_shipments_only_what_one_took_goes_back_and_a_line_that_goes_back_in_part_is_two(
    shop: Api,
) -> None:
    await placed(shop, 8)
    assert await shipped(shop, line("TENT", 3, source="a")) == ["a"]
    await manage(on=False)
    assert await shipped(shop, line("TENT", 2, source="a"), line("TENT", 1)) == [None, None]
    await manage(on=True)
    assert await shipped(shop, line("TENT", 2, source="a")) == ["a"]
    asked = [line("TENT", 1), line("TENT", 4, returnToSource="b"), line("TENT", 3, returnToSource="a")]
    payload = await refund(shop, "1", asked)
    assert returned(payload) == [(1, None), (4, "b"), (1, "a"), (2, None)]
    assert payload["order"]["lines"][0]["refundedQty"] == 8
    assert (await order(shop, "1"))["refunds"][0]["lines"] == payload["refund"]["lines"]
    assert await counts(shop) == ({"a": 6, "b": 4}, 10)


async def test_what_earlier_refunds_put_back_is_not_put_back_again(shop: Api) -> None:
    await manage(on=False)
    await placed(shop, 6)
    await shipped(shop, line("TENT", 3, source="a"))
    await manage(on=True)
    await shipped(shop, line("TENT", 3, source="a"))
    assert returned(await refund(shop, "1", [line("TENT", 2, returnToSource="b")])) == [(2, "b")]
    half = Decimal("1.5")
    assert returned(await refund(shop, "1", [line("TENT", half, returnToSource="b")])) == [
        (1, "b"),
        (Decimal("0.5"), None),
    ]
    assert returned(await refund(shop, "1", [line("TENT", 2, returnToSource="a")])) == [(2, None)]
    assert await counts(shop) == ({"a": 7, "b": 3}, 10)


async def test_what_one_line_took_does_not_go_back_for_another(shop: Api) -> None:
    await manage(on=False)
    assert (await place(shop, "1", [line("TENT", 2), line("LAMP", 2)]))["userErrors"] == []
    assert (await place(shop, "2", [line("LAMP", 2)]))["userErrors"] == []
    assert await shipped(shop, line("TENT", 2, source="a"), line("LAMP", 2, source="a")) == [None, "a"]
    asked = [line("TENT", 2, returnToSource="a"), line("LAMP", 1, returnToSource="a")]
    assert returned(await refund(shop, "1", asked)) == [(2, None), (1, "a")]
    assert await counts(shop) == ({"a": 10, "b": 0}, 10)


async def test_where_nothing_goes_back_the_source_is_checked_all_the_same(shop: Api) -> None:
    await manage(on=False)
    await placed(shop, 1)
    await shipped(shop, line("TENT", 1))
    for source, code in (("nowhere", "UNKNOWN_SOURCE"), ("default", "UNKNOWN_SOURCE_ITEM")):
        refused = await refund(shop, "1", [line("TENT", 1, returnToSource=source)])
        assert [error["code"] for error in refused["userErrors"]] == [code]


async def test_a_retry_of_a_shipment_and_a_refund_says_what_the_first_call_said(shop: Api) -> None:
    await manage(on=False)
    await placed(shop, 3)
    asked = [line("TENT", 3, source="a")]
    first = await ship(shop, "1", asked, "ship")
    back = [line("TENT", 3, returnToSource="a")]
    gone = await refund(shop, "1", back, "refund")
    await manage(on=True)
    assert (await ship(shop, "1", asked, "ship"))["shipment"] == first["shipment"]
    assert (await refund(shop, "1", back, "refund"))["refund"] == gone["refund"]
    assert await counts(shop) == ({"a": 10, "b": 0}, 10)


async def test_shipments_of_an_older_version_took_what_they_name_a_source_for(shop: Api) -> None:
    await placed(shop, 4)
    await manage(on=False)
    await shipped(shop, line("TENT", 2))
    insert = "INSERT INTO shipment (order_id, created_at) SELECT id, placed_at FROM sales_order"
    await write(insert)
    lines = "INSERT INTO shipment_line (shipment_id, sku, quantity, source) SELECT MAX(id), 'TENT', 20000, 'a' FROM shipment"
    await write(lines)
    await write("UPDATE order_line SET shipped = 40000, is_open = FALSE")
    named = [each["lines"][0]["source"] for each in (await order(shop, "1"))["shipments"]]
    assert named == [None, "a"]
    assert returned(await refund(shop, "1", [line("TENT", 4, returnToSource="b")])) == [(2, "b"), (2, None)]
