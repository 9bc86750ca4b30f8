"""What the templates of mails are given: plain values by name, every name always there, every text in one line."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from resolvers.notifications.customers import CustomerOrder
from resolvers.notifications.deliveries import Delivery
from resolvers.notifications.dispatch import freed_for_customer
from resolvers.outbox import Event
from rules.quantity import show
from rules.setting import CATALOGUE, SettingKey
from server.mail.templates import one_line

MOST_LINES = 500

Facts = dict[str, Any]

_ORDER = [Event.OUT_OF_STOCK, Event.LOW_STOCK, Event.BACK_IN_STOCK]
"""The groups of a digest, the most pressing first; others follow by name."""
_NAMES = ("sku", "source", "stock", "salesChannels", "quantity", "notify", "from", "rules")
_NAMES_OF_FLIPS = ("salable", "reserved", "threshold", "settings")
_NAMES_OF_ORDERS = (
    *("order", "backordered", "notices", "shipped", "canceled", "freed", "waiting", "customerFreed", "uncovered"),
)


def digest_facts(deliveries: Sequence[Delivery]) -> Facts:
    """The events of a digest by their kind, each kind in the order of its events; at most 500 of them."""
    chosen = sorted(deliveries, key=_place)
    shown = chosen[:MOST_LINES]
    groups = [
        {"name": str(event), "events": [_event_facts(each) for each in group]}
        for event, group in groupby(shown, key=attrgetter("event"))
    ]
    return {
        "groups": groups,
        "total": len(chosen),
        "more": len(chosen) - len(shown),
    }


def backordered_facts(delivery: Delivery, order: CustomerOrder) -> Facts:
    """Which lines of an order wait, as far as the customer is to be told; lines is empty where none is."""
    late = {sku: Decimal(delivery.payload["backordered"][sku]) for sku in delivery.payload.get("notices", ())}
    lines = [
        {
            "sku": sku,
            "name": order.names.get(sku, sku),
            "ordered": show(order.ordered.get(sku, quantity)),
            "late": show(quantity),
            "now": show(order.ordered.get(sku, quantity) - quantity),
        }
        for sku, quantity in late.items()
    ]
    return _facts({"order": delivery.subject, "lines": lines})


def freed_facts(delivery: Delivery, order: CustomerOrder) -> Facts:
    """What of an order can ship after all."""
    payload = delivery.payload
    name = order.names.get(payload["sku"], payload["sku"])
    facts = {"order": delivery.subject, "name": name} | {key: payload[key] for key in ("sku", "waiting")}
    return _facts(facts | {"freed": show(freed_for_customer(payload))})


def samples() -> Mapping[str, list[Mapping[str, Any]]]:
    """Facts of every template, to try a merchant's own with."""
    low = {"sku": "TENT", "source": "berlin", "quantity": "9", "notify": "10", "from": "product TENT"}
    setting = {"setting": "out_of_stock_threshold", "value": "2", "from": "global"}
    flip: Facts = {
        "sku": "TENT",
        "stock": "default",
        "salable": None,
        "salesChannels": ["default"],
        "settings": [setting],
    }
    flip |= {"quantity": "12", "reserved": "-10", "threshold": "2", "rules": True}
    single = [_sample(Event.LOW_STOCK, "TENT", low), _sample(Event.OUT_OF_STOCK, "TENT", flip)]
    single.append(_sample(Event.BACK_IN_STOCK, "TENT", {**flip, "salable": "12"}))
    order = CustomerOrder("en", {"TENT": "Two-person tent"}, {"TENT": Decimal(30)})
    backordered = {"order": "1001", "backordered": {"TENT": "5"}, "notices": {"TENT": "5 are late."}}
    late = _sample(Event.ORDER_BACKORDERED, "1001", backordered)
    freed = {"order": "1001", "sku": "TENT", "freed": "5", "waiting": "2", "customerFreed": "3"}
    waits = _sample(Event.ORDER_WAITING, "1001", {"order": "1001", "sku": "TENT", "uncovered": "4", "waiting": "9"})
    of_orders = [late, waits, _sample(Event.BACKORDER_FREED, "1001", freed)]
    return {
        "digest": [digest_facts(some) for some in (*([each] for each in [*single, *of_orders]), single * MOST_LINES)],
        "order_backordered": [backordered_facts(late, order)],
        "backorder_freed": [freed_facts(_sample(Event.BACKORDER_FREED, "1001", freed), order)],
    }


def _sample(event: Event, subject: str, payload: dict[str, Any]) -> Delivery:
    return Delivery(1, 1, event, subject, payload, "somebody@example.com", 0, datetime(2026, 11, 1, 12, tzinfo=UTC))


def _place(delivery: Delivery) -> tuple[int, str, int]:
    known = _ORDER.index(delivery.event) if delivery.event in _ORDER else len(_ORDER)
    return known, str(delivery.event), delivery.event_id


def _event_facts(delivery: Delivery) -> Facts:
    payload = dict.fromkeys((*_NAMES, *_NAMES_OF_FLIPS, *_NAMES_OF_ORDERS)) | _facts(delivery.payload)
    payload["settings"] = [{**each, "label": _label(each["setting"])} for each in payload["settings"] or ()]
    return payload | {"name": str(delivery.event), "subject": one_line(delivery.subject), "at": delivery.created_at}


def _label(setting: str) -> str:
    """What the admin form calls a setting; its key where this version knows none."""
    return CATALOGUE[SettingKey(setting)].label if setting in set(SettingKey) else setting


def _facts(raw: Facts) -> Facts:
    return {key: _in_lines(value) for key, value in raw.items()}


def _in_lines(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {key: _in_lines(each) for key, each in value.items()}
    return [_in_lines(each) for each in value] if isinstance(value, list) else value
