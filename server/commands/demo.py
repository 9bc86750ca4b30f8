"""`salable demo`: a catalogue to try things with."""

import asyncio

import click

from models.migration import migrate
from server.commands.session import plain_errors, refuse_behind, with_database
from server.demo import load_demo
from server.settings import settings


@click.command()
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
