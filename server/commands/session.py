"""What every command that touches the database does first and last."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import TypeVar

import click

from models.database import DATABASE_ERRORS, DatabaseAddress, database
from models.listening import announcing
from models.migration import pending_migrations
from resolvers.errors import Refused
from server.settings import SettingsError

T = TypeVar("T")


async def with_database(address: DatabaseAddress, body: Callable[[], Awaitable[T]]) -> T:
    """Run the body on the open database and return what it returns."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(database(address))
        except (ValueError, *DATABASE_ERRORS) as error:
            raise click.ClickException(f"The database cannot be used: {error}") from error
        await stack.enter_async_context(announcing(address))  # services that run hear of what a command changes
        return await body()


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
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except DATABASE_ERRORS as error:
        raise click.ClickException(f"The database cannot be used: {error}") from error
    except Refused as refused:
        raise click.ClickException("\n".join(error.message for error in refused.errors)) from None
    except KeyboardInterrupt:
        sys.exit(130)
