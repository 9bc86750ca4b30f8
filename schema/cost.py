"""What an operation may cost, known before it runs: the cost of each field times the lengths of the lists above it.

A unit is about ten microseconds of a processor. The lengths come from `first`, from the lists that are passed, and for
what has neither from what such a list usually holds. An operation is read once into a sum of products, so that a request
only puts its variables in.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from resolvers.pages import LARGEST_PAGE

USUAL_PAGE = 50
USUAL_LIST = 5
"""How many a list holds that nothing in the request bounds, such as the sources of a stock."""

WEIGHTS: Mapping[str, tuple[float, float]] = {
    "Query.products": (2_000, 17),
    "Query.productsBySku": (200, 17),
    "Query.salability": (200, 15),
    "Query.product": (250, 0),
    "ProductConnection.totalCount": (2_500, 0),
    "ChangeSet.changesPage": (100, 3),
    "Subscription.stockChanged": (200, 17),
    "Product.salability": (10, 0),
    "Product.effectiveBackorderConfig": (3, 0),
    "Product.salableQtyTerms": (18, 0),
    "Product.sourceItems": (18, 0),
    "EffectiveBackorderConfig.settings": (18, 0),
    "EffectiveBackorderConfig.sources": (18, 0),
}
"""Of fields that cost more than 1: once, and for each row. An error for each row, such as FORBIDDEN, is dear too."""

INTROSPECTED: Mapping[str, float] = {
    "types": 150,
    "directives": 5,
    "fields": 3,
    "type.fields": 0.3,
    "ofType.fields": 2,
    "__type.fields": 25,
    "args": 0.3,
    "inputFields": 1,
    "type.inputFields": 0.3,
    "enumValues": 1,
    "interfaces": 0.1,
    "possibleTypes": 0.1,
    "ofType": 0.7,
}
"""How many of each this schema has in one of its types, on the average; by the field above where that matters."""
INTROSPECTED_FIELD = 2


@dataclass(frozen=True, slots=True)
class Length:
    """How long a list is: a number, or what a variable holds."""

    number: float
    variable: str | None = None
    most: int | None = None

    def of(self, variables: Mapping[str, Any]) -> float:
        """The length in a request."""
        given = variables.get(self.variable) if self.variable is not None else None
        is_page = self.most is not None
        found: float = self.number
        if isinstance(given, list):
            found = len(given)
        elif is_page and isinstance(given, int) and not isinstance(given, bool):
            found = given
        elif is_page and given is None and self.variable in variables:  # which is not what the variable is by default
            found = USUAL_PAGE
        return max(0, found if self.most is None else min(found, self.most))


class Cost:
    """What one operation costs, by its variables."""

    def __init__(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._path = [""]
        self._terms: dict[tuple[Length, ...], float] = defaultdict(float)
        self._uses: dict[str, int] = defaultdict(int)
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
        root = schema.get_root_type(operation.operation)
        if root is not None:
            self._add(root, operation.selection_set, (), Length(1))

    def of(self, variables: Mapping[str, Any]) -> float:
        """The units of a request."""
        lengths: dict[Length, float] = {}
        for factors in self._terms:
            for length in factors:
                if length not in lengths:
                    lengths[length] = length.of(variables)
        return sum([units * prod([lengths[length] for length in factors]) for factors, units in self._terms.items()])

    def rows(self, variables: Mapping[str, Any], most: int) -> int:
        """The elements of all lists in the variables, each as often as it is used; counts to a little above `most`."""
        found = 0
        for name, value in variables.items():
            found += max(1, self._uses.get(name, 0)) * _elements(value, most)
            if found > most:
                break
        return found

    def _add(
        self, parent: GraphQLObjectType, selected: SelectionSetNode, above: tuple[Length, ...], page: Length
    ) -> None:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                self._add_field(parent, node, above, page)
            elif isinstance(node, InlineFragmentNode):
                self._add(parent, node.selection_set, above, page)
            elif isinstance(node, FragmentSpreadNode):
                self._add(parent, self._fragments[node.name.value].selection_set, above, page)

    def _add_field(self, parent: GraphQLObjectType, node: FieldNode, above: tuple[Length, ...], page: Length) -> None:
        field = self._schema.get_field(parent, node.name.value)
        if field is None:  # the document was found lawful: there is one
            return
        for argument in node.arguments or ():
            for variable in _variables(argument.value):
                self._uses[variable] += 1
        name = f"{parent.name}.{node.name.value}"
        once, by_row = WEIGHTS.get(name, (INTROSPECTED_FIELD if parent.name.startswith("__") else 1, 0))
        self._terms[above] += once
        length, inner = self._length(parent, field, node, page)
        if by_row:
            self._terms[(*above, length)] += by_row
        kind = get_named_type(field.type)
        if node.selection_set is not None and isinstance(kind, GraphQLObjectType):
            is_page = kind.name.endswith("Connection")
            below = above if is_page or length == Length(1) else (*above, length)
            self._path.append(node.name.value)
            self._add(kind, node.selection_set, below, inner)
            self._path.pop()

    def _length(
        self, parent: GraphQLObjectType, field: GraphQLField, node: FieldNode, page: Length
    ) -> tuple[Length, Length]:
        """How many a field answers, and how long the page is that its fields belong to."""
        if "first" in field.args:
            length = self._given(node, "first", Length(USUAL_PAGE, most=LARGEST_PAGE))
            return length, length
        if parent.name.startswith("__") or node.name.value.startswith("__"):
            usual = INTROSPECTED.get(node.name.value, 1)
            return Length(INTROSPECTED.get(f"{self._path[-1]}.{node.name.value}", usual)), page
        lists = [name for name, argument in field.args.items() if _is_list(argument.type)]
        is_list = is_list_type(get_nullable_type(field.type)) or (lists and parent is self._schema.subscription_type)
        if not is_list:
            return Length(1), page
        if parent.name.endswith("Connection"):
            return page, page
        return (self._given(node, lists[0], Length(0)) if lists else Length(USUAL_LIST)), page

    def _given(self, node: FieldNode, name: str, otherwise: Length) -> Length:
        value = next((each.value for each in node.arguments or () if each.name.value == name), None)
        if isinstance(value, VariableNode):
            default = _number(self._defaults.get(value.name.value))
            return Length(otherwise.number if default is None else default, value.name.value, otherwise.most)
        number = _number(value)
        return otherwise if number is None else Length(number, most=otherwise.most)


def _number(value: ValueNode | None) -> int | None:
    if isinstance(value, ListValueNode):
        return len(value.values)
    return int(value.value) if isinstance(value, IntValueNode) else None


def _is_list(type_: GraphQLInputType) -> bool:
    return is_list_type(get_nullable_type(type_))


def _variables(value: ValueNode) -> list[str]:
    """The variables in a value of the document."""
    found, open_ = [], [value]
    while open_:
        node = open_.pop()
        if isinstance(node, VariableNode):
            found.append(node.name.value)
        elif isinstance(node, ListValueNode):
            open_ += node.values
        else:
            open_ += [field.value for field in getattr(node, "fields", ())]
    return found


def _elements(value: Any, most: int) -> int:
    """How many elements all lists in a value have, counted to a little above `most`."""
    found, open_ = 0, [value]
    while open_ and found <= most:
        each = open_.pop()
        if isinstance(each, list):
            found += len(each)
            open_ += [inner for inner in each[: most + 1] if isinstance(inner, list | dict)]
        elif isinstance(each, dict):
            open_ += [inner for inner in each.values() if isinstance(inner, list | dict)]
    return found
