"""`salable import magento` says what it did not take as it stands, and refuses what is another file."""

from decimal import Decimal

import pytest

from resolvers.availability.products import products_by_sku
from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests import stored
from tests.server.importing import Importer
from tests.worlds import rule, stock_up

pytestmark = pytest.mark.usefixtures("db")

ONLY_RULES = "sku,allow_backorders,out_of_stock_qty\n"


def warnings(output: str) -> dict[str, str]:
    """The sentence, or the number, of each warning by its code."""
    lines = [line.removeprefix("Warning: ") for line in output.splitlines() if line.startswith("Warning: ")]
    return dict(line.split(": ", 1) for line in lines)


async def test_magentos_own_names_mean_what_the_public_ones_mean(importing: Importer) -> None:
    await stock_up({"MB05": {"east": 0}})
    result = importing("magento", "sku,min_qty,qty,backorders,is_in_stock,allow_backorders\nMB05,-5,0,1,1,1\n")
    assert (result.returncode, result.stdout.splitlines()[0]) == (0, "1 rows read, 1 written, 0 rejected")
    (view,) = await products_by_sku(["MB05"], None, all_items=False)
    assert view
    assert view.availability.backorder_limit[1] == 5
    assert warnings(result.stdout) == {
        "IGNORED_COLUMNS": "These columns about stock are not read: qty (1 row), is_in_stock (1 row). Quantities and"
        " statuses come by `salable import source-items`."
    }


@pytest.mark.parametrize("name", ["MIN_QTY", " min_qty ", "min_qty\u00a0", "Out_Of_Stock_Qty", "min\u200b_qty"])
async def test_a_column_that_only_looks_different_is_read(importing: Importer, name: str) -> None:
    await stock_up({"MB05": {"east": 0}})
    result = importing("magento", f"sku,{name},Backorders\nMB05,-5,1\n")
    assert (result.returncode, result.stdout) == (0, "1 rows read, 1 written, 0 rejected\n")
    assert await stored.rules() == {("MB05", "backorders"): "ALLOW", ("MB05", "out_of_stock_threshold"): "-5"}
    twice = importing("magento", f"sku,{name},{name.lower()},backorders\nMB05,-5,-7,1\n")
    assert (twice.returncode, "has more than once" in twice.stderr) == (1, True)


async def test_a_file_of_goods_is_known_however_its_columns_are_written(importing: Importer) -> None:
    await stock_up({"TENT": {"east": 7}})
    file = " SKU,Source_Code,Quantity\nTENT,east,5\n"
    assert "it is a file of source items" in importing("magento", file).stderr
    assert importing("source-items", file).stdout == "1 rows read, 1 written, 0 rejected\n"
    assert (await stored.items())["east", "TENT"][0] == 5
    refused = importing("source-items", "Source_Code,sku,quantity,notify\neast,TENT,1,1\n")
    assert "has, but should not, 'notify'" in refused.stderr


async def test_one_row_without_effect_is_named_so_that_it_can_be_seen(importing: Importer) -> None:
    said = warnings(importing("magento", "sku,name\nTE NT,\n").stdout)
    assert said["ROWS_WITHOUT_EFFECT"] == '1 row gives neither a name nor a setting: "TE NT".'


async def test_two_names_with_different_values_are_a_rejected_row(importing: Importer) -> None:
    result = importing("magento", "sku,backorders,allow_backorders\nA,1,0\nB,2,2\n")
    assert "2 rows read, 1 written, 1 rejected" in result.stdout
    assert importing.rejected()[1][:2] == [
        "2",
        "allow_backorders is 0 and backorders is 1: they are two names of one thing",
    ]
    assert await stored.rules() == {("B", "backorders"): "ALLOW_AND_NOTIFY"}


async def test_a_flag_without_its_value_is_a_rejected_row(importing: Importer) -> None:
    result = importing("magento", "sku,allow_backorders,use_config_backorders,use_config_min_qty\nA,1,0,0\nB,1,0,1\n")
    assert "1 rejected" in result.stdout
    assert importing.rejected()[1][1].startswith("out_of_stock_qty is empty, but use_config_min_qty is 0")
    assert await stored.names() == {"B": "B"}


