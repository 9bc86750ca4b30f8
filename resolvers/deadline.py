"""What those above the resolvers say and hear of the time of a request."""

from models.deadline import TimedOut, allotted

__all__ = ["TimedOut", "begin_anew"]


def begin_anew() -> None:
    """The time of this request is that of what begins now, of which nothing is written yet."""
    if time := allotted():
        time.begin()
