"""What the tests of the process share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.crowd import service
from tests.server.importing import Importer
from tests.server.process import Service
from tests.server.receiver import Receiver, receiving
from tests.worlds import stock_up


@pytest.fixture
def importing(tmp_path: Path, database_url: str) -> Importer:
    """`salable import` in the folder and on the database of this test."""
    return Importer(tmp_path, database_url)


@pytest.fixture
async def receiver(db: None) -> AsyncIterator[Receiver]:
    """A receiver, on the database of this test."""
    async with receiving() as found:
        yield found


@pytest.fixture
async def running(tmp_path: Path, database_url: str, db: None) -> AsyncIterator[Service]:
    """A service with two workers, and 1,000 of each of two products."""
    await stock_up({"A": {"north": 1000}, "B": {"north": 1000}})
    with service(tmp_path / "service", database_url, "--workers", "2") as found:
        yield found
        assert "Traceback" not in found.output()
