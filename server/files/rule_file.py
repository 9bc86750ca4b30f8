"""The file of rules: YAML that people can read, and keep under version control.

    rules:
      - scope: global
        set: {backorders: ALLOW, out_of_stock_threshold: -50}
      - scope: product_source
        sku: "TENT"
        source: "berlin"
        from: 2026-11-27T00:00:00+00:00
        until: 2026-11-30T00:00:00+00:00
        set:
          backorders: null

null removes the rule; in a window it means that there is no rule then.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import IO, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from resolvers.rule_store.rule_import import RuleEntry
from rules.change import RulesChange, Window, window_of
from rules.key import quoted
from rules.quantity import is_quantity
from rules.scope import ScopeType
from rules.setting import CATALOGUE, BackorderMode, Setting, SettingKey, SettingValue, SettingValueType
from rules.walk import ScopeRule

T = TypeVar("T")

ENTRY_FIELDS = ("scope", "source", "sku", "from", "until", "set")
_NULLS = ("", "~", "null", "Null", "NULL")
_WANTED = {
    SettingValueType.BOOLEAN: "true or false",
    SettingValueType.BACKORDER_MODE: ", ".join(BackorderMode),
    SettingValueType.QUANTITY: "a quantity with at most four decimals",
}
_BOOLEANS = {"true": True, "True": True, "yes": True, "false": False, "False": False, "no": False}


class RuleFileError(Exception):
    """A file of rules that cannot be read; the message names the line."""


def read_rules(file: IO[str]) -> list[RuleEntry]:
    """The entries of a file of rules; RuleFileError for what is no such file, with every problem and its line."""
    try:
        root = yaml.compose(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RuleFileError(f"This is not YAML that can be read: {' '.join(str(error).split())}") from error
    problems: list[str] = []
    entries = [
        entry
        for node in _list(_fields(root, ("revision", "rules"), problems).get("rules"), "rules", problems)
        if (entry := _entry(node, problems)) is not None
    ]
    if problems:
        more = f"\nand {len(problems) - 20} more" if len(problems) > 20 else ""
        raise RuleFileError("\n".join(problems[:20]) + more)
    return entries


async def written_rules(
    revision: int, rules: AsyncIterator[ScopeRule], left_out: Mapping[str, int]
) -> AsyncIterator[str]:
    """The text of a file of rules, piece by piece; the rules of one scope and window come one after the other.

    left_out counts, once all rules have come, those of a newer version by setting: the end of the file says so.
    """
    yield f"# The rules at revision {revision}. Change it, then: salable rules import FILE\nrules:\n"
    last = None
    async for rule in rules:
        head = rule.scope, window_of(rule)
        if head != last:
            yield "".join(_head(rule))
            last = head
        value = "null" if rule.value is None else CATALOGUE[rule.setting].write(rule.value)
        yield f"      {rule.setting.value}: {value}\n"
    for setting, count in sorted(left_out.items()):
        yield f"# Not here, since only a newer version can read them: {count} of the setting {quoted(setting)}\n"


def _head(rule: ScopeRule) -> Iterator[str]:
    # What an editor would change or swallow stands as an escape.
    yield f"  - scope: {rule.scope.type.lower()}\n"
    if rule.scope.sku:
        yield f"    sku: {quoted(rule.scope.sku)}\n"
    if rule.scope.source:
        yield f"    source: {quoted(rule.scope.source)}\n"
    if rule.active_from:
        yield f"    from: {rule.active_from.isoformat()}\n"
    if rule.active_until:
        yield f"    until: {rule.active_until.isoformat()}\n"
    yield "    set:\n"


def _entry(node: Node, problems: list[str]) -> RuleEntry | None:
    fields = _fields(node, ENTRY_FIELDS, problems)
    before = len(problems)
    type_ = _scalar(fields.get("scope"), "scope", problems)
    if type_ is not None and type_.upper() not in ScopeType.__members__:
        names = ", ".join(each.lower() for each in ScopeType if each is not ScopeType.DEFAULT)
        problems.append(f"{_line(node)}: {type_!r} is no scope; there are {names}")
    elif "scope" not in fields or "set" not in fields:
        problems.append(f"{_line(node)}: an entry has a `scope` and a `set`")
    source = _scalar(fields.get("source"), "source", problems)
    sku = _scalar(fields.get("sku"), "sku", problems)
    window = Window.between(_instant(fields.get("from"), problems), _instant(fields.get("until"), problems))
    settings: dict[SettingKey, SettingValue | None] = {}
    for name, value in _fields(fields.get("set"), tuple(SettingKey), problems, "setting").items():
        settings[SettingKey(name)] = _value(CATALOGUE[SettingKey(name)], value, problems)
    if len(problems) > before or type_ is None:
        return None
    return RuleEntry(RulesChange(ScopeType[type_.upper()], source, sku, settings), window, node.start_mark.line + 1)


def _value(setting: Setting, node: Node, problems: list[str]) -> SettingValue | None:
    text = _scalar(node, setting.key, problems)
    if text is None or (text in _NULLS and _is_plain(node)):
        return None
    if setting.type is SettingValueType.BOOLEAN and text in _BOOLEANS:
        return _BOOLEANS[text]
    if setting.type is SettingValueType.BACKORDER_MODE and text in BackorderMode.__members__:
        return BackorderMode[text]
    if setting.type is SettingValueType.QUANTITY and (quantity := _quantity(text)) is not None:
        return quantity
    problems.append(f"{_line(node)}: {setting.key} is {text!r}; it takes {_WANTED[setting.type]}")
    return None


def _quantity(text: str) -> Decimal | None:
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        return None
    return quantity if text.isascii() and "_" not in text and is_quantity(quantity) else None


def _fields(node: Node | None, known: tuple[str, ...], problems: list[str], noun: str = "field") -> dict[str, Node]:
    if node is None or not isinstance(node, MappingNode):
        where = "the file" if node is None else _line(node)
        problems.append(f"{where}: here stand fields with their values, such as {known[0]}")
        return {}
    found: dict[str, Node] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, ScalarNode) else ""
        if name not in known:
            problems.append(f"{_line(key)}: there is no {noun} {name!r}; there are {', '.join(known)}")
        elif name in found:
            problems.append(f"{_line(key)}: {name} stands twice")
        else:
            found[name] = value
    return found


def _list(node: Node | None, name: str, problems: list[str]) -> list[Node]:
    if isinstance(node, SequenceNode):
        return list(node.value)
    if not problems and not (isinstance(node, ScalarNode) and node.value in _NULLS):
        problems.append(f"{'the file' if node is None else _line(node)}: `{name}` is a list")
    return []


def _scalar(node: Node | None, name: str, problems: list[str]) -> str | None:
    if node is None:
        return None
    if isinstance(node, ScalarNode):
        return str(node.value)
    problems.append(f"{_line(node)}: {name} is one value")
    return None


def _instant(node: Node | None, problems: list[str]) -> datetime | None:
    text = _scalar(node, "an instant", problems)
    if node is None or text is None or text in _NULLS:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    problems.append(f"{_line(node)}: {text!r} is no instant with an offset, such as 2026-11-27T00:00:00+01:00")
    return None


def _is_plain(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.style  # the C loader says "" for what is not quoted


def _line(node: Node) -> str:
    return f"line {node.start_mark.line + 1}"
