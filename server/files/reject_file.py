"""The rows of an import that were refused, as a CSV file beside the imported one."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.private_file import privately
from server.files.csv_file import CsvFile, CsvFileError, CsvWriter, Row


class RejectFile:
    """Rows with their lines and the reasons; the file is new in every run, and gone where nothing was refused."""

    def __init__(self, imported: CsvFile) -> None:
        name = imported.path.name
        stem = name[: -len(".csv")] if name.lower().endswith(".csv") else name
        self.path = imported.path.with_name(f"{stem}.rejected.csv")
        self.count = 0
        with _errors(self.path):  # now, and not at the first row: by then other rows have been written
            self.path.unlink(missing_ok=True)
            self._file = open(self.path, "x", encoding="utf-8", newline="", opener=privately)  # noqa: SIM115
            self._writer = CsvWriter(self._file)
            self._writer.write([["line", "reason", *imported.header]])

    def add(self, rejected: Iterable[tuple[Row, Sequence[str]]]) -> None:
        """Write these rows with their reasons."""
        with _errors(self.path):
            for row, reasons in rejected:
                reason = "; ".join(each.rstrip(".") for each in reasons)
                self._writer.write([[str(row.line), reason, *row.cells]])
                self.count += 1
            self._file.flush()

    def close(self) -> None:
        """End the file, or remove it where nothing was refused."""
        with _errors(self.path):
            self._file.close()
            if not self.count:
                self.path.unlink(missing_ok=True)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CsvFileError(f"{path} cannot be written: {error.strerror}") from error
