"""How many connections a process has, and which errors mean that the database is away."""

import sqlite3

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from models.address import CONNECTIONS, FEWEST_CONNECTIONS, parse_address
from models.connections import shares_of
from models.database import database
from models.failures import DATABASE_ERRORS, is_away
from models.room import most_connections
from models.timeouts import UnansweredError
from server.commands.serve import prepare


@pytest.mark.parametrize("connections", [*range(FEWEST_CONNECTIONS, 40), 1_000])
def test_the_connections_of_a_process_are_all_given_to_some_use_with_two_writers_at_least(connections: int) -> None:
    shares = shares_of(connections)
    assert shares.writing + shares.reading + shares.scanning + 1 == connections
    assert shares.writing >= 2  # who migrates holds one, and writes by another
    assert shares.reading >= 2
    assert shares.scanning >= 1


async def test_a_service_that_may_want_more_connections_than_there_are_says_so_when_it_starts(
    database_url: str, is_postgresql: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if not is_postgresql:
        return
    async with database(parse_address(database_url)):
        enough = await most_connections() // CONNECTIONS
    for workers, is_warned in ((enough, False), (enough + 1, True)):
        await prepare(parse_address(database_url), workers)
        assert ("SALABLE_DATABASE_CONNECTIONS" in capsys.readouterr().err) is is_warned


def _of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UnansweredError("late"), True),
        (asyncpg.InternalClientError("broken"), True),
        (asyncpg.TooManyConnectionsError("full"), True),
        (asyncpg.AdminShutdownError("restarted"), True),
        (asyncpg.DiskFullError("full"), True),
        (ConnectionRefusedError(), True),
        (_of_sqlite(sqlite3.SQLITE_BUSY), True),
        (_of_sqlite(sqlite3.SQLITE_FULL), True),
        (_of_sqlite(sqlite3.SQLITE_ERROR), False),
        (OperationalError("no such table"), False),
        (IntegrityError("taken"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_of_the_database_says_whether_it_is_away_or_we_are_wrong(error: Exception, expected: bool) -> None:
    assert isinstance(error, DATABASE_ERRORS)
    assert is_away(error) is expected
