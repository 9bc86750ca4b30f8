"""`salable keys`: SKUs, codes and numbers from before keys had to be visible."""

import asyncio

import click

from models.folding import fill_folded
from resolvers.catalogue.key_check import look_alike_keys, odd_keys
from rules.key import quoted
from server.commands.session import plain_errors, refuse_behind, with_database
from server.settings import settings


@click.group()
def keys() -> None:
    """Check the SKUs, codes, order numbers and names of what is there."""


@keys.command()
def check() -> None:
    """List keys that nothing new may have, and those that look alike; exit code 1 if there are any.

    Whether they look alike is looked at for products, sources, stocks and sales channels.
    Such rows go on working: whoever names them must name them exactly as they are shown here.
    """

    async def run() -> None:
        await refuse_behind()
        await fill_folded()
        odd = alike = 0
        async for key in odd_keys():
            odd += 1
            click.echo(f"{key.noun} {quoted(key.key)} {key.fault}")
        async for pair in look_alike_keys():
            alike += 1
            click.echo(f"{pair.noun} {quoted(pair.other)} looks like {quoted(pair.key)}")
        if odd or alike:
            raise click.ClickException(f"{odd:,} keys that nothing new may have, {alike:,} that look like another.")
        click.echo("All keys are as new ones must be; no product, source, stock or sales channel looks like another.")

    with plain_errors():
        asyncio.run(with_database(settings().address, run))
