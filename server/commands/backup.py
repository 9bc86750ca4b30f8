"""`salable backup`: a copy of the database while the service runs."""

import signal
import sys
from pathlib import Path

import click

from models.backup import BackupError, back_up
from server.commands.session import located, plain_errors
from server.settings import settings

_POSTGRESQL = """The database is on PostgreSQL, which has a command of its own for this:

  pg_dump --format=custom --file=FILE {database}

pg_restore brings it back."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a FILE that is there.")
def backup(file: Path, force: bool) -> None:  # noqa: FBT001  # click's way
    """Copy the SQLite database to FILE as it is now, while the service runs and writes.

    FILE appears as a whole, or not at all, and only you can read it: it has orders, addresses and secrets. A plain copy
    of the database loses what was written last. To go back to it, stop the service, take away the files of the database
    (the one that ends with -wal, too) and put FILE in its place.

    \b
    Example:
      salable backup /backups/salable-$(date +%F).db
    """
    with plain_errors():
        address = located(settings().address)
        database = address.file
        if database is None:
            raise click.ClickException(_POSTGRESQL.format(database=address.credentials["database"]))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that nothing half is left
        is_shown = sys.stderr.isatty()
        with click.progressbar(length=1, label="backup", file=sys.stderr, hidden=not is_shown) as bar:

            def progress(copied: int, total: int) -> None:
                bar.length = total
                bar.update(copied - bar.pos)

            try:
                size = back_up(database, file, progress, force=force)
            except BackupError as error:
                raise click.ClickException(str(error)) from None
    click.echo(f"backed up {database} to {file} ({size / 2**20:,.1f} MiB)")
