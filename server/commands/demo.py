"""`salable demo`: a catalogue to try things with."""

import asyncio

import click

from models.migration import migrate
from server.commands.session import located, plain_errors, refuse_behind, with_database
from server.demo import NotTheDemo, load_demo, reset_demo
from server.settings import settings


@click.command()
@click.option("--reset", is_flag=True, help="Begin anew: remove everything but the tokens, and load the demo again.")
@click.option("--yes", is_flag=True, help="Do not ask before a reset.")
def demo(reset: bool, yes: bool) -> None:  # noqa: FBT001  # click's way
    """Load the demo catalogue into the database. Safe to repeat: it writes the same rows again.

    --reset brings a database that holds the demo back to where every page of the docs begins. It is refused where anything
    stands there that the demo did not bring, such as a product of yours.
    """
    with plain_errors():
        address = located(settings().address, makes_file=True)

        async def run() -> None:
            if address.is_sqlite:
                await migrate(address)
            await refuse_behind()
            if not reset:
                click.echo(f"loaded {await load_demo()} products")
                return
            where = address.file or address.credentials["database"]
            if not yes and not click.confirm(f"Remove everything in {where} but its tokens, and load the demo again?"):
                raise click.Abort
            try:
                await reset_demo()
            except NotTheDemo as reason:
                raise click.ClickException(f"{where} is not the demo's: {reason}. Nothing was changed.") from None
            click.echo("the demo is as it was when it was loaded")

        asyncio.run(with_database(address, run, makes_file=True))
