"""What axe-core, the checker of accessibility, finds on a page."""

from functools import lru_cache
from typing import Any

from playwright.async_api import Page

from tests.server.process import ROOT

GRAVE = {"serious", "critical"}


@lru_cache(maxsize=1)
def _axe() -> str:
    return (ROOT / "playground" / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def grave_findings(page: Page, *, without: str | None = None) -> list[str]:
    """What is serious or worse on the page as it stands, a line each; `without` leaves out what a selector matches."""
    await page.evaluate(_axe())
    context: dict[str, Any] = {"exclude": [[without]]} if without else {}
    found = await page.evaluate("(context) => axe.run({include: [['html']], ...context})", context)
    return [
        f"{violation['id']}: {node['html'][:150]} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
