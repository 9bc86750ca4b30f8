"""The schema, put together once a process."""

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError
from strawberry import Schema
from strawberry.extensions import MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.base import StrawberryObjectDefinition, StrawberryType
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from schema import enum  # noqa: F401  # shares the enums of the rules
from schema.context import Context
from schema.errors import presented
from schema.limits import MOST_TOKENS, Limits
from schema.mutation import Mutation
from schema.query import Query
from schema.scalar import SCALARS


class PageNames(NameConverter):
    """Pages are named after their nodes, but for those of low items: LowStockConnection, LowStockEdge."""

    def from_generic(self, generic_type: StrawberryObjectDefinition, types: list[StrawberryType | type]) -> str:
        """The name of a generic type for one kind of node."""
        return super().from_generic(generic_type, types).replace("LowStockItem", "LowStock")


class PresentingSchema(Schema):
    """A schema whose errors all pass through `presented`, wherever they come from."""

    async def execute(  # noqa: PLR0917  # Strawberry's signature
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Answer one operation."""
        context = context_value or Context()
        result = await super().execute(
            query, variable_values, context, root_value, operation_name, allowed_operation_types, operation_extensions
        )
        if result.errors:
            is_executed = not isinstance(result, PreExecutionError)
            result.errors = presented(result.errors, context.request_id, is_executed=is_executed)
        return result

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: Strawberry would log every error here, expected or not."""


schema = PresentingSchema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(scalar_map=SCALARS, name_converter=PageNames()),
    extensions=[
        lambda: MaxTokensLimiter(MOST_TOKENS),
        Limits,
        ParserCache,  # both caches are shared by all requests of the process
        ValidationCache,
    ],
)


def sdl() -> str:
    """The schema in GraphQL's own language, as it is committed beside this file."""
    return schema.as_str() + "\n"
