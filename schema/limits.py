"""How large a document may be: depth, aliases and fields, counted with every fragment expanded.

Every fragment is measured once, so that 22 fragments which each spread the next one twice (4 million fields) are refused
in milliseconds.
"""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, ValidationRule
from graphql.language import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from strawberry.extensions import SchemaExtension

MOST_TOKENS = 10_000
MOST = {"depth": 10, "aliases": 30, "fields": 500}
LONGEST_NUMBER = 64
"""Characters of a number in a document; none that is lawful has more, and reading a long one takes long."""

Size = tuple[int, int, int]
"""Depth, aliases, fields."""


class DocumentLimits(ValidationRule):
    """Refuses documents that are larger than any honest one; introspection is not counted."""

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        """Measure every operation of the document."""
        ruler = _Ruler({d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)})
        for operation in document.definitions:
            if not isinstance(operation, OperationDefinitionNode):
                continue
            for (name, most), size in zip(MOST.items(), ruler.measure(operation.selection_set), strict=True):
                if size > most:
                    # Raised, not reported: the rules behind this one take long on what is too large.
                    message = f"The document's {name} are {size:,}; at most {most:,} are answered."
                    raise GraphQLError(message, [operation])

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        """Refuse a number that no scalar could read."""
        _refuse_long(node)

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> None:
        """Refuse a number that no scalar could read."""
        _refuse_long(node)


def _refuse_long(node: IntValueNode | FloatValueNode) -> None:
    if len(node.value) > LONGEST_NUMBER:
        raise GraphQLError("A number in the document is too long.", [node], extensions={"code": "BAD_USER_INPUT"})


class Limits(SchemaExtension):
    """Puts the limits before all other rules, and has a document of several operations name the one to run."""

    def on_operation(self) -> Iterator[None]:
        """Before anything is validated."""
        context = self.execution_context
        context.validation_rules = (DocumentLimits, *context.validation_rules)
        yield

    def on_validate(self) -> Iterator[None]:
        """Once the document is read."""
        document = self.execution_context.graphql_document
        name = self.execution_context._provided_operation_name  # what was asked for, not a guess
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)] if document else []
        if name is None and len(operations) > 1:
            message = "The document has several operations: say which one by operationName."
            raise GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
        yield


class _Ruler:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measured: dict[str, Size] = {}
        self._open: set[str] = set()

    def measure(self, selection_set: SelectionSetNode | None) -> Size:
        depth = aliases = fields = 0
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                if node.name.value.startswith("__"):
                    continue
                inner = self.measure(node.selection_set)
                size = 1 + inner[0], (node.alias is not None) + inner[1], 1 + inner[2]
            elif isinstance(node, InlineFragmentNode):
                size = self.measure(node.selection_set)
            else:
                assert isinstance(node, FragmentSpreadNode)  # noqa: S101  # the third and last kind of selection
                size = self._fragment(node.name.value)
            depth, aliases, fields = max(depth, size[0]), aliases + size[1], fields + size[2]
        return depth, aliases, fields

    def _fragment(self, name: str) -> Size:
        if name in self._open or name not in self._fragments:
            return 0, 0, 0  # cycles and unknown names are another rule's to report
        if name not in self._measured:
            self._open.add(name)
            self._measured[name] = self.measure(self._fragments[name].selection_set)
            self._open.discard(name)
        return self._measured[name]
