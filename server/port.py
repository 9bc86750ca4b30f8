"""The port of the service: taken first of all, so that one that is busy is said before anything else is done."""

import errno
import socket
from collections.abc import Sequence

import click

_NOT_HERE = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
"""What is said where a machine has no IPv6, though a name of it has such an address."""
BACKLOG = 2048
"""Connections that wait until the service is ready."""


def take_port(host: str, port: int) -> list[socket.socket]:
    """Listen at every address of a host, on one port (0: a free one); ClickException where that cannot be.

    Who listens has the port: of two that only bind it, both would succeed.
    """
    taken: list[socket.socket] = []
    refused: list[OSError] = []
    try:
        for family, address in _addresses(host):
            try:
                where = (address, port_of(taken) if taken else port)
                taken.append(socket.create_server(where, family=family, backlog=BACKLOG))
            except OSError as error:
                refused.append(error)
                if error.errno not in _NOT_HERE:
                    raise
        if not taken:
            raise refused[0]
    except OSError as error:
        for each in taken:
            each.close()
        message = f"Cannot listen on {host}:{port} ({error.strerror}); choose another by --port or SALABLE_PORT."
        raise click.ClickException(message) from None
    for each in taken:
        each.set_inheritable(True)  # to workers
    return taken


def port_of(taken: Sequence[socket.socket]) -> int:
    """The number of the port that was taken."""
    number: int = taken[0].getsockname()[1]
    return number


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))
