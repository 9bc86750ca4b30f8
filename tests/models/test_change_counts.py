"""Change sets whose changes nobody counted are counted beside the requests."""

from decimal import Decimal

from models.change_counts import fill_change_counts
from models.database import reader
from models.sql import fetch
from rules.scope import GLOBAL
from rules.setting import SettingKey
from tests.telling import write
from tests.worlds import rule


async def test_what_an_older_version_did_not_count_is_filled_in(db: None) -> None:
    for number in range(45):  # more than two batches
        await rule(GLOBAL, {SettingKey.MIN_SALE_QTY: Decimal(number + 2)})
    await rule(GLOBAL, {SettingKey.MIN_SALE_QTY: None, SettingKey.MAX_SALE_QTY: Decimal(5)})
    kept = await _counts()
    assert kept == [1] * 45 + [2]
    await write("UPDATE change_set SET change_count = NULL WHERE revision <> 3")
    assert await fill_change_counts() == 45
    assert await _counts() == kept
    assert await fill_change_counts() == 0


async def _counts() -> list[int | None]:
    rows = await fetch(reader(), "SELECT change_count FROM change_set ORDER BY revision")
    return [row["change_count"] for row in rows]