async def test_a_real_row_of_a_product_without_limits_is_taken(importing: Importer) -> None:
    header = (
        "sku,product_type,qty,out_of_stock_qty,use_config_min_qty,is_qty_decimal,allow_backorders,use_config_backorders,"
        "min_cart_qty,use_config_min_sale_qty,max_cart_qty,use_config_max_sale_qty,is_in_stock,notify_on_stock_below,"
        "use_config_notify_stock_qty,manage_stock,use_config_manage_stock,use_config_qty_increments,qty_increments,"
        "use_config_enable_qty_inc,enable_qty_increments,is_decimal_divided\n"
    )
    await rule(GLOBAL, {SettingKey.MIN_SALE_QTY: Decimal(5), SettingKey.MAX_SALE_QTY: Decimal(7)})
    row = "YOGA,simple,100.0000,0.0000,0,0,0,1,0.0000,0,0.0000,0,1,,1,0,1,0,0.0000,0,1,0\n"
    result = importing("magento", header + row)
    assert result.returncode == 0
    assert await stored.rules() == {
        ("YOGA", "out_of_stock_threshold"): "0",
        ("YOGA", "qty_uses_decimals"): "false",
        ("YOGA", "min_sale_qty"): "0.0001",
        ("YOGA", "max_sale_qty"): "99999999999.9999",
        ("YOGA", "qty_increments"): "0.0001",
        ("YOGA", "enable_qty_increments"): "true",
    }
    said = warnings(result.stdout)
    assert "min_cart_qty (1 row), max_cart_qty (1 row), qty_increments (1 row)" in said["ZERO_IS_NO_LIMIT"]
    await stock_up({"YOGA": {"east": 20_000}})
    (view,) = await products_by_sku(["YOGA"], None, all_items=False)
    assert view
    from rules.salability import salability  # noqa: PLC0415  # only here

    for quantity in (1, 3, 20_000):
        assert salability("YOGA", view.availability, Decimal(quantity)).is_salable


async def test_rows_and_cells_without_effect_are_named_and_counted(importing: Importer) -> None:
    content = (
        "sku,store_view_code,name,manage_stock,Out of Stock Qty,stock_color\n"
        "A,,Tent,0,-5,\nB,,,1,,\nC,,,,,\nA,de,Zelt,,,\nD,,Lamp,,-1,\n"
    )
    said = warnings(importing("magento", content).stdout)
    assert said == {
        "VALUE_WITHOUT_FLAG": "Not read without its flag use_config_...: manage_stock (2 rows).",
        "IGNORED_COLUMNS": "These columns about stock are not read: Out of Stock Qty (2 rows). Quantities and statuses come"
        " by `salable import source-items`.",
        "ROWS_WITHOUT_EFFECT": "2 rows give neither a name nor a setting: B, C.",
        "STORE_VIEW_NAMES": "1 row of store views: the names that are shown there are left out.",
    }


@pytest.mark.parametrize("options", [["--dry-run"], []])
async def test_products_that_become_unlimited_are_counted_over_all_batches(
    importing: Importer, options: list[str]
) -> None:
    await stock_up({sku: {"east": 1} for sku in ("A", "B", "C", "Z")})
    await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-50)})
    filler = "".join(f"N{number:05},0,-50\n" for number in range(5_000))
    result = importing("magento", ONLY_RULES + f"A,1,0\nB,1,-5\n{filler}C,1,\nZ,2,3\n", *options)
    assert result.returncode == 0, result.stderr
    said = warnings(result.stdout)
    assert "2 products: A, Z." in said["BACKORDERS_BECOME_UNLIMITED"]
    assert said["NEGATIVE_THRESHOLD_WITHOUT_BACKORDERS"] == "5,000 times"
    again = warnings(importing("magento", ONLY_RULES + "A,1,0\n").stdout)
    assert ("BACKORDERS_BECOME_UNLIMITED" in again) is bool(options)


async def test_warnings_are_counted_by_code(importing: Importer) -> None:
    await stock_up({"A": {"east": 1}, "B": {"east": 1}})
    await rule(scope_of("east", None), {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    result = importing("magento", "sku,min_cart_qty,max_cart_qty,backorders\nA,5,4,0\nB,9,4,0\nNEW,9,9,0\n")
    assert result.returncode == 0
    said = warnings(result.stdout)
    assert (said["MIN_ABOVE_MAX"], said["HIDES_SOURCE_RULE"]) == ("2 times", "2 times")
    assert (
        "  product A: The minimum of 5 is above the maximum of 4: no quantity can be bought."
        in result.stdout.splitlines()
    )


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("magento", "source_code,sku,status,quantity\neast,NEW,1,5\n", "salable import source-items"),
        ("magento", "sales_channel,sku,name,salable_qty,stock_status,availability\n", "cannot be imported"),
        ("magento", "sku,tier_price_website,tier_price\nNEW,All,5\n", "an export of prices"),
        ("magento", "sku,price\nNEW,5\n", "neither a name nor a setting of stock"),
        ("source-items", "sku,product_type,qty,allow_backorders\nNEW,simple,5,0\n", "salable import magento"),
        ("source-items", "sales_channel,sku,name,salable_qty\n", "cannot be imported"),
    ],
)
async def test_a_file_that_is_another_export_is_refused(
    importing: Importer, kind: str, content: str, said: str
) -> None:
    result = importing(kind, content)
    assert (result.returncode, result.stdout) == (1, "")
    assert said in result.stderr
    assert await stored.names() == {}
    assert not importing.reject_file.exists()
