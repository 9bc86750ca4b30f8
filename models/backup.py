"""A copy of a SQLite database as it is at one moment, while others write to it.

What was written last stands in a log beside the file: a plain copy of the file loses it. Here SQLite itself copies, within
one transaction that reads, so that nobody waits and no write comes in between.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

PAGES_AT_ONCE = 1_000
"""So many pages (of 4 KiB) are copied between two words on how far it is."""
BESIDE = ("-wal", "-journal")
"""What SQLite keeps beside a file that is in use, or was not closed; it would be applied to another file of the name."""
OF_DATABASE = (*BESIDE, "-shm")
"""All that it may keep there."""

Progress = Callable[[int, int], None]
"""Is told how many pages are copied, of how many."""


class BackupError(Exception):
    """No backup is made; the message says why."""


def back_up(database: Path, target: Path, progress: Progress, *, force: bool) -> int:
    """Copy the database to a file of its own, which takes its name when it is whole; the bytes that it has.

    Only its owner may read it. Without force a file that is there stays, and BackupError says so.
    """
    _refuse_unfit(database, target, force=force)
    with _beside(target) as unfinished:
        try:
            _copy(database, unfinished, progress)
        except sqlite3.Error as error:
            raise BackupError(f"The backup cannot be made: {error}.") from error
        _flush(unfinished)
        _name(unfinished, target, force=force)
        _flush(target.parent)
    return target.stat().st_size


def _refuse_unfit(database: Path, target: Path, *, force: bool) -> None:
    if not database.is_file():
        raise BackupError(f"There is no database file {database}.")
    if not target.parent.is_dir():
        raise BackupError(f"The folder {target.parent} does not exist.")
    if target.exists() and target.samefile(database):
        raise BackupError(f"{target} is the database itself.")
    if target.resolve() in [_named(database.resolve(), suffix) for suffix in OF_DATABASE]:
        raise BackupError(f"{target} belongs to the database itself.")
    if target.exists() and not target.is_file():
        raise BackupError(f"{target} is no regular file.")
    if target.exists() and not force:
        raise BackupError(_is_there(target))
    for suffix in BESIDE:
        if (log := _named(target, suffix)).exists():
            raise BackupError(f"{log} is there: {target.name} is a database in use, or was one. Choose another name.")


def _named(database: Path, suffix: str) -> Path:
    """What stands beside a database under its name."""
    return database.with_name(database.name + suffix)


def _is_there(target: Path) -> str:
    return f"{target} is there already; --force replaces it."


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file of the owner's beside the target, which is gone at the end, with all that SQLite puts beside it."""
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:  # the name is nobody else's: it can be taken away whenever this ends
        try:
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise BackupError(f"The backup cannot be written: {error.strerror}.") from error
        yield unfinished
    finally:
        for suffix in ("", *OF_DATABASE):
            _named(unfinished, suffix).unlink(missing_ok=True)


def _copy(database: Path, unfinished: Path, progress: Progress) -> None:
    uri = f"{database.absolute().as_uri()}?mode=rw"  # which makes no file
    with (
        closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)) as source,
        closing(sqlite3.connect(unfinished, isolation_level=None)) as copy,
    ):
        source.execute("PRAGMA query_only = ON")
        source.execute("BEGIN")
        source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # from here on it sees one state
        source.backup(
            copy, pages=PAGES_AT_ONCE, progress=lambda _status, left, total: progress(total - left, total), sleep=0
        )
        source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, and none beside it
        [[found]] = copy.execute("PRAGMA quick_check(1)").fetchall()
        if found != "ok":
            raise BackupError(f"The copy is not sound: {found}.")


def _flush(path: Path) -> None:
    """Have the file, or the names in a folder, on the disk."""
    with suppress(PermissionError):  # Windows opens no folders
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _name(unfinished: Path, target: Path, *, force: bool) -> None:
    if force:
        unfinished.replace(target)
        return
    try:
        target.hardlink_to(unfinished)  # unlike a renaming it refuses a name that was taken meanwhile
    except FileExistsError:
        raise BackupError(_is_there(target)) from None
    except OSError:  # a file system without links
        if target.exists():
            raise BackupError(_is_there(target)) from None
        unfinished.replace(target)
