"""The description that a client was generated from. It is kept beside the client for the next build."""

from __future__ import annotations

import json
from pathlib import Path

from partially_generator.reading.document import read_document
from partially_spec import Document

FILE_NAME = "openapi.json"
"""The file in the folder of a client. It is not part of the installed package."""


def content(document: Document) -> bytes:
    """The document as JSON, in its own order and without comments: the same bytes for the same data."""
    text = json.dumps(document.raw, indent=1, ensure_ascii=False)
    return f"{text}\n".encode(errors="backslashreplace")


def read(folder: Path) -> Document | None:
    """The description kept in a folder; None if there is none.

    Raises:
        GeneratorError: The file exists and is not a valid document.
    """
    path = folder / FILE_NAME
    return read_document(path) if path.is_file() else None
