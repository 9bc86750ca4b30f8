"""A database that takes no write: who writes is told that it is the database, and nothing is done."""

import pytest

from tests.client import Api
from tests.server.crowd import assert_books_agree, sums
from tests.server.refusal import writes_refused
from tests.server.test_waiting_writers import READ, sell, stocked

MOST_ORDERS = 200
"""More than there is room for in the pages of a small database."""


@pytest.mark.parametrize("is_full", [True, False])
async def test_an_order_that_a_full_or_read_only_database_refuses_is_unavailable_and_not_placed(
    api: Api, is_postgresql: bool, is_full: bool
) -> None:
    await stocked(api)
    sold, answer = 1, dict[str, object]()
    async with writes_refused("call", is_postgresql=is_postgresql, is_full=is_full):
        for number in range(MOST_ORDERS):
            answer = await sell(api, "A", f"a-{number}")
            if "errors" in answer:
                break
            sold += 1
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DATABASE_UNAVAILABLE"]  # type: ignore[attr-defined]  # JSON
    assert (await sums("ordered"))["A"] == sold
    assert (await api.data(READ))["productsBySku"] == [{"sku": "A"}]
    await assert_books_agree(api)
