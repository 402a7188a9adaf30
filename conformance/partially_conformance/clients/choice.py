"""The client that is checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from partially_spec import OPENAPI

DEFAULT_CLIENT = "partially_client"
"""The client of this project."""


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """The client to check.

    Attributes:
        package: The name by which it is imported.
        spec: The file of the document it was generated from.
    """

    package: str = DEFAULT_CLIENT
    spec: Path = OPENAPI
