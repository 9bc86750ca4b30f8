"""The rule store over the API: changing rules, undoing changes, their history, and all that the rules decide."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.client import Api

GLOBAL = {"type": "GLOBAL"}
EAST, WEST = ({"type": "SOURCE", "source": source} for source in ("east", "west"))
TENT, LAMP = ({"type": "PRODUCT", "sku": sku} for sku in ("TENT", "LAMP"))
TENT_EAST = {"type": "PRODUCT_SOURCE", "source": "east", "sku": "TENT"}
SCOPES = (GLOBAL, EAST, WEST, TENT, LAMP, TENT_EAST)

_CHANGE_SET = """{ revision createdAt actor reason
    changes { scope { type source sku } setting before after activeFrom activeUntil } }"""
_PAYLOAD = f"""{{ changeSet {_CHANGE_SET} scopeSettings {{ scope {{ type source sku }} revision }}
    warnings {{ code message field }} userErrors {{ code message field }} }}"""
_SET = f"mutation ($input: SetScopeRulesInput!) {{ setScopeRules(input: $input) {_PAYLOAD} }}"
_REVERT = f"""mutation ($revision: Int!, $reason: String) {{
    revertChangeSet(revision: $revision, reason: $reason) {_PAYLOAD} }}"""
HISTORY = f"""query ($scope: ScopeInput, $first: Int, $after: String) {{
    changeSets(scope: $scope, first: $first, after: $after) {{ totalCount nodes {_CHANGE_SET}
        edges {{ cursor node {{ revision }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
_RULE = "{ scope { type source sku } setting value activeFrom activeUntil }"
_SETTING = f"{{ setting value scope {{ type source sku }} rule {_RULE} overridden {_RULE} }}"
PRODUCT = f"""{{ sku salableQty stockStatus availability onlyXLeftInStock
    salableQtyTerms {{ kind quantity source rule {_RULE} }} sourceItems {{ source {{ code }} quantity status }}
    salability(quantity: 3) {{ isSalable backorderedQty maxSalableQty errors {{ code }} }}
    effectiveBackorderConfig {{ backorders outOfStockThreshold backorderLimit {{ kind quantity }} onlyXLeftThreshold
        manageStock settings {_SETTING}
        sources {{ source counts backorders {_SETTING} outOfStockThreshold {_SETTING}
            notifyForQuantityBelow {_SETTING} }} }} }}"""
_EVERYTHING = f"""query ($at: DateTime) {{
    products(asOf: $at) {{ nodes {PRODUCT} }} lowStock {{ nodes {{ sku source notifyForQuantityBelow {_SETTING} }} }}
    scopeRules {{ nodes {_RULE} }} }}"""
_FORM = f"""query ($scope: ScopeInput!) {{ scopeSettings(scope: $scope) {{ settings {{
    ownValue inheritedValue inheritedFrom {{ type source sku }} effectiveValue rule {_RULE}
    inheritedBySource {{ source value }} }} }} }}"""

Change = tuple[dict[str, str], dict[str, Any]]


def day(number: int, hour: int = 0) -> str:
    """A day of January 2100: every window of the tests that is to come is there."""
    return f"2100-01-{number:02}T{hour:02}:00:00Z"


LONG_AGO = "2000-01-01T00:00:00Z"
"""The start of windows that hold now; all that end, end in 2100."""


def soon(**after: float) -> str:
    """An instant so long after now."""
    return (datetime.now(UTC) + timedelta(**after)).isoformat()


def at_whole(scope: dict[str, str]) -> dict[str, str | None]:
    """A scope as it is answered: with nulls for what it does not name."""
    return {"source": None, "sku": None, **scope}


async def stock_up(api: Api) -> Api:
    """TENT lies 25 at east and 5 at west, LAMP 3 at east; both sources feed the default stock. No rule is set."""
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "east"}, {"code": "west"}])
    links = [{"source": source, "priority": place} for place, source in enumerate(("east", "west"))]
    await api.change("upsertStocks", "stocks", "[StockInput!]!", [{"code": "default", "sources": links}])
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}, {"sku": "LAMP"}])
    items = [("east", "TENT", 25), ("west", "TENT", 5), ("east", "LAMP", 3)]
    rows = [{"source": source, "sku": sku, "quantity": quantity} for source, sku, quantity in items]
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", rows)
    return api


async def ask_rules(api: Api, *changes: Change, **rest: object) -> dict[str, Any]:
    """The payload of a change of rules, refused or not."""
    asked = [{"scope": scope, "settings": settings} for scope, settings in changes]
    payload: dict[str, Any] = (await api.data(_SET, {"input": {"changes": asked, **rest}}))["setScopeRules"]
    return payload


async def set_rules(api: Api, *changes: Change, **rest: object) -> dict[str, Any]:
    """The payload of a change of rules that must go well."""
    payload = await ask_rules(api, *changes, **rest)
    assert payload["userErrors"] == []
    return payload


async def refused(api: Api, *changes: Change, **rest: object) -> dict[str, Any]:
    """The one error of a change of rules that must be refused whole."""
    payload = await ask_rules(api, *changes, **rest)
    assert (payload["changeSet"], payload["scopeSettings"], payload["warnings"]) == (None, [], [])
    (error,) = payload["userErrors"]
    assert isinstance(error, dict)
    return error


async def ask_revert(api: Api, revision: int, reason: str | None = None) -> dict[str, Any]:
    """The payload of an undoing, refused or not."""
    payload: dict[str, Any] = (await api.data(_REVERT, {"revision": revision, "reason": reason}))["revertChangeSet"]
    return payload


async def revert(api: Api, revision: int, reason: str | None = None) -> dict[str, Any]:
    """The payload of an undoing that must go well."""
    payload = await ask_revert(api, revision, reason)
    assert payload["userErrors"] == []
    return payload


async def history(api: Api, **arguments: object) -> dict[str, Any]:
    """One page of the history."""
    found: dict[str, Any] = (await api.data(HISTORY, arguments))["changeSets"]
    return found


async def revisions(api: Api, **arguments: object) -> list[int]:
    """The revisions on one page of the history."""
    return [each["revision"] for each in (await history(api, **arguments))["nodes"]]


async def answers(api: Api, *instants: str) -> dict[str, Any]:
    """All that the rules decide, now and at these instants: products, low stock, rules, the form of every scope."""
    found: dict[str, Any] = {at or "now": await api.data(_EVERYTHING, {"at": at}) for at in (None, *instants)}
    for each in found.values():
        each["scopeRules"]["nodes"].sort(key=str)  # a rule that comes back is a new row
    for scope in SCOPES:
        found[str(scope)] = (await api.data(_FORM, {"scope": scope}))["scopeSettings"]
    return found


async def product(api: Api, sku: str = "TENT", at: str | None = None) -> dict[str, Any]:
    """One product as the admin sees it, now or with the rules of an instant."""
    query = f"query ($sku: String!, $at: DateTime) {{ product(sku: $sku, asOf: $at) {PRODUCT} }}"
    found: dict[str, Any] = (await api.data(query, {"sku": sku, "at": at}))["product"]
    return found


async def setting(api: Api, key: str, at: str | None = None, sku: str = "TENT") -> Any:
    """The value of one setting that is walked per product."""
    lines = (await product(api, sku, at))["effectiveBackorderConfig"]["settings"]
    return next(line["value"] for line in lines if line["setting"] == key)
