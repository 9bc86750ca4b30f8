"""The log: one line an event on standard error, with the time and the level."""

from typing import Any


def log_config(level: str) -> dict[str, Any]:
    """What logging.config takes, for our loggers and uvicorn's."""
    shown = level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "loggers": {
            name: {"handlers": ["stderr"], "level": shown, "propagate": False}
            for name in ("salable", "uvicorn", "uvicorn.error", "uvicorn.access")
        },
    }
