"""What stands between a request's text and its execution: the document is read, measured, validated, and its cost judged."""

from collections.abc import AsyncIterator, Iterator

from graphql import GraphQLError
from graphql.language import OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from resolvers.pages import Scans
from schema.context import Context, Role
from schema.document import Document, documents

MOST_TOKENS = 2_000
MOST_TOKENS_WITH_ROLE = 10_000
MOST_TOKENS_LIVE = 500
"""Without a role, over a connection: a subscription keeps its document, some 300 bytes a token, as long as it lasts."""
MOST_ROWS = 5_000
"""Of a caller without a role: elements of the lists in the variables, each list as often as it is used."""
MOST_ROWS_WITH_ROLE = 25_000
"""One call takes 5,000 rows."""
MOST_COST = 70_000
"""Units of ten microseconds, so that the dearest request of a shopper takes less than a second of a processor."""
MOST_COST_WITH_ROLE = 1_000_000
SCAN_COST = 70_000
"""Units of a scan that uses up its budget."""


class Reading(SchemaExtension):
    """Reads the document by the limits of the caller's role, and refuses what would cost too much."""

    _document: Document

    async def on_parse(self) -> AsyncIterator[None]:
        """Read the document, or take it from those that are kept."""
        execution = self.execution_context
        most = MOST_TOKENS_WITH_ROLE
        if _is_shopper(execution.context):
            most = MOST_TOKENS if execution.context.allowance is None else MOST_TOKENS_LIVE
        self._document = await documents.read(execution.schema._schema, execution.query or "", most)
        execution.graphql_document = self._document.syntax
        yield

    def on_validate(self) -> Iterator[None]:
        """Once the document is read: whether it is lawful, names the operation to run, and is cheap enough."""
        execution = self.execution_context
        name = execution._provided_operation_name  # what was asked for, not a guess
        operations = [d for d in self._document.syntax.definitions if isinstance(d, OperationDefinitionNode)]
        if name is None and len(operations) > 1:
            message = "The document has several operations: say which one by operationName."
            raise GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
        execution.pre_execution_errors = self._document.errors  # it has been validated
        if not self._document.errors:
            self._judge(execution.operation_name)
        yield

    def _judge(self, operation: str | None) -> None:
        context, variables = self.execution_context.context, self.execution_context.variables or {}
        cost = self._document.costs.get(operation)
        if cost is None:  # an unknown name is refused by whoever runs it
            return
        most_rows, most = (MOST_ROWS, MOST_COST) if _is_shopper(context) else (MOST_ROWS_WITH_ROLE, MOST_COST_WITH_ROLE)
        rows = cost.rows(variables, most_rows)
        if rows > most_rows:
            message = f"The lists in the variables have more than {most_rows:,} elements, each as often as it is used."
            raise GraphQLError(message, extensions={"code": "TOO_MANY"})
        units = cost.of(variables)
        if units > most:
            message = (
                f"This costs {units:,.0f}; at most {most:,} is answered: ask for fewer rows, fields or lists at once."
            )
            raise GraphQLError(message, extensions={"code": "TOO_COSTLY"})
        context.rows = rows
        context.scans = Scans(min(1.0, (most - units) / SCAN_COST))


def _is_shopper(context: Context) -> bool:
    return context.viewer.role is Role.SHOPPER
