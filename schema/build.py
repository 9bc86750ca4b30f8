"""The schema, put together once a process."""

from graphql import GraphQLError
from strawberry import Schema
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from schema import enum  # noqa: F401  # shares the enums of the rules
from schema.errors import ErrorCodes
from schema.limits import MOST_TOKENS, DocumentLimits
from schema.mutation import Mutation
from schema.query import Query
from schema.scalar import SCALARS


class QuietSchema(Schema):
    """Strawberry logs every error with its traceback; here ErrorCodes logs those that were not expected."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: the errors are looked at once, in ErrorCodes."""


schema = QuietSchema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(scalar_map=SCALARS),
    extensions=[
        ErrorCodes,
        lambda: MaxTokensLimiter(MOST_TOKENS),
        lambda: AddValidationRules([DocumentLimits]),
        ParserCache,  # both caches are shared by all requests of the process
        ValidationCache,
    ],
)


def sdl() -> str:
    """The schema in GraphQL's own language, as it is committed beside this file."""
    return schema.as_str() + "\n"
