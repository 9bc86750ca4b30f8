"""Orders that wait because Manage Stock is switched on: what a change of rules makes wait, or would."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from models.database import Client, long_snapshot
from resolvers.held_orders import MOST_LINES, count_held, pages_of
from resolvers.queue import supplies
from resolvers.rules_in_force import rows_by_scope
from rules.change import RuleChange, RulesChange, applied, undone
from rules.held import HeldOrders, SupplyChange
from rules.scope import scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.validation import Advice, Path
from rules.walk import Rules


async def held_by_rules(
    changes: Sequence[RuleChange], instant: datetime, *, is_made: bool, most_lines: int = MOST_LINES
) -> HeldOrders:
    """What waits at an instant because these changes switch Manage Stock on, with today's quantities.

    is_made tells whether the rules that stand have them already. Other settings bind sales, not orders.
    """
    switching = [change for change in changes if change.setting is SettingKey.MANAGE_STOCK]
    is_everywhere = any(change.scope.sku is None for change in switching)
    skus = None if is_everywhere else sorted({change.scope.sku or "" for change in switching})

    async def read(client: Client) -> HeldOrders:
        async def batches() -> AsyncIterator[list[SupplyChange]]:
            async for keys in pages_of(client, skus):
                here = {sku for sku, _ in keys}
                rows = await rows_by_scope(client, here, (), instant)
                own = [change for change in switching if change.scope.sku is None or change.scope.sku in here]
                before = Rules(undone(rows, own) if is_made else rows, instant)
                after = Rules(rows if is_made else applied(rows, own), instant)
                begun = [key for key in keys if _manages(after, key[0]) and not _manages(before, key[0])]
                supply = await supplies(client, begun)
                yield [SupplyChange(*key, None, supply[key]) for key in begun]

        return await count_held(client, batches(), most_lines)

    return await long_snapshot(read) if switching else HeldOrders()


async def advice_on_rules(
    changes: Sequence[RuleChange], path: Path, *, is_made: bool, at: datetime | None = None
) -> list[Advice]:
    """WOULD_HOLD_ORDERS for each instant at which these changes begin to hold, or for one instant."""
    now = datetime.now(UTC)
    begin = {max(change.window.start or now, now) for change in changes if change.setting is SettingKey.MANAGE_STOCK}
    found: list[Advice] = []
    for instant in sorted(begin if at is None else {at} if begin else ()):
        held = await held_by_rules(changes, instant, is_made=is_made)
        found += held.advice(path, since=instant if instant > now else None, is_preview=not is_made)
    return found


def path_of_switch(asked: Sequence[RulesChange]) -> Path:
    """Where a call first says something of Manage Stock."""
    key = SettingKey.MANAGE_STOCK
    first = next((index for index, change in enumerate(asked) if key in change.settings), 0)
    return ("input", "changes", str(first), "settings", key.value)


def _manages(rules: Rules, sku: str) -> bool:
    return rules.walk(CATALOGUE[SettingKey.MANAGE_STOCK], scope_of(None, sku)).value is True
