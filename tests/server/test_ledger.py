"""The ledger is checked, repaired and compacted by the command line."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from models.address import parse_address
from models.database import Client, database, reader, transaction
from models.sql import fetch
from resolvers.orders.ledger import BATCH, inconsistencies, repair
from resolvers.orders.order_changes import cancel_order
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.orders.reservations import ReservationRow, append_reservations
from tests.server.process import run
from tests.worlds import stock_up


async def _sums() -> dict[tuple[str, str, str], int]:
    rows = await fetch(
        reader(),
        "SELECT order_number, sku, stock, SUM(quantity) AS q FROM reservation GROUP BY order_number, sku, stock",
    )
    return {(row["order_number"], row["sku"], row["stock"]): int(row["q"]) for row in rows if row["q"]}


async def _balances() -> dict[str, int]:
    return {row["sku"]: int(row["quantity"]) for row in await fetch(reader(), "SELECT sku, quantity FROM balance")}


async def _fill(url: str) -> None:
    async with database(parse_address(url)):
        await stock_up({"TENT": {"default": 100}, "LAMP": {"default": 100}})
        for number in range(1, 6):
            lines = [("TENT", Decimal(number)), ("LAMP", Decimal(1))]
            await place_order(OrderRequest(str(number), None, lines, f"place-{number}"))
        for number in (1, 3):
            await cancel_order(str(number), None, f"cancel-{number}")


async def _damage(url: str) -> None:
    """A row that no order stands behind, one that is missing, and one too many."""

    async def write(client: Client) -> None:
        now = datetime.now(UTC)
        await append_reservations(client, [ReservationRow("TENT", "default", Decimal(-7), "none", "test", now)])
        await append_reservations(client, [ReservationRow("TENT", "default", Decimal(2), "2", "test", now)])

    async with database(parse_address(url)):
        await transaction(write)


async def test_a_healthy_ledger_is_said_to_fit(database_url: str, tmp_path: Path) -> None:
    await _fill(database_url)
    result = run("ledger", "check", cwd=tmp_path, database_url=database_url)
    assert (result.returncode, result.stdout) == (0, "The ledger fits the orders.\n")


async def test_what_does_not_fit_is_listed_and_repaired_by_appending(database_url: str, tmp_path: Path) -> None:
    await _fill(database_url)
    async with database(parse_address(database_url)):
        healthy, balances = await _sums(), await _balances()
    await _damage(database_url)
    listed = run("ledger", "check", cwd=tmp_path, database_url=database_url)
    assert listed.returncode == 1
    assert listed.stdout.splitlines() == [
        "order 2, TENT in stock default: 0 instead of -2",
        "order none, TENT in stock default: -7 instead of 0",
    ]
    refused = run("ledger", "repair", cwd=tmp_path, database_url=database_url)
    assert refused.returncode == 1
    mended = run("ledger", "repair", "--yes", cwd=tmp_path, database_url=database_url)
    assert mended.stdout.endswith("2 rows appended\n")
    async with database(parse_address(database_url)):
        assert await _sums() == healthy
        assert await _balances() == balances
    assert run("ledger", "check", cwd=tmp_path, database_url=database_url).returncode == 0


async def test_compaction_removes_what_is_over_and_keeps_every_sum(database_url: str, tmp_path: Path) -> None:
    await _fill(database_url)
    async with database(parse_address(database_url)):
        before, balances = await _sums(), await _balances()
    result = run("ledger", "compact", cwd=tmp_path, database_url=database_url)
    assert (result.returncode, result.stdout) == (0, "8 rows removed\n"), result.stderr
    async with database(parse_address(database_url)):
        assert await _sums() == before
        assert await _balances() == balances
        assert len(await fetch(reader(), "SELECT id FROM reservation")) == 6
    again = run("ledger", "compact", cwd=tmp_path, database_url=database_url)
    assert again.stdout == "0 rows removed\n"
    assert run("ledger", "check", cwd=tmp_path, database_url=database_url).returncode == 0


async def test_a_ledger_of_many_batches_is_read_from_end_to_end(database_url: str) -> None:
    numbers = [f"lost-{number:05}" for number in range(2 * BATCH + 1)]
    now = datetime.now(UTC)
    rows = [ReservationRow("TENT", "default", Decimal(-1), number, "test", now) for number in numbers]

    async def write(client: Client) -> None:
        await fetch(client, "DELETE FROM reservation")  # the row of the one order
        await append_reservations(client, rows)

    async with database(parse_address(database_url)):
        await stock_up({"TENT": {"default": 1}})
        await place_order(OrderRequest("zzz", None, [("TENT", Decimal(1))], "zzz"))
        await transaction(write)
        seen: list[int] = []
        found = [each async for each in inconsistencies(seen.append)]
        assert [each.order_number for each in found] == [*numbers, "zzz"]
        assert (found[0].expected, found[0].actual) == (Decimal(0), Decimal(-1))
        assert (found[-1].expected, found[-1].actual) == (Decimal(-1), Decimal(0))
        assert seen == [BATCH, BATCH, 1]
        assert await repair(found[0])
        assert await repair(found[-1])
        assert not await repair(found[-1])
        assert [each.order_number async for each in inconsistencies()] == numbers[1:]
