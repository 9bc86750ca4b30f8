"""Writers of rules in several processes: one wins, the others are told, and no two windows overlap."""

import asyncio
import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.address import parse_address
from models.database import database, reader
from models.sql import fetch
from resolvers.rule_store.rule_import import lasting_rules
from rules.change import window_of

ROOT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, json, sys
from datetime import datetime
from decimal import Decimal
from models.address import parse_address
from models.database import database
from resolvers.errors import Refused
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import RulesChange
from rules.scope import ScopeType
from rules.setting import SettingKey

def instant(text):
    return datetime.fromisoformat(text) if text else None

async def main():
    url, calls = sys.argv[1], json.loads(sys.argv[2])
    answers = []
    async with database(parse_address(url)):
        print("ready", flush=True)
        sys.stdin.readline()
        for call in calls:
            change = RulesChange(ScopeType.GLOBAL, None, None, {SettingKey.MIN_SALE_QTY: Decimal(call["value"])})
            request = RulesRequest(
                [change], call["actor"], call.get("expected"), None, instant(call.get("from")), instant(call.get("until"))
            )
            try:
                outcome = await set_scope_rules(request)
                answers.append(outcome.change_set.revision)
            except Refused as refused:
                answers.append([refused.errors[0].code, refused.errors[0].message])
    print(json.dumps(answers))

asyncio.run(main())
"""

Call = dict[str, object]


async def _race(url: str, *calls: list[Call]) -> list[list[object]]:
    """What each process answers to its calls; all start at once."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            url,
            json.dumps(of_process),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for of_process in calls
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    outputs = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    return [json.loads(output) for output, _ in outputs]


async def test_of_two_writers_on_one_revision_one_wins_and_the_other_is_told_by_whom(database_url: str) -> None:
    for revision in range(3):
        answers = await _race(
            database_url,
            [{"value": 100 + revision, "actor": "ann", "expected": revision}],
            [{"value": 200 + revision, "actor": "bob", "expected": revision}],
        )
        (first,), (second,) = answers
        winner, (loser, name) = (first, (second, "ann")) if first == revision + 1 else (second, (first, "bob"))
        assert winner == revision + 1, answers
        assert isinstance(loser, list)
        assert loser[0] == "STALE_REVISION"
        assert f"(revision {revision + 1}, by {name})" in loser[1]


async def test_racing_writers_never_leave_two_overlapping_windows_and_count_revisions_by_one(database_url: str) -> None:
    start = datetime(2090, 1, 1, tzinfo=UTC)

    def window(number: int, hours: int) -> Call:
        begins = start + timedelta(hours=number)
        return {
            "value": number + 1,
            "actor": "test",
            "from": begins.isoformat(),
            "until": (begins + timedelta(hours=hours)).isoformat(),
        }

    answers = await _race(database_url, *([window(number, hours) for number in range(12)] for hours in (1, 2, 3)))

    flat = [answer for of_process in answers for answer in of_process]
    made = sorted(answer for answer in flat if isinstance(answer, int))
    assert made == list(range(1, len(made) + 1))
    assert {answer[0] for answer in flat if isinstance(answer, list)} == {"OVERLAPPING_SCHEDULE"}
    async with database(parse_address(database_url)):
        windows = [window_of(rule) async for rule in lasting_rules(Counter())]
        history = await fetch(reader(), "SELECT revision FROM change_set ORDER BY revision")
    assert len(windows) == len(made)
    assert not any(one.overlaps(other) for one in windows for other in windows if one != other)
    assert [row["revision"] for row in history] == made
