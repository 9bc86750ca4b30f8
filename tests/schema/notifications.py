"""Writing and reading who is told, as an admin."""

import json
from typing import Any

from tests.client import AS_ADMIN, Api

CALLS = {
    "setNotificationRecipients": ("recipients", "[NotificationRecipientsInput!]!", "recipients { source emails }"),
    "upsertWebhookEndpoints": (
        "endpoints",
        "[WebhookEndpointInput!]!",
        "secrets { code secret } endpoints { code url events enabled failures disabledReason createdAt }",
    ),
    "removeWebhookEndpoints": ("codes", "[String!]!", "count"),
    "testWebhookEndpoint": ("code", "String!", "delivered error"),
    "retryDelivery": (
        "id",
        "ID!",
        "delivery { id event subject channel target state attempts createdAt nextAttemptAt deliveredAt error }",
    ),
}
STATE = """{
    notificationRecipients { source emails }
    webhookEndpoints { totalCount nodes { code url events enabled failures disabledReason createdAt } }
    deliveries { totalCount nodes { id state attempts nextAttemptAt error } }
}"""
UPSERT, REMOVE, TEST = "upsertWebhookEndpoints", "removeWebhookEndpoints", "testWebhookEndpoint"
ALL = "code url events enabled failures disabledReason createdAt"
"""Of an endpoint."""
Errors = list[tuple[str, str]]


async def payload(api: Api, call: str, value: Any) -> dict[str, Any]:
    """The payload of a mutation, which is no request error."""
    argument, type_, selection = CALLS[call]
    errors = "userErrors { code message field }"
    query = f"mutation ($value: {type_}) {{ {call}({argument}: $value) {{ {selection} {errors} }} }}"
    body = json.dumps({"query": query, "variables": {"value": value}})  # it escapes half a surrogate pair
    response = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json", **AS_ADMIN})
    answer = response.json()
    assert (response.status_code, "errors" in answer) == (200, False), answer
    found: dict[str, Any] = answer["data"][call]
    return found


async def done(api: Api, call: str, value: Any) -> dict[str, Any]:
    """The payload of a mutation that must go well, without its errors."""
    found = await payload(api, call, value)
    assert found.pop("userErrors") == []
    return found


async def refused(api: Api, call: str, value: Any) -> Errors:
    """The code and path of each error of a mutation that writes nothing and answers nothing else."""
    before = await api.data(STATE)
    found = await payload(api, call, value)
    assert await api.data(STATE) == before
    errors = found.pop("userErrors")
    assert not any(found.values()), found
    assert all(error["message"] for error in errors)
    return [(error["code"], ".".join(error["field"])) for error in errors]


async def nodes(api: Api, list_: str, selection: str) -> Any:
    """The nodes of a list."""
    return (await api.data(f"{{ {list_} {{ nodes {{ {selection} }} }} }}"))[list_.partition("(")[0]]["nodes"]


async def upsert(api: Api, **row: Any) -> tuple[dict[str, Any], str | None]:
    """Write one endpoint: as it is now, and its secret where one was made."""
    found = await done(api, UPSERT, [{"code": "erp", **row}])
    (endpoint,) = found["endpoints"]
    assert [each["code"] for each in found["secrets"]] in ([], [endpoint["code"]])
    return endpoint, found["secrets"][0]["secret"] if found["secrets"] else None
