"""Trying an endpoint: one signed message, at once."""

from collections.abc import AsyncIterator

import pytest
from standardwebhooks import Webhook

from resolvers.notifications.webhook_endpoints import EndpointRow, upsert_endpoints
from server.app import create_app
from server.settings import Settings
from tests.client import ADMIN_TOKEN, Api
from tests.deliveries import deliveries
from tests.schema.notifications import ALL, TEST, UPSERT, done, nodes, refused, upsert
from tests.server.receiver import receiving, status


@pytest.fixture
async def private(database_url: str) -> AsyncIterator[Api]:
    """An API whose webhooks may go to private addresses."""
    given = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "webhook_private": True, "deliver": False}
    app = create_app(Settings.model_validate(given))
    async with app.router.lifespan_context(app), Api.of(app) as client:
        yield client


async def test_where_private_addresses_are_allowed_they_may_be_written(private: Api) -> None:
    assert (await upsert(private, url="http://127.0.0.1:9/"))[0]["url"] == "http://127.0.0.1:9/"
    assert await refused(private, UPSERT, [{"code": "erp", "url": "x"}]) == [("INVALID_URL", "endpoints.0.url")]


async def test_a_test_is_sent_at_once_and_signed_and_is_neither_queued_nor_counted(private: Api) -> None:
    async with receiving() as receiver:
        _, secret = await upsert(private, url=receiver.url(), events=["LOW_STOCK"], enabled=False)
        assert secret is not None
        assert await done(private, TEST, "erp") == {"delivered": True, "error": None}
        (request,) = receiver.requests
        message = Webhook(secret).verify(request.body, request.headers)
        assert message["type"] == "webhook.test"
        assert message["data"] == {"endpoint": "erp"}
        assert message["id"] == request.headers["webhook-id"]
        await upsert(private, enabled=True)
        for code in (302, 410, 500):
            receiver.answer = status(code)
            found = await done(private, TEST, "erp")
            assert found["delivered"] is False
            assert str(code) in found["error"]
    found = await done(private, TEST, "erp")
    assert found == {"delivered": False, "error": "127.0.0.1 could not be connected to: Connection refused."}
    (endpoint,) = await nodes(private, "webhookEndpoints", ALL)
    assert (endpoint["enabled"], endpoint["failures"]) == (True, 0)
    assert await deliveries() == []


async def test_a_test_reaches_no_private_address_either(api: Api) -> None:
    async with receiving() as receiver:  # written while it was allowed
        await upsert_endpoints([EndpointRow("erp", receiver.url())], "ann", may_be_private=True)
        found = await done(api, TEST, "erp")
        assert found["delivered"] is False
        assert "private address" in found["error"]
    assert receiver.requests == []
