"""How errors reach the caller: stable codes, and nothing of what was not expected but the id of the request."""

import logging

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.utils.str_converters import to_camel_case

from resolvers.deadline import TimedOut
from resolvers.errors import Refused, RequestError, is_database_away, is_database_error, said
from rules.validation import Advice, Path

MOST_ERRORS = 10
LONGEST_MESSAGE = 500
"""Characters: graphql-core quotes what was sent, however long."""
_OF_TIMEOUTS = {"TIMEOUT", "TIMEOUT_AFTER_WRITE"}
_MASKED = "Something went wrong on our side."
_AWAY = (
    "The database does not answer now. Whether a change was made is not known:"
    " send it again, with the same idempotency key where it has one."
)
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


def presented(errors: list[GraphQLError], request_id: str, *, is_executed: bool) -> list[GraphQLError]:
    """The first errors, each with its code; what was not expected is masked, and logged with the id of the request.

    is_executed tells errors of execution from those of the document.
    """
    shown = [_short(_presented(error, request_id, is_executed=is_executed)) for error in errors[:MOST_ERRORS]]
    if late := [error for error in shown if (error.extensions or {}).get("code") in _OF_TIMEOUTS]:
        log_timed_out(late[0], request_id, late[0].path)
    return shown


def cut(message: str) -> str:
    """A message that is not too long."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}\u2026"


def _short(error: GraphQLError) -> GraphQLError:
    error.message = cut(error.message)
    if error.locations is not None:
        error.locations = error.locations[:MOST_ERRORS]
    return error


def _presented(error: GraphQLError, request_id: str, *, is_executed: bool) -> GraphQLError:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        error.extensions = {**(cause.extensions or {}), **(error.extensions or {})}
        cause = cause.original_error
    if isinstance(cause, RequestError):
        error.extensions = {"code": cause.code}
    elif isinstance(cause, TimedOut):
        error.extensions = {"code": code_of(cause)}
    elif cause is not None:
        return _masked(error, cause, request_id)
    elif "code" not in (error.extensions or {}):
        error.extensions = {**(error.extensions or {}), "code": _code_of_refusal(error, is_executed=is_executed)}
    return error


def _code_of_refusal(error: GraphQLError, *, is_executed: bool) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return "BAD_USER_INPUT" if is_executed else "GRAPHQL_VALIDATION_FAILED"


def code_of(timed_out: TimedOut) -> str:
    """TIMEOUT says that nothing was written, TIMEOUT_AFTER_WRITE that it was."""
    return "TIMEOUT_AFTER_WRITE" if timed_out.is_written else "TIMEOUT"


def log_timed_out(cause: TimedOut | GraphQLError, request_id: str, path: object = None) -> None:
    """One line for a request of which something was ended."""
    _log.warning("request %s was ended at %s: %s", request_id, path, getattr(cause, "message", cause))


def log_unexpected(cause: BaseException, request_id: str, path: object = None) -> None:
    """One line for a lost database, the traceback for a bug."""
    if is_database_error(cause):
        _log.error("request %s failed at %s: the database: %s", request_id, path, said(cause))
    else:
        _log.error("request %s failed at %s", request_id, path, exc_info=cause)


def masked_body(error: BaseException, request_id: str) -> dict[str, object]:
    """What a caller hears of what was not expected outside of any field."""
    message, extensions = _unexpected(error, request_id)
    return {"errors": [{"message": message, "extensions": extensions}]}


def status_of(error: BaseException) -> int:
    """The HTTP status of what was not expected outside of any field: 503 where it is worth trying again."""
    return 503 if is_database_away(error) else 500


def _masked(error: GraphQLError, cause: Exception, request_id: str) -> GraphQLError:
    log_unexpected(cause, request_id, error.path)
    message, extensions = _unexpected(cause, request_id)
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)


def _unexpected(cause: BaseException, request_id: str) -> tuple[str, dict[str, object]]:
    message, code = (_AWAY, "DATABASE_UNAVAILABLE") if is_database_away(cause) else (_MASKED, "INTERNAL_ERROR")
    return message, {"code": code, "requestId": request_id}
