"""One SQL text for both databases.

Statements are written as PostgreSQL has them; for SQLite four forms are put in its words:
    $1                      a parameter
    = ANY($1)               in a list, which is one parameter whatever its length
    rows($1, a text, ...)   a list of rows (dicts), which is one parameter too, as a table `r`
    FOR NO KEY UPDATE OF i  nothing: an IMMEDIATE transaction has the only write lock (SKIP LOCKED behind it neither)
"""

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from models.database import bounded
from rules.key import normal
from rules.validation import NAME_LENGTH, is_text

_ROWS = re.compile(r"rows\(\$(\d+), ([^)]*)\)")
_ANY = re.compile(r"= ANY\(\$(\d+)\)")
_FOR_UPDATE = re.compile(r"\s+FOR NO KEY UPDATE\b( OF \w+)?( SKIP LOCKED)?")
_PARAMETER = re.compile(r"\$(\d+)")


async def fetch(client: BaseDBAsyncClient, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    """Run one statement and return its rows as dicts (none where it returns nothing).

    A parameter is a string, a whole number, a boolean, None, a list of strings or of whole numbers (for ANY), or a list of
    dicts (for rows). TimedOut where it reads for a request whose time is over.
    """
    dialect = client.capabilities.dialect
    values = [_parameter(value, dialect) for value in parameters]
    return await bounded(partial(client.execute_query_dict, translate(sql, dialect), values))


@lru_cache(maxsize=256)
def translate(sql: str, dialect: str) -> str:
    """The statement in the words of a dialect ('sqlite' or 'postgres')."""
    if dialect == "postgres":
        return _ROWS.sub(r"jsonb_to_recordset($\1::text::jsonb) AS r(\2)", sql)
    sql = _ROWS.sub(_sqlite_rows, sql)
    sql = _ANY.sub(r"IN (SELECT value FROM json_each(?\1))", sql)
    return _PARAMETER.sub(r"?\1", _FOR_UPDATE.sub("", sql))


def like(text: str) -> str:
    """The LIKE pattern (with ESCAPE '!') of 'contains this text, without case' in a searchable column.

    What is no text, or longer than any name, matches nothing: such columns are never empty.
    """
    if not is_text(text) or len(text) > NAME_LENGTH:
        return ""
    escaped = re.sub(r"([!%_])", r"!\1", text.casefold())
    return f"%{escaped}%"


def likes(text: str) -> list[str]:
    """The patterns of a text in every form in which it may stand: as it is given, and in NFC."""
    return [like(form) for form in dict.fromkeys((text, normal(text)))]


def _sqlite_rows(match: re.Match[str]) -> str:
    names = [column.split()[0] for column in match[2].split(", ")]
    columns = ", ".join(f"value ->> '$.{name}' AS {name}" for name in names)
    return f"(SELECT {columns} FROM json_each(?{match[1]})) AS r"  # noqa: S608  # our own column names


def _parameter(value: Any, dialect: str) -> Any:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    is_rows = bool(value) and isinstance(value[0], dict)
    return orjson.dumps(value).decode() if is_rows or dialect == "sqlite" else list(value)
