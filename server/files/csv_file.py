"""CSV files: checked as a whole first, then read row by row in bounded memory, each with the line where it begins.

A spreadsheet runs a cell that begins as a formula does. What is written here has a quote before such a cell, and before one
that begins with a quote; it is taken off again where a file is read.
"""

import csv
import os
import re
import shutil
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, TextIO

from rules.key import folded
from server.files.output import DASH

LONGEST_ROW = 2**20
"""Characters of a row, its line breaks included; a quote that is never closed must not take the rest of the file in."""
LARGEST_BATCH = 2**24
"""Characters of a batch."""
BLOCK = 2**20
MOST_NAMED = 5
STANDARD_INPUT = Path("stdin")
"""The name that standard input has in messages, and that the file of its rejected rows is made of."""
ESCAPE = "'"
FORMULA_STARTS = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell that is run begins with; some spreadsheets take the wide forms too."""

_ESCAPED = tuple(ESCAPE + start for start in (*FORMULA_STARTS, ESCAPE))
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


class CsvFileError(Exception):
    """A file that cannot be used; the message names it and says what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line where it begins, its cells, its size in characters; fault: why its cells cannot be used."""

    line: int
    cells: Sequence[str]
    size: int
    fault: str | None = None


class CsvWriter:
    """Writes rows that no spreadsheet runs and that CsvFile reads back exactly; numbers stay numbers."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        """Write these rows."""
        for row in rows:
            # A carriage return ends a line for who reads, and Python's writer puts no quotes around it before 3.13.
            writer = self._quoting if any("\r" in cell for cell in row) else self._writer
            writer.writerow([harmless(cell) for cell in row])


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    is_run = cell.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
    return ESCAPE + cell if is_run or cell.startswith(ESCAPE) else cell


def unescaped(cell: str) -> str:
    """A cell as it was before it was made harmless."""
    return cell[len(ESCAPE) :] if cell.startswith(_ESCAPED) else cell


class CsvFile:
    """A CSV file that is UTF-8 throughout, with its header."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.size = os.fstat(file.fileno()).st_size
        self._file = file
        with _read_errors(path):
            _check_encoding(path, file)
            file.seek(0)
            self._lines = _Lines(TextIOWrapper(file, "utf-8-sig", newline=""))
        self._reader = csv.reader(self._lines, strict=True)
        first = next(self._records(), None)
        if first is None:
            raise CsvFileError(f"{path} is empty: it has no header")
        if first.fault:
            raise CsvFileError(f"{path}: the header cannot be read: {first.fault}")
        self.header = first.cells

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._file.tell()

    def names(self, known: Iterable[str]) -> list[str]:
        """The header, each column by the known name that it only looks like: MIN_QTY or " min_qty " is min_qty.

        Were it an unknown one, its cells would be passed over, and the rest of the row could mean the opposite.
        """
        by_look = {folded(name): name for name in known}
        return [by_look.get(folded(name), name) for name in self.header]

    def check_header(self, needed: Iterable[str], known: Sequence[str], *, ignores_others: bool) -> None:
        """Raise CsvFileError for a column that is missing, stands twice or, where others are not ignored, is unknown."""
        header = self.names(known)
        problems = {
            "lacks": [name for name in needed if name not in header],
            "has more than once": [name for name in known if header.count(name) > 1],
            "has, but should not,": [] if ignores_others else [name for name in header if name not in known],
        }
        found = [f"{what} {_named(names)}" for what, names in problems.items() if names]
        if found:
            raise CsvFileError(f"{self.path}: the header {' and '.join(found)}; the columns are {', '.join(known)}")

    def batches(self, most: int) -> Iterator[list[Row]]:
        """The rows behind the header, at most so many and so many characters at a time; blank lines are no rows."""
        batch: list[Row] = []
        size = 0
        for row in self._records():
            batch.append(self._counted(row))
            size += row.size
            if len(batch) == most or size >= LARGEST_BATCH:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _counted(self, row: Row) -> Row:
        if row.fault or len(row.cells) == len(self.header):
            return row
        return Row(row.line, row.cells, row.size, f"has {len(row.cells)} cells, the header has {len(self.header)}")

    def _records(self) -> Iterator[Row]:
        with _read_errors(self.path):
            while True:
                line = self._lines.begin()
                try:
                    cells = next(self._reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Row(line, [self._lines.text], self._lines.size, f"is no CSV: {error}")
                    continue
                if cells:
                    yield Row(line, [unescaped(cell) for cell in cells], self._lines.size)


class _Lines:
    """The lines of a text for csv.reader, which keeps those of the row that it is reading, and refuses too long a row."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._parts: list[str] = []
        self.number = 0
        self.size = 0

    @property
    def text(self) -> str:
        """The row as it stands in the file."""
        return "".join(self._parts).rstrip("\r\n")

    def begin(self) -> int:
        """Begin a row, and return the number of its first line."""
        self._parts, self.size = [], 0
        return self.number + 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        part = self._file.readline(LONGEST_ROW - self.size + 1)
        if not part:
            raise StopIteration
        self.number += 1
        self._parts.append(part)
        self.size += len(part)
        if self.size > LONGEST_ROW:
            while part and not part.endswith(("\n", "\r")):
                part = self._file.readline(LONGEST_ROW)
            raise csv.Error(f"it has more than {LONGEST_ROW:,} characters")
        return part


@contextmanager
def open_csv(path: Path) -> Iterator[CsvFile]:
    """Open a CSV file (-: standard input) and check its encoding; CsvFileError for one that cannot be read."""
    path, source = (STANDARD_INPUT, sys.stdin.buffer) if path == DASH else (path, None)
    with ExitStack() as stack:
        with _read_errors(path):
            if source is not None:  # it can be read once only
                file: BinaryIO = stack.enter_context(TemporaryFile())
                shutil.copyfileobj(source, file)
                file.seek(0)  # and it is written out: its size is looked at
            elif path.is_file():
                file = stack.enter_context(path.open("rb"))
            else:
                raise CsvFileError(f"{path} is no regular file; it is read twice")
        yield CsvFile(path, file)


def _check_encoding(path: Path, file: BinaryIO) -> None:
    decoder = getincrementaldecoder("utf-8")()
    line = 1
    while block := file.readline(BLOCK):
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            raise CsvFileError(f"{path}: line {line} is not UTF-8; save the file as UTF-8 and try again") from None
        line += block.endswith(b"\n")
    if decoder.getstate()[0]:
        raise CsvFileError(f"{path}: line {line} is not UTF-8: the file ends within a character")


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(repr(name[:64]) for name in names[:MOST_NAMED]) + more


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise CsvFileError(f"{path} was changed while it was read") from None
    except OSError as error:
        raise CsvFileError(f"{path} cannot be read: {error.strerror}") from error
