# Copied by partially-generate into every client. Edit it there, not here.
"""Finds the operation of a request."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote_to_bytes

from .answers import Refused
from .operation_table import Entry, OperationTable

_PARAMETER = re.compile(r"\{([^{}]*)\}")


class Routes:
    """The paths of the API. A path with fewer parameters is preferred."""

    def __init__(self, table: OperationTable, base_path: str) -> None:
        self._base = base_path
        entries = sorted(table.operations, key=lambda entry: len(_PARAMETER.findall(entry.path)))
        self._routes = [(_pattern(entry.path), entry) for entry in entries]

    def find(self, method: str, path: str) -> tuple[Entry, dict[str, str]]:
        """The operation, and the parameters of its path.

        Raises:
            Refused: There is none.
        """
        if not path.startswith(f"{self._base}/"):
            raise Refused(404, f"Not found: the paths of this fake start with {self._base or '/'}")
        within = path.removeprefix(self._base)
        matches = [(entry, found) for pattern, entry in self._routes if (found := pattern.fullmatch(within))]
        for entry, found in matches:
            if entry.method == method:
                values = [_decoded(text) for text in found.groups()]
                return entry, dict(zip(_PARAMETER.findall(entry.path), values, strict=True))
        if matches:
            allowed = ", ".join(sorted({entry.method for entry, _ in matches}))
            raise Refused(405, headers={"Allow": allowed})
        raise Refused(404)


def _pattern(path: str) -> re.Pattern[str]:
    pieces = _PARAMETER.split(path)
    return re.compile("([^/]+)".join(re.escape(piece) for piece in pieces[::2]))


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", errors="replace")


def split_target(target: bytes) -> tuple[str, dict[str, list[str]]]:
    """The path of a request as it was sent, and the values in its query."""
    path, _, query = target.decode("ascii", errors="replace").partition("?")
    return path, parse_qs(query, keep_blank_values=True, errors="replace")
