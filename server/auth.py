"""Who is asking, by the Authorization header."""

import hashlib
import hmac

from schema.context import Role, Viewer

ADMIN = Viewer(Role.ADMIN, "admin")
SHOPPER = Viewer()
STRANGER = Viewer(is_token_invalid=True)


def viewer_of(authorization: str | None, admin_token: str | None) -> Viewer:
    """The admin for `Bearer` and the admin's token, a shopper without a header, a stranger for anything else.

    Without an admin token configured, nobody is the admin.
    """
    if authorization is None:
        return SHOPPER
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not admin_token:
        return STRANGER
    return ADMIN if hmac.compare_digest(_digest(token.strip()), _digest(admin_token)) else STRANGER


def _digest(token: str) -> bytes:
    # Digests are of one length: the time of the comparison tells nothing of the token.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
