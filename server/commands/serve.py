"""`salable serve`: the service itself, on the database of the settings or on a demo of its own."""

import asyncio
import ipaddress
import os
import secrets
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import click
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from models.address import DatabaseAddress
from models.migration import migrate
from models.room import most_connections
from resolvers.tokens import TokenRole, create_token
from server.commands.session import plain_errors, refuse_behind, with_database
from server.demo import DEMO_RECIPIENT, DEMO_SENDER, load_demo, tell_everything_to
from server.ending import GRACE_SECONDS
from server.log import log_config
from server.mail.catcher import catching
from server.mail.sender import template_problems
from server.port import port_of, take_port
from server.running_demo import findable
from server.settings import PREFIX, SHORT_TOKEN, Settings, settings, unknown_variables
from server.workers import Workers

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

KEEP_ALIVE_SECONDS = 75
"""How long a connection may be idle: longer than clients and proxies keep one, so that it is they who end it. A request
that comes as this side closes is reset, and whoever sent it cannot know whether it took effect."""

HUNG_SECONDS = 30
"""How long a worker may be silent before it is taken for hung, and replaced: some machines have much to do."""

SAMPLE = (
    '{ product(sku: "TENT") { name salableQty stockStatus availability salability(quantity: 30) { backorderedQty } } }'
)


@click.command()
@click.option("--host", help="Where to listen. [default: SALABLE_HOST, or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port. [default: SALABLE_PORT, or 8000]")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes. [default: SALABLE_WORKERS, or 1]")
@click.option("--demo", is_flag=True, help="Serve the demo catalogue from a database of its own, gone when it stops.")
def serve(host: str | None, port: int | None, workers: int | None, demo: bool) -> None:  # noqa: FBT001  # click's way
    """Serve the GraphQL API.

    A SQLite database is migrated when the service starts. On PostgreSQL run `salable migrate` first.
    """
    with plain_errors():
        if demo:
            _serve_demo(host or "127.0.0.1", port, workers)
            return
        chosen = settings()
        _warn(chosen)
        listening = take_port(host or chosen.host, chosen.port if port is None else port)
        asyncio.run(prepare(chosen.address, workers or chosen.workers))
        click.echo(f"Listening on {_url(host or chosen.host, listening)} (Ctrl-C ends it)", err=True)
        _run(listening, workers or chosen.workers, chosen.log_level)


def _serve_demo(host: str, port: int | None, workers: int | None) -> None:
    if not _is_loopback(host):
        raise click.UsageError("--demo is served on loopback only: its token is printed and its data are nobody's.")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="salable-demo-"))
        caught = Path(folder) / "mails"
        caught.mkdir()
        port_of_mails = stack.enter_context(catching(caught))
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        os.environ |= {
            f"{PREFIX}DATABASE_URL": url,
            f"{PREFIX}SMTP_URL": f"smtp://127.0.0.1:{port_of_mails}?tls=none",
            f"{PREFIX}MAIL_FROM": DEMO_SENDER,
            f"{PREFIX}DEMO_MAILS": str(caught),
        }
        os.environ.setdefault(f"{PREFIX}DIGEST_MINUTES", "0")  # who tries it out waits for no digest
        chosen = settings()
        _warn_of_templates(chosen)
        _warn_of_short_token(chosen)
        listening = take_port(host, chosen.port if port is None else port)
        token = "" if chosen.admin_token else secrets.token_urlsafe(24)
        if token:
            os.environ[f"{PREFIX}ADMIN_TOKEN"] = token

        async def run() -> str:
            await migrate(chosen.address)
            await load_demo()
            await tell_everything_to(DEMO_RECIPIENT)
            return await create_token("shop", TokenRole.ORDERS)

        made = with_database(chosen.address, run, makes_file=True, finds_demo=False)
        os.environ[f"{PREFIX}SHOP_TOKEN"] = asyncio.run(made)
        settings.cache_clear()  # the tokens could only be made by now
        is_findable = stack.enter_context(findable(url))
        click.echo(_greeting(_url(host, listening), token, url, is_findable=is_findable))
        _run(listening, workers or chosen.workers, chosen.log_level)


