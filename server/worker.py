"""The application in a process of `salable serve`, the only one or one of several."""

from functools import partial

from starlette.applications import Starlette

from server.app import create_app
from server.ending import END_SECONDS, end_with_parent, end_within


def create_worker() -> Starlette:
    """What uvicorn is told to serve."""
    end_with_parent()
    return create_app(at_end=partial(end_within, END_SECONDS))
