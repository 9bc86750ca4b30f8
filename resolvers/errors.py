"""What can be expected to go wrong, in two kinds: a refused request, and a refused change."""

from collections.abc import Sequence

from models.failures import DATABASE_ERRORS, in_words, is_away
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


def is_database_away(error: BaseException) -> bool:
    """Whether it is because the database is away, full or busy: who tries again later may be answered."""
    return is_away(error)


def said(error: BaseException) -> str:
    """A database's error in one line."""
    return in_words(error)


def refuse_if(errors: Sequence[UserError]) -> None:
    """Raise Refused unless there are no errors."""
    if errors:
        raise Refused(errors)
