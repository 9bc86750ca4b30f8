"""Magento's columns as values: the settings of one product, a quantity, a status.

A setting has a column for its value and, but for one, a flag 'use config'. The flag 1 removes the product's own rule. The
flag 0, or none, sets it to the value; a flag 0 without a value is a fault, and no flag and no value leave it as it is. An
empty cell is as good as no cell. A column may have its public name or the one of Magento's own tables.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rules.quantity import is_quantity, plain
from rules.scope import ScopeType
from rules.setting import CATALOGUE, BackorderMode, SettingKey, SettingValue, SettingValueType
from rules.validation import setting_errors

LONGEST_NUMBER = 64
"""Characters of a number; reading a long one takes long."""

MOST_SHOWN = 20
"""Characters of a cell that a message shows."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_BOOLEANS = {"0": False, "1": True}
_MODES = {"0": BackorderMode.NO_BACKORDERS, "1": BackorderMode.ALLOW, "2": BackorderMode.ALLOW_AND_NOTIFY}
_STATUSES = {"0": False, "1": True, "out_of_stock": False, "in_stock": True}

SMALLEST = Decimal("0.0001")
LARGEST = Decimal("99999999999.9999")
"""The bounds of what a quantity can be: as a minimum, a step or a maximum they set no limit."""

A_STATUS = "must be 1 (in_stock) or 0 (out_of_stock)"
A_QUANTITY = "must be a number with at most four decimal places, below 10^11 in size, such as 25 or -2.5"
_MUST_BE = {
    SettingValueType.BOOLEAN: "must be 0 or 1",
    SettingValueType.QUANTITY: A_QUANTITY,
    SettingValueType.BACKORDER_MODE: "must be 0, 1 or 2",
}


@dataclass(frozen=True, slots=True)
class Column:
    """The columns of one setting, by public and own names; a value whose flag is needed is not read without it.

    no_limit is what stands here for a 0 that means 'no limit' there.
    """

    setting: SettingKey
    value: str
    flag: str | None
    needs_flag: bool = False
    own_value: str | None = None
    own_flag: str | None = None
    no_limit: Decimal | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """Every name of the column of its value."""
        return (self.value,) if self.own_value is None else (self.value, self.own_value)

    @property
    def flags(self) -> tuple[str, ...]:
        """Every name of the column of its flag."""
        return tuple(name for name in (self.flag, self.own_flag) if name is not None)


class Gap(StrEnum):
    """What a row gives that does not become a rule as it stands."""

    ZERO_IS_NO_LIMIT = "ZERO_IS_NO_LIMIT"
    VALUE_WITHOUT_FLAG = "VALUE_WITHOUT_FLAG"


COLUMNS: tuple[Column, ...] = (
    # Stock that is not managed sells without end: that is not taken from a file that does not say whose value it is.
    Column(SettingKey.MANAGE_STOCK, "manage_stock", "use_config_manage_stock", needs_flag=True),
    Column(SettingKey.BACKORDERS, "allow_backorders", "use_config_backorders", own_value="backorders"),
    Column(SettingKey.OUT_OF_STOCK_THRESHOLD, "out_of_stock_qty", "use_config_min_qty", own_value="min_qty"),
    Column(
        SettingKey.NOTIFY_FOR_QUANTITY_BELOW,
        "notify_on_stock_below",
        "use_config_notify_stock_qty",
        own_value="notify_stock_qty",
    ),
    # A falsy minimum, maximum or step is not checked there.
    Column(
        SettingKey.MIN_SALE_QTY,
        "min_cart_qty",
        "use_config_min_sale_qty",
        own_value="min_sale_qty",
        no_limit=SMALLEST,
    ),
    Column(
        SettingKey.MAX_SALE_QTY,
        "max_cart_qty",
        "use_config_max_sale_qty",
        own_value="max_sale_qty",
        no_limit=LARGEST,
    ),
    Column(
        SettingKey.ENABLE_QTY_INCREMENTS,
        "enable_qty_increments",
        "use_config_enable_qty_inc",
        own_flag="use_config_enable_qty_increments",
    ),
    Column(SettingKey.QTY_INCREMENTS, "qty_increments", "use_config_qty_increments", no_limit=SMALLEST),
    Column(SettingKey.QTY_USES_DECIMALS, "is_qty_decimal", None),
)


def settings_of(cells: Mapping[str, str]) -> tuple[dict[SettingKey, SettingValue | None], list[str]]:
    """What a row of the product export says of the product's own rules, and what is wrong with it.

    A value sets the rule, None removes it, an absent key leaves it as it is.
    """
    settings: dict[SettingKey, SettingValue | None] = {}
    faults = []
    for column in COLUMNS:
        values, flags = _given(cells, column.values), _given(cells, column.flags)
        name, text = values[0] if values else (column.value, "")
        flag_name, flag = flags[0] if flags else (column.flag, "")
        if len({_compared(column, each) for _, each in values}) > 1 or len({each for _, each in flags}) > 1:
            faults += [_contradiction(pairs) for pairs in (values, flags) if len({each for _, each in pairs}) > 1]
        elif flag == "1":
            settings[column.setting] = None
        elif flag not in ("", "0"):
            faults.append(f"{flag_name} must be 0 or 1")
        elif flag and not text:
            faults.append(f"{name} is empty, but {flag_name} is 0: give the value, or 1 to use the configuration's")
        elif text and (flag or not column.needs_flag):
            value, fault = _value_of(column, name, text)
            if fault is not None:
                faults.append(fault)
            else:
                settings[column.setting] = value
    return settings, faults


def gaps_of(cells: Mapping[str, str]) -> Iterator[tuple[Gap, str]]:
    """What a row gives, by the name of its column, that is not taken as it stands."""
    for column in COLUMNS:
        values, flags = _given(cells, column.values), _given(cells, column.flags)
        if not values or any(flag == "1" for _, flag in flags):
            continue
        name, text = values[0]
        if column.needs_flag and not flags:
            yield Gap.VALUE_WITHOUT_FLAG, name
        elif column.no_limit is not None and quantity_of(text) == 0:
            yield Gap.ZERO_IS_NO_LIMIT, name


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


def _given(cells: Mapping[str, str], names: Iterable[str]) -> list[tuple[str, str]]:
    """The cells of these names that are not empty, without the blanks around them."""
    return [(name, text) for name in names if (text := cells.get(name, "").strip())]


def _compared(column: Column, text: str) -> SettingValue | str:
    """What tells whether two names of one column hold the same: 5 and 5.0000 do."""
    value = quantity_of(text) if CATALOGUE[column.setting].type is SettingValueType.QUANTITY else None
    return text if value is None else value


def _contradiction(pairs: Iterable[tuple[str, str]]) -> str:
    said = " and ".join(f"{name} is {text[:MOST_SHOWN]}" for name, text in pairs)
    return f"{said}: they are two names of one thing"


def _value_of(column: Column, name: str, text: str) -> tuple[SettingValue | None, str | None]:
    setting = CATALOGUE[column.setting]
    value: SettingValue | None
    match setting.type:
        case SettingValueType.BOOLEAN:
            value = _BOOLEANS.get(text)
        case SettingValueType.QUANTITY:
            value = quantity_of(text)
            value = column.no_limit if value == 0 and column.no_limit is not None else value
        case SettingValueType.BACKORDER_MODE:
            value = _MODES.get(text)
    if value is None:
        return None, f"{name} {_MUST_BE[setting.type]}"
    for error in setting_errors(setting, ScopeType.PRODUCT, value, (name,)):
        return None, f"{name}: {error.message}"
    return value, None
