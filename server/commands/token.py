"""`salable token`: keys for people and programs, each with a name that the history of the rules shows."""

import asyncio

import click

from models.database import reader
from resolvers.keys import TOKEN, look_alikes
from resolvers.tokens import FIRST, TokenRole, create_token, revoke_token, tokens
from rules.key import fault_of, folded, normal, quoted, with_hint
from server.commands.session import plain_errors, refuse_behind, with_database
from server.settings import settings


@click.group()
def token() -> None:
    """Make, list and revoke tokens.

    Who sends one as `Authorization: Bearer` has its role, and what they change is kept under its name.
    SALABLE_ADMIN_TOKEN is the first of them, named admin.
    """


@token.command()
@click.option("--name", required=True, help="Whose it is; names are never given again.")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["admin", "orders"]),
    help="admin: everything. orders: place, ship, cancel and refund orders, receive stock.",
)
def create(name: str, role: str) -> None:
    """Make a token. It is shown once, and stored only as a digest."""

    async def run() -> None:
        await refuse_behind()
        taken = [FIRST, *(each.name for each in await tokens())]
        others = [each for each in taken if folded(each) == folded(name)]
        secret = await create_token(name, TokenRole[role.upper()])
        if others:
            click.echo(f"{quoted(normal(name))} looks like {quoted(others[0])}; they are two.", err=True)
        click.echo(secret)
        click.echo("This is the only time that it is shown.", err=True)

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


@token.command("list")
def list_command() -> None:
    """List the tokens: name, role, when they were made and revoked. Never the tokens themselves."""

    async def run() -> None:
        await refuse_behind()
        for each in await tokens():
            revoked = f"revoked {each.revoked_at:%Y-%m-%d %H:%M}" if each.revoked_at else "valid"
            name = quoted(each.name) if fault_of(each.name) else each.name
            click.echo(f"{name}\t{each.role.lower()}\tmade {each.created_at:%Y-%m-%d %H:%M}\t{revoked}")

    with plain_errors():
        asyncio.run(with_database(settings().address, run))


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Make the token of NAME invalid, at once and for good."""

    async def run() -> None:
        await refuse_behind()
        if not await revoke_token(name):
            alike = await look_alikes(reader(), TOKEN, [name])
            raise click.ClickException(
                with_hint(f"There is no valid token of the name {quoted(name)}.", alike.get(name))
            )
        click.echo(f"{quoted(name) if fault_of(name) else name} is revoked")

    with plain_errors():
        asyncio.run(with_database(settings().address, run))
