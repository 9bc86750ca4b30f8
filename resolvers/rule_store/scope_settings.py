"""The admin form of one scope: its own values, and what it would inherit."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.database import Client, snapshot
from models.sql import fetch
from resolvers.errors import RequestError
from resolvers.keys import PRODUCT, SOURCE, key_of
from resolvers.rules_in_force import current_revision, rules_by_scope
from rules.scope import Scope, ScopeType, scope_of
from rules.setting import CATALOGUE, Setting, SettingValue
from rules.validation import scope_errors
from rules.walk import Rules, ScopeRule

YIELD_EVERY = 100

_SOURCES_OF_PRODUCTS = """
SELECT product_id AS sku, source_id AS source FROM source_item WHERE product_id = ANY($1) ORDER BY product_id, source_id
"""


@dataclass(frozen=True, slots=True)
class SourceInheritance:
    """What one source would give a product where no product rule stands."""

    source: str
    value: SettingValue
    scope: Scope


@dataclass(frozen=True, slots=True)
class ScopeSetting:
    """One line of the form; own_value is None where the setting is inherited."""

    definition: Setting
    own_value: SettingValue | None
    inherited_value: SettingValue
    inherited_from: Scope
    inherited_by_source: tuple[SourceInheritance, ...]
    effective_value: SettingValue
    rule: ScopeRule | None


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """The form of one scope, read at one revision of the rule store."""

    scope: Scope
    revision: int
    settings: tuple[ScopeSetting, ...]


async def scope_settings(type_: ScopeType, source: str | None, sku: str | None) -> ScopeSettings | None:
    """The form of a scope, or None where it names an unknown source or product.

    BAD_USER_INPUT for a scope whose fields do not match its type, and for DEFAULT, where no rule can stand.
    """
    source, sku = await key_of(SOURCE, source), await key_of(PRODUCT, sku)
    if errors := list(scope_errors(type_, source, sku, ())):
        raise RequestError("BAD_USER_INPUT", errors[0].message)
    scope = scope_of(source, sku)

    async def read(client: Client) -> ScopeSettings | None:
        if not await _is_known(client, scope):
            return None
        return (await settings_of_scopes(client, [scope]))[0]

    return await snapshot(read)


async def forms_of(scopes: Sequence[Scope]) -> list[ScopeSettings]:
    """The forms of these scopes as they are now, on one state of the store."""
    return await snapshot(lambda client: settings_of_scopes(client, scopes))


async def settings_of_scopes(client: Client, scopes: Sequence[Scope]) -> list[ScopeSettings]:
    """The forms of these scopes as the connection sees them now, in three statements."""
    revision = await current_revision(client)
    skus = sorted({scope.sku for scope in scopes if scope.sku})
    sources_of: dict[str, list[str]] = {}
    for row in await fetch(client, _SOURCES_OF_PRODUCTS, skus) if skus else ():
        sources_of.setdefault(row["sku"], []).append(row["source"])
    sources = {source for of_product in sources_of.values() for source in of_product}
    sources |= {scope.source for scope in scopes if scope.source}
    rules = await rules_by_scope(client, skus, sorted(sources), datetime.now(UTC))
    forms = []
    for number, scope in enumerate(scopes, start=1):
        lines = tuple(_lines(rules, scope, sources_of.get(scope.sku or "", ())))
        forms.append(ScopeSettings(scope, revision, lines))
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
    return forms


def _lines(rules: Rules, scope: Scope, sources: Iterable[str]) -> Iterable[ScopeSetting]:
    for setting in CATALOGUE.values():
        if scope.type not in setting.scopes:
            continue
        own = rules.at(scope).get(setting.key)
        inherited = rules.inherited(setting, scope)
        by_source: tuple[SourceInheritance, ...] = ()
        if scope.type is ScopeType.PRODUCT and setting.is_per_source:
            by_source = tuple(_differing(rules, setting, sources, inherited.value))
        yield ScopeSetting(
            definition=setting,
            own_value=own.value if own else None,
            inherited_value=inherited.value,
            inherited_from=inherited.scope,
            inherited_by_source=by_source,
            effective_value=inherited.value if own is None or own.value is None else own.value,
            rule=own,
        )


def _differing(
    rules: Rules, setting: Setting, sources: Iterable[str], inherited: SettingValue
) -> Iterable[SourceInheritance]:
    for source in sources:
        found = rules.walk(setting, scope_of(source, None))
        if found.value != inherited:
            yield SourceInheritance(source, found.value, found.scope)


async def _is_known(client: Client, scope: Scope) -> bool:
    checks: list[tuple[str, Any]] = [("SELECT 1 AS found FROM source WHERE code = $1", scope.source)]
    checks.append(("SELECT 1 AS found FROM product WHERE sku = $1", scope.sku))
    for sql, key in checks:
        if key is not None and not await fetch(client, sql, key):
            return False
    return True
