"""Tokens that are not valid: how many there were and where from, in few lines of the log, never the tokens."""

import asyncio
import ipaddress
import logging

SECONDS = 10.0
"""After a line, what comes within so many seconds is gathered into the next one."""
MOST_NAMED = 5

_log = logging.getLogger("salable.auth")


class WrongTokens:
    """The wrong tokens that this process was sent."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.count = 0
        self._seconds = seconds
        self._gathering: asyncio.TimerHandle | None = None
        self._unsaid = 0
        self._named: list[str] = []

    def note(self, host: str | None) -> None:
        """One more, from this address."""
        self.count += 1
        self._unsaid += 1
        name = _address(host)
        if name not in self._named and len(self._named) <= MOST_NAMED:
            self._named.append(name)
        if self._gathering is None:
            self._say()

    def _say(self) -> None:
        """A line for what has come since the last one, and none where nothing has."""
        self._gathering = None
        if not self._unsaid:
            return
        others = " and others" if len(self._named) > MOST_NAMED else ""
        what = f"{self._unsaid:,} wrong token{'s' if self._unsaid > 1 else ''}"
        where = ", ".join(self._named[:MOST_NAMED]) + others
        _log.warning("%s from %s; %s since the process began", what, where, f"{self.count:,}")
        self._unsaid, self._named = 0, []
        self._gathering = asyncio.get_running_loop().call_later(self._seconds, self._say)

    def close(self) -> None:
        """Say what is still unsaid, at the end of the process."""
        if self._gathering is not None:
            self._gathering.cancel()
            self._say()
            if self._gathering is not None:
                self._gathering.cancel()


def _address(host: str | None) -> str:
    """The address as it may stand in the log: a proxy's header can hold anything."""
    try:
        return str(ipaddress.ip_address((host or "").partition("%")[0]))  # the zone of an IPv6 address is any text
    except ValueError:
        return "an unknown address"
