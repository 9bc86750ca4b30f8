"""What is posted to an endpoint: one event, its quantities as the exact numbers that the API has.

The outbox keeps quantities as text. They become numbers here, by their names, for every event at once, also for what an
older version has queued. docs/get-told.md has an example of each event.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from rules.quantity import is_quantity, show
from rules.setting import CATALOGUE, SettingKey, SettingValue, SettingValueType

QUANTITIES = frozenset(
    {
        *("quantity", "notify"),  # of an item
        *("salable", "reserved", "threshold"),  # of a product
        *("backordered", "shipped", "canceled"),  # of an order, for each SKU
        *("freed", "customerFreed", "uncovered", "waiting"),  # of an order's line
    }
)
"""The fields of payloads that hold a quantity, or one for each SKU."""


def webhook_body(id_: str, event: str, at: datetime, payload: Mapping[str, Any]) -> bytes:
    """The message of an event, as JSON."""
    message = {"id": id_, "type": event, "timestamp": at, "data": _with_numbers(payload)}
    return orjson.dumps(message, default=_exact, option=orjson.OPT_UTC_Z)


def _with_numbers(payload: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: _number(value) if name in QUANTITIES else _listed(value) for name, value in payload.items()}
    if "setting" in found and isinstance(found.get("value"), str):
        found["value"] = _setting_value(found["setting"], found["value"])
    return found


def _listed(value: Any) -> Any:
    """Entries of a list have fields; of another mapping, such as `notices`, the keys are SKUs and no names of fields."""
    if not isinstance(value, list):
        return value
    return [_with_numbers(each) if isinstance(each, dict) else each for each in value]


def _number(value: Any) -> Any:
    if isinstance(value, dict):
        return {sku: _number(each) for sku, each in value.items()}
    if not isinstance(value, str):
        return value
    try:
        quantity = Decimal(value)
    except InvalidOperation:
        return value
    return quantity if is_quantity(quantity) else value


def _setting_value(key: str, text: str) -> SettingValue | str:
    """A setting's value as the API has it; the text where this version does not know the setting, or the value."""
    if key not in set(SettingKey):
        return text
    setting = CATALOGUE[SettingKey(key)]
    if setting.type is SettingValueType.QUANTITY:
        number: SettingValue | str = _number(text)
        return number
    return text == "true" if setting.type is SettingValueType.BOOLEAN else text


def _exact(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(show(value))
    raise TypeError(type(value))
