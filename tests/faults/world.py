"""What a fault befalls: a database, two processes on it that sell and tell, a receiver of webhooks and a mail server."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from tests.client import ADMIN_TOKEN, AS_ADMIN, Api
from tests.faults.clock import ahead
from tests.faults.disks import small_disk
from tests.faults.load import HOT, LAST, LAST_ON_HAND, LATE, RECEIVED, SPREAD
from tests.faults.messages import HEALTHY
from tests.faults.processes import Launch, Process, answering, run, start
from tests.faults.stores import Postgresql, Sqlite, postgresql
from tests.proxy import Proxy, proxy_to
from tests.server.post_office import PostOffice, post_office
from tests.server.receiver import Answer, Receiver, receiving, status

PLENTY = 1_000_000
UPSERT_ENDPOINT = """mutation ($endpoints: [WebhookEndpointInput!]!) {
  upsertWebhookEndpoints(endpoints: $endpoints) { userErrors { code } }
}"""
SET_RULES = """mutation ($input: SetScopeRulesInput!) { setScopeRules(input: $input) { userErrors { code } } }"""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a fault needs to stand differently from how it usually does."""

    workers: int = 0
    """One service with so many workers; 0: two services."""
    is_behind_proxy: bool = False
    disk: str = ""
    """The type of the small disk that the database is to be on: tmpfs or ext4."""
    services: tuple[Launch, Launch] = (Launch(), Launch())
    """How the two services are started differently from the usual."""
    is_clock_ahead: bool = False
    """Whether the clock of the second service is."""
    receiver: Answer = field(default_factory=lambda: status(200))
    host: str = "127.0.0.1"
    """How the healthy endpoint is called."""
    more: tuple[tuple[str, str], ...] = ()
    """Further endpoints, by code and URL."""


@dataclass(slots=True)
class World:
    """All that runs."""

    folder: Path
    store: Postgresql | Sqlite
    proxy: Proxy | None
    """The way to the database, where a fault needs one."""
    mail_proxy: Proxy
    """The way to the mail server."""
    disk: Path
    receiver: Receiver
    office: PostOffice
    settings: dict[str, str]
    services: list[Process] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What the report says beside the figures."""
    wrongs: list[str] = field(default_factory=list)
    """What must not be, beside what the figures say."""
    healing: set[asyncio.Task[None]] = field(default_factory=set)
    _started: list[Process] = field(default_factory=list)

    @property
    def server(self) -> Postgresql:
        """The database where it is PostgreSQL."""
        assert isinstance(self.store, Postgresql)
        return self.store

    @property
    def file(self) -> Path:
        """The database where it is SQLite."""
        assert isinstance(self.store, Sqlite)
        return self.store.file

    def start(self, name: str, launch: Launch) -> Process:
        """Start a command that ends with this world."""
        process = start(name, launch, self.folder)
        self._started.append(process)
        return process

    def heal(self, work: Any) -> None:
        """Begin what whoever runs the service would do now, while the callers go on."""
        task = asyncio.create_task(work)
        self.healing.add(task)

    async def start_again(self, place: int) -> None:
        """Start a service where it was, once a second until it stays, as a supervisor of services does."""
        old = self.services[place]
        port = self.urls[place].rpartition(":")[2]
        launch = Launch(
            [*old.launch.arguments, "--port", port], old.launch.settings, old.launch.through, old.launch.variables
        )
        began = time.monotonic()
        for attempt in range(60):
            process = self.start(f"service-{place}-again-{attempt}", launch)
            try:
                await answering(process)
            except AssertionError:
                process.kill_all()
                await asyncio.sleep(1)
                continue
            self.services[place] = process
            self.notes.append(f"started again at the {_nth(attempt + 1)} try, {time.monotonic() - began:.0f} s later")
            return
        self.wrongs.append("it could not be started again")

    def keep_logs(self, folder: Path) -> None:
        """Put what all commands said into another folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for log in self.folder.glob("*.log"):
            shutil.copy(log, folder)

    def end(self) -> None:
        """Kill all that was started."""
        for task in self.healing:
            task.cancel()
        for process in self._started:
            process.kill_all()


