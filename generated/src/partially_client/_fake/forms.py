# Copied by partially-generate into every client. Edit it there, not here.
"""Reads the fields of forms, both URL-encoded and multipart."""

from __future__ import annotations

import email.message
import email.parser
import email.policy
from urllib.parse import parse_qs


def read_fields(content: bytes, content_type: str) -> dict[str, list[str]]:
    """The values of a form by their names. For a file, the value is its file name."""
    if not content_type.lower().startswith("multipart/"):
        return parse_qs(content.decode("utf-8", errors="replace"), keep_blank_values=True)
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", errors="replace")
    parsed = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + content)
    found: dict[str, list[str]] = {}
    for part in parsed.iter_parts():
        assert isinstance(part, email.message.EmailMessage)
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            found.setdefault(name, []).append(_value(part))
    return found


def _value(part: email.message.EmailMessage) -> str:
    filename = part.get_filename()
    if filename is not None:
        return str(filename)
    content = part.get_payload(decode=True)
    return content.decode("utf-8", errors="replace") if isinstance(content, bytes) else ""
