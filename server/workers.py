"""The workers of `salable serve`: who dies or hangs is replaced, and who does not end when told to is killed.

uvicorn's supervisor waits for one worker at a time, and takes one that cannot start for the end of the service. This one
waits for nobody before the end, so it hears of that at once; and where the service has run, it tries again: what kept a
worker from starting, most likely a database that is away, passes.
"""

import logging
import pickle
from dataclasses import dataclass
from socket import socket
from time import monotonic
from weakref import WeakKeyDictionary

from uvicorn.config import Config
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from models.supervision import pause_after
from server.ending import END_SECONDS, GRACE_SECONDS

SLACK_SECONDS = 5.0
"""How much longer than it allows itself a worker is waited for: one that is frozen does not count."""

_log = logging.getLogger("salable.workers")


@dataclass(slots=True)
class _Seen:
    """What is known of a worker: since when it owes an answer, whether it has served, when it is replaced."""

    asked_at: float | None = None
    has_served: bool = False
    replace_at: float | None = None


class Workers(Multiprocess):
    """uvicorn's, which starts the workers and hears the signals."""

    has_failed = False
    """No worker could start, so the service has ended."""
    _has_served = False
    _failed_starts = 0
    """One after the other, since a worker began to serve."""

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._seen: WeakKeyDictionary[Process, _Seen] = WeakKeyDictionary()

    def keep_subprocess_alive(self) -> None:
        """Look at each worker, and replace those that have ended; no worker is waited for."""
        for place, worker in enumerate(self.processes):
            seen = self._seen.setdefault(worker, _Seen())
            if worker.process.is_alive():
                self._look_at(worker, seen)
            elif not self._has_served and (worker.exitcode or 0) > 0:
                _log.error("the worker %s cannot start (%s): so the service ends", worker.pid, worker.exitcode)
                self.has_failed = True
                self.should_exit.set()
                return
            elif self._is_to_be_replaced(worker, seen):
                self.processes[place] = Process(self.config, self.sockets)
                self.processes[place].start()

    def _look_at(self, worker: Process, seen: _Seen) -> None:
        """Read its answer to the last question, ask anew, and kill it where it owes the answer for too long."""
        try:
            if seen.asked_at is not None and worker.parent_conn.poll():
                serves = worker.parent_conn.recv()
                if serves and not seen.has_served:
                    seen.has_served = self._has_served = True
                    self._failed_starts = 0
                    _log.info("the worker %s serves", worker.pid)
                seen.asked_at = None
            if seen.asked_at is None:
                worker.parent_conn.send(b"ping")
                seen.asked_at = monotonic()
        except (OSError, EOFError, pickle.UnpicklingError):
            return  # it is killed already, and will have ended when it is looked at next
        if monotonic() - seen.asked_at > self.config.timeout_worker_healthcheck:
            worker.kill()
            _log.error("the worker %s hangs and is killed", worker.pid)

    def _is_to_be_replaced(self, worker: Process, seen: _Seen) -> bool:
        """Whether it is time to start another for one that has ended: at once, but for one that could not start."""
        if seen.replace_at is None:
            pause = 0.0
            if not seen.has_served:
                self._failed_starts += 1
                pause = pause_after(self._failed_starts)
            seen.replace_at = monotonic() + pause
            worker.kill()  # which closes what is left of it
            _log.error("the worker %s has ended (%s); another is started in %.0f s", worker.pid, worker.exitcode, pause)
        return monotonic() >= seen.replace_at

    def handle_hup(self) -> None:
        """Nothing: uvicorn waits for workers here, and hears of no end meanwhile."""

    handle_ttin = handle_ttou = handle_hup

    def join_all(self) -> None:
        """Wait for all workers, who were told to end, and kill those that do not in time."""
        deadline = monotonic() + GRACE_SECONDS + END_SECONDS + SLACK_SECONDS
        for worker in self.processes:
            worker.process.join(max(deadline - monotonic(), 0))
            if worker.process.is_alive():
                worker.process.kill()
                _log.error("the worker %s did not end and is killed", worker.pid)
        super().join_all()
