"""SQL functions that have different names in SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class contains(GenericFunction[bool]):  # noqa: N801 - the name of a function in SQL
    """Whether a text contains another one, in the same case.

    It is used instead of LIKE, because it gives no character a special meaning and has no length limit.
    """

    type = sa.Boolean()
    inherit_cache = True


@compiles(contains, "sqlite")
def _sqlite(element: contains, compiler: Any, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(contains, "postgresql")
def _postgresql(element: contains, compiler: Any, **kw: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **kw)}) > 0)"
