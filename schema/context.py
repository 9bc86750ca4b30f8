"""Who is asking, and what that lets them see and do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from uuid import uuid4

from graphql import GraphQLError
from strawberry.types import Info

from resolvers.availability.watcher import Allowance
from resolvers.notifications.deliveries import Outcome
from resolvers.pages import Scans


class Role(IntEnum):
    """What a caller may do; a higher role may do all that a lower one may."""

    SHOPPER = 0
    ORDERS = 1
    ADMIN = 2


@dataclass(frozen=True, slots=True)
class Viewer:
    """A caller: a shopper has no name. is_token_invalid: a token was sent, and it is not valid."""

    role: Role = Role.SHOPPER
    name: str | None = None
    is_token_invalid: bool = False


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What the process lends the API: how to test an endpoint by its code, and whether a private address may be told."""

    test: Callable[[str], Awaitable[Outcome]]
    may_be_private: bool = False


@dataclass(slots=True)
class Context:
    """What every resolver of one request can read."""

    viewer: Viewer = field(default_factory=Viewer)
    request_id: str = field(default_factory=lambda: uuid4().hex)
    webhooks: Webhooks | None = None
    allowance: Allowance | None = None
    """How many SKUs the connection may watch, and which it does; None for what is no connection."""
    is_running: bool = False
    """Whether the document was found lawful."""
    rows: int = 0
    """The elements of the lists in its variables."""
    scans: Scans = field(default_factory=Scans)
    """What its computed lists may look at together."""


def is_admin(info: Info[Context, None]) -> bool:
    """Whether the caller is an admin."""
    return info.context.viewer.role >= Role.ADMIN


def require_admin(info: Info[Context, None]) -> str:
    """The name of the admin who is asking; UNAUTHENTICATED for an invalid token, FORBIDDEN for anybody else."""
    return _require(info, Role.ADMIN)


def require_orders(info: Info[Context, None]) -> str:
    """The name of who has the role orders (admins too); UNAUTHENTICATED or FORBIDDEN for anybody else."""
    return _require(info, Role.ORDERS)


def _require(info: Info[Context, None], role: Role) -> str:
    viewer = info.context.viewer
    if viewer.role >= role:
        return viewer.name or role.name.lower()
    require_valid(info)
    raise GraphQLError(f"This needs the role {role.name.lower()}.", extensions={"code": "FORBIDDEN"})


def require_valid(info: Info[Context, None]) -> None:
    """UNAUTHENTICATED where a token was sent that is not valid."""
    if info.context.viewer.is_token_invalid:
        raise GraphQLError("This token is not valid.", extensions={"code": "UNAUTHENTICATED"})
