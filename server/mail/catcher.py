"""The demo's mail server: a real one, on loopback, that keeps the newest mails in a folder and passes none on."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from models.private_file import privately

MOST_KEPT = 200
SUFFIX = ".eml"


class Catcher:
    """What aiosmtpd asks to take a mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        """Keep a mail, and forget the oldest beyond what is kept."""
        number = next(self._numbers)
        content = envelope.original_content or b""
        unfinished = self._folder / f"{number}.part"
        with open(unfinished, "xb", opener=privately) as file:  # noqa: ASYNC230  # a thread of its own
            file.write(content)
        unfinished.replace(path_of(self._folder, number))  # who looks meanwhile sees a whole mail or none
        path_of(self._folder, number - MOST_KEPT).unlink(missing_ok=True)
        return "250 kept"


def path_of(folder: Path, number: int) -> Path:
    """Where the mail of a number is kept."""
    return folder / f"{number:09}{SUFFIX}"


@contextmanager
def catching(folder: Path) -> Iterator[int]:
    """A mail server on a free port of this machine alone, in a thread of its own; yields the port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        ready, loop = threading.Event(), asyncio.new_event_loop()
        thread = threading.Thread(target=_run, args=(loop, listening, Catcher(folder), ready), daemon=True)
        thread.start()
        ready.wait()
        try:
            yield port
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def _run(loop: asyncio.AbstractEventLoop, listening: socket.socket, catcher: Catcher, ready: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    make = partial(SMTP, catcher, hostname="localhost", enable_SMTPUTF8=True, loop=loop)
    server = loop.run_until_complete(loop.create_server(make, sock=listening))
    ready.set()
    try:
        loop.run_forever()
    finally:
        server.close()
        running = asyncio.all_tasks(loop)
        for task in running:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*running, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
