"""The worked example as a walk: sell 30 of 25, receive 10, ship, cancel, refund."""

from decimal import Decimal

from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.orders import cancel, line, order, place, receive, refund, ship
from tests.worlds import rule, stock_up

SALABLE = '{ product(sku: "TENT") { salableQty availability onlyXLeftInStock } }'
QUEUE = "{ backorders { totalCount nodes { orderNumber sku waitingQty position } } }"
HEALTH = "{ reservationInconsistencies { totalCount } }"


async def _salable(api: Api) -> object:
    return (await api.data(SALABLE))["product"]["salableQty"]


async def test_the_worked_example_from_placement_to_refund(api: Api) -> None:
    await stock_up({"TENT": {"default": 25}})
    await rule(
        scope_of(None, "TENT"),
        {
            SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY,
            SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-50),
            SettingKey.ONLY_X_LEFT_THRESHOLD: Decimal(5),
        },
    )
    placed = await place(api, "1001", [line("TENT", 20), line("TENT", 10)])
    assert placed["userErrors"] == []
    first = placed["order"]["lines"]
    assert [(each["orderedQty"], each["backorderedQtyAtPlacement"]) for each in first] == [(30, 5)]
    assert (first[0]["backorderedQty"], first[0]["shippableQty"]) == (5, 25)
    assert (placed["order"]["status"], placed["order"]["paymentStatus"]) == ("PROCESSING", "CAPTURED")
    assert placed["order"]["shippingHold"]
    assert [notice["backorderedQty"] for notice in placed["notices"]] == [5]
    assert await _salable(api) == 45
    queue = (await api.data(QUEUE))["backorders"]
    assert queue == {
        "totalCount": 1,
        "nodes": [{"orderNumber": "1001", "sku": "TENT", "waitingQty": 5, "position": 1}],
    }

    await place(api, "1002", [line("TENT", 40)])
    assert (await api.data(SALABLE))["product"] == {
        "salableQty": 5,
        "availability": "BACK_ORDER",
        "onlyXLeftInStock": 5,
    }
    refused = await place(api, "1003", [line("TENT", 6)])
    assert refused["order"] is None
    assert refused["unsalable"] == [{"sku": "TENT", "maxSalableQty": 5, "errors": [{"code": "NOT_ENOUGH_QUANTITY"}]}]

    on_hold = await ship(api, "1001", [line("TENT", 26, source="default")])
    assert [error["code"] for error in on_hold["userErrors"]] == ["BACKORDER_ON_HOLD"]
    shipped = await ship(api, "1001", [line("TENT", 25, source="default")])
    assert shipped["shipment"]["lines"] == [{"sku": "TENT", "quantity": 25, "source": "default"}]
    assert await _salable(api) == 5

    received = await receive(api, "default", [line("TENT", 10)])
    assert [(each["orderNumber"], each["releasedQty"], each["waitingQty"]) for each in received["released"]] == [
        ("1001", 5, 0),
        ("1002", 5, 35),
    ]
    assert received["sourceItems"] == [{"sku": "TENT", "quantity": 10}]
    assert await _salable(api) == 15

    canceled = await cancel(api, "1001")
    assert canceled["order"]["status"] == "COMPLETE"
    assert canceled["order"]["paymentStatus"] == "PARTIALLY_REFUNDED"
    assert (await order(api, "1002"))["lines"][0]["shippableQty"] == 10
    assert [error["code"] for error in (await cancel(api, "1001"))["userErrors"]] == ["NOT_OPEN"]

    back = await refund(api, "1001", [line("TENT", 25, returnToSource="default")])
    assert back["refund"]["lines"] == [{"sku": "TENT", "quantity": 25, "returnedToSource": "default"}]
    assert back["order"]["paymentStatus"] == "REFUNDED"
    assert (await order(api, "1002"))["lines"][0]["backorderedQty"] == 5
    assert await _salable(api) == 45
    assert (await api.data(HEALTH))["reservationInconsistencies"]["totalCount"] == 0
