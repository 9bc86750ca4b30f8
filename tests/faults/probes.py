"""Whoever watches the services: asks /readyz and /healthz of each once a second, and keeps what they said."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from tests.faults.timeline import counted

PATIENCE_SECONDS = 10.0
LONGEST = 160

_NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of one service, '-' where there was none, and when it was asked."""

    url: str
    path: str
    began: float
    answer: str


@dataclass(slots=True)
class Probes:
    """What was said."""

    urls: Sequence[str]
    clock: Callable[[], float]
    said: list[Said] = field(default_factory=list)

    async def run(self) -> None:
        """Ask once a second until cancelled, whether or not the last one was answered."""
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as http, asyncio.TaskGroup() as group:
            while True:
                for url in dict.fromkeys(self.urls):
                    for path in ("/readyz", "/healthz"):
                        group.create_task(self._ask(http, url, path))
                await asyncio.sleep(1)

    def between(self, path: str, since: float, until: float) -> str:
        """What a path said to those who asked within this time."""
        return counted(each.answer for each in self.said if each.path == path and since <= each.began < until)

    def last(self, path: str) -> str:
        """What each service said last."""
        newest = {each.url: each.answer for each in sorted(self.said, key=lambda each: each.began) if each.path == path}
        return " / ".join(dict.fromkeys(newest.values()))

    async def _ask(self, http: httpx.AsyncClient, url: str, path: str) -> None:
        began = self.clock()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = words(await http.get(f"{url}{path}"))
        except (TimeoutError, httpx.TransportError):
            answer = "-"
        self.said.append(Said(url, path, began, answer))


def words(response: httpx.Response) -> str:
    """What an answer says in a few words: its status and what is wrong. The one place that knows its form.

    Numbers in it are how long something has been wrong: they would make every answer another one.
    """
    try:
        found = response.json()
    except ValueError:
        return str(response.status_code)
    parts = [f"{name}: {part['wrong']}" for name, part in found.items() if isinstance(part, dict) and part.get("wrong")]
    if not parts and found.get("status") != "ok":
        parts = [str(found.get("status"))]
    return f"{response.status_code} {_NUMBER.sub('N', '; '.join(parts))}".strip()[:LONGEST]
