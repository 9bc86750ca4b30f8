"""How large a document may be: depth, aliases and fields, counted with every fragment expanded.

Every fragment is measured once, so that 22 fragments which each spread the next one twice (4 million fields) are refused
in milliseconds.
"""

from typing import Any

from graphql import GraphQLError, ValidationRule
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MOST_TOKENS = 10_000
MOST = {"depth": 12, "aliases": 30, "fields": 2_000}

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
                    message = f"The document's {name} are {size:,}; at most {most:,} are answered."
                    self.report_error(GraphQLError(message, [operation]))


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
