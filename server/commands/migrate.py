"""`salable migrate`: the tables as this version needs them."""

import asyncio

import click

from models.migration import migrate
from server.commands.session import plain_errors, with_database
from server.settings import settings


@click.command("migrate")
def migrate_tables() -> None:
    """Bring the tables of the database to the state that this version needs. Safe to repeat."""
    with plain_errors():
        address = settings().address.past_the_pooler()  # who migrates holds a lock of its session

        async def run() -> None:
            await migrate(address, lambda name: click.echo(f"applying {name}"))

        asyncio.run(with_database(address, run, makes_file=True, finds_demo=False))
        click.echo("the tables are up to date")
