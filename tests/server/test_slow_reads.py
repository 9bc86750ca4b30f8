"""What others read for ever keeps nobody from being answered, and ends with them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from resolvers.availability import product_list
from resolvers.orders import ledger, receive_stock
from server.app import create_app
from server.settings import Settings
from tests.client import ADMIN_TOKEN, Api
from tests.endless import PATIENCE_SECONDS, endless, endless_on, until_none_runs, until_running
from tests.orders import RECEIVE, line
from tests.server.crowd import client
from tests.server.test_gone_callers import listening
from tests.worlds import stock_up

SEARCH = '{ products(filter: { search: "no such product" }) { nodes { sku } } }'
COUNT = '{ products(filter: { search: "no such product" }) { totalCount } }'
REPORT = "{ reservationInconsistencies { totalCount nodes { sku } } }"
SHOPPER = '{ productsBySku(skus: ["A"]) { sku salableQty } }'
ANSWER = {"productsBySku": [{"sku": "A", "salableQty": 5}]}


@pytest.fixture
def endlessly(monkeypatch: pytest.MonkeyPatch, *, is_postgresql: bool) -> None:
    """The statements of searches and of the report of the ledger take for ever."""
    conditions = product_list._stored_conditions
    forever = endless_on(is_postgresql=is_postgresql)

    def searched(asked: product_list.ProductFilter) -> tuple[str, list[object]]:
        condition, parameters = conditions(asked)
        return (condition if asked.search is None else f"{condition} AND {forever} > 0"), parameters

    found = f"SELECT d.order_number, d.n FROM ({ledger._NUMBERS}) d UNION ALL SELECT 'an order', {forever}"
    monkeypatch.setattr(product_list, "_stored_conditions", searched)
    monkeypatch.setattr(ledger, "_NUMBERS", found)


@asynccontextmanager
async def impatient(database_url: str, **seconds: float) -> AsyncIterator[Api]:
    """The application on a database, with so many seconds for requests."""
    given = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "deliver": False, **seconds}
    app = create_app(Settings.model_validate(given))
    async with app.router.lifespan_context(app), Api.of(app) as api:
        yield api


@pytest.mark.usefixtures("endlessly")
@pytest.mark.parametrize(("query", "is_admin"), [(SEARCH, False), (COUNT, False), (SEARCH, True), (REPORT, True)])
async def test_shoppers_are_answered_whatever_30_others_read_and_it_ends_when_they_leave(
    database_url: str, query: str, *, is_admin: bool
) -> None:
    async with listening(database_url) as url, client(url) as api:
        assert await api.data(SHOPPER) == {"productsBySku": [None]}  # it answers by now
        await stock_up({"A": {"default": 5}})
        tasks = [asyncio.create_task(api.ask(query, admin=is_admin)) for _ in range(30)]
        await until_running(2)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await asyncio.gather(*(api.data(SHOPPER, admin=False) for _ in range(10))) == [ANSWER] * 10
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await until_none_runs()
        assert await api.data(SHOPPER, admin=False) == ANSWER


@pytest.mark.usefixtures("endlessly")
async def test_what_takes_too_long_is_ended_and_said(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with impatient(database_url, read_seconds=0.3) as api:
        await stock_up({"A": {"default": 5}})
        assert await api.code(REPORT) == "TIMEOUT"
        assert await api.code(SEARCH, admin=False) == "TIMEOUT"
        await until_none_runs()
        assert len([each for each in caplog.records if "was ended" in each.message]) == 2


async def test_a_caller_is_told_that_what_cannot_be_answered_in_time_is_written(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with impatient(database_url, read_seconds=1) as api:
        await stock_up({"A": {"default": 5}})
        given = {"source": "default", "lines": [line("A", 3)], "key": "a delivery"}
        with monkeypatch.context() as patch:
            patch.setattr(receive_stock, "_ITEMS", f"SELECT z.* FROM ({receive_stock._ITEMS}) z WHERE {endless()} > 0")
            assert await api.code(RECEIVE, given) == "TIMEOUT_AFTER_WRITE"
        answer = (await api.data(RECEIVE, given))["answer"]
        assert answer["sourceItems"] == [{"sku": "A", "quantity": 8}]
