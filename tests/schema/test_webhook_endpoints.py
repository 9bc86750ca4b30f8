"""Webhook endpoints as data: written, rotated and removed by an admin, and secrets shown once."""

import asyncio
import json
from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema
from standardwebhooks import Webhook

from schema.build import sdl
from tests.client import Api
from tests.deliveries import deliveries, queued
from tests.schema.notifications import ALL, REMOVE, TEST, UPSERT, done, nodes, payload, refused, upsert

ERP = {"code": "erp", "url": "https://hooks.example/erp?token=1"}
NO_CODES = ["", "x" * 65, "A\0B", "A\ud800", "A\nB"]


async def test_a_new_endpoint_wants_everything_and_gets_a_secret(api: Api) -> None:
    endpoint, secret = await upsert(api, **ERP)
    assert secret is not None
    assert secret.startswith("whsec_")
    Webhook(secret)
    assert endpoint.pop("createdAt")
    rest = {"events": [], "enabled": True, "failures": 0, "disabledReason": None}
    assert endpoint == {**ERP, **rest}
    others = await done(api, UPSERT, [{**ERP, "code": code, "rotateSecret": True} for code in ("a", "b")])
    assert len({secret, *(each["secret"] for each in others["secrets"])}) == 3


async def test_what_is_left_out_or_null_stays_and_a_secret_is_made_only_when_it_is_asked_for(api: Api) -> None:
    first, secret = await upsert(api, **ERP, events=["LOW_STOCK", "ORDER_SHIPPED", "LOW_STOCK"], enabled=False)
    assert first["events"] == ["LOW_STOCK", "ORDER_SHIPPED"]
    assert first["disabledReason"] == "Disabled by admin."
    absent = dict.fromkeys(("url", "events", "enabled", "rotateSecret"))
    for row in ({}, absent, {"rotateSecret": False}, {"enabled": False}):
        assert await upsert(api, **row) == (first, None)
    changed, rotated = await upsert(api, events=[], enabled=True, rotateSecret=True, url="http://hooks.example/")
    assert rotated not in (None, secret)
    assert changed == {
        **first,
        "events": [],
        "enabled": True,
        "disabledReason": None,
        "url": "http://hooks.example/",
    }
    assert await nodes(api, "webhookEndpoints", ALL) == [changed]


async def test_secrets_are_shown_by_nothing_but_the_call_that_makes_them(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    types = build_schema(sdl()).type_map
    with_secrets = {
        f"{name}.{field}"
        for name, type_ in types.items()
        if isinstance(type_, GraphQLObjectType)
        for field in type_.fields
        if "secret" in field.lower()
    }
    assert with_secrets == {"UpsertWebhookEndpointsPayload.secrets", "WebhookSecret.secret"}
    _, secret = await upsert(api, **ERP)
    assert secret is not None
    answers = [
        await api.ask(f"{{ webhookEndpoints {{ nodes {{ {ALL} }} edges {{ node {{ {ALL} }} }} }} }}"),
        await payload(api, UPSERT, [{"code": "erp", "events": []}]),
        await payload(api, UPSERT, [{"code": "erp", "url": "no"}]),
        await payload(api, TEST, "erp"),
        await payload(api, REMOVE, ["erp"]),
    ]
    assert secret.removeprefix("whsec_") not in json.dumps(answers) + caplog.text


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "INVALID_URL"),
        ("hooks.example", "INVALID_URL"),
        ("ftp://hooks.example/", "INVALID_URL"),
        ("https://ann:secret@hooks.example/", "INVALID_URL"),
        ("https://hooks.example/" + "x" * 2_000, "INVALID_URL"),
        ("https://hooks.example/\0", "INVALID_URL"),
        ("https://hooks.example/\ud800", "INVALID_URL"),
        ("http://127.0.0.1/", "PRIVATE_ADDRESS"),
        ("http://[::1]/", "PRIVATE_ADDRESS"),
        ("http://10.0.0.1/", "PRIVATE_ADDRESS"),
        ("http://169.254.169.254/latest", "PRIVATE_ADDRESS"),
        ("http://[::ffff:127.0.0.1]/", "PRIVATE_ADDRESS"),
        ("http://[64:ff9b::7f00:1]/", "PRIVATE_ADDRESS"),
        ("http://2130706433/", "PRIVATE_ADDRESS"),
        ("http://0177.0.0.1/", "PRIVATE_ADDRESS"),
        ("http://localhost:8000/", "PRIVATE_ADDRESS"),
    ],
    ids=lambda value: ascii(value)[:30],
)
async def test_a_url_that_is_none_or_leads_inside_is_refused(api: Api, url: str, code: str) -> None:
    await upsert(api, **ERP)
    for row in ({"code": "erp", "url": url}, {"code": "new", "url": url}):
        assert await refused(api, UPSERT, [{**ERP, "code": "other"}, row]) == [(code, "endpoints.1.url")]


