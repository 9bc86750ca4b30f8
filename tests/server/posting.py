"""Posting to addresses by the guarded client."""

from collections.abc import Sequence

import pytest

from rules.web_address import web_address
from server.delivery.guarded_http import Resolve, Unanswered, post
from server.names import resolve as by_the_machine

BODY = b'{"a":1}'


async def ask(url: str, *, may_be_private: bool = True, resolve: Resolve = by_the_machine, seconds: float = 10) -> int:
    """The status that a POST to a URL is answered with."""
    headers = [("X-Ours", "yes")]
    return await post(web_address(url), headers, BODY, may_be_private=may_be_private, resolve=resolve, timeout=seconds)


async def unanswered(url: str, *, may_be_private: bool = True, seconds: float = 10) -> str:
    """What is said of a POST that is not answered."""
    with pytest.raises(Unanswered) as caught:
        await ask(url, may_be_private=may_be_private, seconds=seconds)
    return str(caught.value)


def names(*addresses: str) -> tuple[Resolve, list[str]]:
    """A look-up that finds these addresses for every name, and the names that were looked up."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return addresses

    return resolve, asked
