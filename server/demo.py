"""Loading the demo catalogue, through the same mutations that everybody uses."""

import json
from decimal import Decimal
from importlib.resources import files
from typing import Any

from models.database import Client, transaction
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
DEMO_RECIPIENT = "demo@localhost"

_RECIPIENT = """
INSERT INTO recipient (source, email) VALUES ('', $1) ON CONFLICT (source, email) DO NOTHING
"""
_PLACE = "mutation ($order: PlaceOrderInput!) { placeOrder(input: $order) { userErrors { code message field } } }"


async def load_demo() -> int:
    """Write the demo catalogue into the open database and return the number of its products; safe to repeat."""
    catalogue = json.loads(files("playground").joinpath("demo.json").read_text("utf-8"), parse_float=Decimal)
    orders = catalogue.pop("orders")
    await _call(_CALLS, catalogue)
    for order in orders:  # with keys of their own: loaded again, they are replayed
        await _call(_PLACE, {"order": order})
    return len(catalogue["products"])


async def tell_everything_to(email: str) -> None:
    """Mail what becomes of the stock of all sources to this address."""

    async def write(client: Client) -> None:
        await fetch(client, _RECIPIENT, email)

    await transaction(write)


async def _call(query: str, variables: dict[str, Any]) -> None:
    context = Context(Viewer(Role.ADMIN, "demo"))
    result = await schema.execute(query, variable_values=variables, context_value=context)
    answers: dict[str, Any] = result.data or {}
    refused = [error for answer in answers.values() for error in answer["userErrors"]]
    if result.errors or refused:
        raise RuntimeError(f"the demo catalogue was refused: {result.errors or refused}")
