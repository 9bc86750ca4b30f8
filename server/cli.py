"""The command line: `salable`."""

import asyncio

import click

from models.migration import migrate
from schema.build import sdl
from server.commands.deliver import deliver
from server.commands.exports import export
from server.commands.imports import import_
from server.commands.ledger import ledger
from server.commands.rules import preview, rules
from server.commands.serve import serve
from server.commands.session import plain_errors, refuse_behind, with_database
from server.commands.token import token
from server.demo import load_demo
from server.settings import settings


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
    SALABLE_DELIVER        whether `salable serve` also tells what happens, by mail
                           and webhook (true); else run `salable deliver`
    SALABLE_DELIVERY_SECONDS
                           how often to look for what is to be told (1)
    SALABLE_KEEP_DELIVERIES_DAYS
                           how long what was delivered is kept (30)
    SALABLE_RECEIPT_KEY_DAYS
                           how long the key of a receipt is remembered (30);
                           those of orders are kept
    SALABLE_GRAPHIQL       whether /graphiql is served (true)
    SALABLE_SHOP_TOKEN     a token of the role orders: with it, /shop serves the
                           demo's shop, which places orders by it (none)
    SALABLE_WEBHOOK_PRIVATE
                           whether webhooks may go to private addresses, such
                           as those of your own network (false)
    SALABLE_SMTP_URL       the mail server: smtp://user:password@host:587 (with
                           ?tls=starttls, or ?tls=none), smtps://host:465
                           (none: mails wait)
    SALABLE_MAIL_FROM      who writes: name@domain or Name <name@domain>
                           (needed with a mail server)
    SALABLE_DIGEST_MINUTES how long after a mail to somebody the next one waits
                           for more (15); 0: no digests
    SALABLE_MAIL_TEMPLATES a folder of templates that replace ours (none)
    SALABLE_CORS_ORIGINS   origins whose pages may ask from a browser, with
                           commas between them (none)
    SALABLE_LIVE_CONNECTIONS
                           how many WebSockets for live updates a process
                           holds at once (1000)
    """


@main.command("migrate")
def migrate_command() -> None:
    """Bring the tables of the database to the state that this version needs. Safe to repeat."""
    with plain_errors():
        address = settings().address

        async def run() -> None:
            await migrate(address, lambda name: click.echo(f"applying {name}"))

        asyncio.run(with_database(address, run))
        click.echo("the tables are up to date")


@main.command()
def demo() -> None:
    """Load the demo catalogue into the database. Safe to repeat: it writes the same rows again."""
    with plain_errors():
        address = settings().address

        async def run() -> None:
            if address.is_sqlite:
                await migrate(address)
            await refuse_behind()
            click.echo(f"loaded {await load_demo()} products")

        asyncio.run(with_database(address, run))


@main.command("schema")
def schema_command() -> None:
    """Print the GraphQL schema."""
    click.echo(sdl(), nl=False)


for command in (serve, deliver, token, rules, preview, import_, export, ledger):
    main.add_command(command)
