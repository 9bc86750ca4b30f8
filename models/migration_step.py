"""One migration: its tables in one transaction, then its indexes on tables that were there before, without a lock.

In between the tables are recorded as done (under the app TABLES_DONE), so that a run that was ended goes on with the
indexes. On SQLite all of it is one transaction.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from tortoise.connection import get_connections
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import AddIndex, Operation
from tortoise.migrations.schema_generator.state import State

from models.concurrent_index import make_index
from models.connections import WRITER
from models.database import APPS, Client, transaction
from models.migration_lock import Patience, Said, with_short_locks

APP = "models"
TABLES_DONE = "models: tables"
"""The app under which it is noted that only the indexes of a migration are left to make."""


@dataclass(frozen=True, slots=True)
class MigrationStep:
    """A migration that the database lacks; session (of PostgreSQL alone) makes indexes, outside of transactions."""

    name: str
    session: asyncpg.Connection | None
    said: Said
    patience: Patience

    async def run(self) -> None:
        """Apply it and record that; MigrationBlocked where somebody is in the way for too long."""
        executor = MigrationExecutor(get_connections().get(WRITER), APPS)
        await executor.loader.build_graph()
        applied = set(await executor.recorder.applied_migrations())
        migration = executor.loader.graph.nodes[MigrationKey(APP, self.name)]
        if not isinstance(migration, Migration):
            raise TypeError(f"there is no migration {self.name}")
        before = await executor._project_state(applied)  # what its own migrate() begins with
        later = self._later(migration, before)
        are_tables_done = MigrationKey(TABLES_DONE, self.name) in applied

        async def tables(client: Client) -> None:
            editor = executor._schema_editor()
            editor.client = client
            state = before.clone()
            for operation in migration.operations:
                old = state.clone()
                operation.state_forward(APP, state)
                if operation not in later:
                    await operation.database_forward(APP, old, state, editor)
            executor.recorder.connection = client
            await executor.recorder.record_applied(TABLES_DONE if later else APP, self.name)

        async def record(client: Client) -> None:
            executor.recorder.connection = client
            await executor.recorder.record_unapplied(TABLES_DONE, self.name)
            await executor.recorder.record_applied(APP, self.name)

        if self.session is None:
            await transaction(tables)
        elif not are_tables_done:
            await with_short_locks(tables, self.name, self.said, self.patience)
        if self.session is not None and later:
            for number, sql in enumerate(await self._statements(executor, migration, before, later), start=1):
                await make_index(self.session, sql, f"{number} of {len(later)}", self.said, self.patience)
            await transaction(record)

    def _later(self, migration: Migration, before: State) -> Sequence[Operation]:
        """The operations that are no part of the transaction: indexes of tables that were there before."""
        if self.session is None:
            return ()
        return [
            operation
            for operation in migration.operations
            if isinstance(operation, AddIndex) and (APP, operation.model_name) in before.models
        ]

    @staticmethod
    async def _statements(
        executor: MigrationExecutor, migration: Migration, before: State, later: Sequence[Operation]
    ) -> list[str]:
        editor = executor._schema_editor(collect_sql=True)
        state = before.clone()
        for operation in migration.operations:
            old = state.clone()
            operation.state_forward(APP, state)
            if operation in later:
                await operation.database_forward(APP, old, state, editor)
            await asyncio.sleep(0)
        return list(editor.collected_sql)
