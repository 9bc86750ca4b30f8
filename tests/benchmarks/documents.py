"""What the dearest documents that a shopper may send cost: seconds of processor on a catalogue of 20,000 products.

Run it by `make bench`. The application answers in this process, so that the seconds are those of parsing, validation,
SQLite's thread and the answer's bytes together. What is refused is shown with its code: it costs what refusing costs.
"""

import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from graphql import get_introspection_query

from models.address import parse_address
from models.migration import migrate
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import RulesChange
from rules.scope import ScopeType
from rules.setting import BackorderMode, SettingKey
from server.app import create_app
from server.settings import Settings
from tests.client import Api
from tests.worlds import stock_up

PRODUCTS = 20_000
SKUS = [f"SKU-{number:05}" for number in range(PRODUCTS)]
SMALL = "sku name salableQty stockStatus availability onlyXLeftInStock"
ALL = (
    f"{SMALL} salesChannel salability(quantity: 3) {{ sku requestedQty isSalable backorderedQty maxSalableQty notice"
    " errors { code message } } effectiveBackorderConfig { backorders outOfStockThreshold"
    " backorderLimit { kind quantity } onlyXLeftThreshold manageStock }"
)
FORBIDDEN = "sku salableQtyTerms { kind } sourceItems { quantity } effectiveBackorderConfig { sources { source } }"
NEVER = 'filter: { availability: [], search: "sku" }'
LINE = "{ sku isSalable maxSalableQty notice errors { code message } }"
PATHS = (
    "fields type fields type",
    "fields type ofType fields type ofType",
    "fields args type ofType",
    "inputFields type",
)

Candidate = tuple[str, str, dict[str, Any]]
"""A name, a document, its variables."""


def aliased(count: int, field: str) -> str:
    """The same so many times."""
    return " ".join(f"a{number}: {field}" for number in range(count))


def lists() -> Iterator[Candidate]:
    """What reads many products."""
    fields = {
        "sku": "sku",
        "small": SMALL,
        "all": ALL,
        "forbidden": FORBIDDEN,
        "a typename": f"{'__typename ' * 400} sku",
    }
    for count in (1, 3, 5, 8, 10, 15, 30):
        for name, selected in fields.items():
            page = f"products(first: 250) {{ nodes {{ {selected} }} }}"
            yield f"{count} pages of 250: {name}", f"{{ {aliased(count, page)} }}", {}
        page = "products(first: 1) { nodes { sku } }"
        yield f"{count} pages of 1", f"{{ {aliased(count, page)} }}", {}
        page = f"products(first: 250, {NEVER}) {{ nodes {{ sku }} }}"
        yield f"{count} filtered pages", f"{{ {aliased(count, page)} }}", {}
        page = "products(first: 1, filter: { assigned: false }) { totalCount nodes { sku } }"
        yield f"{count} unassigned counted", f"{{ {aliased(count, page)} }}", {}
        by_sku = aliased(count, f"productsBySku(skus: $skus) {{ {ALL} }}")
        yield f"{count} of 500 SKUs: all", f"query ($skus: [String!]!) {{ {by_sku} }}", {"skus": SKUS[:500]}
        lines = [{"sku": sku, "quantity": 2} for sku in SKUS[:500]] * 2
        cart = aliased(count, f"salability(items: $items) {LINE}")
        yield f"{count} carts of 1,000 lines", f"query ($items: [SalabilityRequest!]!) {{ {cart} }}", {"items": lines}
    filtered = f"scan: products(first: 250, {NEVER}) {{ nodes {{ sku }} }}"
    pages = aliased(4, f"products(first: 250) {{ nodes {{ {ALL} }} }}")
    yield "a filtered page and 4 of all", f"{{ {filtered} {pages} }}", {}
    judged = aliased(30, "salability(quantity: 2) { notice }")
    yield "250 times 30 salabilities", f"{{ products(first: 250) {{ nodes {{ {judged} }} }} }}", {}
    yield "100 times 30 salabilities", f"{{ products(first: 100) {{ nodes {{ {judged} }} }} }}", {}
    product = f'product(sku: "SKU-00001") {{ {SMALL} }}'
    yield "25 products", f"{{ {aliased(25, product)} }}", {}


