"""What an import of source items takes from orders, and what it leaves unsold: over all of its batches.

Memory is bounded: of the queues that a run touches those with open lines, or with nothing left that sells, are kept, and at
most 100,000 of each.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from models.database import Client, reader
from resolvers.balances import Key
from resolvers.catalogue.source_items import GoodsChange, SourceItemRow, not_selling
from resolvers.held_orders import MOST_LINES, held_by_goods, held_by_plan, open_among
from resolvers.notifications.stock_events import stock_facts
from resolvers.queue import queues_of
from rules.advice_tally import AdviceTally
from rules.held import HeldOrders, SupplyChange
from rules.item_advice import is_sellable, nothing_sellable, source_disabled, unlinked_source

PLACES_AT_ONCE = 500


class ItemImportAdvice:
    """The warnings of one run, written or only planned (a dry run)."""

    def __init__(self, *, most_queues: int = MOST_LINES) -> None:
        self.tally = AdviceTally()
        self._most = most_queues
        self._changes: dict[Key, SupplyChange] = {}
        self._unsellable: set[Key] = set()
        self._planned: dict[tuple[str, str], Decimal] = {}
        self._is_cut_off = False
        self._named: set[tuple[str, str]] = set()

    async def wrote(self, change: GoodsChange) -> None:
        """Take in a batch that has been committed."""
        self._name_sources(change.disabled, change.unlinked)
        self._unsellable.update(change.unsellable)
        if len(self._unsellable) > self._most:
            await self._name_unsellable()
        is_open = await open_among(reader(), [(each.sku, each.stock) for each in change.supplies])
        for each in change.supplies:
            key = each.sku, each.stock
            earlier = self._changes.get(key)
            if earlier is not None:
                self._changes[key] = SupplyChange(*key, earlier.before, each.after)
            elif key in is_open and self._has_room(self._changes):
                self._changes[key] = each

    async def plans(self, client: Client, rows: Sequence[SourceItemRow]) -> None:
        """Take in a batch that a dry run would write."""
        if not rows:
            return
        self._name_sources(*await not_selling(client, rows))
        counted = {(row.sku, row.source): row.quantity for row in rows if row.quantity is not None}
        is_open = {sku for sku, _ in await open_among(client, await queues_of(client, counted))}
        for key, quantity in counted.items():
            if key in self._planned or (key[0] in is_open and self._has_room(self._planned)):
                self._planned[key] = quantity

    async def finish(self) -> AdviceTally:
        """Count once what waits, or would, because of the whole run, and what it leaves with nothing that sells."""
        await self._name_unsellable()
        held: HeldOrders = await held_by_goods(self._changes.values())
        planned = await held_by_plan(self._planned)
        for each, is_preview in ((held, False), (planned, True)):
            each.is_cut_off |= self._is_cut_off and bool(self._planned) is is_preview
            self.tally.add(each.advice((), is_preview=is_preview))
        return self.tally

    async def _name_unsellable(self) -> None:
        """Name what still has nothing that sells: a later batch may have set another item in stock."""
        places, gone = sorted(self._unsellable), set[str]()
        for start in range(0, len(places), PLACES_AT_ONCE):
            here = places[start : start + PLACES_AT_ONCE]
            sold = (await stock_facts(reader(), {sku for sku, _ in here})).sold
            gone |= {sku for sku, stock in here if not is_sellable(sold.get((sku, stock)))}
        self.tally.add(nothing_sellable([sku], ()) for sku in sorted(gone))
        self._unsellable.clear()

    def _has_room(self, kept: Mapping[tuple[str, str], object]) -> bool:
        if len(kept) < self._most:
            return True
        self._is_cut_off = True
        return False

    def _name_sources(self, disabled: Sequence[str], unlinked: Sequence[str]) -> None:
        for advice in (
            *(source_disabled(source, ("source_code",)) for source in disabled),
            *(unlinked_source(source, ("source_code",)) for source in unlinked),
        ):
            if (said := (advice.code, advice.message)) not in self._named:
                self._named.add(said)
                self.tally.add([advice])
