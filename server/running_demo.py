"""The demo that runs in a folder, so that commands that are given there find its database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from models.address import parse_address

_PATTERN = ".salable-demo-*"
"""Files of a folder that each name the database of a demo that was started there."""


@contextmanager
def findable(url: str) -> Iterator[bool]:
    """Meanwhile, commands in this folder find the demo on this SQLite database; False where nothing can be written here."""
    for other in Path.cwd().glob(_PATTERN):
        if _running_url(other) is None:  # it was killed
            with suppress(OSError):
                other.unlink()
    here = Path.cwd() / _PATTERN.replace("*", str(os.getpid()))
    part = here.with_name(f".part{here.name}")
    with FileLock(_lock_of(url)):  # the system gives it up however this process ends
        try:
            part.write_text(url, "utf-8")
            part.replace(here)  # whoever looks finds all of it, or nothing
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            here.unlink(missing_ok=True)


def running_demos() -> list[str]:
    """The URLs of the databases of the demos that run in this folder."""
    found = [_running_url(each) for each in sorted(Path.cwd().glob(_PATTERN))]
    return [url for url in found if url is not None]


def _running_url(named_by: Path) -> str | None:
    try:
        url = named_by.read_text("utf-8")
        file = parse_address(url).file
    except (OSError, ValueError):
        return None
    if file is None or not file.is_file():
        return None
    try:
        with FileLock(_lock_of(url), timeout=0):
            return None
    except Timeout:
        return url
    except OSError:  # it is somebody else's
        return None


def _lock_of(url: str) -> str:
    return f"{parse_address(url).file}-running.lock"
