"""A process whose clock is wrong: what asks Python for the time is told another one, what asks the database is not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

import pytest

LAYERS = ("models", "resolvers", "schema", "server")


@contextmanager
def clock_off(by: timedelta) -> Iterator[None]:
    """Meanwhile every module of ours that knows `datetime` reads a clock that is off by so much."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one, as all others are
            return datetime.now(tz) + by

    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] in LAYERS and vars(module).get("datetime") is datetime:
                patch.setattr(module, "datetime", Shifted)
        yield
