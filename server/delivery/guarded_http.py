"""HTTP to addresses that others have chosen: never to a private one, never longer than a few seconds, never elsewhere.

A name is resolved once, every address that it has is judged, and one of those very addresses is connected to: there is no
second look-up in which it could become another. TLS still proves the name. No proxy, no redirect, no cookie, nothing of
the environment.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpcore
import httpx

from rules.web_address import WebAddress, is_public
from server.names import NoRoom, SilentNameServer, resolve

TIMEOUT_SECONDS = 10
"""For all of it: resolving, connecting, sending, and the answer."""
NEXT_ADDRESS_SECONDS = 2
"""For one of several addresses of a name, before the next one is tried."""
MOST_ANSWER_BYTES = 4096
"""Of the answer's body, which says nothing to us: it is read for good manners."""

LATE_SECONDS = 2.0
"""A deadline that is noticed so much later was missed by us: this process stood still meanwhile."""

_NOBODY_SAYS = frozenset({socket.EAI_AGAIN, socket.EAI_MEMORY})

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Unanswered(Exception):  # noqa: N818  # an outcome, named as one
    """No answer came; the message is a sentence that may be shown, and holds no part of the URL but its host."""


class Hindered(Exception):  # noqa: N818  # an outcome, named as one
    """Nothing can be said of the other side: what kept us from asking, or from hearing, was our own; a sentence too."""


class NoNameServer(Hindered):
    """No name server says whether there is such a name: most likely ours are down, else those of that name."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects by TCP to what a name stands for, unless any of it is a private address."""

    def __init__(self, resolve: Resolve, *, may_be_private: bool) -> None:
        self._resolve = resolve
        self._may_be_private = may_be_private
        self._tcp = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers; Unanswered where one of them is private.

        Hindered where so many look-ups hang that this one was not tried, or where no name server could say.
        """
        try:
            found = [_address(each) for each in await self._resolve(host, port)]
        except NoRoom:
            raise Hindered("Too many look-ups of names hang; it is sent soon.") from None
        except SilentNameServer:
            raise Unanswered(f"The name {host} cannot be looked up: its name server does not answer.") from None
        except (OSError, UnicodeError) as error:  # the latter: a name of labels that no name can have
            if isinstance(error, socket.gaierror) and error.errno in _NOBODY_SAYS:
                raise NoNameServer(
                    f"The name {host} cannot be looked up now: no name server says what it is."
                ) from None
            raise Unanswered(f"The name {host} is not known.") from None
        if not found:
            raise Unanswered(f"The name {host} is not known.")
        if not self._may_be_private and not all(is_public(address) for address in found):
            raise Unanswered(f"{host} leads to a private address; only public ones are told.")
        refused: Exception | None = None
        for address in found:
            patience = timeout if address is found[-1] else NEXT_ADDRESS_SECONDS
            try:
                return await self._tcp.connect_tcp(str(address), port, patience, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
        raise refused or httpcore.ConnectError

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def post(
    url: WebAddress,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    *,
    may_be_private: bool,
    resolve: Resolve = resolve,
    timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109  # of the whole exchange, whatever httpcore makes of its parts
) -> int:
    """POST a body and return the status of the answer; Unanswered where there is none in time, Hindered where we were."""
    status: int | None = None
    clock = asyncio.get_running_loop().time
    noticed_by = clock() + timeout + LATE_SECONDS
    pool = httpcore.AsyncConnectionPool(
        ssl_context=_tls() if url.scheme == "https" else None,
        network_backend=GuardedBackend(resolve, may_be_private=may_be_private),
    )
    try:
        async with asyncio.timeout(timeout), pool:
            request = httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)
            sent = [("Host", url.authority), ("Connection", "close"), *headers]
            async with pool.stream("POST", request, headers=sent, content=body) as response:
                status = response.status
                await _read_a_little(response)
    except (TimeoutError, httpcore.TimeoutException):
        if status is None:
            _refuse_to_judge(clock() > noticed_by)
            raise Unanswered(f"There was no answer within {timeout:g} seconds.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        if status is None:
            _refuse_to_judge(clock() > noticed_by)
            raise Unanswered(_sentence(url.host, error)) from None
    if status is None:
        raise Unanswered("There was no answer.")
    return status


def _refuse_to_judge(is_late: bool) -> None:  # noqa: FBT001  # it says what is so
    if is_late:
        raise Hindered("The service stood still while it was sent; it is sent again.")


async def _read_a_little(response: httpcore.Response) -> None:
    size = 0
    async for part in response.aiter_stream():
        size += len(part)
        if size >= MOST_ANSWER_BYTES:
            return


def _address(text: str) -> IPv4Address | IPv6Address:
    return ip_address(text.partition("%")[0])


def _sentence(host: str, error: Exception) -> str:
    # What such errors say themselves may repeat what was sent, or what came back.
    if isinstance(error, httpcore.ProtocolError):
        return f"What {host} answered is not HTTP."
    if not isinstance(error, httpcore.ConnectError):
        return f"{host} broke the connection off before it answered."
    cause: BaseException = error
    while (below := cause.__cause__ or cause.__context__) is not None:
        cause = below
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate of {host} is not valid: {cause.verify_message.rstrip('.')}."
    if isinstance(cause, ssl.SSLError):
        return f"{host} does not speak TLS as we do."
    if isinstance(cause, OSError) and cause.errno:
        return f"{host} could not be connected to: {os.strerror(cause.errno)}."
    return f"{host} could not be connected to."


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """What proves the name of a host: the authorities that Mozilla trusts, and those that this machine trusts."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