def _greeting(where: str, token: str, database_url: str, *, is_findable: bool) -> str:
    body = '{"query":"' + SAMPLE.replace('"', '\\"') + '"}'
    elsewhere = "The commands of salable find its database when they are given in this folder. Elsewhere, set"
    if not is_findable:
        elsewhere = "The commands of salable find its database where you set"
    return f"""
salable serves its demo at {where} (its data are gone when it stops)

  {where}/admin     change rules and see what they do; sign in with the token
  {where}/shop      what shoppers see
  {where}/graphiql  ask the API by hand
  {where}/mails     the mails that it sends: they are caught here, none goes out

The admin's token{f": {token}" if token else " is the one of SALABLE_ADMIN_TOKEN."}

Ask from a shell as a shopper, and as admin with -H 'Authorization: Bearer TOKEN':

  curl {where}/graphql -H 'Content-Type: application/json' -d '{body}'

{elsewhere}

  export SALABLE_DATABASE_URL={database_url}
"""


def _url(host: str, listening: Sequence[socket.socket]) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port_of(listening)}"


def _run(listening: Sequence[socket.socket], workers: int, log_level: str) -> None:
    # uvicorn ends what runs and then raises the signal again: as an exit, so that what is open here is closed too.
    _allow_many_files()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    config = uvicorn.Config(
        "server.worker:create_worker",
        factory=True,
        workers=workers,
        log_config=log_config(log_level),
        access_log=log_level == "debug",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="server.websocket:CountingProtocol",
        ws_max_size=settings().live_message_kib * 1024,
        forwarded_allow_ips=settings().proxies,
        timeout_worker_healthcheck=HUNG_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        ws_per_message_deflate=False,  # what is sent is small, and a compressor for each connection is not
    )
    sockets = list(listening)
    with suppress(KeyboardInterrupt):
        if workers > 1:
            started = Workers(config, sockets=sockets)
            started.run()
            if started.has_failed:
                sys.exit(STARTUP_FAILURE)
            return
        server = uvicorn.Server(config)
        server.run(sockets=sockets)
        if not server.started:
            sys.exit(STARTUP_FAILURE)


def _allow_many_files() -> None:
    """Every connection is an open file: take as many as the machine gives, for all workers."""
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def prepare(address: DatabaseAddress, workers: int) -> None:
    """Migrate SQLite once, before any worker starts; on PostgreSQL say what to run, and where connections will lack."""

    async def run() -> None:
        if address.is_sqlite:
            await migrate(address)
        await refuse_behind()
        if not address.is_sqlite and not address.is_pooled:
            await _warn_of_too_many_connections(workers, address.connections)

    await with_database(address, run, makes_file=True, finds_demo=False)


def _warn(chosen: Settings) -> None:
    for name in unknown_variables():
        click.echo(f"Warning: {name} is no setting; see salable --help", err=True)
    _warn_of_templates(chosen)
    if chosen.address.file is not None:
        _warn_of_readers(chosen.address.file)
    if chosen.admin_token is None:
        click.echo("Warning: without SALABLE_ADMIN_TOKEN nobody is the admin but the holders of tokens", err=True)
    _warn_of_short_token(chosen)


async def _warn_of_too_many_connections(workers: int, each: int) -> None:
    most = await most_connections()
    if workers * each > most:
        click.echo(
            f"Warning: {workers} workers of up to {each} connections (SALABLE_DATABASE_CONNECTIONS) may need"
            f" {workers * each}; PostgreSQL gives {most} to all processes together, those of `salable deliver` too",
            err=True,
        )


def _warn_of_short_token(chosen: Settings) -> None:
    if chosen.admin_token is not None and len(chosen.admin_token.get_secret_value()) < SHORT_TOKEN:
        click.echo(f"Warning: SALABLE_ADMIN_TOKEN is shorter than {SHORT_TOKEN} characters: easy to guess", err=True)


def _warn_of_readers(file: Path) -> None:
    """Say where others may read the database: it was there before, so its permissions may be meant."""
    try:
        mode = file.stat().st_mode
    except OSError:  # it will be made, or whoever opens it says what is wrong
        return
    if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
        click.echo(f"Warning: {file} can be read by others than its owner; to end that: chmod 600 {file}", err=True)


def _warn_of_templates(chosen: Settings) -> None:
    for problem in template_problems(chosen):
        click.echo(f"Warning: {problem} The one that is shipped is used.", err=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
