"""The end of a process of `salable serve` or `deliver`: with the one that started it, and in bounded time."""

import asyncio
import logging
import os
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess, parent_process

GRACE_SECONDS = 20
"""How long requests that run may take to end once the process is told to stop."""
END_SECONDS = 20
"""And how long all else may take after them: what is being sent, the database."""
SAY_SECONDS = 1.0
CUT_OFF = 70
"""How a process exits that did not end by itself."""

_log = logging.getLogger("salable.ending")


def end_with_parent() -> None:
    """Where another process started this one: end as if told to, once that one is gone.

    Where it is killed it tells nobody to stop: its workers would serve for ever, and hold the port.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()


def end_within(seconds: float) -> None:
    """From now on this process ends within so many seconds, whatever hangs in it; the log says what it left."""
    threading.Thread(target=_cut_off, args=(seconds, asyncio.get_running_loop()), name="end", daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    _say("the process that started this one is gone: this one ends too, when what runs is finished")
    os.kill(os.getpid(), signal.SIGTERM)
    _cut_off(GRACE_SECONDS + END_SECONDS)


def _cut_off(seconds: float, loop: asyncio.AbstractEventLoop | None = None) -> None:
    time.sleep(seconds)
    running = [task.get_name() for task in asyncio.all_tasks(loop)] if loop is not None and not loop.is_closed() else []
    _say(f"this process did not end within {seconds} seconds and is cut off; left: {', '.join(running) or '-'}")
    os._exit(CUT_OFF)


def _say(text: str) -> None:
    """Log it, as far as the log takes it within a second: whoever reads it may have stopped."""
    saying = threading.Thread(target=_log.error, args=("%s", text), name="log", daemon=True)
    with suppress(RuntimeError):  # the machine gives no thread
        saying.start()
        saying.join(SAY_SECONDS)
