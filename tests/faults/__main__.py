"""`make faults`: what goes wrong around the service, done to two processes of it under load, and what callers see of it.

    python -m tests.faults [NAME ...] [--database postgresql|sqlite] [--output FILE] [--logs FOLDER]

Each fault has a database, two processes, receivers and a folder of its own, and nothing of them is left at the end, however
it ends. The exit code is 1 where an answered write was lost or one was done twice, where it was not well again within the
bound of its fault, or where anything else is not as it must be.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from tests.faults.catalogue import FAULTS
from tests.faults.fault import BOTH, Fault
from tests.faults.report import Row, failed, table
from tests.faults.run import suffer

STOPPED = 130


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--database", type=click.Choice([*BOTH, "both"]), default="both", show_default=True, help="On which.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the table to this file too.")
@click.option(
    "--logs", type=click.Path(file_okay=False, path_type=Path), help="Keep the services' logs in this folder."
)
@click.option("--list", "lists", is_flag=True, help="Say which faults there are, and end.")
def main(names: Sequence[str], database: str, output: Path | None, logs: Path | None, lists: bool) -> None:
    """Do to two processes of salable under load what goes wrong around them, and say what their callers saw.

    All faults, or those that are named. Those of one database follow one another; the two databases run beside each other.
    Some faults need root (small disks, name servers of its own) or a C compiler (a clock): where they cannot be, the table
    says so.
    """
    if unknown := set(names) - {fault.name for fault in FAULTS}:
        raise click.BadParameter(f"there is no fault {', '.join(sorted(unknown))}; see --list")
    if lists:
        for fault in FAULTS:
            click.echo(f"{fault.name:<20}{', '.join(fault.databases):<22}{fault.what}")
        return
    databases = [each for each in BOTH if database in (each, "both")]
    chosen = [fault for fault in FAULTS if not names or fault.name in names]
    possible = {fault.name for fault in chosen if not set(databases).isdisjoint(fault.databases)}
    if elsewhere := set(names) - possible:
        raise click.BadParameter(f"there is no {', '.join(sorted(elsewhere))} on {database}; see --list")
    order = [fault.name for fault in FAULTS]
    rows: list[Row] = []
    try:
        asyncio.run(_run(chosen, databases, rows, logs))
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("stopped", err=True)
        sys.exit(STOPPED)
    finally:
        ordered = sorted(rows, key=lambda row: (row.database, order.index(row.fault)))
        if rows:
            click.echo(f"\n{table(ordered)}")
        if output is not None:
            output.write_text(table(ordered))
    wrong = [row for row in ordered if row.wrongs]
    for row in wrong:
        click.echo(f"{row.fault} on {row.database}: {'; '.join(row.wrongs)}", err=True)
    sys.exit(1 if wrong else 0)


async def _run(chosen: Sequence[Fault], databases: Sequence[str], rows: list[Row], logs: Path | None) -> None:
    """The faults of each database one after the other, the databases at once."""
    whole = asyncio.current_task()
    assert whole is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, whole.cancel)
    async with asyncio.TaskGroup() as group:
        for database in databases:
            group.create_task(_lane([fault for fault in chosen if database in fault.databases], database, rows, logs))


async def _lane(faults: Sequence[Fault], database: str, rows: list[Row], logs: Path | None) -> None:
    for fault in faults:
        click.echo(f"{database}: {fault.name}: {fault.what}", err=True)
        began = time.monotonic()
        try:
            row = await suffer(fault, database, logs)
        except (Exception, TimeoutError) as error:  # noqa: BLE001  # one that cannot be run does not end the others
            row = failed(fault, database, error)
        rows.append(row)
        click.echo(f"{row.line()} {time.monotonic() - began:.0f} s", err=True)


if __name__ == "__main__":
    main()
