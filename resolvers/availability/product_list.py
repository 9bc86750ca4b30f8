"""The catalogue in pages, also by what only the calculator knows (status, availability)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from models.database import reader
from models.deadline import at_length
from models.sql import fetch, likes
from resolvers.availability.products import MOST_SKUS, ProductView, views
from resolvers.errors import RequestError
from resolvers.goods import goods_sql
from resolvers.keys import PRODUCT, SOURCE, key_of, keys_of
from resolvers.pages import Page, Scanned, Scans, page, page_request, scanned_page
from resolvers.sales_channels import Channel, channel_by_code
from rules.calculator import AvailabilityKind, StockStatus
from rules.validation import is_code

SCAN_BATCH = 500
SCAN_BUDGET = 5_000
"""Products that one page of a filtered list may look at; a short page with a next one is the answer to a rare status."""


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products; None leaves a criterion out, and all given ones must hold."""

    skus: Sequence[str] | None = None
    search: str | None = None
    stock_status: StockStatus | None = None
    availability: Sequence[AvailabilityKind] | None = None
    source: str | None = None
    assigned: bool | None = None

    @property
    def is_computed(self) -> bool:
        """Whether it asks for what only the calculator knows."""
        return self.stock_status is not None or self.availability is not None

    @property
    def is_searching(self) -> bool:
        """Whether many products may be looked at for few that pass."""
        return not (self.search is None and self.source is None and self.assigned is None)

    def admits(self, view: ProductView) -> bool:
        """Whether a product passes what only the calculator knows."""
        found = view.availability
        return (self.stock_status is None or found.stock_status is self.stock_status) and (
            self.availability is None or found.kind in self.availability
        )


async def product_page(
    asked: ProductFilter,
    first: int | None,
    after: str | None,
    sales_channel: str | None,
    *,
    is_admin: bool,
    as_of: datetime | None = None,
    scans: Scans | None = None,
) -> Page[ProductView]:
    """One page of the products that pass a filter, by SKU.

    Under a computed filter it looks at 5,000 products at most, as far as the scans of its request still allow that
    (TOO_COSTLY), and only an admin may count them all (TOO_MANY).
    """
    request = page_request(first, after, (str,))
    if asked.skus is not None and len(asked.skus) > MOST_SKUS:
        raise RequestError("TOO_MANY", f"At most {MOST_SKUS} SKUs can be asked for at once.")
    channel = await channel_by_code(sales_channel)
    keys = await keys_of(PRODUCT, asked.skus or ())
    skus = None if asked.skus is None else [keys.of(sku) for sku in asked.skus]
    asked = replace(asked, skus=skus, source=await key_of(SOURCE, asked.source))
    catalogue = Catalogue(asked, channel, as_of or datetime.now(UTC), all_items=is_admin)
    start = "" if request.after is None else str(request.after[0])

    async def count() -> int:
        if not asked.is_computed:
            return await catalogue.count()
        if not is_admin:
            raise RequestError("TOO_MANY", "Only an admin may have products counted by availability.")
        return sum([1 async for batch in catalogue.batches("", SCAN_BATCH) for view in batch if asked.admits(view)])

    async def read() -> list[ProductView]:
        return [view async for view in catalogue.views_after(start, request.first + 1)]

    if not asked.is_computed:
        found = await (at_length(read) if asked.is_searching else read)()
        return page(found, request, lambda view: (view.sku,), count)

    async def scan() -> AsyncIterator[Scanned[ProductView]]:
        async for batch in catalogue.batches(start, SCAN_BATCH):
            yield Scanned([view for view in batch if asked.admits(view)], len(batch), (batch[-1].sku,))

    return await scanned_page(
        scan(), request, lambda view: (view.sku,), count, SCAN_BATCH, SCAN_BUDGET, scans or Scans()
    )


class Catalogue:
    """The products of one filter and sales channel, in batches by SKU."""

    def __init__(self, asked: ProductFilter, channel: Channel, instant: datetime, *, all_items: bool) -> None:
        self._channel = channel
        self._all_items = all_items
        self._instant = instant
        self._condition, self._parameters = _stored_conditions(asked)

    async def views_after(self, sku: str, limit: int) -> AsyncIterator[ProductView]:
        """At most so many products behind a SKU."""
        # Keys first: a database that has not counted its rows yet would join the whole catalogue to find a page of it.
        behind = f"p.sku > ${len(self._parameters) + 2}"
        page_of_keys = f"SELECT p.sku FROM product p WHERE $1 <> '' AND {behind} AND {self._condition}"
        page_of_keys += f" ORDER BY p.sku LIMIT {limit:d}"  # $1 always has a use
        keys = await fetch(reader(), page_of_keys, self._channel.stock, *self._parameters, sku)
        sql = goods_sql("p.sku = ANY($2)", all_items=self._all_items)
        rows = await fetch(reader(), sql, self._channel.stock, [row["sku"] for row in keys]) if keys else []
        async for view in views(reader(), rows, self._channel, self._instant, all_items=self._all_items):
            yield view

    async def batches(self, sku: str, size: int) -> AsyncIterator[list[ProductView]]:
        """All products behind a SKU, so many at a time."""
        while batch := [view async for view in self.views_after(sku, size)]:
            yield batch
            if len(batch) < size:
                return
            sku = batch[-1].sku

    async def count(self) -> int:
        """How many products pass what is stored."""
        sql = f"SELECT COUNT(*) AS n FROM product p WHERE $1 <> '' AND {self._condition}"  # $1 always has a use
        rows = await fetch(reader(), sql, self._channel.stock, *self._parameters)
        return int(rows[0]["n"])


def _stored_conditions(asked: ProductFilter) -> tuple[str, list[Any]]:
    """SQL on `product p` and its parameters from $2 on; $1 is the stock."""
    conditions: list[str] = ["TRUE"]
    parameters: list[Any] = []

    def given(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters) + 1}"

    if asked.skus is not None:
        conditions.append(f"p.sku = ANY({given([sku for sku in asked.skus if is_code(sku)])})")
    if asked.search is not None:
        forms = [f"p.search LIKE {given(pattern)} ESCAPE '!'" for pattern in likes(asked.search)]
        conditions.append(f"({' OR '.join(forms)})")
    if asked.source is not None:
        at_source = "EXISTS (SELECT 1 FROM source_item f WHERE f.product_id = p.sku AND f.source_id = {})"
        conditions.append(at_source.format(given(asked.source)) if is_code(asked.source) else "FALSE")
    if asked.assigned is not None:
        conditions.append(
            f"{'' if asked.assigned else 'NOT '}EXISTS (SELECT 1 FROM source_item f"
            " JOIN stock_source k ON k.source_id = f.source_id WHERE f.product_id = p.sku AND k.stock_id = $1)"
        )
    return " AND ".join(conditions), parameters
