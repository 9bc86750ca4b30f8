"""Wrong tokens are counted and logged, never shown, and cannot flood the log."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from server.wrong_tokens import WrongTokens
from tests.client import AS_ADMIN, Api
from tests.server.crowd import client, service
from tests.watching import PATIENCE_SECONDS, PROTOCOL

WRONG = "a-wrong-token-of-somebody"
QUERY = {"query": "{ __typename }"}


async def test_wrong_tokens_are_logged_with_where_they_came_from_and_never_shown(
    tmp_path: Path, database_url: str, db: None
) -> None:
    with service(tmp_path / "service", database_url) as running:
        async with client(running.url) as api:
            await api.http.post("/graphql", json=QUERY)
            await api.http.post("/graphql", json=QUERY, headers=AS_ADMIN)
            assert "wrong token" not in running.output()
            for header in (f"Bearer {WRONG}", f"Basic {WRONG}", WRONG):
                await api.http.post("/graphql", json=QUERY, headers={"Authorization": header})
        address = f"{running.url.replace('http', 'ws')}/graphql"
        async with connect(address, subprotocols=[PROTOCOL]) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {WRONG}"}}))
            await socket.recv()
        running.stop()
        output = running.output()
    assert "1 wrong token from 127.0.0.1; 1 since the process began" in output
    assert "3 wrong tokens from 127.0.0.1; 4 since the process began" in output
    assert WRONG not in output


async def test_many_wrong_tokens_are_few_lines_that_count_them_all(caplog: pytest.LogCaptureFixture) -> None:
    wrong = WrongTokens(seconds=0.01)
    named = [f"2001:db8::{number}" for number in range(1, 6)]
    with caplog.at_level(logging.WARNING, "salable.auth"):
        for number in range(1_000):
            wrong.note(f"2001:db8::{number % 50:x}")
        wrong.note("\x1b[31m forged")
        wrong.note(None)
        await _lines(caplog, 2)
        assert [record.getMessage() for record in caplog.records] == [
            "1 wrong token from 2001:db8::; 1 since the process began",
            f"1,001 wrong tokens from {', '.join(named)} and others; 1,002 since the process began",
        ]
        wrong.note("192.0.2.7")
        await _lines(caplog, 3)
        assert caplog.records[-1].getMessage() == "1 wrong token from 192.0.2.7; 1,003 since the process began"
    assert wrong.count == 1_003


async def test_the_zone_of_an_address_is_not_said(caplog: pytest.LogCaptureFixture) -> None:
    """A proxy's header can hold anything behind its percent sign."""
    wrong = WrongTokens()
    with caplog.at_level(logging.WARNING, "salable.auth"):
        wrong.note(f"fe80::1%1 and 99 wrong tokens from 192.0.2.1{'x' * 3_000}")
    wrong.close()
    assert [record.getMessage() for record in caplog.records] == [
        "1 wrong token from fe80::1; 1 since the process began"
    ]


async def _lines(caplog: pytest.LogCaptureFixture, most: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(caplog.records) < most:  # noqa: ASYNC110  # the log tells nobody
            await asyncio.sleep(0)


async def test_a_revoked_or_missing_token_is_no_reason_to_refuse_the_rest(api: Api) -> None:
    answer = await api.http.post("/graphql", json=QUERY, headers={"Authorization": f"Bearer {WRONG}"})
    assert answer.json() == {"data": {"__typename": "Query"}}
