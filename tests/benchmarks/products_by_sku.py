"""How fast a storefront is answered: productsBySku with 100 SKUs, beside the smallest request there is.

Run it by `make bench`. It starts `salable serve` with one worker on each database, with 1,000 products at 3 sources.
"""

import asyncio
import json
import sys
from pathlib import Path

from models.address import parse_address
from models.database import database
from models.migration import migrate
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.benchmarks.databases import on_both
from tests.benchmarks.load import Load, load
from tests.server.process import serving
from tests.worlds import rule, stock_up

SECONDS = 5.0
FIELDS = "sku name salableQty stockStatus availability onlyXLeftInStock"
BY_SKU = json.dumps(
    {
        "query": f"query ($skus: [String!]!) {{ productsBySku(skus: $skus) {{ {FIELDS} }} }}",
        "variables": {"skus": [f"SKU-{number:04}" for number in range(0, 1000, 10)]},
    }
).encode()
SMALLEST = json.dumps({"query": "{ __typename }"}).encode()


async def prepare(url: str) -> None:
    """1,000 products at 3 sources, every tenth with rules of its own."""
    address = parse_address(url)
    async with database(address):
        await migrate(address)
        await stock_up({f"SKU-{number:04}": {"north": 5, "south": 7, "west": 1} for number in range(1000)})
        for number in range(0, 1000, 10):
            settings = {SettingKey.BACKORDERS: BackorderMode.ALLOW}
            await rule(scope_of(None, f"SKU-{number:04}"), settings)


def measure(name: str, url: str, folder: Path) -> None:
    """Print one line of the table."""
    asyncio.run(prepare(url))
    with serving(cwd=folder, database_url=url, log_level="error") as service:
        asyncio.run(load(f"{service.url}/graphql", BY_SKU, 1))
        products, smallest = (asyncio.run(load(f"{service.url}/graphql", body, SECONDS)) for body in (BY_SKU, SMALLEST))
    ratio = smallest.requests_per_second / products.requests_per_second
    sys.stdout.write(f"{name:<12}{_shown(products)}{_shown(smallest)}{ratio:>8.1f}\n")


def _shown(found: Load) -> str:
    return f"{found.requests_per_second:>10.0f}/s {found.median * 1000:>7.1f} ms {found.p99 * 1000:>7.1f} ms"


def main() -> None:
    """Measure both databases."""
    columns = "".join(f"{each:>13}{'median':>10}{'p99':>11}" for each in ("100 SKUs", "__typename"))
    sys.stdout.write(f"{'':<12}{columns}   ratio\n")
    on_both(measure)


if __name__ == "__main__":
    main()
