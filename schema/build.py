"""The schema, put together once a process."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any

from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError, GraphQLSchema
from graphql.execution import Executor
from graphql.language import DocumentNode
from strawberry import Schema
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.name_converter import NameConverter
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.base import StrawberryObjectDefinition, StrawberryType
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType
from strawberry.utils.await_maybe import await_maybe

from schema import enum  # noqa: F401  # shares the enums of the rules
from schema.context import Context
from schema.errors import MOST_ERRORS, presented
from schema.mutation import Mutation
from schema.query import Query
from schema.reading import Reading
from schema.scalar import SCALARS
from schema.subscription import Subscription
from schema.worker import worker

ANSWERED_AT_ONCE = frozenset({OperationType.QUERY, OperationType.MUTATION})
MANY_ROWS = 500
"""Elements in the variables that are read at once; more would keep the event loop from others."""
_NOT_TO_BE_RUN = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)


class PageNames(NameConverter):
    """Pages are named after their nodes, but for those of low items: LowStockConnection, LowStockEdge."""

    def from_generic(self, generic_type: StrawberryObjectDefinition, types: list[StrawberryType | type]) -> str:
        """The name of a generic type for one kind of node."""
        return super().from_generic(generic_type, types).replace("LowStockItem", "LowStock")


class Phase(SchemaExtension):
    """Notes that the document is lawful and is being run: what is wrong from here on is wrong with its input."""

    def on_execute(self) -> Iterator[None]:
        """Once the document is validated."""
        self.execution_context.context.is_running = True
        yield


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
        """Answer one query or mutation."""
        context = context_value or Context()
        allowed = ANSWERED_AT_ONCE.intersection(allowed_operation_types or ANSWERED_AT_ONCE)
        result = await super().execute(
            query, variable_values, context, root_value, operation_name, allowed, operation_extensions
        )
        if result.errors:
            is_executed = not isinstance(result, PreExecutionError)
            result.errors = presented(result.errors, context.request_id, is_executed=is_executed)
        return result

    async def stream(  # noqa: PLR0917  # Strawberry's signature
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The results of one operation as they come; a PreExecutionError stands for a refusal of the whole."""
        context = context_value or Context()
        results: Any = await super().stream(
            query, variable_values, context, root_value, operation_name, operation_extensions, allowed_operation_types
        )
        return _presented_stream(results, context)

    def _get_execute_function(self) -> Callable[..., Any]:
        return _execute

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: Strawberry would log every error here, expected or not."""


async def _execute(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    context_value: Context,
    variable_values: dict[str, Any] | None,
    executor_class: type[Executor[Any]],
    **arguments: Any,
) -> Any:
    """graphql-core's `execute`, but that long lists of variables are read in a thread, and few errors of them are told."""

    def build() -> Executor[Any] | list[GraphQLError]:
        return executor_class.build(
            schema,
            document,
            context_value=context_value,
            raw_variable_values=variable_values,
            max_coercion_errors=MOST_ERRORS,
            **arguments,
        )

    executor = await worker.run(build) if context_value.rows > MANY_ROWS else build()
    if isinstance(executor, list):
        return GraphQLExecutionResult(None, errors=executor)
    return await await_maybe(executor.execute_operation())


async def _presented_stream(
    results: AsyncGenerator[ExecutionResult, None], context: Context
) -> AsyncGenerator[ExecutionResult, None]:
    try:
        async with aclosing(results):
            async for result in results:
                if result.errors:
                    errors = [_said_plainly(error) for error in result.errors]
                    result.errors = presented(errors, context.request_id, is_executed=context.is_running)
                yield result
    except GraphQLError as error:  # what an extension refuses is raised here, and is a result elsewhere
        yield PreExecutionError(data=None, errors=presented([error], context.request_id, is_executed=False))


def _said_plainly(error: GraphQLError) -> GraphQLError:
    """A refusal that carries Strawberry's exception is no failure of ours."""
    if isinstance(error.original_error, _NOT_TO_BE_RUN):
        return GraphQLError(error.message, extensions={"code": "BAD_USER_INPUT"})
    return error


schema = PresentingSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS, name_converter=PageNames()),
    extensions=[
        Reading,
        Phase,
    ],
)


def sdl() -> str:
    """The schema in GraphQL's own language, as it is committed beside this file."""
    return schema.as_str() + "\n"
