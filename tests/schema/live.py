"""Subscriptions in this process, on the real hub and database: results as they come."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from strawberry.types import ExecutionResult

from schema.build import schema
from schema.context import Context, Role, Viewer
from tests.watching import PATIENCE_SECONDS, QUIET_SECONDS, SEEN, stock_changed

SHOPPER = Viewer()
ADMIN = Viewer(Role.ADMIN, "admin")
STRANGER = Viewer(is_token_invalid=True)


class Follower:
    """Somebody who takes every result as it comes."""

    def __init__(self) -> None:
        self.results: asyncio.Queue[ExecutionResult] = asyncio.Queue()

    async def result(self) -> ExecutionResult:
        """The next result."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.results.get()

    async def product(self) -> dict[str, Any]:
        """The product of the next result, which must have no errors."""
        result = await self.result()
        assert not result.errors, result.errors
        assert result.data is not None
        product: dict[str, Any] = result.data["stockChanged"]
        return product

    async def code(self) -> str:
        """The code of the one error of the next result."""
        result = await self.result()
        [error] = result.errors or []
        assert error.extensions is not None
        return str(error.extensions["code"])

    async def is_quiet(self) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                self.results.put_nowait(await self.results.get())
        except TimeoutError:
            return True
        return False


async def subscribed(
    skus: Sequence[Any],
    viewer: Viewer = SHOPPER,
    *,
    fields: str = SEEN,
    query: str | None = None,
    **variables: Any,
) -> Any:
    """The results of a subscription, which nobody takes yet."""
    asked = {"skus": list(skus), **variables}
    return await schema.subscribe(query or stock_changed(fields), asked, Context(viewer))


@asynccontextmanager
async def following(skus: Sequence[Any], viewer: Viewer = SHOPPER, **more: Any) -> AsyncIterator[Follower]:
    """Somebody who follows these products meanwhile."""
    follower = Follower()
    results = await subscribed(skus, viewer, **more)

    async def take() -> None:
        async with aclosing(results):
            async for result in results:
                follower.results.put_nowait(result)

    task = asyncio.create_task(take())
    try:
        yield follower
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
