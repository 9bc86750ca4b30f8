"""A newer version that migrates while this one goes on."""

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.faults.fault import Fault
from tests.faults.processes import Launch, run
from tests.faults.stores import Postgresql
from tests.faults.world import World
from tests.server.process import ROOT

READER_SECONDS = 30
NEWER_MIGRATION = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "{last}")]
    initial = False
    operations = [
        ops.AddField(
            model_name="Order", name="fault_note", field=fields.CharField(max_length=64, default="", db_default="")
        ),
    ]
"""
"""What a newer version may bring: a column with a default in a table that everybody reads."""


@asynccontextmanager
async def migrated(world: World) -> AsyncIterator[None]:
    """A newer version migrates while somebody reads for long in one transaction, and the services go on."""
    newer = await asyncio.to_thread(_newer_version, world)
    launch = Launch(["migrate"], world.settings, variables={"PYTHONPATH": f"{newer}{os.pathsep}{ROOT}"})
    began = time.monotonic()
    async with _reading(world):
        migrating = asyncio.create_task(asyncio.to_thread(run, launch, world.folder))
        await asyncio.sleep(READER_SECONDS)
    code, said = await migrating
    world.notes.append(f"migrate ended with exit code {code} after {time.monotonic() - began:.0f} s")
    if code:
        world.wrongs.append(f"migrate failed: {said.strip().splitlines()[-1][:120]}")
    yield


def _newer_version(world: World) -> Path:
    """A folder with our tables and one more migration; it stands before ours in the path."""
    newer = world.folder / "newer"
    shutil.copytree(ROOT / "models", newer / "models", ignore=shutil.ignore_patterns("__pycache__"))
    migrations = newer / "models" / "migrations"
    last = max(each.stem for each in migrations.glob("[0-9]*.py"))
    (migrations / "9999_of_a_newer_version.py").write_text(NEWER_MIGRATION.format(last=last))
    return newer


@asynccontextmanager
async def _reading(world: World) -> AsyncIterator[None]:
    """Somebody who has read a table, and whose transaction goes on."""
    count = "SELECT COUNT(*) FROM sales_order"
    if isinstance(world.store, Postgresql):
        reader = await world.store.connect()
        await reader.execute("BEGIN")
        await reader.execute(count)
        try:
            yield
        finally:
            reader.terminate()
        return
    with closing(sqlite3.connect(world.file, isolation_level=None)) as file:
        file.execute("BEGIN")
        file.execute(count).fetchall()
        yield


MIGRATION_FAULTS = (
    Fault(
        "migrate",
        f"a newer version migrates beside a reader of {READER_SECONDS} s",
        migrated,
        is_lasting=True,
        is_unseen=True,
    ),
)
