"""`salable ledger`: whether the reservations fit the orders, and what to do where they do not."""

import asyncio
import sys

import click

from resolvers.orders.ledger import Inconsistency, compact, inconsistencies, ledger_size, repair
from rules.key import visible
from rules.quantity import show
from server.commands.session import plain_errors, refuse_behind, with_database
from server.settings import settings


@click.group()
def ledger() -> None:
    """Check, repair and compact the ledger of reservations."""


@ledger.command()
def check() -> None:
    """List the sums that do not fit their orders; exit code 1 if there are any."""

    async def run() -> None:
        found = await _list_inconsistencies()
        if found:
            raise click.ClickException(f"{len(found):,} sums do not fit; salable ledger repair mends them.")
        click.echo("The ledger fits the orders.")

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


@ledger.command("repair")
@click.option("--yes", is_flag=True, help="Do not ask.")
def repair_command(yes: bool) -> None:  # noqa: FBT001  # click's way
    """Append the rows that make the ledger fit the orders again; nothing is ever changed or removed."""

    async def run() -> None:
        found = await _list_inconsistencies()
        if not found:
            click.echo("The ledger fits the orders.")
            return
        if not yes and not click.confirm(f"Append {len(found):,} rows?"):
            raise click.Abort
        mended = sum([await repair(each) for each in found])
        click.echo(f"{mended:,} rows appended")

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


@ledger.command("compact")
def compact_command() -> None:
    """Remove the rows of orders that are over and whose rows sum to 0. Every sum stays; orders may come in meanwhile."""

    async def run() -> None:
        await refuse_behind()
        with click.progressbar(length=await ledger_size(), label="Compacting", file=sys.stderr) as bar:
            removed = await compact(bar.update)
        click.echo(f"{removed:,} rows removed")

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


async def _list_inconsistencies() -> list[Inconsistency]:
    await refuse_behind()
    with click.progressbar(length=await ledger_size(), label="Checking", file=sys.stderr) as bar:
        found = [each async for each in inconsistencies(bar.update)]
    for each in found:
        click.echo(_said(each))
    return found


def _said(found: Inconsistency) -> str:
    return (
        f"order {visible(found.order_number)}, {visible(found.sku)} in stock {visible(found.stock)}:"
        f" {show(found.actual)} instead of {show(found.expected)}"
    )
