"""The load: orders, receipts and reads at a fixed rate, each with the caller's own deadline and what became of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.client import AS_ADMIN
from tests.faults.timeline import Call, Kind, Timeline

CALLS_PER_SECOND = 20
CROWD = 80
DEADLINE_SECONDS = 10.0
"""How long a caller waits for an answer."""
RETRY_SECONDS = 60.0
"""How long what was not answered is asked again, once the fault is over."""

HOT, LAST, LATE, RECEIVED = "HOT", "LAST", "LATE", "RECEIVED"
SPREAD = tuple(f"S{number}" for number in range(8))
LAST_ON_HAND = 40
TURN = (
    HOT,
    SPREAD,
    "",
    HOT,
    RECEIVED,
    "",
    SPREAD,
    "",
    LATE,
    "",
    HOT,
    "",
    SPREAD,
    "",
    HOT,
    "",
    RECEIVED,
    LAST,
    "",
    SPREAD,
)
"""What the calls of one second ask for: '' is a read."""

READ = "query ($skus: [String!]!) { productsBySku(skus: $skus) { sku salableQty } }"
PLACE = """mutation ($input: PlaceOrderInput!) {
  answer: placeOrder(input: $input) { order { number } userErrors { code } }
}"""
RECEIVE = """mutation ($input: [ReceiptLineInput!]!, $key: String!) {
  answer: receiveStock(source: "north", lines: $input, idempotencyKey: $key) { userErrors { code } }
}"""


@dataclass(slots=True)
class Write:
    """An order or a receipt of one SKU under a key of its own, which is also the order's number."""

    key: str
    sku: str
    quantity: int
    answer: str = ""
    """placed, received or refused; '': nobody knows yet."""

    def body(self) -> dict[str, Any]:
        """The request, the same however often it is asked."""
        line = {"sku": self.sku, "quantity": self.quantity}
        if self.sku == RECEIVED:
            return {"query": RECEIVE, "variables": {"input": [line], "key": self.key}}
        asked: dict[str, Any] = {"number": self.key, "lines": [line], "idempotencyKey": self.key}
        if self.sku == LATE:
            asked["customerEmail"] = f"{self.key}@example.com"
        return {"query": PLACE, "variables": {"input": asked}}


class Failed(Exception):  # noqa: N818  # an outcome, named as one
    """A call without an answer that a caller could use; the message is the kind of error."""


@dataclass(slots=True)
class Load:
    """Callers that ask services by turns."""

    urls: Sequence[str]
    clock: Callable[[], float]
    timeline: Timeline = field(default_factory=Timeline)
    writes: dict[str, Write] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _clients: list[httpx.AsyncClient] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def run(self) -> None:
        """Ask at the rate until cancelled, whatever is not answered yet; then wait for the last answers."""
        self._clients = [_client(url) for url in self.urls]
        due = self.clock()
        try:
            while True:
                self._begin(next(self._numbers))
                due += 1 / CALLS_PER_SECOND
                await asyncio.sleep(max(0.0, due - self.clock()))
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=DEADLINE_SECONDS + 5)
            for client in self._clients:
                await client.aclose()

    def crowd(self) -> None:
        """Ask much at once, a single time: the services have all the connections afterwards that they ever have."""
        for _ in range(CROWD):
            self._begin(next(self._numbers))

    async def settle(self) -> None:
        """Ask what was not answered again, with the same keys, until it is answered or a minute has passed."""
        clients = [_client(url) for url in self.urls]
        waiting = [write for write in self.writes.values() if not write.answer]

        async def repeat(place: int) -> None:
            while waiting:
                write = waiting.pop()
                for attempt in count(place):
                    try:
                        write.answer = await _write(clients[attempt % len(clients)], write)
                        break
                    except Exception:  # noqa: BLE001  # no answer that a caller could use, whatever it was
                        await asyncio.sleep(0.5)

        try:
            async with asyncio.timeout(RETRY_SECONDS), asyncio.TaskGroup() as group:
                for place in range(8):
                    group.create_task(repeat(place))
        except TimeoutError:
            pass  # the report says how many have no answer
        finally:
            for client in clients:
                await client.aclose()

    def _begin(self, number: int) -> None:
        chosen = TURN[number % len(TURN)]
        sku = chosen if isinstance(chosen, str) else chosen[number // len(TURN) % len(chosen)]
        client = self._clients[number // 2 % len(self._clients)]
        if not sku:
            task = asyncio.create_task(self._timed(Kind.READ, number, _read(client)))
        else:
            write = self.writes.setdefault(f"n{number}", Write(f"n{number}", sku, 1 + (sku == HOT)))
            task = asyncio.create_task(self._timed(Kind.WRITE, number, _answered(client, write)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _timed(self, kind: Kind, number: int, call: Any) -> None:
        began = self.timeline.running[number] = self.clock()
        error = ""
        try:
            await call
        except Failed as failed:
            error = str(failed)
        except Exception as surprise:  # noqa: BLE001  # a caller that cannot make sense of its answer has none
            error = f"{type(surprise).__name__}: {surprise}"
        finally:
            del self.timeline.running[number]
        self.timeline.ended.append(Call(kind, began, self.clock(), error))


async def _answered(client: httpx.AsyncClient, write: Write) -> None:
    write.answer = await _write(client, write)


async def _write(client: httpx.AsyncClient, write: Write) -> str:
    answer = (await _ask(client, write.body()))["answer"]
    codes = [error["code"] for error in answer["userErrors"]]
    if not codes:
        return "received" if write.sku == RECEIVED else "placed"
    if codes == ["NOT_SALABLE"] and write.sku == LAST:
        return "refused"
    raise Failed(codes[0])


async def _read(client: httpx.AsyncClient) -> None:
    found = (await _ask(client, {"query": READ, "variables": {"skus": [HOT, *SPREAD]}}))["productsBySku"]
    if any(each is None for each in found):
        raise Failed("a product is missing")


async def _ask(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            response = await client.post("/graphql", json=body)
        answer = response.json()
    except (TimeoutError, httpx.TimeoutException):
        raise Failed(f"no answer in {DEADLINE_SECONDS:g} s") from None
    except httpx.ConnectError:
        raise Failed("connection refused") from None
    except httpx.TransportError:
        raise Failed("connection broken off") from None
    except ValueError:
        raise Failed("an answer that is no JSON") from None
    if "errors" in answer:
        raise Failed(str(answer["errors"][0].get("extensions", {}).get("code", "error without a code")))
    data: dict[str, Any] = answer["data"]
    return data


def _client(url: str) -> httpx.AsyncClient:
    # Given up before the service does (5 s): a request on a connection that is just being closed is nobody's fault.
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2)
    return httpx.AsyncClient(base_url=url, headers=AS_ADMIN, timeout=DEADLINE_SECONDS, limits=limits, trust_env=False)