@asynccontextmanager
async def world(database: str, needs: Needs) -> AsyncIterator[World]:
    """A new world in which everything is well; nothing of it is left at the end."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="salable-fault-"))
        stack.push_async_callback(asyncio.to_thread, shutil.rmtree, folder, ignore_errors=True)
        await asyncio.to_thread(folder.chmod, 0o755)  # PostgreSQL's user has to come through
        disk = folder
        if needs.disk:
            disk = await stack.enter_async_context(small_disk(folder / "disk", needs.disk))
        store: Postgresql | Sqlite
        proxy = None
        if database == "postgresql":
            store = await stack.enter_async_context(postgresql(disk))
            if needs.is_behind_proxy:
                proxy = await stack.enter_async_context(proxy_to(store.port))
                store.reached_at = proxy.port
        else:
            store = Sqlite(disk / "salable.db")
        receiver = await stack.enter_async_context(receiving(needs.receiver))
        office = await stack.enter_async_context(post_office())
        mail_proxy = await stack.enter_async_context(proxy_to(office.port))
        settings = {
            "database_url": store.url,
            "admin_token": ADMIN_TOKEN,
            "log_level": "warning",
            "webhook_private": "true",
            "smtp_url": f"smtp://127.0.0.1:{mail_proxy.port}?tls=none",
            "mail_from": "Shop <shop@example.com>",
        }
        made = World(folder, store, proxy, mail_proxy, disk, receiver, office, settings)
        stack.callback(made.end)
        await _begin(made, needs)
        yield made


async def _begin(made: World, needs: Needs) -> None:
    code, said = await asyncio.to_thread(run, Launch(["migrate"], made.settings), made.folder)
    assert code == 0, said
    usual = ["serve", "--workers", str(needs.workers)] if needs.workers else ["serve"]
    for place, also in enumerate(needs.services[: 1 if needs.workers else 2]):
        launch = Launch(usual, {**made.settings, **also.settings}, also.through, also.variables)
        if needs.is_clock_ahead and place == 1:
            launch = replace(launch, variables=await asyncio.to_thread(ahead, made.folder))
        made.services.append(made.start(f"service-{place}", launch))
    made.urls = [await answering(service) for service in made.services]
    async with httpx.AsyncClient(base_url=made.urls[0], timeout=60, headers=AS_ADMIN, trust_env=False) as http:
        await _stock_up(Api(http), [(HEALTHY, made.receiver.url(needs.host)), *needs.more])


async def _stock_up(api: Api, endpoints: list[tuple[str, str]]) -> None:
    """Products of which there is plenty, one of which little is left, and one that is sold late."""
    quantities: Mapping[str, int] = {**dict.fromkeys((HOT, *SPREAD), PLENTY), LAST: LAST_ON_HAND, LATE: 0, RECEIVED: 0}
    await _change(api, "upsertSources", "sources", "[SourceInput!]!", [{"code": "north"}])
    stocks = [{"code": "default", "sources": [{"source": "north", "priority": 1}]}]
    await _change(api, "upsertStocks", "stocks", "[StockInput!]!", stocks)
    await _change(api, "upsertProducts", "products", "[ProductInput!]!", [{"sku": sku} for sku in quantities])
    items = [{"source": "north", "sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    await _change(api, "setSourceItems", "items", "[SourceItemInput!]!", items)
    change = {"scope": {"type": "PRODUCT", "sku": LATE}, "settings": {"backorders": "ALLOW_AND_NOTIFY"}}
    rules = {"changes": [change]}
    assert (await api.data(SET_RULES, {"input": rules}))["setScopeRules"]["userErrors"] == []
    written = [{"code": code, "url": url} for code, url in endpoints]
    assert (await api.data(UPSERT_ENDPOINT, {"endpoints": written}))["upsertWebhookEndpoints"]["userErrors"] == []


async def _change(api: Api, call: str, argument: str, type_: str, value: object) -> None:
    payload = await api.change(call, argument, type_, value)
    assert payload["userErrors"] == [], payload


def _nth(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")
