"""The command line: `salable serve | migrate | demo | schema`."""

import asyncio
import ipaddress
import os
import secrets
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import uvicorn

from models.database import DATABASE_ERRORS, DatabaseAddress, database
from models.migration import migrate, pending_migrations
from schema.build import sdl
from server.demo import load_demo
from server.log import log_config
from server.settings import PREFIX, SHORT_TOKEN, Settings, SettingsError, settings, unknown_variables

GRACE_SECONDS = 20
"""How long requests that run may take to end once the process is told to stop."""

SAMPLE = (
    '{ product(sku: "TENT") { name salableQty stockStatus availability salability(quantity: 30) { backorderedQty } } }'
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="salable")
def main() -> None:
    """How many of this can I sell, from now on, and how many of those would be late?

    Settings are variables of the environment, each with a default:

    \b
    SALABLE_DATABASE_URL   sqlite:///relative.db, sqlite:////absolute.db or
                           postgresql://user:password@host:port/db
                           (default: sqlite:///salable.db)
    SALABLE_ADMIN_TOKEN    who sends it as `Authorization: Bearer` is the admin
                           (default: nobody is)
    SALABLE_HOST           where to listen (127.0.0.1)
    SALABLE_PORT           the port (8000)
    SALABLE_WORKERS        processes (1)
    SALABLE_LOG_LEVEL      debug, info, warning or error (info)
    SALABLE_CORS_ORIGINS   origins whose pages may ask from a browser, with
                           commas between them (none)
    """


@main.command()
@click.option("--host", help="Where to listen. [default: SALABLE_HOST, or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port. [default: SALABLE_PORT, or 8000]")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes. [default: SALABLE_WORKERS, or 1]")
@click.option("--demo", is_flag=True, help="Serve the demo catalogue from a database of its own, gone when it stops.")
def serve(host: str | None, port: int | None, workers: int | None, demo: bool) -> None:  # noqa: FBT001  # click's way
    """Serve the GraphQL API.

    A SQLite database is migrated when the service starts. On PostgreSQL run `salable migrate` first.
    """
    with _plain_errors():
        if demo:
            _serve_demo(host or "127.0.0.1", port, workers)
            return
        chosen = settings()
        _warn(chosen)
        asyncio.run(_prepare(chosen.address))
        _run(host or chosen.host, chosen.port if port is None else port, workers or chosen.workers, chosen.log_level)


@main.command("migrate")
def migrate_command() -> None:
    """Bring the tables of the database to the state that this version needs. Safe to repeat."""
    with _plain_errors():
        address = settings().address

        async def run() -> None:
            await migrate(address, lambda name: click.echo(f"applying {name}"))

        asyncio.run(_with_database(address, run))
        click.echo("the tables are up to date")


@main.command()
def demo() -> None:
    """Load the demo catalogue into the database. Safe to repeat: it writes the same rows again."""
    with _plain_errors():
        address = settings().address

        async def run() -> None:
            if address.is_sqlite:
                await migrate(address)
            await _refuse_behind()
            click.echo(f"loaded {await load_demo()} products")

        asyncio.run(_with_database(address, run))


@main.command("schema")
def schema_command() -> None:
    """Print the GraphQL schema."""
    click.echo(sdl(), nl=False)


def _serve_demo(host: str, port: int | None, workers: int | None) -> None:
    if not _is_loopback(host):
        raise click.UsageError("--demo is served on loopback only: its token is printed and its data are nobody's.")
    with tempfile.TemporaryDirectory(prefix="salable-demo-") as folder:
        token = secrets.token_urlsafe(24)
        os.environ[f"{PREFIX}DATABASE_URL"] = f"sqlite:///{Path(folder) / 'demo.db'}"
        os.environ[f"{PREFIX}ADMIN_TOKEN"] = token
        chosen = settings()
        where = f"http://{host}:{chosen.port if port is None else port}"

        async def run() -> None:
            await migrate(chosen.address)
            await load_demo()

        asyncio.run(_with_database(chosen.address, run))
        click.echo(_greeting(where, token))
        _run(host, chosen.port if port is None else port, workers or chosen.workers, chosen.log_level)


def _greeting(where: str, token: str) -> str:
    body = '{"query":"' + SAMPLE.replace('"', '\\"') + '"}'
    return f"""
salable serves its demo at {where}/graphql (its data are gone when it stops)

Ask as a shopper:

  curl {where}/graphql -H 'Content-Type: application/json' -d '{body}'

As admin, add:

  -H 'Authorization: Bearer {token}'
"""


def _run(host: str, port: int, workers: int, log_level: str) -> None:
    uvicorn.run(
        "server.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=log_config(log_level),
        access_log=log_level == "debug",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def _prepare(address: DatabaseAddress) -> None:
    """Migrate SQLite once, before any worker starts; on PostgreSQL say what to run."""

    async def run() -> None:
        if address.is_sqlite:
            await migrate(address)
        await _refuse_behind()

    await _with_database(address, run)


async def _with_database(address: DatabaseAddress, body: Callable[[], Awaitable[None]]) -> None:
    async with database(address):
        await body()


async def _refuse_behind() -> None:
    if await pending_migrations():
        raise click.ClickException("The tables of the database are behind this version. Run: salable migrate")


def _warn(chosen: Settings) -> None:
    for name in unknown_variables():
        click.echo(f"Warning: {name} is no setting; see salable --help", err=True)
    if chosen.admin_token is None:
        click.echo("Warning: without SALABLE_ADMIN_TOKEN nobody is the admin", err=True)
    elif len(chosen.admin_token.get_secret_value()) < SHORT_TOKEN:
        click.echo(f"Warning: SALABLE_ADMIN_TOKEN is shorter than {SHORT_TOKEN} characters: easy to guess", err=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What a person can mend is a sentence, not a traceback."""
    try:
        yield
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    except (ValueError, *DATABASE_ERRORS) as error:
        raise click.ClickException(f"The database cannot be used: {error}") from error
    except KeyboardInterrupt:
        sys.exit(130)
