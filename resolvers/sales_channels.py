"""Which stock a sales channel sells from."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.database import Client, reader
from models.rows import fetch_as
from resolvers.errors import RequestError
from resolvers.keys import SALES_CHANNEL, keys_of, look_alikes, stored_key
from rules.key import no_such
from rules.validation import is_code

DEFAULT_CHANNEL = "default"
_BY_CODE = "SELECT code, stock_id AS stock FROM sales_channel WHERE code = $1"
_ALL = "SELECT code, stock_id AS stock FROM sales_channel ORDER BY code"


@dataclass(frozen=True, slots=True)
class Channel:
    """A sales channel, and the code of its stock."""

    code: str
    stock: str


async def channel_by_code(code: str | None, client: Client | None = None) -> Channel:
    """The channel of a code (None: the default one); UNKNOWN_SALES_CHANNEL where there is none."""
    asked = DEFAULT_CHANNEL if code is None else await stored_key(SALES_CHANNEL, code, client)
    found = await fetch_as(client or reader(), Channel, _BY_CODE, asked) if is_code(asked) else []
    if not found:
        alike = await look_alikes(client or reader(), SALES_CHANNEL, [asked])
        raise RequestError("UNKNOWN_SALES_CHANNEL", no_such("sales channel", asked, alike.get(asked)))
    return found[0]


async def channels(codes: Sequence[str]) -> list[Channel]:
    """The channels of these codes, each once and in this order, or all by code; UNKNOWN_SALES_CHANNEL names the others."""
    found = {channel.code: channel for channel in await fetch_as(reader(), Channel, _ALL)}
    keys = await keys_of(SALES_CHANNEL, codes)
    asked = dict.fromkeys(map(keys.of, codes) if codes else found)
    if unknown := [code for code in asked if code not in found]:
        alike = await look_alikes(reader(), SALES_CHANNEL, unknown)
        message = " ".join(no_such("sales channel", code, alike.get(code)) for code in unknown)
        raise RequestError("UNKNOWN_SALES_CHANNEL", message)
    return [found[code] for code in asked]
