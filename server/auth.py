"""Who is asking, by the Authorization header."""

import hashlib
import hmac

from resolvers.tokens import FIRST, Holder, holder_of
from schema.context import Role, Viewer

FIRST_ADMIN = Viewer(Role.ADMIN, FIRST)
SHOPPER = Viewer()
STRANGER = Viewer(is_token_invalid=True)


async def viewer_of(authorization: str | None, admin_token: str | None) -> Viewer:
    """A shopper without a header, the holder of a valid `Bearer` token, a stranger for anything else.

    The token of the settings is asked first, in constant time; any other is looked up in the database.
    """
    if authorization is None:
        return SHOPPER
    token = token_in(authorization)
    if token is None:
        return STRANGER
    if admin_token and hmac.compare_digest(_digest(token), _digest(admin_token)):
        return FIRST_ADMIN
    return viewer_who_is(await holder_of(token))


def viewer_who_is(holder: Holder | None) -> Viewer:
    """The holder of a token as a caller; a stranger where it is not valid (any more)."""
    if holder is None:
        return STRANGER
    return Viewer(Role.SHOPPER if holder.role is None else Role[holder.role], holder.name)


def token_in(authorization: str | None) -> str | None:
    """The token that a header gives, valid or not."""
    scheme, _, rest = (authorization or "").partition(" ")
    return rest.strip() or None if scheme.lower() == "bearer" else None


def _digest(token: str) -> bytes:
    # Digests are of one length: the time of the comparison tells nothing of the token.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
