"""Where a webhook may go: a URL as it is written, and the address that is really connected to.

Addresses are judged by lists of our own, from IANA's registries of special purposes: those of Python differ between its
patch releases.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from rules.validation import Path, UserError

URL_LENGTH = 2_000

_NAME = re.compile(r"(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?", re.ASCII)
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)

_NOT_PUBLIC_V4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds tell a machine its secrets
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, with Teredo, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
]
_CARRIES_V4 = [IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")]
"""IPv4-mapped addresses, and NAT64: the last 32 bits are the IPv4 address that is reached."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """The parts of an http or https URL; the host of an IPv6 address is without brackets."""

    scheme: str
    host: str
    port: int | None
    target: str

    @property
    def authority(self) -> str:
        """The host and the port as a request names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def web_address(url: str) -> WebAddress:
    """Read an http or https URL of plain ASCII, with a host and without user info; ValueError for anything else."""
    if not 1 <= len(url) <= URL_LENGTH or not all("!" <= character <= "~" for character in url):
        raise ValueError("not of 1 to 2,000 characters of ASCII")
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.port == 0:
        raise ValueError("not http or https, or with user info, or with port 0")
    if not (_is_v6(host) if "[" in parts.netloc else _NAME.fullmatch(host)):
        raise ValueError("no host")
    query = f"?{parts.query}" if parts.query else ""
    return WebAddress(parts.scheme, host, parts.port, (parts.path or "/") + query)


def url_errors(url: str, path: Path, *, may_be_private: bool) -> Iterator[UserError]:
    """INVALID_URL for what is no such URL; PRIVATE_ADDRESS where it says already that it leads to no public address.

    A name may still turn out to: that is judged when it is connected to.
    """
    try:
        host = web_address(url).host.removesuffix(".")
    except ValueError:
        yield UserError(
            "INVALID_URL",
            f"A URL begins with https:// or http://, names a host, has no user name and at most {URL_LENGTH:,} characters"
            " of ASCII; the ASCII form of an international name begins with xn--.",
            path,
        )
        return
    literal = _literal(host)
    is_private = host == "localhost" or host.endswith(".localhost") or not (literal is None or is_public(literal))
    if is_private and not may_be_private:
        yield UserError("PRIVATE_ADDRESS", "The URL leads to a private address; only public ones are told.", path)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to one machine of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if any(address in network for network in _CARRIES_V4):
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _PUBLIC_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def _is_v6(host: str) -> bool:
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, if it is no name; in the forms of old too, such as 2130706433, 0177.1 or 0x7f.0.0.1."""
    if ":" in host:
        return ip_address(host)
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        *heads, last = (_number(part) for part in parts)
    except ValueError:  # 08 is no octal number
        return None
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    return IPv4Address(sum(head << (24 - 8 * place) for place, head in enumerate(heads)) + last)


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)
