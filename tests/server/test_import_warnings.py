"""What `salable import` and `salable rules` say of accepted orders: counted once, at the end, over all batches."""

from decimal import Decimal
from pathlib import Path

import pytest

from resolvers.catalogue.item_import import import_items
from resolvers.catalogue.item_import_advice import ItemImportAdvice
from resolvers.catalogue.source_items import SourceItemRow
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.orders.place_order import OrderRequest, place_order
from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests import stored
from tests.server.importing import Importer
from tests.server.process import run
from tests.worlds import rule, stock_up

ITEMS = "source_code,sku,status,quantity\n"
OFF, ON = ({SettingKey.MANAGE_STOCK: value} for value in (False, True))
HELD = "Warning: WOULD_HOLD_ORDERS: 1 time"


@pytest.fixture
async def shop(db: None) -> None:
    """10 TENT and 5 LAMP lie at a, backorders are on; order 1 wants 8 TENT, order 2 wants 4 LAMP."""
    await stock_up({"TENT": {"a": 10, "b": 0}, "LAMP": {"a": 5, "b": 0}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    for number, sku, quantity in (("1", "TENT", 8), ("2", "LAMP", 4)):
        await place_order(OrderRequest(number, None, [(sku, Decimal(quantity))], f"key-{number}"))


def item(sku: str, quantity: int, source: str = "a") -> SourceItemRow:
    """A count."""
    return SourceItemRow(source, sku, Decimal(quantity))


async def told(*batches: list[SourceItemRow], is_dry_run: bool = False, most_queues: int = 100) -> list[str]:
    """What a run of these batches says of orders that wait."""
    advice = ItemImportAdvice(most_queues=most_queues)
    for batch in batches:
        assert await import_items(batch, is_dry_run=is_dry_run, advice=advice) == {}
    found = {code: examples for code, _, examples in await advice.finish()}
    return [each.split(":")[0] for each in found.get("WOULD_HOLD_ORDERS", [])]


@pytest.mark.usefixtures("shop")
async def test_source_items_that_take_cover_say_how_many_units_wait(importing: Importer) -> None:
    content = ITEMS + "a,TENT,1,2\na,LAMP,,5\n"
    planned = importing("source-items", content, "--dry-run")
    assert planned.returncode == 0
    assert planned.stdout.splitlines() == [
        "2 rows read, 2 would be written (dry run), 0 rejected",
        HELD,
        "  6 units of 1 order would wait: the stock of TENT would not cover them.",
    ]
    done = importing("source-items", content)
    assert done.stdout.splitlines() == [
        "2 rows read, 2 written, 0 rejected",
        HELD,
        "  6 units of 1 order wait now: the stock of TENT does not cover them.",
    ]
    assert importing("source-items", content).stdout == "2 rows read, 2 written, 0 rejected\n"


@pytest.mark.usefixtures("shop")
async def test_warnings_are_counted_by_code_with_a_few_examples(importing: Importer) -> None:
    skus = ["ROPE-1", "ROPE-2", "ROPE-3", "ROPE-4"]
    await stock_up({sku: {"a": 0} for sku in skus})
    await upsert_sources([SourceRow("lost"), SourceRow("off", enabled=False)])
    rows = [f"a,{sku},0," for sku in skus] + [f"{source},{sku},,1" for source in ("lost", "off") for sku in skus]
    lines = importing("source-items", ITEMS + "\n".join(rows) + "\n").stdout.splitlines()
    assert [line for line in lines if line.startswith("Warning")] == [
        "Warning: SOURCE_DISABLED: 1 time",
        "Warning: UNLINKED_SOURCE: 2 times",
        "Warning: NOTHING_SELLABLE: 4 times",
    ]
    assert [line[:40] for line in lines[-4:]] == [
        *(f"  No source has {sku} in stock any more"[:40] for sku in skus[:3]),
        "  and 1 more",
    ]


@pytest.mark.usefixtures("shop")
async def test_what_a_later_batch_gives_back_is_not_taken() -> None:
    for is_dry_run in (True, False):
        moved = [[item("TENT", 0)], [item("TENT", 10, "b")]]
        assert await told(*moved, is_dry_run=is_dry_run) == []
    assert await told([item("TENT", 3, "b")], [item("LAMP", 0)], [item("TENT", 1, "b")], is_dry_run=True) == [
        "11 units of 2 orders would wait"
    ]
    assert await told([item("TENT", 3, "b")], [item("LAMP", 0)], [item("TENT", 1, "b")]) == [
        "11 units of 2 orders wait now"
    ]


@pytest.mark.usefixtures("shop")
async def test_what_a_later_batch_sets_in_stock_is_not_called_unsellable() -> None:
    await import_items([SourceItemRow("b", sku, None, is_in_stock=False) for sku in ("TENT", "LAMP")], is_dry_run=False)
    advice = ItemImportAdvice()
    await import_items(
        [SourceItemRow("a", sku, None, False) for sku in ("TENT", "LAMP")], is_dry_run=False, advice=advice
    )
    await import_items([SourceItemRow("b", "TENT", None, is_in_stock=True)], is_dry_run=False, advice=advice)
    found = {code: examples for code, _, examples in await advice.finish()}
    assert [each.split(":")[0] for each in found["NOTHING_SELLABLE"]] == ["No source has LAMP in stock any more"]


@pytest.mark.usefixtures("shop")
async def test_what_a_run_keeps_is_bounded() -> None:
    everything = [[item("TENT", 0)], [item("LAMP", 0)]]
    assert await told(*everything, is_dry_run=True, most_queues=1) == ["At least 8 units of 1 order would wait"]
    assert await told(*everything, most_queues=1) == ["At least 8 units of 1 order wait now"]
    assert await told(*everything, most_queues=1) == []  # nothing changed


@pytest.mark.usefixtures("shop")
async def test_a_product_export_that_manages_stock_again_says_what_waits(importing: Importer) -> None:
    await rule(scope_of(None, "TENT"), OFF)
    await rule(scope_of(None, "LAMP"), OFF)
    await import_items([item("TENT", 2), item("LAMP", 0)], is_dry_run=False)
    content = "sku,manage_stock,use_config_manage_stock\nTENT,1,0\nLAMP,,1\n"
    planned = importing("magento", content, "--dry-run").stdout
    assert "  10 units of 2 orders would wait: the stock of LAMP, TENT would not cover them." in planned.splitlines()
    assert await stored.rules() == {("TENT", "manage_stock"): "false", ("LAMP", "manage_stock"): "false"}
    done = importing("magento", content).stdout
    assert "  10 units of 2 orders wait now: the stock of LAMP, TENT does not cover them." in done.splitlines()
    assert HELD in done.splitlines()
    assert "WOULD_HOLD" not in importing("magento", content).stdout


@pytest.mark.usefixtures("shop")
async def test_a_file_of_rules_says_what_would_wait(tmp_path: Path, database_url: str) -> None:
    await rule(GLOBAL, OFF)
    await import_items([item("TENT", 2)], is_dry_run=False)
    asked = run("rules", "export", "rules.yaml", cwd=tmp_path, database_url=database_url)
    assert asked.returncode == 0, asked.stderr
    text = (tmp_path / "rules.yaml").read_text()
    (tmp_path / "rules.yaml").write_text(text.replace("manage_stock: false", "manage_stock: true"))
    would = "Warning: WOULD_HOLD_ORDERS: 6 units of 1 order would wait: the stock of TENT would not cover them."
    for command in (["preview"], ["rules", "import", "--dry-run"], ["rules", "import", "--yes"]):
        said = run(*command, "rules.yaml", cwd=tmp_path, database_url=database_url)
        assert said.returncode == 0, said.stderr
        assert would in said.stdout.splitlines()