async def test_everything_else_that_is_wrong_has_its_code_and_path(api: Api) -> None:
    for code in NO_CODES:
        assert await refused(api, UPSERT, [{**ERP, "code": code}]) == [("INVALID_CODE", "endpoints.0.code")]
        assert await refused(api, REMOVE, [code]) == [("INVALID_CODE", "codes.0")]
        assert await refused(api, TEST, code) == [("INVALID_CODE", "code")]
    await upsert(api, **ERP)
    many = [f"e{number}" for number in range(5_001)]
    for call, value, expected in (
        (UPSERT, [ERP, ERP], ("DUPLICATE_ROW", "endpoints.1")),
        (UPSERT, [{**ERP, "code": code} for code in many], ("TOO_MANY", "endpoints")),
        (UPSERT, [{"code": "new"}], ("INVALID_URL", "endpoints.0.url")),
        (REMOVE, ["erp", "none"], ("UNKNOWN_ENDPOINT", "codes.1")),
        (REMOVE, ["erp", "erp"], ("DUPLICATE_ROW", "codes.1")),
        (REMOVE, many, ("TOO_MANY", "codes")),
        (TEST, "none", ("UNKNOWN_ENDPOINT", "code")),
    ):
        assert await refused(api, call, value) == [expected], call
    query = 'mutation { upsertWebhookEndpoints(endpoints: [{ code: "erp", events: [NONE] }]) { userErrors { code } } }'
    assert await api.code(query) == "GRAPHQL_VALIDATION_FAILED"
    query = 'mutation ($e: [NotificationEvent!]) { upsertWebhookEndpoints(endpoints: [{ code: "e", events: $e }])'
    assert await api.code(query + " { userErrors { code } } }", {"e": ["stock.low"]}) == "BAD_USER_INPUT"


async def test_there_are_at_most_100_endpoints_whoever_writes_them(api: Api) -> None:
    batches = [[{**ERP, "code": f"{name}{number:02d}"} for number in range(40)] for name in "abcd"]
    answers = await asyncio.gather(*(payload(api, UPSERT, batch) for batch in batches))
    refusals = [[error["code"] for error in answer["userErrors"]] for answer in answers]
    assert sorted(refusals) == [[], [], ["TOO_MANY"], ["TOO_MANY"]]
    written = await nodes(api, "webhookEndpoints(first: 250)", "code")
    assert len(written) == 80
    rest = [{**ERP, "code": f"x{number:02d}"} for number in range(20)]
    await done(api, UPSERT, rest)
    assert await refused(api, UPSERT, [{**ERP, "code": "y"}]) == [("TOO_MANY", "endpoints")]
    await done(api, UPSERT, [{**ERP, "code": "x00", "events": ["LOW_STOCK"]}])


async def test_of_two_who_write_a_new_endpoint_at_once_one_gets_its_secret(api: Api) -> None:
    answers = await asyncio.gather(*(done(api, UPSERT, [ERP]) for _ in range(6)))
    assert sum(len(answer["secrets"]) for answer in answers) == 1


async def test_the_list_goes_by_code_in_pages(api: Api) -> None:
    codes = ["Z", "a", "b", "ä"]
    await done(api, UPSERT, [{**ERP, "code": code} for code in reversed(codes)])
    seen: list[str] = []
    after = None
    for _ in codes:
        asked = "totalCount nodes { code } pageInfo { endCursor }"
        query = f"query ($a: String) {{ webhookEndpoints(first: 1, after: $a) {{ {asked} }} }}"
        page = (await api.data(query, {"a": after}))["webhookEndpoints"]
        assert page["totalCount"] == len(codes)
        seen += [each["code"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == codes
    assert await api.code("{ webhookEndpoints(first: 0) { totalCount } }") == "BAD_PAGE_SIZE"
    assert await api.code('{ webhookEndpoints(after: "x") { totalCount } }') == "BAD_CURSOR"


async def test_what_was_on_its_way_to_an_endpoint_goes_with_it_and_the_rest_stays(api: Api) -> None:
    await done(api, UPSERT, [ERP, {**ERP, "code": "crm"}])
    await queued("erp", state="PENDING")
    await queued("erp", state="DELIVERED")
    await queued("erp", state="DEAD")
    await queued("crm", state="PENDING")
    await queued("erp", state="PENDING", channel="MAIL")
    assert await done(api, REMOVE, ["erp"]) == {"count": 1}
    assert await done(api, REMOVE, []) == {"count": 0}
    assert await nodes(api, "webhookEndpoints", "code") == [{"code": "crm"}]
    left = [(row["channel"], row["target"], row["state"]) for row in await deliveries()]
    assert left == [
        ("WEBHOOK", "erp", "DELIVERED"),
        ("WEBHOOK", "erp", "DEAD"),
        ("WEBHOOK", "crm", "PENDING"),
        ("MAIL", "erp", "PENDING"),
    ]


@pytest.mark.parametrize("change", [{"enabled": True}, {"enabled": True, "url": "https://hooks.example/new"}])
async def test_what_waited_for_a_disabled_endpoint_goes_on_once_it_is_enabled(api: Api, change: dict[str, Any]) -> None:
    await upsert(api, **ERP, enabled=False)
    late = await queued("erp", attempts=9, due_in=3_600)
    other = await queued("crm", attempts=9, due_in=3_600)
    changes: list[dict[str, Any]] = [{"events": []}, {"url": "https://hooks.example/other"}, {"enabled": False}]
    for row in changes:
        await upsert(api, **row)
    assert {row["attempts"] for row in await deliveries()} == {9}
    await upsert(api, **change)
    found = {row["id"]: row for row in await deliveries()}
    assert found[late]["attempts"] == 0
    assert found[late]["due_at"] < found[other]["due_at"]
    assert found[other]["attempts"] == 9


async def test_another_url_starts_anew_and_the_same_one_does_not(api: Api) -> None:
    await upsert(api, **ERP)
    late = await queued("erp", attempts=3, due_in=3_600)
    await upsert(api, **ERP, enabled=True)
    assert [row["attempts"] for row in await deliveries()] == [3]
    await upsert(api, url="https://hooks.example/new")
    assert [(row["id"], row["attempts"]) for row in await deliveries()] == [(late, 0)]
