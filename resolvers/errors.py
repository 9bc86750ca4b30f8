"""What can be expected to go wrong, in two kinds: a refused request, and a refused change."""

from collections.abc import Sequence

from models.database import DATABASE_ERRORS
from rules.validation import UserError


class RequestError(Exception):
    """The request as a whole (or one field of it) cannot be answered; the code is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Refused(Exception):  # noqa: N818  # an outcome, named as one
    """A change that is not made: raised within its transaction, which is rolled back, and answered as user errors."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        super().__init__(", ".join(error.code for error in errors))
        self.errors = list(errors)


def is_database_error(error: BaseException) -> bool:
    """Whether the database could not be reached, or gave up."""
    return isinstance(error, DATABASE_ERRORS)


def refuse_if(errors: Sequence[UserError]) -> None:
    """Raise Refused unless there are no errors."""
    if errors:
        raise Refused(errors)
