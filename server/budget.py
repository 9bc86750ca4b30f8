"""How much somebody may do within a while."""

from collections.abc import Callable
from time import monotonic

WINDOW_SECONDS = 10.0


class Budget:
    """So much within ten seconds, and again so much within the next ten."""

    def __init__(self, most: float, clock: Callable[[], float] = monotonic) -> None:
        self._most = most
        self._clock = clock
        self._since = clock()
        self._spent = 0.0

    def spend(self, cost: float = 1) -> bool:
        """Take from what is left; False once there was not enough."""
        now = self._clock()
        if now - self._since >= WINDOW_SECONDS:
            self._since, self._spent = now, 0.0
        self._spent += cost
        return self._spent <= self._most
