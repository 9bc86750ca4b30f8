"""The workers of `salable serve`, and their end: one that does not end when it is told to is killed."""

import logging
from time import monotonic

from uvicorn.supervisors import Multiprocess

from server.ending import END_SECONDS, GRACE_SECONDS

SLACK_SECONDS = 5.0
"""How much longer than it allows itself a worker is waited for: one that is frozen does not count."""

_log = logging.getLogger("salable.ending")


class Workers(Multiprocess):
    """uvicorn's, which replaces a worker that died or hangs; at the end it waits for ever for one that is frozen."""

    def join_all(self) -> None:
        """Wait for all workers, who were told to end, and kill those that do not in time."""
        deadline = monotonic() + GRACE_SECONDS + END_SECONDS + SLACK_SECONDS
        for worker in self.processes:
            worker.process.join(max(deadline - monotonic(), 0))
            if worker.process.is_alive():
                _log.error("the worker %s did not end and is killed", worker.pid)
                worker.process.kill()
        super().join_all()