def introspections() -> Iterator[Candidate]:
    """What reads the schema."""
    whole = get_introspection_query()
    yield "introspection", whole, {}
    asked, _, fragments = whole.partition("fragment FullType")
    inner = asked[asked.index("__schema") : asked.rindex("}")]
    for count in (2, 3, 5, 10):
        yield f"{count} introspections", f"{{ {aliased(count, inner)} }} fragment FullType {fragments}", {}
    for count in (1, 3, 5, 10, 15):
        leaves = "name " + " ".join(f"b{number}: name" for number in range((30 - count) // count))
        for path in PATHS:
            found = leaves
            for name in reversed(["__schema", "types", *path.split()]):
                found = f"{name} {{ {found} }}"
            yield f"{count} by {path}", f"{{ {aliased(count, found)} }}", {}
    named = '__type(name: "Query") { fields { args { type { inputFields { type { name } } } } } }'
    yield "30 types named", f"{{ {aliased(30, named)} }}", {}
    yield "settings", f"{{ {aliased(30, 'settingDefinitions { key label help type scopes default }')} }}", {}


def faults() -> Iterator[Candidate]:
    """What is wrong, many times."""
    yield "unknown fields", f"{{ products {{ nodes {{ {' '.join(f'salableQt{n}' for n in range(480))} }} }} }}", {}
    unknown = ", ".join(f"stockStatu{number}: 1" for number in range(480))
    yield "unknown input fields", f"{{ products(filter: {{ {unknown} }}) {{ totalCount }} }}", {}
    filter_ = {f"stockStatu{number}": 1 for number in range(3_000)}
    yield "unknown in variables", "query ($f: ProductFilter) { products(filter: $f) { totalCount } }", {"f": filter_}
    yield "one field", f"{{ products {{ nodes {{ {'sku ' * 490} }} }} }}", {}
    several = " ".join(f"fragment f{number} on Product {{ {'sku ' * 480} }}" for number in range(4))
    yield "one field in 4 fragments", f"{{ products {{ nodes {{ ...f0 }} }} }} {several}", {}
    declared = " ".join(f"$v{number}: Int" for number in range(480))
    yield "unused variables", f"query ({declared}) {{ products {{ totalCount }} }}", {}
    yield "long text", f"{{ products {{ totalCount }} }} # {'x' * 64_000}", {}


def candidates() -> Iterator[Candidate]:
    """All of them."""
    yield "smallest", "{ __typename }", {}
    yield from lists()
    yield from introspections()
    yield from faults()


async def measure(api: Api, name: str, query: str, variables: dict[str, Any]) -> float:
    """Print one line, and return the seconds; the better of two runs, since others use the machine too."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    seconds, answer = [], httpx.Response(0)
    for _ in range(2):
        gc.collect()
        began = time.process_time()
        answer = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
        seconds.append(time.process_time() - began)
    codes = sorted({error["extensions"]["code"] for error in answer.json().get("errors", [])})
    sys.stdout.write(f"{name:<44}{min(seconds):>8.3f} s{len(answer.content):>12,} bytes  {' '.join(codes)}\n")
    sys.stdout.flush()
    return min(seconds)


async def run(folder: Path) -> None:
    """Measure all of them."""
    url = f"sqlite:///{folder}/bench.db"
    app = create_app(Settings.model_validate({"database_url": url, "deliver": False, "admin_token": "nobody's token"}))
    async with app.router.lifespan_context(app), Api.of(app) as api:
        await migrate(parse_address(url))
        for start in range(0, PRODUCTS, 1_500):
            await stock_up({sku: {"north": 5, "south": 7, "west": 1} for sku in SKUS[start : start + 1_500]})
        own = {SettingKey.BACKORDERS: BackorderMode.ALLOW}
        rules = [RulesChange(ScopeType.PRODUCT, None, sku, own) for sku in SKUS[::10]]
        await set_scope_rules(RulesRequest(rules, "bench"))
        found = {name: await measure(api, name, query, variables) for name, query, variables in candidates()}
    dearest = max(found, key=found.__getitem__)
    sys.stdout.write(f"\nthe dearest: {dearest}, {found[dearest]:.3f} s\n")


def main() -> None:
    """Measure on SQLite, whose thread is of this process."""
    with tempfile.TemporaryDirectory(prefix="salable-bench-") as folder:
        asyncio.run(run(Path(folder)))


if __name__ == "__main__":
    main()
