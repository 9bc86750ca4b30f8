"""Lists in pages: the shapes that all of them share."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import strawberry

from resolvers.pages import Count, Page, Total

T = TypeVar("T")
V = TypeVar("V")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether the list may go on behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for with a cursor.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first node of this page.")
    end_cursor: str | None = strawberry.field(description="What to pass as `after` for the next page.")


@strawberry.type(description="A node of a page, with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Its place in the list: pass it as `after` to go on behind it.")
    node: T = strawberry.field(description="The node.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The nodes with their cursors.")
    nodes: list[T] = strawberry.field(description="The nodes alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")
    count: strawberry.Private[Count]
    counting: strawberry.Private["asyncio.Future[Total | int] | None"] = None

    @strawberry.field(
        description="How many nodes the whole list has; counted only where it is selected. A list of orders, backorders,"
        " inconsistencies or change sets is counted up to a bound: it has at least so many where totalCountIsExact says so."
    )
    async def total_count(self) -> int:
        """Count the list."""
        return (await self._total()).count

    @strawberry.field(description="Whether totalCount is exact; if not, the list has at least so many nodes.")
    async def total_count_is_exact(self) -> bool:
        """Whether counting came to the end of the list."""
        return (await self._total()).is_exact

    async def _total(self) -> Total:
        """Counted once, whichever of the two fields asks first."""
        if self.counting is None:
            self.counting = asyncio.ensure_future(self.count())
        found = await self.counting
        return found if isinstance(found, Total) else Total(found)


def connection(page: Page[V], node_of: Callable[[V], T]) -> Connection[T]:
    """A page of values as a page of nodes."""
    nodes = [node_of(value) for value in page.nodes]
    return Connection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=PageInfo(
            has_next_page=page.has_next_page,
            has_previous_page=page.has_previous_page,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.end_cursor,
        ),
        count=page.count,
    )
