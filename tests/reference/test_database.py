"""Properties of the database that a test of the command would need too long to show."""

import sqlite3
from contextlib import closing

import pytest

from partially_reference.settings import database_url
from partially_reference.storage import database
from partially_reference.storage.tables import customers


def test_a_file_that_another_connection_keeps_locked_cannot_be_used(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 0.05)
    path = tmp_path / "customers.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(database.DatabaseError, match="cannot be used: database is locked"):
            database.Database(database_url(f"sqlite:///{path}"))


def test_an_email_is_looked_up_without_reading_the_other_customers():
    (index,) = (index for index in customers.indexes if index.name == "customers_by_email")
    used = database.Database(database_url("sqlite://"))
    with closing(used), used.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM customers WHERE merchant_id = '' AND email_folded = '' "
            "ORDER BY inserted_at, id"
        )
        assert [index.name in step.detail for step in plan] == [True]
