"""What goes wrong with a database: which errors are its, and which of them mean that it is away and may come back."""

import sqlite3

import asyncpg
from tortoise.exceptions import BaseORMException

DATABASE_ERRORS = (
    BaseORMException,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    sqlite3.Error,
    OSError,
)
"""What is raised where the database cannot be reached, does not answer in time, or refuses to be used.

A deadline that was missed is an OSError. InternalClientError comes out of a transaction whose connection broke: its
outcome is not known.
"""

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientResourcesError,  # too many connections, no disk
    asyncpg.OperatorInterventionError,  # shut down, starting up, or a statement that took too long
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresIOError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


def is_away(error: BaseException) -> bool:
    """Whether the database did not do what it was asked because it is away, full or busy: later it may.

    Whether a change was made is not known then, unless its caller asks again.
    """
    while isinstance(error, BaseORMException) and (origin := origin_of(error)) is not None:
        error = origin
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    return isinstance(error, _AWAY)


def origin_of(error: BaseException) -> BaseException | None:
    """The error that another one was made of. Tortoise does not say so where it wraps SQLite's."""
    return error.__cause__ or error.__context__


def in_words(error: BaseException) -> str:
    """An error as one line says it; some have no words of their own."""
    return str(error) or type(error).__name__
