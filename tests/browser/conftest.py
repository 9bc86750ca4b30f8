"""A real Chromium in front of a real service: what every test of the pages shares.

Every page is opened with all other hosts out of reach; a violation of its content policy, an error in its console or a
request to anywhere else fails the test.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, Route, async_playwright, expect

from tests.client import ADMIN_TOKEN, Api
from tests.databases import Demo
from tests.server.process import ROOT, Service, serving

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page that a test answers itself comes from nowhere, and a socket from there to this machine would be refused.
    "--disable-features=LocalNetworkAccessChecks",
]
ON_VIOLATION = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
PATIENCE_MS = 60_000
"""How long a page may take: two suites may share two cores."""
LARGEST_SCREENSHOT = 200 * 1024


def pytest_addoption(parser: pytest.Parser) -> None:
    """Screenshots of the docs are taken by the tests, where asked."""
    parser.addoption("--screenshots", action="store_true", help="write the pages' screenshots to docs/screenshots")


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """The browser of the whole run."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.fail(
            "The pages are tested in Chromium, and there is none: install it (apt-get install chromium) or set CHROMIUM."
        )
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Visitor:
    """Somebody with a browser window of their own, and all that went wrong in it."""

    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)
    is_disconnected: bool = False

    async def open(self, path: str) -> Page:
        """A new tab on this page of the service."""
        page = await self.context.new_page()
        await page.goto(self.url + path)
        return page

    async def guard(self, route: Route) -> None:
        """Let through what goes to the service, while there is a connection."""
        if self.is_disconnected:
            await route.abort("internetdisconnected")
        elif route.request.url.startswith(self.url + "/"):
            await route.continue_()
        else:
            self.complaints.append(f"asked for {route.request.url}")
            await route.abort()

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console says of errors, but for answers that the service gave as it should."""
        is_answer = message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not is_answer:
            self.complaints.append(message.text)


@dataclass(slots=True)
class Visitors:
    """Opens windows on one service."""

    chromium: Chromium
    url: str
    all: list[Visitor] = field(default_factory=list)

    async def come(self, *, width: int = 1280, height: int = 800, is_dark: bool = False) -> Visitor:
        """One more window."""
        context = await self.chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if is_dark else "light", locale="en-GB"
        )
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context, self.url)
        await context.add_init_script(ON_VIOLATION)
        await context.route("**/*", visitor.guard)
        context.on("console", visitor.hear)
        context.on("weberror", lambda error: visitor.complaints.append(str(error.error)))
        self.all.append(visitor)
        return visitor


@pytest.fixture
def database_url(demo_url: str) -> str:
    """Here every database has the demo."""
    return demo_url


@pytest.fixture
def shop_token(demo: Demo) -> str:
    """The token by which the shop places orders."""
    return demo.shop_token


@pytest.fixture
async def service(database_url: str, shop_token: str, tmp_path: Path) -> AsyncIterator[Service]:
    """The demo with its shop, served on the database of this test; ADMIN_TOKEN opens the admin app."""
    settings = {
        "database_url": database_url,
        "admin_token": ADMIN_TOKEN,
        "shop_token": shop_token,
        "webhook_private": "true",  # the endpoints of the tests are on this machine
    }
    with serving(cwd=tmp_path, **settings) as running:
        yield running


@pytest.fixture
async def live(service: Service) -> AsyncIterator[Api]:
    """The API of the service that the pages ask."""
    async with httpx.AsyncClient(base_url=service.url, timeout=PATIENCE_MS / 1_000) as http:
        yield Api(http)


_HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is taken down after a test knows whether it failed."""
    report = yield
    if report.failed:
        item.stash[_HAS_FAILED] = True
    return report


@pytest.fixture
async def visitors(chromium: Chromium, service: Service, request: pytest.FixtureRequest) -> AsyncIterator[Visitors]:
    """Windows on the service; what went wrong in any of them fails the test."""
    found = Visitors(chromium, service.url)
    yield found
    if request.node.stash.get(_HAS_FAILED, False):
        await _show(found, service)
    for visitor in found.all:
        # What pages still ask is nobody's any more: how it ends is no fault of the test.
        await visitor.context.unroute_all(behavior="ignoreErrors")
        for page in visitor.context.pages:
            await page.unroute_all(behavior="ignoreErrors")
        await visitor.context.close()
    assert [complaint for visitor in found.all for complaint in visitor.complaints] == []


async def _show(found: Visitors, service: Service) -> None:
    """Print what stands on the pages of a test that failed, and what the service said: the report shows it."""
    for visitor in found.all:
        print(f"complaints: {visitor.complaints}")  # noqa: T201  # pytest keeps it for the report
        for page in visitor.context.pages:
            with suppress(Error):
                print(f"{page.url}:\n{await page.locator('body').inner_text(timeout=5_000)}")  # noqa: T201  # the same
    print(service.output()[-5_000:])  # noqa: T201  # the same


@pytest.fixture
async def visitor(visitors: Visitors) -> Visitor:
    """One window."""
    return await visitors.come()


@pytest.fixture
def screenshot(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Page, str], Awaitable[None]]:
    """Take the picture of a page that the docs show: into docs/ by --screenshots, and small enough either way."""
    folder = ROOT / "docs" / "screenshots" if request.config.getoption("--screenshots") else tmp_path

    async def take(page: Page, name: str) -> None:
        path = folder / f"{name}.png"
        await page.set_viewport_size({"width": 1100, "height": 720})  # of a size for a page of text
        await page.screenshot(path=path)
        assert path.stat().st_size < LARGEST_SCREENSHOT, name

    return take
