"""Requests of a page that a test answers itself, for a while."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Page, Route


async def answer_by(page: Page, files: str, answer: Callable[[Route], Awaitable[None]]) -> asyncio.Event:
    """Let these requests be answered so, until the event is set; from then on they go to the service.

    The route itself stays: one that is removed while a request is under way leaves it unanswered, or answers it twice.
    """
    is_back = asyncio.Event()

    async def handle(route: Route) -> None:
        await (route.fallback() if is_back.is_set() else answer(route))

    await page.route(files, handle)
    return is_back
