"""Webhooks of a service that runs as people run it: with its loop, its settings and its log."""

from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook

from tests.client import ADMIN_TOKEN, AS_ADMIN
from tests.server.process import PATIENCE_SECONDS, Service, serving
from tests.server.receiver import receiving, status

UPSERT = """mutation ($url: String!) {
    upsertWebhookEndpoints(endpoints: [{ code: "erp", url: $url }]) { secrets { secret } userErrors { code } }
}"""
TEST = 'mutation { testWebhookEndpoint(code: "erp") { delivered error } }'


async def ask(service: Service, query: str, **variables: str) -> Any:
    """The data of a request as admin."""
    async with httpx.AsyncClient(base_url=service.url, headers=AS_ADMIN, timeout=PATIENCE_SECONDS) as http:
        answer = (await http.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in answer
    (found,) = answer["data"].values()
    return found


async def test_a_service_tells_its_own_network_only_where_its_setting_says_so(
    tmp_path: Path, database_url: str
) -> None:
    settings = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "log_level": "debug"}
    async with receiving(status(204)) as receiver:
        with serving(cwd=tmp_path, webhook_private="true", **settings) as service:
            written = await ask(service, UPSERT, url=receiver.url("localhost", "/?hidden"))
            (secret,) = [each["secret"] for each in written["secrets"]]
            assert await ask(service, TEST) == {"delivered": True, "error": None}
            (request,) = receiver.requests
            assert Webhook(secret).verify(request.body, request.headers)["type"] == "webhook.test"
            log = service.output()
        with serving(cwd=tmp_path, **settings) as service:
            found = await ask(service, TEST)
            assert found == {
                "delivered": False,
                "error": "localhost leads to a private address; only public ones are told.",
            }
            assert (await ask(service, UPSERT, url=receiver.url()))["userErrors"] == [{"code": "PRIVATE_ADDRESS"}]
            log += service.output()
        assert len(receiver.requests) == 1
    assert "hidden" not in log
    assert secret.removeprefix("whsec_") not in log
