"""How large a request's body may be: judged by its length before anything is read, and while it is read."""

from starlette.requests import Request
from starlette.types import Message, Receive

from schema.context import Role, Viewer

MOST_BYTES = 128 * 1024
"""Of a caller without a role: the largest document, with 500 SKUs in its variables."""

MOST_BYTES_WITH_ROLE = 2 * 1024 * 1024
"""5,000 source items with SKUs of 64 characters take 0.7 MiB; what is longer comes in parts."""


class BodyTooLarge(Exception):  # noqa: N818  # an outcome, named as one
    """More was sent, or is said to come, than this caller may send."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A request has at most {most:,} bytes for this caller; send long lists in parts.")


def most_bytes(viewer: Viewer) -> int:
    """How large a body this caller may send."""
    return MOST_BYTES if viewer.role is Role.SHOPPER else MOST_BYTES_WITH_ROLE


def limited(request: Request, receive: Receive, most: int) -> Receive:
    """What receives the body of a request, and raises BodyTooLarge where it goes beyond; so does this, by its length."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > most:
        raise BodyTooLarge(most)
    read = 0

    async def receive_within() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            if read > most:
                raise BodyTooLarge(most)
        return message

    return receive_within
