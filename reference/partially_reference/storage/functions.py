"""SQL functions that SQLite and PostgreSQL spell differently."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class position_of(GenericFunction[int]):  # noqa: N801 - a function's name in SQL
    """Where a text contains another, counted from 1; 0 when it does not.

    Used in place of LIKE: no character is special, case counts, and the length of what is looked
    for has no limit.
    """

    type = sa.Integer()
    inherit_cache = True


@compiles(position_of, "sqlite")
def _sqlite(element: position_of, compiler: Any, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(position_of, "postgresql")
def _postgresql(element: position_of, compiler: Any, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


def contains(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """The column holds the text somewhere, case and all."""
    return position_of(column, text) > 0
