"""How large a document may be: depth, aliases and fields, counted with every fragment expanded.

Every fragment is measured once, so that 22 fragments which each spread the next one twice (4 million fields) are refused
in milliseconds.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, ValidationRule
from graphql.language import (
    DefinitionNode,
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

MOST_TEXT = 64 * 1024
"""Bytes of a document."""
MOST = {"depth": 10, "aliases": 30, "fields": 500}
MOST_SELECTIONS = 5_000
"""Fields, fragments and their uses in all operations together: each operation is costed, whichever is asked for."""
MOST_REPEATS = 30
"""How often one field may stand at one place of the answer: validation compares each with every other one."""
LONGEST_NUMBER = 64
"""Characters of a number in a document; none that is lawful has more, and reading a long one takes long."""

Size = tuple[int, int, int, int]
"""Depth, aliases, fields; and selections of any kind."""


class NumberLengths(ValidationRule):
    """Refuses numbers that are longer than any scalar reads."""

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        """Refuse a number that no scalar could read."""
        _refuse_long(node)

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> None:
        """Refuse a number that no scalar could read."""
        _refuse_long(node)


def _refuse_long(node: IntValueNode | FloatValueNode) -> None:
    if len(node.value) > LONGEST_NUMBER:
        raise GraphQLError("A number in the document is too long.", [node], extensions={"code": "BAD_USER_INPUT"})


def refuse_large(document: DocumentNode) -> None:
    """Refuse a document that is larger than any honest one, before the rules of validation, which take long on it.

    Fragments that nothing spreads are validated too: they are measured like operations.
    """
    fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
    ruler = _Ruler({each.name.value: each for each in fragments})
    selections = 0
    try:
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                size = ruler.measure(operation.selection_set)
                _refuse(operation, size)
                selections += size[3]
        for fragment in fragments:
            _refuse(fragment, ruler.fragment(fragment.name.value))
        if selections <= MOST_SELECTIONS:
            for definition in document.definitions:
                _refuse_repeats(definition, ruler)
    except RecursionError:
        raise GraphQLError("The fragments of the document are nested too deeply.") from None
    if selections > MOST_SELECTIONS:
        raise GraphQLError(f"All operations of the document have more than {MOST_SELECTIONS:,} selections together.")


def _refuse(definition: DefinitionNode, found: Size) -> None:
    for (name, most), size in zip(MOST.items(), found[:3], strict=True):
        if size > most:
            message = f"The document's {name} are {size:,}; at most {most:,} are answered."
            raise GraphQLError(message, [definition])


def _refuse_repeats(definition: DefinitionNode, ruler: "_Ruler") -> None:
    """Refuse a field that stands too often at one place: in what an operation asks for, or in a fragment by itself."""
    if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
        places = Counter(
            ruler.places(definition.selection_set, (), spreads=isinstance(definition, OperationDefinitionNode))
        )
        if places and (most := max(places.values())) > MOST_REPEATS:
            message = f"The document asks {most:,} times for one field; at most {MOST_REPEATS} times is answered."
            raise GraphQLError(message, [definition])


class _Ruler:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measured: dict[str, Size] = {}
        self._open: set[str] = set()

    def measure(self, selection_set: SelectionSetNode | None) -> Size:
        depth = aliases = fields = selections = 0
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                inner = self.measure(node.selection_set)
                # ofType only unwraps a type: tools ask for nine of them, and most of those are null.
                deeper = node.name.value != "ofType"
                size = deeper + inner[0], (node.alias is not None) + inner[1], 1 + inner[2], inner[3]
            elif isinstance(node, InlineFragmentNode):
                size = self.measure(node.selection_set)
            else:
                assert isinstance(node, FragmentSpreadNode)  # noqa: S101  # the third and last kind of selection
                size = self.fragment(node.name.value)
            depth, aliases, fields = max(depth, size[0]), aliases + size[1], fields + size[2]
            selections += 1 + size[3]
        return depth, aliases, fields, selections

    def places(
        self, selection_set: SelectionSetNode | None, path: tuple[str, ...], *, spreads: bool
    ) -> Iterator[tuple[str, ...]]:
        """The place in the answer of every field, as a path of response keys; spreads: those of fragments too."""
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                place = (*path, node.alias.value if node.alias else node.name.value)
                yield place
                yield from self.places(node.selection_set, place, spreads=spreads)
            elif isinstance(node, InlineFragmentNode):
                yield from self.places(node.selection_set, path, spreads=spreads)
            elif spreads and isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in self._fragments and name not in self._open:  # another rule reports the rest
                    self._open.add(name)
                    yield from self.places(self._fragments[name].selection_set, path, spreads=spreads)
                    self._open.discard(name)

    def fragment(self, name: str) -> Size:
        if name in self._open or name not in self._fragments:
            return 0, 0, 0, 0  # cycles and unknown names are another rule's to report
        if name not in self._measured:
            self._open.add(name)
            self._measured[name] = self.measure(self._fragments[name].selection_set)
            self._open.discard(name)
        return self._measured[name]
