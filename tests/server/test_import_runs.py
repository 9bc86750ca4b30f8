"""How an import runs: batches, statements, interrupts and failures."""

import asyncio
import signal
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from models.database import transaction
from resolvers.catalogue.item_import import import_items, item_of
from resolvers.catalogue.magento_import import Imported, import_products, product_of
from resolvers.catalogue.source_items import SourceItemRow
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.upserts import MOST_ROWS as BATCH
from tests import stored
from tests.server.importing import Importer
from tests.server.process import COMMAND, PATIENCE_SECONDS, environment, run
from tests.statements import counted_statements
from tests.worlds import stock_up

pytestmark = pytest.mark.usefixtures("db")

ITEMS = "source_code,sku,status,quantity\n"


async def test_a_batch_is_written_whole_or_not_at_all(importing: Importer, is_postgresql: bool) -> None:
    await _forbid("SKU-007000", is_postgresql)
    content = "sku,allow_backorders\n" + "".join(f"SKU-{number:06},1\n" for number in range(12_000))
    result = importing("magento", content)
    assert result.returncode == 1
    assert "it is forbidden" in result.stderr
    assert "the rows up to line 5001, at least, are written and stay" in result.stderr
    assert "Traceback" not in result.stderr
    assert set(await stored.names()) == {f"SKU-{number:06}" for number in range(BATCH)}
    assert len(await stored.rules()) == BATCH
    assert [(revision, n) for revision, _, _, n in await stored.history()] == [(1, BATCH)]
    await _allow(is_postgresql)
    assert importing("magento", content).returncode == 0
    assert len(await stored.names()) == len(await stored.rules()) == 12_000
    assert [n for *_, n in await stored.history()] == [BATCH, BATCH, 2_000]


async def test_an_interrupt_stops_between_batches_and_says_what_stays(tmp_path: Path, database_url: str) -> None:
    rows = 100_000
    (tmp_path / "many.csv").write_text("sku,name\n" + "".join(f"SKU-{number:06},x\n" for number in range(rows)))
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "import", "magento", "many.csv"),
        cwd=tmp_path,
        env=environment({"database_url": database_url}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await stored.names():  # noqa: ASYNC110  # it is another process that writes
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, said = [text.decode() for text in await process.communicate()]
    written = len(await stored.names())
    assert process.returncode == 130, said
    assert written % BATCH == 0
    assert BATCH <= written < rows
    assert output == f"{written:,} rows read, {written:,} written, 0 rejected\n"
    assert f"Stopped after line {written + 1}. What is written stays" in said
    assert not (tmp_path / "many.rejected.csv").exists()


async def test_a_file_of_two_batches_keeps_its_lines(importing: Importer) -> None:
    await stock_up({"TENT": {"east": 7}})
    rows = ["east,TENT,1,1\n"] * (BATCH + 3)
    rows[4_999], rows[5_000], rows[-1] = "east,BOAT,1,1\n", "east,TENT,x,1\n", "east,TENT,,9\n"
    result = importing("source-items", ITEMS + "".join(rows))
    assert "5,003 rows read, 5,001 written, 2 rejected" in result.stdout
    assert [row[0] for row in importing.rejected()] == ["line", "5001", "5002"]
    assert await stored.items() == {("east", "TENT"): (Decimal(9), True)}


async def test_the_reject_file_comes_before_the_first_row_is_written(importing: Importer) -> None:
    importing.reject_file.mkdir()
    result = importing("magento", "sku\nTENT\n")
    assert result.returncode == 1
    assert "goods.rejected.csv cannot be written" in result.stderr
    assert await stored.names() == {}


@pytest.mark.parametrize("number", [1, 500])
async def test_any_batch_takes_the_same_number_of_statements(number: int) -> None:
    await upsert_sources([SourceRow("east")])
    skus = [f"SKU-{each:04}" for each in range(number)]
    cells = {"name": "x", "allow_backorders": "1", "use_config_min_qty": "1", "min_cart_qty": "2"}
    products = [product_of({"sku": sku, **cells})[0] for sku in skus]
    items = [item_of({"source_code": "east", "sku": sku, "quantity": "5"})[0] for sku in [*skus, "BOAT"]]
    with counted_statements() as seen:
        assert (await import_products(products, actor="test", reason="test")).change_set
    assert len(seen) == 11, seen
    with counted_statements() as seen:
        assert (await import_products(products, actor="test", reason="test")).change_set is None
    assert len(seen) == 5, seen
    with counted_statements() as seen:
        assert list(await import_items(items, is_dry_run=False)) == [number]
    # With the balances held, the facts before and after, that the items are new, what sells not, and what is like the boat.
    assert len(seen) == 14, seen
    assert await import_items([SourceItemRow("west", "BOAT")], is_dry_run=False) == {
        0: ['There is no source "west".', 'There is no product "BOAT".']
    }


async def test_nothing_to_import_is_no_error(importing: Importer) -> None:
    assert await import_items([], is_dry_run=False) == {}
    assert await import_products([], actor="test", reason="test") == Imported()
    for kind, header in (("source-items", ITEMS), ("magento", "sku\n\n")):
        result = importing(kind, header)
        assert (result.returncode, result.stdout) == (0, "0 rows read, 0 written, 0 rejected\n")


def test_a_database_without_tables_says_what_to_run(tmp_path: Path, empty_database_url: str) -> None:
    (tmp_path / "goods.csv").write_text("sku\nTENT\n")
    (tmp_path / "empty.db").touch()  # on SQLite
    result = run("import", "magento", "goods.csv", cwd=tmp_path, database_url=empty_database_url)
    assert result.returncode == 1
    assert "salable migrate" in result.stderr
    assert [path.name for path in tmp_path.glob("*.csv")] == ["goods.csv"]


async def _forbid(sku: str, is_postgresql: bool) -> None:
    """Make the database itself refuse a rule of this product."""
    if is_postgresql:
        await _run_script(
            "CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION ''it is forbidden''; END';"
            f"CREATE TRIGGER forbid BEFORE INSERT ON scope_rule FOR EACH ROW WHEN (NEW.sku = '{sku}')"
            " EXECUTE FUNCTION forbid()"
        )
    else:
        await _run_script(
            f"CREATE TRIGGER forbid BEFORE INSERT ON scope_rule WHEN NEW.sku = '{sku}'"
            " BEGIN SELECT RAISE(ABORT, 'it is forbidden'); END"
        )


async def _allow(is_postgresql: bool) -> None:
    await _run_script(f"DROP TRIGGER forbid{' ON scope_rule' if is_postgresql else ''}")


async def _run_script(sql: str) -> None:
    await transaction(lambda client: client.execute_script(sql))
