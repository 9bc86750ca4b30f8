"""Loading the demo catalogue, through the same mutations that everybody uses."""

import json
from decimal import Decimal
from importlib.resources import files
from typing import Any

from models.database import Client, transaction
from models.emptying import empty_tables, lock_tables
from models.folding import fill_folded
from models.sql import fetch
from schema.build import schema
from schema.context import Context, Role, Viewer

_CALLS = """
mutation Demo(
  $sources: [SourceInput!]!, $stocks: [StockInput!]!, $salesChannels: [SalesChannelInput!]!,
  $products: [ProductInput!]!, $items: [SourceItemInput!]!, $rules: SetScopeRulesInput!
) {
  upsertSources(sources: $sources) { userErrors { code message field } }
  upsertStocks(stocks: $stocks) { userErrors { code message field } }
  upsertSalesChannels(salesChannels: $salesChannels) { userErrors { code message field } }
  upsertProducts(products: $products) { count userErrors { code message field } }
  setSourceItems(items: $items) { userErrors { code message field } }
  setScopeRules(input: $rules) { userErrors { code message field } }
}
"""


DEMO_SENDER = "salable demo <salable@localhost>"
DEMO_ACTOR = "demo"
"""Who the history says has made the rules of the demo."""
DEMO_RECIPIENT = "demo@localhost"

_RECIPIENT = """
INSERT INTO recipient (source, email) VALUES ('', $1) ON CONFLICT (source, email) DO NOTHING
"""
_ANYTHING = """
SELECT sku AS name FROM product UNION ALL SELECT number FROM sales_order UNION ALL SELECT actor FROM change_set LIMIT 1
"""
_MADE_BY = "SELECT revision FROM change_set WHERE revision = 1 AND actor = $1"
_PLACE = "mutation ($order: PlaceOrderInput!) { placeOrder(input: $order) { userErrors { code message field } } }"


class NotTheDemo(Exception):  # noqa: N818  # it is what is said, not a bug
    """The database is not the demo's; the message says how one can see it."""


async def load_demo() -> int:
    """Write the demo catalogue into the open database and return the number of its products; safe to repeat."""
    catalogue = _catalogue()
    orders = catalogue.pop("orders")
    await _call(_CALLS, catalogue)
    for order in orders:  # with keys of their own: loaded again, they are replayed
        await _call(_PLACE, {"order": order})
    return len(catalogue["products"])


async def reset_demo() -> None:
    """Bring a database that holds the demo to where it was when the demo had been loaded; its tokens stay.

    NotTheDemo, and nothing is changed, where something stands there that is not the demo's, or where somebody else than
    the demo made the first rules. A database without products and rules is only loaded.
    """
    catalogue = _catalogue()

    async def empty(client: Client) -> bool:
        await lock_tables(client, ("product", "source", "stock", "sales_channel", "change_set"))
        if not await fetch(client, _ANYTHING):
            return False
        if foreign := await _foreign(client, catalogue):
            raise NotTheDemo(foreign)
        is_told = bool(await fetch(client, "SELECT email FROM recipient WHERE email = $1", DEMO_RECIPIENT))
        # Programs and mail clients drop what has the id of an event that they have seen.
        await empty_tables(client, keep=("token",), count_on=("outbox", "delivery"))
        return is_told

    is_told = await transaction(empty)
    await load_demo()
    await fill_folded()  # of what the migrations wrote
    if is_told:
        await tell_everything_to(DEMO_RECIPIENT)


async def _foreign(client: Client, catalogue: dict[str, Any]) -> str:
    """What stands in the database that is not the demo's, in words; empty where all of it is."""
    if not await fetch(client, _MADE_BY, DEMO_ACTOR):
        return "its first rules are not the demo's"
    for table, column, noun, known in (
        ("product", "sku", "products", {each["sku"] for each in catalogue["products"]}),
        ("source", "code", "sources", {"default", *(each["code"] for each in catalogue["sources"])}),
        ("stock", "code", "stocks", {"default", *(each["code"] for each in catalogue["stocks"])}),
        (
            "sales_channel",
            "code",
            "sales channels",
            {"default", *(each["code"] for each in catalogue["salesChannels"])},
        ),
    ):
        others = f"SELECT {column} AS name FROM {table} WHERE NOT ({column} = ANY($1)) ORDER BY {column} LIMIT 3"  # noqa: S608  # names of ours
        if found := await fetch(client, others, sorted(known)):
            return f"it has {noun} that are not the demo's: {', '.join(row['name'] for row in found)}"
    return ""


async def tell_everything_to(email: str) -> None:
    """Mail what becomes of the stock of all sources to this address."""

    async def write(client: Client) -> None:
        await fetch(client, _RECIPIENT, email)

    await transaction(write)


def _catalogue() -> dict[str, Any]:
    text = files("playground").joinpath("demo.json").read_text("utf-8")
    catalogue: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return catalogue


async def _call(query: str, variables: dict[str, Any]) -> None:
    context = Context(Viewer(Role.ADMIN, DEMO_ACTOR))
    result = await schema.execute(query, variable_values=variables, context_value=context)
    answers: dict[str, Any] = result.data or {}
    refused = [error for answer in answers.values() for error in answer["userErrors"]]
    if result.errors or refused:
        raise RuntimeError(f"the demo catalogue was refused: {result.errors or refused}")
