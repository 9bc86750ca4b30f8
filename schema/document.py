"""Documents: read in a thread, measured before they are validated, and kept where they are lawful."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    ASTValidationRule,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Source,
    parse,
    specified_rules,
    validate,
)
from graphql.language import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.cost import Cost
from schema.errors import MOST_ERRORS
from schema.limits import MOST_TEXT, NumberLengths, refuse_large
from schema.worker import worker

RULES: tuple[type[ASTValidationRule], ...] = (
    NumberLengths,
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)

MOST_KEPT_BYTES = 32 * 2**20
BYTES_PER_TOKEN = 1_024
"""What a token takes in memory once it is read, with its place and its node."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read; what is wrong with it stands in errors."""

    syntax: DocumentNode
    tokens: int
    errors: list[GraphQLError]
    costs: Mapping[str | None, Cost]
    """By the name of the operation."""


class Documents:
    """The lawful documents of a process, those that were used last."""

    def __init__(self, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[Document, int]] = OrderedDict()
        self.bytes = 0

    async def read(self, schema: GraphQLSchema, text: str, most_tokens: int) -> Document:
        """The document of a text; GraphQLError where it is no GraphQL, or too large."""
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
            if found[0].tokens > most_tokens:
                raise GraphQLSyntaxError(Source(text[:1]), 0, f"Document contains more than {most_tokens} tokens.")
            return found[0]
        if len(text) > MOST_TEXT or len(text.encode("utf-8", "surrogatepass")) > MOST_TEXT:
            raise GraphQLError(f"A document has at most {MOST_TEXT:,} bytes; send lists as variables.")
        document = await worker.run(lambda: read(schema, text, most_tokens))
        if not document.errors:
            self._keep(text, document)
        return document

    def _keep(self, text: str, document: Document) -> None:
        size = 4 * len(text) + BYTES_PER_TOKEN * document.tokens
        if size > self._most_bytes or text in self._kept:
            return
        self._kept[text] = document, size
        self.bytes += size
        while self.bytes > self._most_bytes:
            self.bytes -= self._kept.popitem(last=False)[1][1]


def read(schema: GraphQLSchema, text: str, most_tokens: int) -> Document:
    """Parse, measure and validate a text; GraphQLError where it is no GraphQL, or too large."""
    syntax = parse(text, max_tokens=most_tokens)
    refuse_large(syntax)
    errors = validate(schema, syntax, RULES, max_errors=MOST_ERRORS)
    costs = {} if errors else _costs(schema, syntax)
    return Document(syntax, syntax.token_count, errors, costs)


def _costs(schema: GraphQLSchema, syntax: DocumentNode) -> dict[str | None, Cost]:
    fragments = {each.name.value: each for each in syntax.definitions if isinstance(each, FragmentDefinitionNode)}
    return {
        each.name.value if each.name else None: Cost(schema, each, fragments)
        for each in syntax.definitions
        if isinstance(each, OperationDefinitionNode)
    }


documents = Documents()
"""Those of this process."""
