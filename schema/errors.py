"""How errors reach the caller: stable codes, and nothing of what was not expected but the id of the request."""

import logging
from collections.abc import Iterator

import strawberry
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult
from strawberry.utils.str_converters import to_camel_case

from resolvers.errors import Refused, RequestError
from rules.validation import Advice, Path

_log = logging.getLogger("salable.errors")


@strawberry.type(description="Something wrong with the input of a mutation; nothing was written.")
class UserError:
    code: str = strawberry.field(description="A stable, upper-case code.")
    message: str = strawberry.field(description="A sentence for people.")
    field: list[str] | None = strawberry.field(
        description="The path of the input that is wrong, as list positions and field names."
    )


@strawberry.type(description="Something that was done, and that may not have been meant.")
class Warning:  # noqa: A001  # the name of the API's type
    code: str = strawberry.field(description="A stable, upper-case code.")
    message: str = strawberry.field(description="A sentence that says what will happen.")
    field: list[str] | None = strawberry.field(
        description="The path of the input that it is about, as list positions and field names."
    )


def user_errors(refused: Refused) -> list[UserError]:
    """What a refused change answers."""
    return [UserError(code=each.code, message=each.message, field=_shown(each.path)) for each in refused.errors]


def warnings_of(advice: list[Advice]) -> list[Warning]:
    """What a change that was made warns of."""
    return [Warning(code=each.code, message=each.message, field=_shown(each.path)) for each in advice]


def _shown(path: Path) -> list[str]:
    return [to_camel_case(part) for part in path]


class ErrorCodes(SchemaExtension):
    """Gives every error its code, and masks what was not expected, which is logged with the id of the request."""

    def on_operation(self) -> Iterator[None]:
        """After the operation, look at its errors."""
        yield
        result = self.execution_context.result
        if isinstance(result, GraphQLExecutionResult | ExecutionResult) and result.errors:
            result.errors = [self._presented(error) for error in result.errors]

    def _presented(self, error: GraphQLError) -> GraphQLError:
        cause = error.original_error
        while isinstance(cause, GraphQLError):
            error.extensions = {**(cause.extensions or {}), **(error.extensions or {})}
            cause = cause.original_error
        if isinstance(cause, RequestError):
            error.extensions = {"code": cause.code}
        elif cause is not None:
            return self._masked(error, cause)
        elif "code" not in (error.extensions or {}):
            error.extensions = {**(error.extensions or {}), "code": self._code_of_refusal(error)}
        return error

    def _code_of_refusal(self, error: GraphQLError) -> str:
        if isinstance(error, GraphQLSyntaxError):
            return "GRAPHQL_PARSE_FAILED"
        return "GRAPHQL_VALIDATION_FAILED" if self.execution_context.pre_execution_errors else "BAD_USER_INPUT"

    def _masked(self, error: GraphQLError, cause: Exception) -> GraphQLError:
        request_id = self.execution_context.context.request_id
        _log.error("request %s failed at %s", request_id, error.path, exc_info=cause)
        return GraphQLError(
            "Something went wrong on our side.",
            nodes=error.nodes,
            path=error.path,
            extensions={"code": "INTERNAL_ERROR", "requestId": request_id},
        )
