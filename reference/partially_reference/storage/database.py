"""The database behind the server: connections and transactions on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from partially_reference.storage.tables import metadata

_BUSY_TIMEOUT = 30.0
"""Seconds one writer waits for another on SQLite before it gives up."""

_CONNECT_TIMEOUT = 10
"""Seconds to wait for PostgreSQL when connecting."""

_POOL = {"pool_size": 10, "max_overflow": 30}
"""As many connections as there are threads to handle requests, ten of them kept."""


class DatabaseError(Exception):
    """The database cannot be used. The message says which and why, in one line."""


class Database:
    """Transactions on one database.

    Args:
        url: Where it is, as `settings.database_url` gives it.

    Raises:
        DatabaseError: It cannot be reached, or holds tables of another shape.
    """

    def __init__(self, url: sa.URL) -> None:
        self._name = url.render_as_string(hide_password=True)
        try:
            self._engine = _engine(url)
            if self._engine.dialect.name == "sqlite":
                _leave_beginning_to_us(self._engine)
            self._readers, self._writers = _modes(self._engine)
            self._prepare()
        except ImportError as error:
            raise DatabaseError(
                f"{self._name}: the driver cannot be loaded ({_one_line(error)}); "
                "PostgreSQL needs pip install 'partially-conformance[postgres]'"
            ) from error
        except (SQLAlchemyError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise DatabaseError(f"{self._name}: cannot be used: {_one_line(cause)}") from error

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that sees one state of the database throughout."""
        return _transaction(*self._readers)

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that is kept whole or, when the block raises, undone."""
        return _transaction(*self._writers)

    def close(self) -> None:
        """Close all connections. A database in memory is gone afterwards."""
        self._engine.dispose()

    def _prepare(self) -> None:
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                self._demand_utf8(connection)
            metadata.create_all(connection)
            inspector = sa.inspect(connection)
            for table in metadata.sorted_tables:
                found = {column["name"] for column in inspector.get_columns(table.name)}
                missing = sorted(set(table.columns.keys()) - found)
                if missing:
                    columns = ", ".join(missing)
                    raise DatabaseError(
                        f"{self._name}: the table {table.name!r} lacks the column(s) {columns}"
                    )

    def _demand_utf8(self, connection: sa.Connection) -> None:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise DatabaseError(f"{self._name}: expected the encoding UTF8, got {encoding}")


def is_in_memory(url: sa.URL) -> bool:
    """Whether this names a database of SQLite that is gone with the process."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return _create(url, _POOL, {"connect_timeout": _CONNECT_TIMEOUT})
    # A database in memory lives in its one connection, which the threads then take in turns.
    pool = {"pool_size": 1, "max_overflow": 0} if is_in_memory(url) else _POOL
    return _create(url, pool, {"check_same_thread": False, "timeout": _BUSY_TIMEOUT})


def _create(url: sa.URL, pool: dict[str, int], arguments: dict[str, Any]) -> sa.Engine:
    # What customers sent must not reach the log with an error.
    return sa.create_engine(url, poolclass=QueuePool, connect_args=arguments, hide_parameters=True, **pool)


_Mode = tuple[sa.Engine, str]
"""An engine, and the statement that begins a transaction where neither it nor its driver does."""


def _modes(engine: sa.Engine) -> tuple[_Mode, _Mode]:
    """The engine as readers and as writers use it."""
    if engine.dialect.name == "sqlite":
        # Two writers that begin as readers cannot both become writers, so a writer says so at once.
        return (engine, "BEGIN"), (engine, "BEGIN IMMEDIATE")
    modes = ("REPEATABLE READ", "READ COMMITTED")
    readers, writers = (engine.execution_options(isolation_level=mode) for mode in modes)
    return (readers, ""), (writers, "")


@contextmanager
def _transaction(engine: sa.Engine, begin: str) -> Iterator[sa.Connection]:
    with engine.connect() as connection, connection.begin():
        if begin:
            # Past SQLAlchemy, which takes longer to pass this on than SQLite to do it.
            connection.connection.cursor().execute(begin)
        yield connection


def _leave_beginning_to_us(engine: sa.Engine) -> None:
    """Keep SQLite's driver from beginning transactions, which it would do too late."""

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")


def _one_line(error: BaseException | None) -> str:
    return " ".join(str(error).split())
