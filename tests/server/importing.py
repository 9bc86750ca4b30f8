"""Importing files by our own command."""

import csv
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.server.process import run


@dataclass(frozen=True, slots=True)
class Importer:
    """`salable import` of goods.csv in one folder, into one database."""

    folder: Path
    url: str

    def __call__(self, kind: str, content: str | bytes, *options: str) -> "subprocess.CompletedProcess[str]":
        """Write the file, import it, and return how that went."""
        (self.folder / "goods.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        return run("import", kind, "goods.csv", *options, cwd=self.folder, database_url=self.url)

    @property
    def reject_file(self) -> Path:
        """Where rejected rows are."""
        return self.folder / "goods.rejected.csv"

    def rejected(self) -> list[list[str]]:
        """The rows of the reject file, with its header."""
        with self.reject_file.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))
