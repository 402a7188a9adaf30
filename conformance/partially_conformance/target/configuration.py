"""Reading what a person wrote in TOML: the right keys, the right types, and errors that say where."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

_T = TypeVar("_T")

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),  # before int, which it is a kind of
    (str, "a string"),
    (int, "an integer"),
    (float, "a float"),
    (list, "an array"),
    (dict, "a table"),
    (dt.datetime, "a date and time"),  # before date, which it is a kind of
    (dt.date, "a date"),
    (dt.time, "a time"),
)


class ConfigurationError(Exception):
    """What the user gave cannot be used. The message is one line: file, place, what was wanted, what came."""


def read_toml(path: Path, error: type[ConfigurationError]) -> tuple[dict[str, Any], str]:
    """Read a TOML file.

    Returns:
        Its content, and its text.

    Raises:
        ConfigurationError: As `error`: the file is missing, not UTF-8 or not TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n")), text
    except OSError as cause:
        raise error(f"{path}: cannot be read: {cause.strerror}") from cause
    except UnicodeDecodeError as cause:
        raise error(f"{path}: not UTF-8: {cause.reason} at byte {cause.start}") from cause
    except tomllib.TOMLDecodeError as cause:
        raise error(f"{path}: not TOML: {cause}") from cause


def kind(value: object) -> str:
    """What a TOML value is, as a person would say it: `an integer`."""
    return next((name for type_, name in _KINDS if isinstance(value, type_)), type(value).__name__)


def nearest(word: str, valid: Iterable[str]) -> str:
    """A hint at the valid name that looks most like `word`, empty if none does."""
    close = difflib.get_close_matches(word, list(valid), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


class Table:
    """A TOML table that knows its place in its file.

    Args:
        values: The table.
        file: What to call the file in an error.
        place: The table as it is written, such as `[start]`; empty for the top of the file.
        error: What to raise.
    """

    def __init__(
        self, values: dict[str, Any], file: str, place: str, error: type[ConfigurationError]
    ) -> None:
        self.values = values
        self._file = file
        self._place = place
        self._error = error

    def only(self, valid: Iterable[str]) -> None:
        """Refuse keys that are not among the valid ones."""
        valid = tuple(valid)
        for key in self.values.keys() - set(valid):
            where = f" in {self._place}" if self._place else ""
            raise self._error(
                f"{self._file}: unknown key {key!r}{where}{nearest(key, valid)};"
                f" the keys are {', '.join(valid)}"
            )

    def required(self, *keys: str) -> None:
        """Refuse a table that lacks one of the keys."""
        for key in keys:
            if key not in self.values:
                where = f" in {self._place}" if self._place else ""
                raise self._error(f"{self._file}: {key} is missing{where}")

    def string(self, key: str) -> str | None:
        """A text, or None if the key is absent."""
        return self._typed(key, str, "a string")

    def boolean(self, key: str) -> bool | None:
        """A boolean, or None if the key is absent."""
        return self._typed(key, bool, "a boolean")

    def date(self, key: str) -> dt.date | None:
        """A date without a time of day, or None if the key is absent."""
        return self._typed(key, dt.date, "a date")

    def positive(self, key: str) -> float | None:
        """A finite number above zero, or None if the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(self.wrong(key, "a number", kind(value)))
        if not math.isfinite(value) or value <= 0:
            raise self._error(self.wrong(key, "a number above 0", str(value)))
        return float(value)

    def table(self, key: str) -> Table | None:
        """A table within this one, or None if the key is absent."""
        values = self._typed(key, dict, "a table")
        return None if values is None else Table(values, self._file, self.at(key, table=True), self._error)

    def tables(self, key: str) -> list[Table]:
        """The tables of an array, none if the key is absent."""
        entries = self._typed(key, list, "an array of tables") or []
        for index, entry in enumerate(entries):
            if not isinstance(entry, dict):
                raise self._error(self.wrong(f"{key}[{index}]", "a table", kind(entry)))
        return [Table(entry, self._file, f"[[{key}]] {n}", self._error) for n, entry in enumerate(entries, 1)]

    def strings(self, key: str) -> tuple[str, ...] | None:
        """The texts of an array, or None if the key is absent."""
        entries = self._typed(key, list, "an array of strings")
        for index, entry in enumerate(entries or ()):
            if not isinstance(entry, str):
                raise self._error(self.wrong(f"{key}[{index}]", "a string", kind(entry)))
        return None if entries is None else tuple(entries)

    def string_table(self, key: str) -> dict[str, str]:
        """A table of texts, empty if the key is absent."""
        entries = self._typed(key, dict, "a table of strings") or {}
        for name, entry in entries.items():
            if not isinstance(entry, str):
                raise self._error(self.wrong(f"{key}.{name}", "a string", kind(entry)))
        return dict(entries)

    def at(self, key: str, *, table: bool = False) -> str:
        """The place of a key, such as `[start].command`; of a table, such as `[start]`."""
        if table:
            return f"[{key}]"
        return f"{self._place}.{key}" if self._place else key

    def wrong(self, key: str, wanted: str, got: str) -> str:
        """The message for a value that is not what was wanted."""
        return f"{self._file}: expected {wanted}, got {got} - at {self.at(key)}"

    def _typed(self, key: str, type_: type[_T], wanted: str) -> _T | None:
        value = self.values.get(key)
        if value is None:
            return None
        # bool is a kind of int and datetime a kind of date: the type must be the very one
        if type(value) is not type_:
            raise self._error(self.wrong(key, wanted, kind(value)))
        return value
