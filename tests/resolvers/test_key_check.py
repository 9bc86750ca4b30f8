"""What is listed of keys, and what is filled in beside them, whatever the size of a page."""

import pytest

from models import folding
from models.address import parse_address
from models.database import database, reader, transaction
from models.migration import migrate
from models.sql import fetch
from resolvers.catalogue import key_check
from resolvers.catalogue.key_check import look_alike_keys, odd_keys
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.keys import PRODUCT, keys_of, look_alikes
from rules.key import folded
from tests.statements import counted_statements

ALIKE = ["Rope", "ROPE", "rope", "r ope", "TENT", "tent", "LAMP", "Mat\u00a0", "Mat"]
LOOKS = "SELECT folded, sku FROM product"


async def older(*skus: str) -> None:
    """Products that an older version wrote."""
    rows = [{"sku": sku} for sku in skus]
    sql = "INSERT INTO product (sku, name, search) SELECT r.sku, r.sku, 'x' FROM rows($1, sku text) WHERE TRUE"
    await transaction(lambda client: fetch(client, sql, rows))


@pytest.mark.parametrize("size", [1, 2, 3, 5_000])
async def test_pages_of_any_size_list_the_same(db: None, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(key_check, "PAGE", size)
    monkeypatch.setattr(folding, "BATCH", size)
    await older(*ALIKE)
    assert await folding.fill_folded() == len(ALIKE)
    assert [(each.noun, each.key) async for each in odd_keys()] == [("product", "Mat\u00a0")]
    pairs = [(each.key, each.other) async for each in look_alike_keys()]
    assert pairs == [("Mat", "Mat\u00a0"), ("ROPE", "Rope"), ("Rope", "r ope"), ("r ope", "rope"), ("TENT", "tent")]


async def test_the_next_start_fills_in_what_an_older_version_wrote(empty_database_url: str) -> None:
    address = parse_address(empty_database_url)
    async with database(address):
        await migrate(address)
        await upsert_products([ProductRow("Tent")])
        await older(*ALIKE)
        rows = await fetch(reader(), LOOKS)
        assert {row["sku"] for row in rows if row["folded"] is None} == set(ALIKE)
        await migrate(address)
        rows = await fetch(reader(), LOOKS)
        assert {row["sku"]: row["folded"] for row in rows} == {sku: folded(sku) for sku in ("Tent", *ALIKE)}


@pytest.mark.parametrize("number", [1, 5_000])
async def test_any_number_of_new_look_alikes_takes_the_same_number_of_statements(db: None, number: int) -> None:
    await upsert_products([ProductRow(f"SKU-{each}") for each in range(number)])
    with counted_statements() as seen:
        count, advice = await upsert_products([ProductRow(f"sku {each}".replace(" ", "-")) for each in range(number)])
    assert (count, len(advice), len(seen)) == (number, number, 4), seen


async def test_keys_as_new_ones_must_be_cost_no_statement(db: None) -> None:
    with counted_statements() as seen:
        keys = await keys_of(PRODUCT, ["TENT", "Café", "two words", "no\0key", "x" * 65])
        assert keys.of("Café") == "Café"
    assert seen == []
    with counted_statements() as seen:
        keys = await keys_of(PRODUCT, ["Cafe\u0301", "TENT "] * 500)
        assert [keys.of("Cafe\u0301"), keys.of("TENT ")] == ["Café", "TENT "]
    assert len(seen) == 1


async def test_a_hint_needs_no_scan_of_the_catalogue(db: None, is_postgresql: bool) -> None:
    await upsert_products([ProductRow(f"SKU-{each}") for each in range(5_000)])
    with counted_statements() as seen:
        assert await look_alikes(reader(), PRODUCT, ["sku-17"]) == {"sku-17": "SKU-17"}
    [sql] = seen
    if is_postgresql:
        await transaction(lambda client: client.execute_script("ANALYZE product"))
        plan = await reader().execute_query_dict(f"EXPLAIN {sql}", [["sku-17"]] * 3)
    else:
        plan = await reader().execute_query_dict(f"EXPLAIN QUERY PLAN {sql}", ['["sku-17"]'] * 3)
    assert "product_by_look" in str(plan)
