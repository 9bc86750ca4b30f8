"""The log: one line an event on standard error, with the time and the level."""

import logging
from typing import Any

ROUTINE = ('%s - "WebSocket %s"', "connection open", "connection closed")


class WithoutHandshakes(logging.Filter):
    """Leaves out the lines that are written for every WebSocket: they belong to the access log, which is for debugging."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        return not str(record.msg).startswith(ROUTINE)


def log_config(level: str) -> dict[str, Any]:
    """What logging.config takes, for our loggers and uvicorn's."""
    shown = level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "filters": {"without_handshakes": {"()": WithoutHandshakes}},
        "loggers": {
            name: {
                "handlers": ["stderr"],
                "level": shown,
                "propagate": False,
                "filters": [] if shown == "DEBUG" else ["without_handshakes"],
            }
            for name in ("salable", "strawberry", "uvicorn", "uvicorn.error", "uvicorn.access")
        },
    }
