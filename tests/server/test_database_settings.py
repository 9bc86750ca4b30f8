"""The settings of the database, as a file of variables with nothing behind some of them gives them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.settings import settings
from tests.server.process import run

POSTGRESQL = "postgresql://user:password@host/db"


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_an_empty_pooler_or_direct_url_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALABLE_DATABASE_URL", POSTGRESQL)
    monkeypatch.setenv("SALABLE_DATABASE_POOLER", "")
    monkeypatch.setenv("SALABLE_DATABASE_DIRECT_URL", "")
    assert (settings().address.is_pooled, settings().address.direct) == (False, None)


def test_past_a_pooler_there_is_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALABLE_DATABASE_URL", POSTGRESQL)
    monkeypatch.setenv("SALABLE_DATABASE_POOLER", "transaction")
    monkeypatch.setenv("SALABLE_DATABASE_DIRECT_URL", "postgresql://user:password@direct/db")
    assert settings().address.is_pooled
    assert settings().address.past_the_pooler().credentials["host"] == "direct"


def test_a_pooler_is_of_no_account_to_sqlite(tmp_path: Path) -> None:
    chosen = {"database_url": "sqlite:///salable.db", "database_pooler": "transaction", "database_direct_url": ""}
    result = run("migrate", cwd=tmp_path, **chosen)
    assert result.returncode == 0, result.stderr
