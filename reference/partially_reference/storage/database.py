"""Connections and transactions on SQLite and PostgreSQL."""

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
"""How many seconds a writer on SQLite waits for another one before it gives up."""

_CONNECT_TIMEOUT = 10
"""How many seconds to wait for a connection to PostgreSQL."""

_POOL = {"pool_size": 10, "max_overflow": 30}
"""As many connections as threads that handle requests. Ten of them stay open."""


class DatabaseError(Exception):
    """The database cannot be used. The message says in one line which one and why."""


class Database:
    """Transactions on one database.

    Args:
        url: The URL of the database, from `settings.database_url`.

    Raises:
        DatabaseError: The database cannot be reached, or its tables lack columns.
    """

    def __init__(self, url: sa.URL) -> None:
        self._name = url.render_as_string(hide_password=True)
        try:
            self._engine = _engine(url)
            if self._engine.dialect.name == "sqlite":
                _turn_off_automatic_transactions(self._engine)
            self._readers, self._writers = _reader_and_writer_modes(self._engine)
            self._create_missing_tables()
        except ImportError as error:
            raise DatabaseError(
                f"{self._name}: the driver cannot be loaded ({_one_line(error)}); "
                "PostgreSQL needs pip install 'partially-conformance[postgres]'"
            ) from error
        except (SQLAlchemyError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise DatabaseError(f"{self._name}: cannot be used: {_one_line(cause)}") from error

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that only reads. It sees one state of the database until it ends."""
        return _transaction(*self._readers)

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that writes. It is committed as a whole, or rolled back if the block raises."""
        return _transaction(*self._writers)

    def close(self) -> None:
        """Close all connections. A database in memory no longer exists after that."""
        self._engine.dispose()

    def _create_missing_tables(self) -> None:
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                self._require_utf8(connection)
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

    def _require_utf8(self, connection: sa.Connection) -> None:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise DatabaseError(f"{self._name}: expected the encoding UTF8, got {encoding}")


def is_in_memory(url: sa.URL) -> bool:
    """Whether this is the URL of an SQLite database in memory."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return _create(url, _POOL, {"connect_timeout": _CONNECT_TIMEOUT})
    # A database in memory exists only in its one connection, so the threads must share that.
    pool = {"pool_size": 1, "max_overflow": 0} if is_in_memory(url) else _POOL
    return _create(url, pool, {"check_same_thread": False, "timeout": _BUSY_TIMEOUT})


def _create(url: sa.URL, pool: dict[str, int], arguments: dict[str, Any]) -> sa.Engine:
    # Hides the parameters of a query, so that no customer data gets into the log with an error.
    return sa.create_engine(url, poolclass=QueuePool, connect_args=arguments, hide_parameters=True, **pool)


_Mode = tuple[sa.Engine, str]
"""An engine, and the statement that begins a transaction. It is empty if the driver begins it."""


def _reader_and_writer_modes(engine: sa.Engine) -> tuple[_Mode, _Mode]:
    """How readers and how writers use the engine."""
    if engine.dialect.name == "sqlite":
        # If two transactions begin as readers, only one can become a writer. So a writer begins as one.
        return (engine, "BEGIN"), (engine, "BEGIN IMMEDIATE")
    modes = ("REPEATABLE READ", "READ COMMITTED")
    readers, writers = (engine.execution_options(isolation_level=mode) for mode in modes)
    return (readers, ""), (writers, "")


@contextmanager
def _transaction(engine: sa.Engine, begin: str) -> Iterator[sa.Connection]:
    with engine.connect() as connection, connection.begin():
        if begin:
            # Not through SQLAlchemy, which needs more time for this than SQLite itself.
            connection.connection.cursor().execute(begin)
        yield connection


def _turn_off_automatic_transactions(engine: sa.Engine) -> None:
    """Keep the driver of SQLite from beginning transactions, because it begins them too late."""

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")


def _one_line(error: BaseException | None) -> str:
    return " ".join(str(error).split())
