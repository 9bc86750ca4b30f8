"""What every command that touches the database does first and last."""

import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import TypeVar

import click

from models.address import DatabaseAddress, parse_address
from models.database import DATABASE_ERRORS, database
from models.listening import announcing
from models.migration import pending_migrations
from models.timeouts import UnansweredError
from resolvers.errors import Refused, said
from server.running_demo import running_demos
from server.settings import SettingsError, settings

T = TypeVar("T")


class NoDatabase(click.ClickException):  # it is what is said, not a bug
    """There is no database to work on, or more than one."""

    exit_code = 2


async def with_database(
    address: DatabaseAddress,
    body: Callable[[], Awaitable[T]],
    *,
    makes_file: bool = False,
    finds_demo: bool = True,
    is_service: bool = False,
) -> T:
    """Run the body on the open database and return what it returns.

    makes_file: a file that is not there is made. Of all commands only serve, migrate and demo do so.
    is_service: it goes on for ever, beside others; what a person waits for may take longer.
    """
    address = located(address, makes_file=makes_file, finds_demo=finds_demo)
    if not is_service:
        address = address.of_a_command()
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(database(address))
        except (ValueError, *DATABASE_ERRORS) as error:
            raise click.ClickException(f"The database cannot be used: {said(error)}") from error
        await stack.enter_async_context(announcing(address))  # services that run hear of what a command changes
        return await body()


def located(address: DatabaseAddress, *, makes_file: bool = False, finds_demo: bool = True) -> DatabaseAddress:
    """Where a command finds its database.

    Where no setting names one and no file of the usual name is here, it is that of the demo that runs in this folder.
    NoDatabase where there is no file, unless the command makes one.
    """
    if address.file is None:
        return address
    is_named = "database_url" in settings().model_fields_set
    demos = running_demos() if finds_demo and not is_named else []
    if address.file.exists():
        if demos and address == settings().address:
            click.echo(f"Note: {address.file} is used, and not the demo that runs here: {_choice(demos)}", err=True)
        return address
    if demos:
        if len(demos) > 1:
            raise NoDatabase(f"More than one demo runs here. Choose one: {_choice(demos)}")
        click.echo(f"Using the database of the demo that runs here: {demos[0]}", err=True)
        return parse_address(demos[0])
    if not makes_file:
        raise NoDatabase(
            f"There is no database {address.file.absolute()}. SALABLE_DATABASE_URL names another;"
            " `salable migrate` and `salable serve` make a new one."
        )
    return address


def _choice(urls: Sequence[str]) -> str:
    return " or ".join(f"SALABLE_DATABASE_URL={url}" for url in urls)


async def refuse_behind() -> None:
    """Say what to run where the tables are behind this version."""
    if await pending_migrations():
        raise click.ClickException("The tables of the database are behind this version. Run: salable migrate")


@contextmanager
def plain_errors() -> Iterator[None]:
    """What a person can mend is a sentence, not a traceback."""
    try:
        yield
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    except UnansweredError as error:
        raise click.ClickException(f"The database cannot be used: {error}") from error
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except DATABASE_ERRORS as error:
        raise click.ClickException(f"The database cannot be used: {said(error)}") from error
    except Refused as refused:
        raise click.ClickException("\n".join(error.message for error in refused.errors)) from None
    except KeyboardInterrupt:
        sys.exit(130)
