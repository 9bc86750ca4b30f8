"""The customer of an order: an address and a language, stored, compared in retries, and shown to nobody."""

import hashlib
import json
import logging
from typing import Any

import orjson
import pytest

from models.database import reader
from models.sql import fetch
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import AS_ADMIN, Api
from tests.orders import ORDER, PLACE, Payload, line
from tests.worlds import rule, stock_up

ANN = {"customerEmail": "ann.o'neill+shop@example.com", "locale": "de-AT"}
NO_EMAILS = [
    "",
    "ann",
    "@example.com",
    "ann@",
    "ann@@example.com",
    "ann smith@example.com",
    "ann@exam ple.com",
    "ann@example.com\nBcc: eve@example.com",
    "ann\r@example.com",
    "ann\0@example.com",
    "ann\u2028@example.com",
    "ann\u200b@example.com",
    "ann@example.com,eve@example.com",
    "Ann <ann@example.com>",
    '"ann"@example.com',
    "ann@example..com",
    ".ann@example.com",
    "ann@[127.0.0.1]",
    f"{'x' * 65}@example.com",
    f"ann@{'x' * 250}.c",
    "ann\ud800@example.com",
]
NO_LOCALES = [
    "",
    "d",
    "de_AT",
    "de-",
    "-de",
    "de--AT",
    "../de",
    "de/AT",
    "de\n",
    "1de",
    "d\u00e9",
    "x" * 9,
    f"de{'-abcdefgh' * 4}",
]


@pytest.fixture
async def shop(api: Api) -> Api:
    """2 TENT, 2 LAMP; more may be ordered of both, and the customer is told only of late TENT."""
    await stock_up({"TENT": {"default": 2}, "LAMP": {"default": 2}})
    await rule(scope_of(None, "TENT"), {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY})
    await rule(scope_of(None, "LAMP"), {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    return api


async def placed(api: Api, number: str = "1001", key: str | None = None, **more: Any) -> Payload:
    """The payload of placeOrder for 5 TENT and 3 LAMP."""
    asked = {"number": number, "lines": [line("TENT", 5), line("LAMP", 3)], "idempotencyKey": key or number, **more}
    payload: Payload = (await api.data(ORDER + PLACE, {"input": asked}))["placeOrder"]
    return payload


async def customers() -> list[tuple[str, str]]:
    """Who is stored, oldest order first."""
    rows = await fetch(reader(), "SELECT customer_email, locale FROM sales_order ORDER BY id")
    return [(row["customer_email"], row["locale"]) for row in rows]


async def test_an_address_and_a_language_are_stored_with_the_order(shop: Api) -> None:
    longest = f"{'x' * 64}@{'y' * 63}.{'z' * 63}.{'w' * 61}"
    assert len(longest) == 254
    for number, given in (
        ("1001", ANN),
        ("1002", {}),
        ("1003", {"customerEmail": None, "locale": None}),
        ("1004", {"customerEmail": "j\u00f6rg@b\u00fccher.example", "locale": "zh-Hant-TW"}),
        ("1005", {"customerEmail": longest, "locale": "sl"}),
        ("1006", {"customerEmail": "demo@localhost"}),
    ):
        assert (await placed(shop, number, **given))["userErrors"] == [], number
    assert await customers() == [
        (ANN["customerEmail"], "de-AT"),
        ("", ""),
        ("", ""),
        ("j\u00f6rg@b\u00fccher.example", "zh-Hant-TW"),
        (longest, "sl"),
        ("demo@localhost", ""),
    ]


@pytest.mark.parametrize("email", NO_EMAILS, ids=ascii)
async def test_what_is_no_address_is_refused(shop: Api, email: str) -> None:
    (error,) = await errors_of(shop, customerEmail=email)
    assert (error["code"], error["field"]) == ("INVALID_EMAIL", ["input", "customerEmail"])
    assert await customers() == []


@pytest.mark.parametrize("locale", NO_LOCALES, ids=ascii)
async def test_what_is_no_language_is_refused(shop: Api, locale: str) -> None:
    (error,) = await errors_of(shop, locale=locale)
    assert (error["code"], error["field"]) == ("INVALID_TEXT", ["input", "locale"])
    assert await customers() == []


async def test_both_are_part_of_the_input_that_a_retry_repeats(shop: Api) -> None:
    first = await placed(shop, "1001", **ANN)
    assert await placed(shop, "1001", **ANN) == first
    for other in ({}, {**ANN, "locale": "de"}, {**ANN, "customerEmail": "eve@example.com"}, {"locale": "de-AT"}):
        (error,) = (await placed(shop, "1001", **other))["userErrors"]
        assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await customers() == [(ANN["customerEmail"], "de-AT")]


async def test_left_out_and_null_are_one_input_and_that_of_calls_from_before_these_fields(shop: Api) -> None:
    first = await placed(shop, "1001", key="k")
    assert await placed(shop, "1001", key="k", customerEmail=None, locale=None) == first
    (call,) = await fetch(reader(), "SELECT digest FROM call WHERE key = 'k'")
    before = {"number": "1001", "sales_channel": "default", "lines": [["TENT", 50_000], ["LAMP", 30_000]]}
    assert call["digest"] == hashlib.sha256(json.dumps(before, sort_keys=True).encode()).hexdigest()


async def test_what_waits_is_told_with_the_lines_that_the_customer_is_to_hear_of(shop: Api) -> None:
    await placed(shop, "1001", **ANN)
    rows = await fetch(reader(), "SELECT payload FROM outbox WHERE event = 'order.backordered'")
    (payload,) = [orjson.loads(row["payload"]) for row in rows]
    assert payload == {
        "order": "1001",
        "backordered": {"TENT": "3", "LAMP": "1"},
        "notices": {"TENT": "2 can ship now; the remaining 3 are on backorder and ship when stock arrives."},
    }


async def test_no_address_reaches_an_event_the_facts_of_a_call_or_the_log(
    shop: Api, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("salable", "uvicorn"):  # what the service logs; that of its drivers goes nowhere
        caplog.set_level(logging.DEBUG, name)
    await placed(shop, "1001", **ANN)
    await placed(shop, "1002", customerEmail="no address of ann")
    rows = await fetch(reader(), "SELECT payload AS text FROM outbox UNION ALL SELECT facts FROM call")
    said = caplog.text + " ".join(row["text"] for row in rows)
    assert rows
    assert not any(secret in said for secret in ("neill", "no address of ann"))


async def errors_of(api: Api, **more: Any) -> list[dict[str, Any]]:
    """The userErrors of an order that is not placed, of any JSON."""
    asked = {"number": "1001", "lines": [line("TENT", 1)], "idempotencyKey": "k", **more}
    body = json.dumps({"query": ORDER + PLACE, "variables": {"input": asked}})  # it writes half a surrogate pair, too
    response = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json", **AS_ADMIN})
    found: list[dict[str, Any]] = response.json()["data"]["placeOrder"]["userErrors"]
    return found
