"""Magento's columns as values: the settings of one product, a quantity, a status.

A setting has a column for its value and, but for one, a flag 'use config'. The flag 1 removes the product's own rule. The
flag 0, or none, sets it to the value; where there is no value, it stays as it is. An empty cell is as good as no cell.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules.quantity import is_quantity, plain
from rules.scope import ScopeType
from rules.setting import CATALOGUE, BackorderMode, SettingKey, SettingValue, SettingValueType
from rules.validation import setting_errors

LONGEST_NUMBER = 64
"""Characters of a number; reading a long one takes long."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_BOOLEANS = {"0": False, "1": True}
_MODES = {"0": BackorderMode.NO_BACKORDERS, "1": BackorderMode.ALLOW, "2": BackorderMode.ALLOW_AND_NOTIFY}
_STATUSES = {"0": False, "1": True, "out_of_stock": False, "in_stock": True}

A_STATUS = "must be 1 (in_stock) or 0 (out_of_stock)"
A_QUANTITY = "must be a number with at most four decimal places, below 10^11 in size, such as 25 or -2.5"
_MUST_BE = {
    SettingValueType.BOOLEAN: "must be 0 or 1",
    SettingValueType.QUANTITY: A_QUANTITY,
    SettingValueType.BACKORDER_MODE: "must be 0, 1 or 2",
}


@dataclass(frozen=True, slots=True)
class Column:
    """The columns of one setting; a value whose flag is needed is not read without it."""

    setting: SettingKey
    value: str
    flag: str | None
    needs_flag: bool = False


COLUMNS = (
    # Stock that is not managed sells without end: that is not taken from a file that does not say whose value it is.
    Column(SettingKey.MANAGE_STOCK, "manage_stock", "use_config_manage_stock", needs_flag=True),
    Column(SettingKey.BACKORDERS, "allow_backorders", "use_config_backorders"),
    Column(SettingKey.OUT_OF_STOCK_THRESHOLD, "out_of_stock_qty", "use_config_min_qty"),
    Column(SettingKey.NOTIFY_FOR_QUANTITY_BELOW, "notify_on_stock_below", "use_config_notify_stock_qty"),
    Column(SettingKey.MIN_SALE_QTY, "min_cart_qty", "use_config_min_sale_qty"),
    Column(SettingKey.MAX_SALE_QTY, "max_cart_qty", "use_config_max_sale_qty"),
    Column(SettingKey.ENABLE_QTY_INCREMENTS, "enable_qty_increments", "use_config_enable_qty_inc"),
    Column(SettingKey.QTY_INCREMENTS, "qty_increments", "use_config_qty_increments"),
    Column(SettingKey.QTY_USES_DECIMALS, "is_qty_decimal", None),
)


def settings_of(cells: Mapping[str, str]) -> tuple[dict[SettingKey, SettingValue | None], list[str]]:
    """What a row of the product export says of the product's own rules, and what is wrong with it.

    A value sets the rule, None removes it, an absent key leaves it as it is.
    """
    settings: dict[SettingKey, SettingValue | None] = {}
    faults = []
    for column in COLUMNS:
        text = cells.get(column.value, "").strip()
        flag = cells.get(column.flag, "").strip() if column.flag else ""
        if flag == "1":
            settings[column.setting] = None
        elif flag not in ("", "0"):
            faults.append(f"{column.flag} must be 0 or 1")
        elif text and (flag or not column.needs_flag):
            value, fault = _value_of(column, text)
            if fault is not None:
                faults.append(fault)
            else:
                settings[column.setting] = value
    return settings, faults


def quantity_of(text: str) -> Decimal | None:
    """The quantity that a cell holds; None for anything else."""
    text = text.strip()
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text)
    return abs(plain(value)) if value == 0 else plain(value) if is_quantity(value) else None


def status_of(text: str) -> bool | None:
    """Whether a cell says in stock; None for what is no status."""
    return _STATUSES.get(text.strip().lower())


def unguarded(text: str) -> str:
    """A cell as it was before Magento put a blank before =, + or -, so that no spreadsheet takes it for a formula."""
    return text[1:] if text[:2] in (" =", " +", " -") else text


def _value_of(column: Column, text: str) -> tuple[SettingValue | None, str | None]:
    setting = CATALOGUE[column.setting]
    value: SettingValue | None
    match setting.type:
        case SettingValueType.BOOLEAN:
            value = _BOOLEANS.get(text)
        case SettingValueType.QUANTITY:
            value = quantity_of(text)
        case SettingValueType.BACKORDER_MODE:
            value = _MODES.get(text)
    if value is None:
        return None, f"{column.value} {_MUST_BE[setting.type]}"
    for error in setting_errors(setting, ScopeType.PRODUCT, value, (column.value,)):
        return None, f"{column.value}: {error.message}"
    return value, None
