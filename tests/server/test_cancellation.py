"""Callers that go away in the middle of a request leave the service as it was."""

import asyncio
from contextlib import suppress
from random import Random

from tests.client import Api
from tests.server.process import PATIENCE_SECONDS

READ = "{ products(first: 50) { nodes { sku salableQty } totalCount } }"


async def test_200_cancelled_requests_and_the_service_goes_on(api: Api) -> None:
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": f"SKU-{n}"} for n in range(50)])
    chance = Random(7)  # noqa: S311  # when to go away needs no secrecy
    cancelled = number = 0
    while cancelled < 200:
        number += 1
        item = {"source": "default", "sku": f"SKU-{number % 50}", "quantity": number}
        call = api.change("setSourceItems", "items", "[SourceItemInput!]!", [item]) if number % 2 else api.data(READ)
        task = asyncio.create_task(call)
        await asyncio.sleep(chance.uniform(0, 0.003))
        if task.cancel():
            cancelled += 1
        with suppress(asyncio.CancelledError):
            await task

    async with asyncio.timeout(PATIENCE_SECONDS):
        item = {"source": "default", "sku": "SKU-7", "quantity": 7.5}
        await api.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
        assert (await api.data('{ product(sku: "SKU-7") { salableQty } }'))["product"]["salableQty"] * 2 == 15


async def test_cancelled_transactions_end_as_a_whole(api: Api) -> None:
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "A"}, {"sku": "B"}])
    for number in range(1, 100):
        items = [{"source": "default", "sku": sku, "quantity": number} for sku in ("A", "B")]
        task = asyncio.create_task(api.change("setSourceItems", "items", "[SourceItemInput!]!", items))
        await asyncio.sleep(0.0005 * (number % 7))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        found = (await api.data('{ productsBySku(skus: ["A", "B"]) { salableQty } }'))["productsBySku"]
        assert found[0] == found[1]
