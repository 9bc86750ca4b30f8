"""Somebody who watches products: what was shown last, what is to be shown next, and what counts as seen."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from weakref import WeakSet

from resolvers.availability.products import ProductView
from resolvers.errors import RequestError
from rules.validation import is_code


@dataclass(frozen=True, slots=True)
class Scene:
    """What watchers share that see the same: the sales channel, and whether they see what only admins do."""

    sales_channel: str
    is_admin: bool


@dataclass(frozen=True, slots=True)
class State:
    """A product as it is, and all that is seen of it: two states of equal sight are the same to who watches."""

    view: ProductView
    sight: object


class Allowance:
    """How many SKUs one connection may watch with all that it has open."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.watchers: WeakSet[Watcher] = WeakSet()  # one that was never begun is gone without a word

    def add(self, watcher: "Watcher") -> None:
        """Let it watch; TOO_MANY where that would be more than is allowed."""
        if sum(len(each.skus) for each in self.watchers) + len(watcher.skus) > self.most:
            raise RequestError("TOO_MANY", f"A connection watches at most {self.most:,} SKUs.")
        self.watchers.add(watcher)


class Watcher:
    """Somebody who watches some products: what was shown last, and what is to be shown next."""

    def __init__(self, scene: Scene, skus: Iterable[str]) -> None:
        self.scene = scene
        self.skus = tuple(dict.fromkeys(sku for sku in skus if is_code(sku)))  # nothing else will ever be a product
        self._next: dict[str, State] = {}
        self._shown: dict[str, object] = {}
        self._error: RequestError | None = None
        self._stir = asyncio.Event()

    def offer(self, state: State) -> None:
        """Put the latest state of a product into its slot."""
        if self._shown.get(state.view.sku) == state.sight:
            self._next.pop(state.view.sku, None)  # it has changed back before it was shown
        else:
            self._next[state.view.sku] = state
            self._stir.set()

    def fail(self, error: RequestError) -> None:
        """End the watching with an error."""
        self._error = error
        self._stir.set()

    async def views(self) -> AsyncIterator[ProductView]:
        """What is to be shown, as it comes."""
        while True:
            await self._stir.wait()
            self._stir.clear()
            while self._next and self._error is None:
                sku = next(iter(self._next))
                state = self._next.pop(sku)
                self._shown[sku] = state.sight
                yield state.view
            if self._error is not None:
                raise self._error


def shoppers_sight(view: ProductView) -> tuple[object, ...]:
    """All that any open field of a product is computed from: where it is equal, they are."""
    found = view.availability
    return (
        view.name,
        found.salable_qty,
        found.stock_status,
        found.kind,
        found.only_x_left,
        found.mode,
        found.effective_threshold,
        found.is_unlimited,
        found.position.is_assigned,
        bool(found.counting),
        # What is late of a quantity follows from what is on hand and not promised; without backorders nothing does.
        found.shippable if found.is_stock_managed and found.mode.allows else None,
        *[setting.value for setting in found.config.settings.values()],
    )
