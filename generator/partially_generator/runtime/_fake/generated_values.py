"""Ids, times and tokens that the fake generates: the same ones for the same seed."""

from __future__ import annotations

import datetime as dt
import random
import string
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from .operation_table import Collection

Clock = Callable[[], dt.datetime]

_START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)

_STEP = dt.timedelta(seconds=1)

_TOKEN_SIGNS = string.ascii_letters + string.digits

_TOKEN_LENGTH = 12


class ValueGenerator:
    """Generates ids, times and tokens: the same ones for the same seed.

    Args:
        seed: The seed of the ids and tokens.
        clock: Gives the time; by default one that starts in 2024 and advances one second at each call.
        new_id: Generates the ids of objects, as they are sent.
        new_token: Generates tokens.
    """

    def __init__(
        self,
        seed: int,
        clock: Clock | None,
        new_id: Callable[[], Any] | None,
        new_token: Callable[[], str] | None,
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311 - must be predictable
        self._looks = 0
        self._count = 0
        self._clock = clock or self._tick
        self._new_id = new_id
        self._new_token = new_token

    def _tick(self) -> dt.datetime:
        self._looks += 1
        return _START + self._looks * _STEP

    def id(self, key_type: str) -> Any:
        """A new id of the type of a key."""
        if self._new_id is not None:
            return self._new_id()
        self._count += 1
        if key_type == "int":
            return self._count
        return self.uuid() if key_type == "uuid" else str(self._count)

    def uuid(self) -> str:
        """A new UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def token(self) -> str:
        """A new token."""
        if self._new_token is not None:
            return self._new_token()
        return "".join(self._random.choices(_TOKEN_SIGNS, k=_TOKEN_LENGTH))

    def times(self, collection: Collection) -> dict[str, str]:
        """The fields with the time of creation, set to now. A time without a zone is taken as UTC."""
        if not collection.times:
            return {}
        now = self._clock()
        now = now.replace(tzinfo=dt.UTC) if now.tzinfo is None else now.astimezone(dt.UTC)
        local = now.replace(tzinfo=None).isoformat(timespec="microseconds")
        forms = {"utc": f"{local}Z", "local": local, "date": now.date().isoformat()}
        return {name: forms[form] for name, form in collection.times.items()}

    def record(
        self, collection: Collection, values: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A new object: each field has the given value, else the default, else the first one in the table."""
        made = {collection.key: self.id(collection.key_type), **self.times(collection)}
        known = {**made, **collection.fresh, **defaults, **values}
        return {name: known[name] for name in collection.fields if name in known}
