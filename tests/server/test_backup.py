"""`salable backup`: a copy that is whole, while the service runs and writes."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.orders import line, place
from tests.server.crowd import client, service
from tests.server.process import COMMAND, environment, run
from tests.worlds import stock_up


def counted(file: Path) -> tuple[str, int, list[tuple[str, int]]]:
    """Whether a copy is sound, how many orders it has, and which balances are not the sum of their ledger."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as copy:
        [sound] = copy.execute("PRAGMA integrity_check").fetchone()
        [orders] = copy.execute("SELECT COUNT(*) FROM sales_order").fetchone()
        unequal = copy.execute(
            "SELECT t.sku, SUM(t.quantity) FROM (SELECT sku, quantity FROM balance"
            " UNION ALL SELECT sku, -quantity FROM reservation) t GROUP BY t.sku HAVING SUM(t.quantity) <> 0"
        ).fetchall()
    return sound, orders, unequal


def files(folder: Path) -> set[str]:
    """What stands in a folder."""
    return {path.name for path in folder.iterdir()}


async def test_a_running_service_is_backed_up_with_what_was_written_last(
    tmp_path: Path, database_url: str, db: None, is_postgresql: bool
) -> None:
    await stock_up({"A": {"north": 1000}})
    copies = tmp_path / "copies"
    copies.mkdir()
    with service(tmp_path / "service", database_url) as running:
        async with client(running.url) as api:
            for number in range(3):
                await place(api, str(number), [line("A", 1)])
            done = run("backup", str(copies / "one.db"), cwd=tmp_path, database_url=database_url)
    if is_postgresql:
        assert (done.returncode, "pg_dump" in done.stderr, files(copies)) == (1, True, set())
        assert database_url not in done.stdout + done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert f"to {copies / 'one.db'} (" in done.stdout
    assert files(copies) == {"one.db"}
    assert stat.S_IMODE((copies / "one.db").stat().st_mode) == 0o600
    assert counted(copies / "one.db") == ("ok", 3, [])
    # It is a database like any other: what it was made for.
    with service(tmp_path / "restored", f"sqlite:///{copies / 'one.db'}") as restored:
        async with client(restored.url) as api:
            await place(api, "4", [line("A", 1)])


async def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path, database_url: str, db: None) -> None:
    if database_url.startswith("postgresql"):
        return  # see above
    await stock_up({"A": {"north": 1000}})
    source = Path(database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(source, isolation_level=None, timeout=30)) as writer:
        writer.execute("CREATE TABLE filler (pair INTEGER, side INTEGER, text TEXT)")
        writer.execute("BEGIN")
        text = "x" * 3_000
        writer.executemany("INSERT INTO filler VALUES (?, 0, ?)", [(number, text) for number in range(10_000)])
        writer.execute("COMMIT")
    over = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        with closing(sqlite3.connect(source, isolation_level=None, timeout=30)) as writer:
            while not over.is_set():
                writer.execute("BEGIN IMMEDIATE")
                writer.execute("INSERT INTO filler VALUES (?, 1, '')", (written,))
                writer.execute("UPDATE filler SET side = 2 WHERE pair = ? AND side = 0", (written,))
                writer.execute("COMMIT")
                written += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        done = run("backup", "one.db", cwd=tmp_path, database_url=database_url)
    finally:
        over.set()
        thread.join()
    assert done.returncode == 0, done.stderr
    assert written > 0
    with closing(sqlite3.connect(tmp_path / "one.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        [[pairs, halves]] = copy.execute("SELECT SUM(side = 1), SUM(side = 2) FROM filler").fetchall()
    assert pairs == halves <= written


def test_what_is_there_stays_unless_it_is_said(tmp_path: Path, database_url: str) -> None:
    if database_url.startswith("postgresql"):
        return
    source = Path(database_url.removeprefix("sqlite:///"))
    folder = tmp_path / "copies"
    folder.mkdir()
    old, link = folder / "old.db", folder / "link.db"
    old.write_text("old", encoding="utf-8")
    os.link(source, link)
    (folder / "used.db-wal").write_text("of another", encoding="utf-8")
    before = files(folder)
    for target, options, said in (
        (old, [], "is there already"),
        (source, ["--force"], "is the database itself"),
        (link, ["--force"], "is the database itself"),
        (source.with_name(f"{source.name}-wal"), ["--force"], "belongs to the database"),
        (source.with_name(f"{source.name}-journal"), [], "belongs to the database"),
        (folder / "used.db", [], "used.db-wal is there"),
        (folder / "used.db", ["--force"], "used.db-wal is there"),
        (folder / "none" / "one.db", [], "does not exist"),
        (folder, [], "is a directory"),
    ):
        done = run("backup", str(target), *options, cwd=tmp_path, database_url=database_url)
        assert (done.returncode != 0, said in done.stderr, "Traceback" in done.stderr) == (True, True, False), done
    assert (files(folder), old.read_text(encoding="utf-8")) == (before, "old")
    assert run("backup", str(old), "--force", cwd=tmp_path, database_url=database_url).returncode == 0
    assert (counted(old)[:2], stat.S_IMODE(old.stat().st_mode)) == (("ok", 0), 0o600)
    assert files(folder) == before


def test_a_database_that_is_not_there_or_is_none_makes_no_file(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database " * 1_000, encoding="utf-8")
    before = files(tmp_path)
    for name, code, said in (("nowhere.db", 2, "There is no database"), ("text.db", 1, "file is not a database")):
        done = run("backup", "one.db", cwd=tmp_path, database_url=f"sqlite:///{name}")
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
        assert files(tmp_path) == before


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_who_breaks_off_leaves_nothing_half(tmp_path: Path, database_url: str, sign: signal.Signals) -> None:
    if database_url.startswith("postgresql"):
        return
    source = Path(database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(source)) as writer, writer:
        writer.execute("CREATE TABLE filler (text TEXT)")
        text = "x" * 4_000_000
        writer.executemany("INSERT INTO filler VALUES (?)", [(text,) for _ in range(60)])
    folder = tmp_path / "copies"
    folder.mkdir()
    process = subprocess.Popen(
        [COMMAND, "backup", str(folder / "one.db")],
        cwd=tmp_path,
        env=environment({"database_url": database_url}),
        stderr=subprocess.PIPE,
        text=True,
    )
    while not files(folder):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(sign)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + sign, errors
    assert "Traceback" not in errors
    assert files(folder) == set()


def test_what_a_plain_copy_loses_is_in_the_backup(tmp_path: Path, database_url: str) -> None:
    if database_url.startswith("postgresql"):
        return
    source = Path(database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE newest (number INTEGER)")
        shutil.copy(source, tmp_path / "plain.db")
        assert run("backup", "one.db", cwd=tmp_path, database_url=database_url).returncode == 0
    for name, has_it in (("plain.db", 0), ("one.db", 1)):
        with closing(sqlite3.connect(tmp_path / name)) as copy:
            [[found]] = copy.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'newest'").fetchall()
        assert found == has_it, name
