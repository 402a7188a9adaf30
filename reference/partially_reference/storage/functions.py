"""SQL functions that SQLite and PostgreSQL spell differently."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class contains(GenericFunction[bool]):  # noqa: N801 - a function's name in SQL
    """Whether a text holds another somewhere, case and all.

    Used in place of LIKE: no character is special, and the length of what is looked for has no limit.
    """

    type = sa.Boolean()
    inherit_cache = True


@compiles(contains, "sqlite")
def _sqlite(element: contains, compiler: Any, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(contains, "postgresql")
def _postgresql(element: contains, compiler: Any, **kw: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **kw)}) > 0)"
