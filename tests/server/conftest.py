"""What the tests of the process share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.importing import Importer
from tests.server.receiver import Receiver, receiving


@pytest.fixture
def importing(tmp_path: Path, database_url: str) -> Importer:
    """`salable import` in the folder and on the database of this test."""
    return Importer(tmp_path, database_url)


@pytest.fixture
async def receiver(db: None) -> AsyncIterator[Receiver]:
    """A receiver, on the database of this test."""
    async with receiving() as found:
        yield found
