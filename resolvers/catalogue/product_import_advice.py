"""What an import of products and their rules may do that was not meant: over all of its batches.

Memory is bounded: of the products whose Manage Stock a run changes those with open lines are kept, at most 100,000 of them.
"""

from collections.abc import Sequence

from models.database import reader
from resolvers.held_orders import MOST_LINES, pages_of
from resolvers.rule_store.change_advice import advice_of, advice_of_preview
from resolvers.rule_store.held_by_rules import advice_on_rules
from resolvers.rule_store.newly_unlimited import newly_unlimited
from rules.advice_tally import AdviceTally, without_path
from rules.change import PLAIN, RuleChange, RulesChange
from rules.setting import SettingKey
from rules.unlimited import NewlyUnlimited


class ProductImportAdvice:
    """The warnings of one run, written or only planned (a dry run)."""

    def __init__(self, *, is_dry_run: bool) -> None:
        self.tally = AdviceTally()
        self.unlimited = NewlyUnlimited()
        self._is_dry_run = is_dry_run
        self._switches: dict[str, RuleChange] = {}

    async def add(self, asked: Sequence[RulesChange], changes: Sequence[RuleChange]) -> None:
        """Take in the changes of a batch, which have been committed, or would be made."""
        if not changes:
            return
        self.unlimited.merge(await newly_unlimited(changes, is_made=not self._is_dry_run))
        look = advice_of_preview if self._is_dry_run else advice_of
        found = await look(asked, changes, PLAIN)
        self.tally.add(without_path(each, asked[int(each.path[2])].scope) for each in found)
        await self._add_switches(changes)

    async def finish(self) -> AdviceTally:
        """Count once what waits, or would, because of the whole run."""
        self.tally.add(await advice_on_rules(list(self._switches.values()), (), is_made=not self._is_dry_run))
        return self.tally

    async def _add_switches(self, changes: Sequence[RuleChange]) -> None:
        switched = {
            change.scope.sku: change
            for change in changes
            if change.setting is SettingKey.MANAGE_STOCK and change.scope.sku
        }
        if not switched:
            return
        async for keys in pages_of(reader(), sorted(switched)):
            for sku in dict.fromkeys(sku for sku, _ in keys):
                earlier = self._switches.get(sku)
                change = switched[sku]
                if earlier is not None and not self._is_dry_run:  # what is planned is compared with what stands
                    change = RuleChange(change.scope, change.setting, earlier.before, change.after)
                if earlier is not None or len(self._switches) < MOST_LINES:
                    self._switches[sku] = change
