"""A walk through all that the service does, so that every one of its statements is sent."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from models.applied import pending
from models.change_counts import fill_change_counts
from models.database import reader
from models.fields import BEGINNING
from models.folding import fill_folded
from resolvers import covered_lines
from resolvers.calls import forget_receipts
from resolvers.catalogue.item_import import import_items
from resolvers.catalogue.item_import_advice import ItemImportAdvice
from resolvers.catalogue.key_check import look_alike_keys, odd_keys
from resolvers.catalogue.magento_import import ImportedProduct, import_products
from resolvers.catalogue.product_import_advice import ProductImportAdvice
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, remove_source_items, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import ChannelRow, LinkRow, StockRow, upsert_sales_channels, upsert_stocks
from resolvers.notifications.claims import claim
from resolvers.notifications.customers import customer_orders_by_number
from resolvers.notifications.deliveries import Channel, Outcome, prune, record
from resolvers.notifications.delivery_list import retry_delivery
from resolvers.notifications.digests import is_unsettled, resting_targets
from resolvers.notifications.postponement import postpone
from resolvers.notifications.webhook_calls import callee, disabled_endpoints, note_failure, note_success
from resolvers.notifications.webhook_endpoints import EndpointRow, remove_endpoints, upsert_endpoints
from resolvers.orders.ledger import compact, inconsistencies, ledger_size, repair
from resolvers.reach import reached_count
from resolvers.rule_store.change_sets import MOST_SHOWN
from resolvers.rule_store.rule_import import RuleEntry, apply_import, lasting_rules, plan_import
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from resolvers.sales_channels import channels
from resolvers.tokens import TokenRole, create_token, digest_of, holder_of, holders_by_digest, revoke_token, tokens
from resolvers.write_probe import probe_write
from rules.change import PLAIN, RulesChange
from rules.scope import GLOBAL, Scope, ScopeType
from rules.setting import BackorderMode, SettingKey, SettingValue
from server.delivery.loop import Way, deliver_once
from server.demo import load_demo, reset_demo, tell_everything_to
from tests.client import Api
from tests.docs import blocks_of
from tests.order_fields import ORDERS_MUTATIONS, ORDERS_QUERIES
from tests.orders import cancel, line, place, receive, refund, ship
from tests.schema.test_permissions import ADMIN_MUTATIONS, ADMIN_QUERIES, OPEN_QUERIES, WHOLE_PRODUCT
from tests.telling import Ear, customer, endpoint, make_due, say, settle, write
from tests.worlds import rule, stock_up

ROOT = Path(__file__).parents[2]
_LONG_AGO, _LATER = "2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"
_FILTERED = {
    "orders": (
        "shippingHold: true",
        "shippingHold: false",
        "status: PROCESSING",
        "status: COMPLETE",
        "status: CANCELED",
        'sku: "TENT"',
        'salesChannel: "default"',
        'number: "1001"',
        f'placedFrom: "{_LONG_AGO}"',
        f'placedFrom: "{_LONG_AGO}", status: CANCELED, salesChannel: "default"',
        f'placedUntil: "{_LATER}", sku: "TENT", status: COMPLETE',
    ),
    "backorders": ('sku: "TENT"', 'stock: "default"', 'sku: "TENT", stock: "default"'),
    "deliveries": (
        "state: PENDING",
        "channel: WEBHOOK",
        "event: STOCK_LOW",
        'target: "shop"',
        'subject: "TENT"',
    ),
    "lowStock": ('source: "default"', 'sku: "TENT"'),
    "products": (
        'skus: ["TENT"]',
        'search: "te"',
        "stockStatus: IN_STOCK",
        "availability: [BACK_ORDER]",
        'source: "default"',
        "assigned: true",
        "assigned: false",
    ),
    "scopeRules": (
        'source: "default"',
        'sku: "TENT"',
        "setting: BACKORDERS",
        "scopeType: PRODUCT",
        "scheduled: true",
        "scheduled: false",
    ),
    "sourceItems": ('source: "default"', 'sku: "TENT"', 'search: "te"'),
    "sources": ("enabled: true", 'search: "de"'),
}
_BALANCE = """
UPDATE balance SET quantity = COALESCE(
    (SELECT SUM(r.quantity) FROM reservation r WHERE r.sku = balance.sku AND r.stock = balance.stock), 0
) WHERE sku = 'BOAT'
"""
_LISTS = (
    *_FILTERED,
    "reservationInconsistencies",
    "changeSets",
    "stocks",
    "salesChannels",
    "webhookEndpoints",
)
_SCOPES = (
    "{ type: GLOBAL }",
    '{ type: SOURCE, source: "default" }',
    '{ type: PRODUCT, sku: "TENT" }',
    '{ type: PRODUCT_SOURCE, source: "default", sku: "TENT" }',
)


async def walk(api: Api) -> None:
    """All of it, on a new database."""
    await load_demo()
    await reset_demo()
    await endpoint("shop")
    await tell_everything_to("ann@shop.test")
    await _ask(api)
    await _order(api)
    await _change(api)
    await _pages(api)
    await _move(api)
    await _tell()
    await _keep_tokens(api)
    await _import()
    await _look_at_changes(api)
    await _dismiss(api)
    await _tidy_up()


async def _ask(api: Api) -> None:
    for selection in (OPEN_QUERIES | ADMIN_QUERIES | ORDERS_QUERIES).values():
        await api.ask(f"{{ {selection} }}")
    await api.ask(f'{{ product(sku: "TENT") {{ {WHOLE_PRODUCT} }} other: product(sku: "tent") {{ sku }} }}')
    for name, filters in _FILTERED.items():
        for each in filters:
            await api.ask(f"{{ {name}(filter: {{ {each} }}) {{ totalCount nodes {{ __typename }} }} }}")
    for name in _LISTS:
        page = await api.data(f"{{ {name}(first: 1) {{ pageInfo {{ endCursor }} }} }}")
        after = page[name]["pageInfo"]["endCursor"]
        if after is not None:
            await api.data(f'{{ {name}(first: 1, after: "{after}") {{ totalCount nodes {{ __typename }} }} }}')
    for scope in _SCOPES:
        await api.ask(
            f"{{ scopeSettings(scope: {scope}) {{ settings {{ ownValue inheritedBySource {{ value }} }} }} }}"
        )
        await api.ask(f"{{ changeSets(scope: {scope}) {{ totalCount nodes {{ changes {{ before }} }} }} }}")
        changed = f"{{ changes: [{{ scope: {scope}, settings: {{ backorders: ALLOW, outOfStockThreshold: 0 }} }}] }}"
        await api.ask(f"{{ previewScopeRules(input: {changed}) {{ affectedCount becomeUnlimitedCount }} }}")
    for query in sorted((ROOT / "playground" / "queries").glob("*.graphql")):
        text = query.read_text("utf-8")
        if "\nsubscription" not in text:
            await api.ask(text)


async def _order(api: Api) -> None:
    await place(api, "1001", [line("TENT", 3)])
    for selection in ORDERS_MUTATIONS.values():
        await api.ask(f"mutation {{ {selection} }}")
    await customer("1002", "cid@shop.test")
    await customer_orders_by_number(["1002"])
    asked = f'orders(first: 1, filter: {{ placedFrom: "{_LONG_AGO}" }}'
    page = await api.data(f"{{ {asked}) {{ pageInfo {{ endCursor }} }} }}")
    after = page["orders"]["pageInfo"]["endCursor"]
    await api.data(f'{{ {asked}, after: "{after}") {{ totalCount nodes {{ number }} }} }}')


async def _change(api: Api) -> None:
    for selection in ADMIN_MUTATIONS.values():
        await api.ask(f"mutation {{ {selection} }}")
    await api.ask("mutation { revertChangeSet(revision: 2) { userErrors { code } } }")


async def _pages(api: Api) -> None:
    for page in sorted((ROOT / "docs").glob("*.md")):
        for language, text in blocks_of(page):
            if language == "graphql" and not text.startswith("subscription"):
                await api.ask(text)


async def _move(api: Api) -> None:
    """Goods and rules that take cover from accepted orders, and give it back."""
    await rule(GLOBAL, {SettingKey.MANAGE_STOCK: None})
    await stock_up({"BOAT": {"default": 20, "north": 10}})
    await upsert_sales_channels([ChannelRow("walk", None, "default")])
    await place(api, "W-1", [line("BOAT", 10)], channel="walk")
    await place(api, "W-2", [line("BOAT", 15)], channel="walk")
    await place(api, "W-3", [line("BOAT", 20)], channel="walk")
    with patch.object(
        covered_lines, "MOST_COVERED", 1
    ):  # more lines are covered otherwise than are followed one by one
        await set_source_items([SourceItemRow("default", "BOAT", Decimal(12))])
    await upsert_sources([SourceRow("north", None, enabled=False)])
    await upsert_stocks([StockRow("default", None, [LinkRow("default", 1)])])
    await settle()
    await api.data('{ backorders(filter: { sku: "BOAT" }) { totalCount nodes { position } } }')
    await upsert_stocks([StockRow("default", None, [LinkRow("default", 1), LinkRow("north", 2)])])
    await upsert_sources([SourceRow("north", None, enabled=True)])
    for value in (False, None):
        await rule(GLOBAL, {SettingKey.MANAGE_STOCK: value})
    await settle()
    await ship(api, "W-1", [line("BOAT", 4, source="default")])
    await refund(api, "W-1", [line("BOAT", 2, returnToSource="default")])
    await cancel(api, "W-1", [line("BOAT", 1)])
    await receive(api, "default", [line("BOAT", 5)])
    with patch.object(
        covered_lines, "MOST_COVERED", 1
    ):  # more lines are covered otherwise than are followed one by one
        await set_source_items([SourceItemRow("default", "BOAT", Decimal(0))])
        await remove_source_items([("north", "BOAT")])
    await settle()


async def _tell() -> None:
    await endpoint("broken")
    await say("W-1", "W-1", "W-2")
    await settle()
    ways = {channel: Way(Ear(Outcome(delivered=False, error="It is closed."))) for channel in Channel}
    await deliver_once(ways)
    await make_due()
    await deliver_once(ways)
    await is_unsettled()
    await resting_targets(timedelta(minutes=15), datetime.now(UTC))
    await disabled_endpoints()
    await say("W-3")
    await settle()
    failed = [replace(each, attempts=9, created_at=BEGINNING) for each in await claim(Channel.WEBHOOK, 10, 10)]
    await write("UPDATE webhook_endpoint SET failures = 100")
    for code in ("shop", "broken"):
        called = await callee(code)
        assert called is not None
        await note_failure(called, failed[0], "It is closed.", is_gone=code == "broken")
        await note_success(called)
    await postpone([(failed[0], Outcome(delivered=False, error="No room.", is_ours=True))])
    await record([(each, Outcome(delivered=False, error="No.", hopeless=True)) for each in failed])
    await retry_delivery(str(failed[0].id))
    row = EndpointRow("shop", "https://hooks.example/", is_enabled=True)
    await upsert_endpoints([row], "test", may_be_private=False)
    await remove_endpoints(["shop"])


async def _keep_tokens(api: Api) -> None:
    secret = await create_token("checkout", TokenRole.ORDERS)
    await api.http.post(
        "/graphql", json={"query": "{ viewer { role } }"}, headers={"Authorization": f"Bearer {secret}"}
    )
    await holder_of(secret)
    await holders_by_digest({digest_of(secret)})
    await tokens()
    await revoke_token("checkout")
    await api.http.get("/readyz")


async def _import() -> None:
    for is_dry_run in (True, False):
        advice = ItemImportAdvice()
        rows = [SourceItemRow("default", "BOAT", Decimal(1)), SourceItemRow("default", "BAT", Decimal(1))]
        await import_items(rows, is_dry_run=is_dry_run, advice=advice)
        await advice.finish()
        of_products = ProductImportAdvice(is_dry_run=is_dry_run)
        settings: dict[SettingKey, SettingValue | None] = {
            SettingKey.MANAGE_STOCK: False,
            SettingKey.BACKORDERS: BackorderMode.ALLOW,
        }
        products = [ImportedProduct("BOAT", "Boat", settings), ImportedProduct("RAFT")]
        await import_products(products, actor="test", reason="a walk", is_dry_run=is_dry_run, advice=of_products)
        await of_products.finish()
    entry = RuleEntry(RulesChange(ScopeType.PRODUCT, None, "BOAT", {SettingKey.MIN_SALE_QTY: Decimal(2)}), PLAIN, 1)
    plan = await plan_import([entry], prune=True)
    await apply_import([entry], plan, prune=True, actor="test", reason="a walk")
    _ = [each async for each in lasting_rules(Counter())]
    await settle()


async def _look_at_changes(api: Api) -> None:
    """A change set that is too large to be shown at once, and one from before its size was kept."""
    await upsert_products([ProductRow(f"PEG-{number:d}") for number in range(MOST_SHOWN + 1)])
    changes = [
        RulesChange(ScopeType.PRODUCT, None, f"PEG-{number:d}", {SettingKey.MIN_SALE_QTY: Decimal(2)})
        for number in range(MOST_SHOWN + 1)
    ]
    await set_scope_rules(RulesRequest(changes, "test"))
    await write("UPDATE change_set SET change_count = NULL")
    await api.data("{ changeSets { nodes { changeCount changes { before } changesPage { totalCount } } } }")
    await fill_change_counts()
    await reached_count([Scope(ScopeType.PRODUCT, None, "TENT")])


async def _dismiss(api: Api) -> None:
    every = f'channel: WEBHOOK, target: "shop", before: "{_LATER}"'
    for asked in ('ids: ["1", "2"]', every, 'target: "broken"', f'before: "{_LATER}"'):
        await api.data(f"mutation {{ dismissDeliveries(input: {{ {asked} }}) {{ count userErrors {{ code }} }} }}")


async def _tidy_up() -> None:
    await channels([])
    await probe_write()
    await pending(reader())
    await prune(datetime.now(UTC) + timedelta(seconds=1))
    await forget_receipts(datetime.now(UTC) + timedelta(seconds=1))
    await write("UPDATE product SET folded = NULL")
    await fill_folded()
    _ = [each async for each in odd_keys()]
    _ = [each async for each in look_alike_keys()]
    await write("INSERT INTO told (sku, kind, place, is_so) VALUES ('GONE', 'SOURCE', 'default', TRUE)")
    await set_source_items([SourceItemRow("default", "TENT", Decimal(500))])
    await settle()
    await write("DELETE FROM reservation WHERE order_number = 'W-1'")
    await write(_BALANCE)
    for each in [found async for found in inconsistencies()]:
        await repair(each)
    await ledger_size()
    await compact()
