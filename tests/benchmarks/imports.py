"""How fast files come in: rows a second and peak memory of `salable import`, for 100,000 rows on each database.

Run it by `python -m tests.benchmarks.imports [rows]`. Each file is imported twice: the second time nothing changes. The
line "no rows" is what the command itself takes.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.databases import on_both
from tests.server.process import COMMAND

ROWS = 100_000
MEBIBYTE = 1024 * 1024
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def write_files(folder: Path, rows: int) -> None:
    """A product export with two settings of each product's own and four left to the configuration, and its items."""
    columns = (
        "sku,product_type,name,description,allow_backorders,use_config_backorders,out_of_stock_qty,use_config_min_qty"
    )
    flags = "use_config_notify_stock_qty,use_config_manage_stock,use_config_min_sale_qty,use_config_max_sale_qty"
    product = f"{{sku}},simple,Name of {{sku}},{'x' * 500},1,0, -50.0000,0,1,1,1,1"
    _write(folder / "products.csv", f"{columns},{flags}", product, rows)
    _write(folder / "items.csv", "source_code,sku,status,quantity", "default,{sku},1,25.0000", rows)
    _write(folder / "none.csv", "sku", "", 0)


def _write(path: Path, header: str, line: str, rows: int) -> None:
    # Line by line: what this process has in memory when it starts another counts as that one's peak.
    with path.open("w") as file:
        file.write(f"{header}\n")
        file.writelines(f"{line.format(sku=f'SKU-{number:08}')}\n" for number in range(rows))


def measure(name: str, url: str, folder: Path, rows: int) -> None:
    """Print the lines of one database."""
    write_files(folder, rows)
    _run(["migrate"], url, folder)
    seconds, peak = _run(["import", "magento", "none.csv"], url, folder)
    _print([name, "no rows", f"{seconds:.1f} s", "", f"{peak / MEBIBYTE:.0f} MiB"])
    for kind, file in (("magento", "products.csv"), ("source-items", "items.csv")):
        for run in ("first", "again"):
            took, peak = _run(["import", kind, file], url, folder)
            speed = rows / (took - seconds)
            _print([name, f"{kind}, {run}", f"{took:.1f} s", f"{speed:,.0f}/s", f"{peak / MEBIBYTE:.0f} MiB"])


def _run(arguments: list[str], url: str, folder: Path) -> tuple[float, int]:
    """Seconds and peak bytes of one run of the command."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=folder, env=os.environ | {"SALABLE_DATABASE_URL": url}, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)  # the usage of this child alone
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return time.perf_counter() - start, usage.ru_maxrss * PEAK_UNIT


def _print(cells: Iterable[str]) -> None:
    name, *others = cells
    sys.stdout.write(f"{name:<12}{others[0]:<22}" + "".join(f"{cell:>12}" for cell in others[1:]) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure both databases."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    _print(["", f"{rows:,} rows", "time", "rows", "peak memory"])
    on_both(lambda name, url, folder: measure(name, url, folder, rows))


if __name__ == "__main__":
    main()
