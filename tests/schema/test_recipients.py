"""Who is told by mail: addresses by source, replaced as a whole."""

import asyncio
from typing import Any

import pytest

from tests.client import Api
from tests.schema.notifications import done, refused

CALL = "setNotificationRecipients"
NO_EMAILS = [
    "",
    "ann",
    "@example.com",
    "ann@",
    "ann smith@example.com",
    "ann@example.com\r\nBcc: eve@example.com",
    "ann@example.com, eve@example.com",
    "Ann <ann@example.com>",
    "ann@example..com",
    "a\0@example.com",
    "a\ud800@example.com",
    "a" * 65 + "@example.com",
    "a@" + "x" * 250 + ".com",
]


async def recipients(api: Api) -> Any:
    """All addresses."""
    return (await api.data("{ notificationRecipients { source emails } }"))["notificationRecipients"]


@pytest.fixture
async def store(api: Api) -> Api:
    """Sources berlin and wien."""
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "berlin"}, {"code": "wien"}])
    return api


async def test_addresses_are_replaced_for_the_sources_that_are_named_and_no_other(store: Api) -> None:
    assert await recipients(store) == []
    everywhere, berlin = {"source": None, "emails": ["b@example.com", "a@example.com"]}, {"source": "berlin"}
    found = await done(store, CALL, [{**berlin, "emails": ["x@example.com"]}, {"emails": everywhere["emails"]}])
    assert found == {"recipients": [everywhere, {**berlin, "emails": ["x@example.com"]}]}

    found = await done(store, CALL, [{**berlin, "emails": ["y@example.com", "b@example.com"]}])
    assert found["recipients"] == [everywhere, {**berlin, "emails": ["y@example.com", "b@example.com"]}]
    assert await recipients(store) == found["recipients"]

    found = await done(store, CALL, [{"source": None, "emails": []}, {"source": "wien", "emails": ["w@example.com"]}])
    assert [row["source"] for row in found["recipients"]] == ["berlin", "wien"]
    await done(store, CALL, [])
    await done(store, CALL, [{"source": source, "emails": []} for source in ("berlin", "wien", None)])
    assert await recipients(store) == []


@pytest.mark.parametrize("email", NO_EMAILS, ids=lambda email: ascii(email)[:30])
async def test_what_is_no_address_is_named_by_its_path(store: Api, email: str) -> None:
    rows = [{"emails": ["ann@example.com"]}, {"source": "berlin", "emails": ["bob@example.com", email]}]
    assert await refused(store, CALL, rows) == [("INVALID_EMAIL", "recipients.1.emails.1")]


async def test_everything_else_that_is_wrong_has_its_code_and_path(store: Api) -> None:
    one = ["ann@example.com"]
    many = [f"a{number}@example.com" for number in range(101)]
    ones: list[dict[str, Any]] = [{"source": f"s{number}", "emails": one} for number in range(2_501)]
    for rows, expected in (
        ([{"source": "nowhere", "emails": one}], [("UNKNOWN_SOURCE", "recipients.0.source")]),
        ([{"source": "nowhere", "emails": []}], [("UNKNOWN_SOURCE", "recipients.0.source")]),
        ([{"source": "", "emails": one}], [("INVALID_CODE", "recipients.0.source")]),
        ([{"source": "a\0", "emails": one}], [("INVALID_CODE", "recipients.0.source")]),
        ([{"source": "a\udfff", "emails": one}], [("INVALID_CODE", "recipients.0.source")]),
        ([{"emails": one}, {"source": None, "emails": one}], [("DUPLICATE_ROW", "recipients.1")]),
        ([{"source": "wien", "emails": []}] * 2, [("DUPLICATE_ROW", "recipients.1")]),
        ([{"emails": ["ann@example.com", "Ann@Example.com"]}], [("DUPLICATE_ROW", "recipients.0.emails.1")]),
        ([{"emails": many}], [("TOO_MANY", "recipients.0.emails")]),
        (ones, [("TOO_MANY", "recipients")]),
        (
            [{"source": "", "emails": ["x"]}, {"emails": ["y", "y"]}],
            [
                ("INVALID_CODE", "recipients.0.source"),
                ("INVALID_EMAIL", "recipients.0.emails.0"),
                ("INVALID_EMAIL", "recipients.1.emails.0"),
                ("INVALID_EMAIL", "recipients.1.emails.1"),
                ("DUPLICATE_ROW", "recipients.1.emails.1"),
            ],
        ),
    ):
        assert await refused(store, CALL, rows) == expected, str(rows)[:99]
    assert len((await done(store, CALL, [{"emails": many[:100]}]))["recipients"][0]["emails"]) == 100


async def test_of_two_who_write_at_once_one_is_the_last(store: Api) -> None:
    lists = [[f"{name}{number}@example.com" for number in range(20)] for name in "abcdef"]
    await asyncio.gather(*(done(store, CALL, [{"emails": emails}]) for emails in lists))
    (row,) = await recipients(store)
    assert row["emails"] in lists
