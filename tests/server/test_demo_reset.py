"""`salable demo --reset`: the demo as every page of the docs begins with it, and never anybody else's data gone."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.address import parse_address
from models.database import database, reader
from models.sql import fetch
from resolvers.tokens import TokenRole, create_token, tokens
from server.demo import DEMO_RECIPIENT, NotTheDemo, load_demo, reset_demo, tell_everything_to
from tests.client import ADMIN_TOKEN, Api
from tests.server.process import PATIENCE_SECONDS, run, serving
from tests.server.webhooks import endpoint
from tests.telling import settle
from tests.worlds import stock_up

WALK = """mutation {
  placeOrder(input: { number: "1001", lines: [{ sku: "TENT", quantity: 30 }], idempotencyKey: "checkout-1001" }) {
    userErrors { message } }
  shipOrder(number: "1001", lines: [{ sku: "TENT", quantity: 25, source: "berlin" }], idempotencyKey: "ship-1001") {
    userErrors { message } }
  setScopeRules(input: { changes: [{ scope: { type: PRODUCT, sku: "BACKPACK" }, settings: { backorders: ALLOW } }] }) {
    userErrors { message } }
  upsertSources(sources: [{ code: "default", name: "Renamed", enabled: false }]) { userErrors { message } }
  setNotificationRecipients(recipients: [{ source: "berlin", emails: ["ann@example.com"] }]) { userErrors { message } }
}"""
COUNTED_ON = {"outbox", "delivery"}
_INSTANTS = {"created_at", "placed_at", "instant", "goal_instant", "due_at", "at"}


async def _rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the tokens, without instants and, where they count on, without ids."""
    is_sqlite = reader().capabilities.dialect == "sqlite"
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        if is_sqlite
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    found = {}
    for table in sorted(row["name"] for row in await fetch(reader(), sql)):
        if table in {"token", "tortoise_migrations"}:
            continue
        left_out = _INSTANTS | ({"id", "event_id"} if table in COUNTED_ON else set())
        rows = await fetch(reader(), f"SELECT * FROM {table}")
        found[table] = sorted(
            ({name: value for name, value in row.items() if name not in left_out} for row in rows), key=repr
        )
    return found


async def test_a_reset_brings_back_every_row_and_keeps_the_tokens(api: Api) -> None:
    await load_demo()
    await tell_everything_to(DEMO_RECIPIENT)
    at_first = await _rows()
    await create_token("shop", TokenRole.ORDERS)
    await settle()
    await endpoint("http://127.0.0.1:9/hook")
    payloads = await api.data(WALK)
    assert [payload["userErrors"] for payload in payloads.values()] == [[]] * 5
    await settle()
    newest = (await fetch(reader(), "SELECT MAX(id) AS id FROM outbox"))[0]["id"]

    await reset_demo()

    assert await _rows() == at_first
    assert [token.name for token in await tokens()] == ["shop"]
    # The ids of events are in what was sent: whoever drops repeats by them would drop what is new.
    assert (await fetch(reader(), "SELECT MIN(id) AS id FROM outbox"))[0]["id"] > newest
    assert (await api.data(WALK))["placeOrder"] == {"userErrors": []}  # its keys are new again
    await reset_demo()
    assert await _rows() == at_first


async def test_a_reset_of_nothing_loads_the_demo(api: Api) -> None:
    await endpoint("http://127.0.0.1:9/hook")
    await reset_demo()
    assert (await api.data("{ products { totalCount } }"))["products"]["totalCount"] == 32
    assert len(await fetch(reader(), "SELECT code FROM webhook_endpoint")) == 1  # nothing was removed


@pytest.mark.parametrize(
    ("mutation", "said"),
    [
        ('upsertProducts(products: [{ sku: "MINE" }])', "it has products that are not the demo's: MINE"),
        ('upsertSources(sources: [{ code: "mine" }])', "it has sources that are not the demo's: mine"),
        ('upsertStocks(stocks: [{ code: "mine" }])', "it has stocks that are not the demo's: mine"),
        (
            'upsertSalesChannels(salesChannels: [{ code: "mine", stock: "eu" }])',
            "it has sales channels that are not the demo's: mine",
        ),
    ],
)
async def test_what_is_not_the_demos_is_never_removed(api: Api, mutation: str, said: str) -> None:
    await load_demo()
    (payload,) = (await api.data(f"mutation {{ {mutation} {{ userErrors {{ message }} }} }}")).values()
    assert payload["userErrors"] == []
    before = await _rows()
    with pytest.raises(NotTheDemo, match=said):
        await reset_demo()
    assert await _rows() == before


async def test_a_shop_whose_rules_are_older_than_the_demo_is_nobodys_demo(api: Api) -> None:
    await api.change(
        "setScopeRules",
        "input",
        "SetScopeRulesInput!",
        {"changes": [{"scope": {"type": "GLOBAL"}, "settings": {"minSaleQty": 1}}]},
    )
    await load_demo()
    before = await _rows()
    with pytest.raises(NotTheDemo, match="its first rules are not the demo's"):
        await reset_demo()
    assert await _rows() == before


async def test_a_shop_without_the_demo_is_not_reset(api: Api) -> None:
    await stock_up({"TENT": {"north": 1}})
    before = await _rows()
    with pytest.raises(NotTheDemo):
        await reset_demo()
    assert await _rows() == before


def test_the_command_asks_first_and_a_running_service_shows_what_was_reset(tmp_path: Path, database_url: str) -> None:
    settings = {"database_url": database_url, "admin_token": ADMIN_TOKEN}
    assert run("demo", cwd=tmp_path, **settings).returncode == 0
    with serving(cwd=tmp_path, **settings) as service:

        def salable() -> dict[str, Any]:
            query = '{ tent: product(sku: "TENT") { salableQty } backpack: product(sku: "BACKPACK") { salableQty } }'
            data: dict[str, Any] = httpx.post(
                f"{service.url}/graphql", json={"query": query}, timeout=PATIENCE_SECONDS
            ).json()["data"]
            return {name: each["salableQty"] for name, each in data.items()}

        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        assert (
            "errors"
            not in httpx.post(
                f"{service.url}/graphql", json={"query": WALK}, headers=headers, timeout=PATIENCE_SECONDS
            ).json()
        )
        walked = salable()
        assert walked["tent"] == 45
        refused = run("demo", "--reset", cwd=tmp_path, said="n\n", **settings)
        unanswered = run("demo", "--reset", cwd=tmp_path, **settings)
        assert (refused.returncode, unanswered.returncode, salable()) == (1, 1, walked)
        done = run("demo", "--reset", cwd=tmp_path, said="y\n", **settings)
        assert done.returncode == 0, done.stderr
        assert salable() == {"tent": 75, "backpack": 0}
        assert "Traceback" not in service.output()


def test_the_command_says_why_it_removes_nothing(tmp_path: Path, database_url: str) -> None:
    async def prepare() -> None:
        async with database(parse_address(database_url)):
            await stock_up({"TENT": {"north": 1}})

    asyncio.run(prepare())
    result = run("demo", "--reset", "--yes", cwd=tmp_path, database_url=database_url)
    assert result.returncode == 1
    assert "is not the demo's: its first rules are not the demo's. Nothing was changed." in result.stderr
