"""One import of a CSV file: batch by batch, each in one transaction; rows that are wrong are set aside, with reasons."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Generic, TypeVar

from resolvers.upserts import MOST_ROWS
from rules.magento_file import OF_OTHER_FILES
from server.files.csv_file import CsvFile, CsvFileError, Row
from server.files.reject_file import RejectFile

T = TypeVar("T")
Faults = Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class FileKind(Generic[T]):
    """What a kind of file holds: its columns, how a row is read, and how the lawful rows of a batch are written.

    why_not says of a header why the file is plainly another one; more names the columns of a header that are read besides.
    read returns the value of a row and what is wrong with it; write returns what is wrong with the rows that it did not
    write, by their place among those given.
    """

    needed: Sequence[str]
    columns: Sequence[str]
    ignores_others: bool
    read: Callable[[Mapping[str, str]], tuple[T, Sequence[str]]]
    write: Callable[[Sequence[T]], Awaitable[Faults]]
    why_not: Callable[[Sequence[str]], str | None] = lambda _: None
    more: Callable[[Sequence[str]], Sequence[str]] = lambda _: ()

    def check(self, file: CsvFile) -> None:
        """Raise CsvFileError for a file that is another one, or has not the columns that it needs."""
        if reason := self.why_not(file.names((*self.columns, *OF_OTHER_FILES))):
            raise CsvFileError(f"{file.path}: {reason}")
        file.check_header(self.needed, self.columns, ignores_others=self.ignores_others)


@dataclass(slots=True)
class Tally:
    """How many rows of the finished batches were read and rejected, and the line where the last of them begins."""

    read: int = 0
    rejected: int = 0
    last_line: int = 1

    @property
    def written(self) -> int:
        """How many rows were written (or would be, in a dry run)."""
        return self.read - self.rejected


async def import_batches(file: CsvFile, kind: FileKind[T], rejects: RejectFile) -> AsyncIterator[Tally]:
    """Import the rows of a file whose header has been checked; gives the count so far after each finished batch."""
    names = file.names(kind.columns)
    columns = {*kind.columns, *kind.more(names)}
    places = [(name, place) for place, name in enumerate(names) if name in columns]
    tally = Tally()
    for batch in file.batches(MOST_ROWS):
        rejected = await _write(batch, kind, places)
        rejects.add(rejected)
        tally.read += len(batch)
        tally.rejected += len(rejected)
        tally.last_line = batch[-1].line
        yield tally


async def _write(
    batch: Sequence[Row], kind: FileKind[T], places: Sequence[tuple[str, int]]
) -> list[tuple[Row, Sequence[str]]]:
    lawful: list[tuple[Row, T]] = []
    rejected: list[tuple[Row, Sequence[str]]] = []
    for row in batch:
        if row.fault is not None:
            rejected.append((row, [row.fault]))
            continue
        value, faults = kind.read({name: row.cells[place] for name, place in places})
        if faults:
            rejected.append((row, faults))
        else:
            lawful.append((row, value))
    refused = await kind.write([value for _, value in lawful])
    rejected += [(lawful[index][0], faults) for index, faults in refused.items()]
    return sorted(rejected, key=lambda each: each[0].line)


class Interrupt:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.is_asked = False


@contextmanager
def asked_by_interrupt(answer: str) -> Iterator[Interrupt]:
    """Ctrl-C only asks to stop, and is answered on standard error; a second one breaks off."""
    interrupt = Interrupt()
    before = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: FrameType | None) -> None:
        interrupt.is_asked = True
        signal.signal(signal.SIGINT, before)
        os.write(sys.stderr.fileno(), f"\n{answer}\n".encode())  # print may be in the middle of a line of its own

    signal.signal(signal.SIGINT, ask)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
