"""Where the commands write: standard output that may be closed early, and files that are whole or not there."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import click

from models.private_file import privately

DASH = Path("-")
"""Standard input, or standard output, where a command takes a file."""


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Standard output as UTF-8, whoever reads it and however long."""
    file = TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    yield file
    with writing():
        file.detach()  # it flushes, and leaves standard output open


def output_to(file: Path | None) -> AbstractContextManager[TextIO]:
    """Where a command writes that may be given a file: standard output for none, and for -."""
    return standard_output() if file is None or file == DASH else whole_file(file)


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A file that takes the name when it is whole; until then, and where something fails, what was there stays.

    It is its owner's alone, or as open as the file that it replaces.
    """
    if path.exists() and not path.is_file():
        raise click.ClickException(f"{path} is no regular file")
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    with writing():
        file = open(beside, "x", encoding="utf-8", newline="", opener=privately)  # noqa: SIM115  # closed below
    try:
        yield file
        with writing():
            file.close()
            if target.exists():
                beside.chmod(stat.S_IMODE(target.stat().st_mode))
            beside.replace(target)
    finally:
        with suppress(OSError):  # a full disk was told above
            file.close()
        beside.unlink(missing_ok=True)


@contextmanager
def writing() -> Iterator[None]:
    """What goes wrong with an output is a sentence about the output."""
    # What fails here is the output, not the database, whose errors are of the same kind.
    try:
        yield
    except BrokenPipeError:  # who reads has seen enough; Python must not try to write the rest at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        raise click.ClickException(f"The output cannot be written: {error.strerror}") from error
