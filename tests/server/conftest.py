"""What the tests of the process share."""

from pathlib import Path

import pytest

from tests.server.importing import Importer


@pytest.fixture
def importing(tmp_path: Path, database_url: str) -> Importer:
    """`salable import` in the folder and on the database of this test."""
    return Importer(tmp_path, database_url)
