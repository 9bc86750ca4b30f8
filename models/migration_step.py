"""Migrations, one by one: the tables of each in one transaction, then its indexes on tables that were there, without a lock.

In between the tables are recorded as done (under the app TABLES_DONE), so that a run that was ended goes on with the
indexes. On SQLite, and where the database is new, all of a migration is one transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import asyncpg
from tortoise.connection import get_connections
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel, Operation, RunSQL
from tortoise.migrations.schema_generator.state import State

from models.applied import APP
from models.concurrent_index import make_index
from models.connections import WRITER
from models.database import APPS, Client, transaction
from models.migration_lock import Patience, Said, with_short_locks

TABLES_DONE = "models: tables"
"""The app under which it is noted that only the indexes of a migration are left to make."""

ADDS = (AddConstraint, AddField, AddIndex, CreateModel, RunSQL)
"""Operations that do not ask what the tables were before."""


@dataclass(slots=True)
class MigrationSteps:
    """The migrations that a database lacks, each run once and in order; the state is what Tortoise knows of its tables.

    session (of PostgreSQL alone) makes indexes, outside of transactions.
    """

    executor: MigrationExecutor
    state: State
    applied: Collection[tuple[str, str]]
    session: asyncpg.Connection | None
    said: Said
    patience: Patience

    @classmethod
    async def after(
        cls, applied: Collection[tuple[str, str]], session: asyncpg.Connection | None, said: Said, patience: Patience
    ) -> "MigrationSteps":
        """The steps behind those that are applied."""
        executor = MigrationExecutor(get_connections().get(WRITER), APPS)
        await executor.loader.build_graph()
        state = await executor._project_state({MigrationKey(*key) for key in applied})  # as its own migrate() begins
        return cls(executor, state, applied, session, said, patience)

    async def run(self, name: str) -> None:
        """Apply a migration and record that; MigrationBlocked where somebody is in the way for too long."""
        migration = self.executor.loader.graph.nodes[MigrationKey(APP, name)]
        if not isinstance(migration, Migration):
            raise TypeError(f"there is no migration {name}")
        before, recorder = self.state, self.executor.recorder
        later = self._later(migration, before)

        async def tables(client: Client) -> None:
            self.state = await self._tables(client, migration, before, later)
            recorder.connection = client
            await recorder.record_applied(TABLES_DONE if later else APP, name)

        async def record(client: Client) -> None:
            recorder.connection = client
            await recorder.record_unapplied(TABLES_DONE, name)
            await recorder.record_applied(APP, name)

        if self.session is None:
            await transaction(tables)
            return
        if (TABLES_DONE, name) not in self.applied:
            await with_short_locks(tables, name, self.said, self.patience)
        else:
            self.state = before.clone()
            for operation in migration.operations:
                operation.state_forward(APP, self.state)
        if later:
            for number, sql in enumerate(await self._statements(later), start=1):
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

    async def _tables(self, client: Client, migration: Migration, before: State, later: Sequence[Operation]) -> State:
        """Do what is part of the transaction, and return the state after all of the migration."""
        editor = self.executor._schema_editor()
        editor.client = client
        state = before.clone()
        for operation in migration.operations:
            if operation in later:
                operation.state_forward(APP, state)
                continue
            old = state if isinstance(operation, ADDS) else state.clone()  # which is slow
            operation.state_forward(APP, state)
            await operation.database_forward(APP, old, state, editor)
        return state

    async def _statements(self, later: Sequence[Operation]) -> list[str]:
        """The statements that make these indexes."""
        editor = self.executor._schema_editor(collect_sql=True)
        for operation in later:
            await operation.database_forward(APP, self.state, self.state, editor)
        return list(editor.collected_sql)
