"""`salable migrate`: the tables as this version needs them."""

import asyncio

import click

from models.migration import MigrationBlocked, migrate
from server.commands.session import plain_errors, with_database
from server.settings import settings


@click.command("migrate")
def migrate_tables() -> None:
    """Bring the tables of the database to the state that this version needs. Safe to repeat, and to stop.

    The service may go on meanwhile, in this version or the one before.
    """
    with plain_errors():
        address = settings().address.past_the_pooler()  # who migrates holds a lock of its session

        async def run() -> None:
            try:
                await migrate(address, lambda name: click.echo(f"applying {name}"), click.echo)
            except MigrationBlocked as blocked:
                raise click.ClickException(str(blocked)) from None
            except asyncio.CancelledError:  # Ctrl-C; the transaction that ran has ended
                click.echo("stopped; what is done stays, and the next run goes on from here", err=True)
                raise

        asyncio.run(with_database(address, run, makes_file=True, finds_demo=False))
        click.echo("the tables are up to date")
