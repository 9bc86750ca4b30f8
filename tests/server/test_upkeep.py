"""What the service tidies up while it runs: soon after its start too, and again whatever failed."""

import asyncio
import logging

import pytest

from models import supervision
from models.database import reader
from models.sql import fetch
from server import upkeep
from server.delivery import loop as delivery
from server.delivery.loop import delivering
from server.upkeep import FIRST_SECONDS
from tests.server.loops import OFTEN, until
from tests.server.process import PATIENCE_SECONDS
from tests.telling import say, write

_RECEIPT = "INSERT INTO call (mutation, key, digest, facts, created_at) VALUES ('receiveStock', $1, '', '', 0)"


async def test_what_is_old_is_forgotten_soon_after_a_start_and_what_failed_is_tried_again(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upkeep, "FIRST_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(supervision, "LONGEST_PAUSE", 0.05)
    await write(_RECEIPT, "old")
    await write("ALTER TABLE call RENAME TO hidden")
    with caplog.at_level(logging.INFO):
        async with upkeep.upkeep(receipt_key_days=30):
            await until(lambda: "upkeep of receipts failed" in caplog.text)
            await write("ALTER TABLE hidden RENAME TO call")
            await until(lambda: "upkeep of receipts runs again" in caplog.text)
    assert await fetch(reader(), "SELECT key FROM call") == []


async def test_what_was_told_is_pruned_soon_after_a_start(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "FIRST_PRUNE_SECONDS", (0.0, 0.0))
    await say("1")
    await write("UPDATE outbox SET is_dispatched = TRUE, created_at = 0")
    async with delivering({}, OFTEN), asyncio.timeout(PATIENCE_SECONDS):
        while await fetch(reader(), "SELECT id FROM outbox"):  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.02)


def test_processes_that_start_at_once_do_not_tidy_up_at_once() -> None:
    first, last = FIRST_SECONDS
    assert 0 < first < last <= 60
