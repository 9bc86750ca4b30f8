"""A name server that is silent: who looks up a name below silent.example waits for it, as the machine's own look-up does."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

ZONE = "silent.example"
SECONDS = 40.0
"""How long a look-up of the machine takes to give up."""

_by_the_machine = socket.getaddrinfo


@dataclass(slots=True)
class NameServer:
    """One that hears questions and answers none."""

    server: socket.socket
    asked: list[str] = field(default_factory=list)

    def look_up(self, host: Any, *rest: Any, **more: Any) -> Any:
        """What the machine finds; of its own zone nothing, after a long wait on a real socket."""
        if not str(host).endswith(ZONE):
            return _by_the_machine(host, *rest, **more)
        self.asked.append(str(host))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(SECONDS)
            asking.connect(self.server.getsockname())
            asking.send(str(host).encode())
            try:
                asking.recv(512)
            except OSError:  # nobody answers, or the test is over
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution") from None
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@contextmanager
def silent_name_server() -> Iterator[NameServer]:
    """Meanwhile the machine asks it for the names of its zone; at the end it answers all that it was asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        found = NameServer(server)
        try:
            with patch("socket.getaddrinfo", found.look_up):
                yield found
        finally:
            server.setblocking(False)
            for _ in found.asked:
                with suppress(BlockingIOError):
                    server.sendto(b"no such name", server.recvfrom(512)[1])
