"""Whether the process lives, what it can do now, and what it cannot for how long.

Whoever probes costs nothing: each check is asked once at a time and its answer is kept for seconds, however many ask.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from models.database import DATABASE_ERRORS, reader
from models.migration import pending_migrations
from models.sql import fetch
from models.supervision import troubles
from resolvers.write_probe import probe_write, why_no_write

PATIENCE_SECONDS = 5.0
"""How long the database may take for an answer."""
SHORT_PATIENCE_SECONDS = 0.5
"""How long an answer waits for a check that it does not depend on: a prober's own patience is often a second."""
READS_KEPT_SECONDS = 1.0
WRITES_KEPT_SECONDS = 10.0
LEFT_SECONDS = 10.0
"""A check that hangs longer is left alone, and asked anew."""
MOST_LEFT = 3

NECESSARY = ("reads", "migrations")
"""Without these a process is sent no requests; the others only where the prober asks for them."""
CHECKS = ("reads", "writes", "migrations", "loops")

_log = logging.getLogger("salable.health")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong ('': nothing, None: not known yet), and since when."""

    wrong: str | None = None
    since: float = 0.0

    def shown(self) -> dict[str, Any]:
        """As the answer has it."""
        if not self.wrong:
            return {"ok": None if self.wrong is None else True}
        return {"ok": False, "wrong": self.wrong, "seconds": round(monotonic() - self.since)}


class Check:
    """One question to the database, asked by one task at a time; it returns what is wrong, or ''."""

    def __init__(self, name: str, ask: Callable[[], Awaitable[str]], kept_seconds: float) -> None:
        self.name = name
        self._ask = ask
        self._kept_seconds = kept_seconds
        self._finding = Finding()
        self._found_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = 0.0
        self._left: set[asyncio.Task[None]] = set()

    def _note(self, wrong: str, detail: str = "") -> None:
        now = monotonic()
        if wrong and wrong != self._finding.wrong:
            _log.error("not well: %s: %s%s", self.name, wrong, f": {detail}" if detail else "")
        elif self._finding.wrong and not wrong:
            _log.warning("well again: %s, after %.0f seconds", self.name, now - self._finding.since)
        since = self._finding.since if self._finding.wrong and wrong else now
        self._finding, self._found_at = Finding(wrong, since), now

    async def finding(self, patience: float) -> Finding:
        """What was found within the last seconds, else what is found now, else what was known before."""
        if monotonic() - self._found_at <= self._kept_seconds:
            return self._finding
        asking = self._begun()
        left = self._asked_at + PATIENCE_SECONDS - monotonic()
        # A statement is never cancelled: whoever asks waits, no longer than that, and the task goes on.
        await asyncio.wait({asking}, timeout=max(min(patience, left), 0))
        if not asking.done() and monotonic() - self._asked_at >= PATIENCE_SECONDS:
            self._note("there is no answer")
        return self._finding

    def _begun(self) -> "asyncio.Task[None]":
        asking = self._asking
        if asking is not None and not asking.done():
            if monotonic() - self._asked_at < LEFT_SECONDS or len(self._left) >= MOST_LEFT:
                return asking
            self._note("there is no answer")  # nobody may have asked since its time was over
            self._left.add(asking)
            asking.add_done_callback(self._left.discard)
        self._asked_at = monotonic()
        self._asking = asyncio.create_task(self._find(self._asked_at))
        return self._asking

    async def _find(self, asked_at: float) -> None:
        detail = ""
        try:
            wrong = await self._ask()
        except DATABASE_ERRORS as error:  # what it says is for the log alone
            wrong, detail = "the database does not answer", str(error)
        except Exception as error:  # noqa: BLE001  # whatever keeps the database from answering: that is the answer
            wrong, detail = "the check failed", repr(error)
        if asked_at == self._asked_at:  # else it was given up, and this is old
            self._note(wrong, detail)


class Health:
    """The checks of a process."""

    def __init__(self) -> None:
        self.reads = Check("reads", _reads, READS_KEPT_SECONDS)
        self.writes = Check("writes", _writes, WRITES_KEPT_SECONDS)
        self.migrations = Check("migrations", _migrations, READS_KEPT_SECONDS)

    async def readyz(self, request: Request) -> JSONResponse:
        """What works and what does not; 503 where something does not that is necessary, or that `?for=` names."""
        asked = [name for name in request.query_params.get("for", "").split(",") if name]
        if unknown := [name for name in asked if name not in CHECKS]:
            return JSONResponse({"status": f"there is no check {unknown[0]!r}: {', '.join(CHECKS)}"}, 400)
        necessary = {*NECESSARY, *asked}
        checks = (self.reads, self.writes, self.migrations)
        patience = {
            check.name: PATIENCE_SECONDS if check.name in necessary else SHORT_PATIENCE_SECONDS for check in checks
        }
        findings = await asyncio.gather(*(check.finding(patience[check.name]) for check in checks))
        shown = {check.name: finding.shown() for check, finding in zip(checks, findings, strict=True)}
        shown["loops"] = _loops()
        wrong = [name for name in CHECKS if not shown[name]["ok"] and (name in necessary or shown[name]["ok"] is False)]
        first = min(wrong, key=lambda name: name not in necessary, default="")
        status = f"{first}: {shown[first].get('wrong', 'not known yet')}" if first else "ok"
        return JSONResponse({"status": status, **shown}, 503 if necessary & {*wrong} else 200)


async def healthz(_request: Request) -> JSONResponse:
    """The process lives."""
    return JSONResponse({"status": "ok"})


async def _reads() -> str:
    await fetch(reader(), "SELECT 1 AS one")
    return ""


async def _migrations() -> str:
    return "the tables are behind: run `salable migrate`" if await pending_migrations() else ""


async def _writes() -> str:
    try:
        await probe_write()
    except DATABASE_ERRORS as error:
        if wrong := why_no_write(error):
            return wrong
        raise
    return ""


def _loops() -> dict[str, Any]:
    found = troubles()
    if not found:
        return {"ok": True}
    parts = [{"part": each.part, "wrong": each.wrong, "seconds": round(each.seconds)} for each in found]
    return {
        "ok": False,
        "wrong": ", ".join(f"{each.part} {each.wrong}" for each in found),
        "seconds": parts[0]["seconds"],
        "parts": parts,
    }
