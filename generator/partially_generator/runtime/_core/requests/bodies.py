"""Bodies other than JSON: forms, multipart bodies, text and bytes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from ...errors import InvalidRequestError
from ..values.model import Model
from .styles import repeated
from .text import text

Encode: TypeAlias = Callable[[Any], tuple[bytes, str]]
"""Returns the bytes of a body and its media type."""


class File(NamedTuple):
    """A file to send, with its name and its media type."""

    content: bytes
    filename: str = "file"
    content_type: str = "application/octet-stream"


def form(writers: Mapping[str, Callable[[str, Any], list[str]]]) -> Encode:
    """A form, `name=value&...`.

    Args:
        writers: The functions for fields that are not written in the default way.
    """

    def encode(body: Any) -> tuple[bytes, str]:
        pieces: list[str] = []
        for name, value in body.items():
            if value is not msgspec.UNSET:
                pieces += writers.get(name, repeated)(name, value)
        return "&".join(pieces).encode("ascii"), "application/x-www-form-urlencoded"

    return encode


def multipart(media_type: str, content_types: Mapping[str, str]) -> Encode:
    """A multipart body, which can hold files (RFC 7578).

    Args:
        media_type: The media type of the body, usually `multipart/form-data`.
        content_types: The media types of parts that do not have the default one.
    """

    def encode(body: Any) -> tuple[bytes, str]:
        boundary = secrets.token_hex(16)
        lines: list[bytes] = []
        for name, value in body.items():
            for item in value if isinstance(value, list | tuple) and not isinstance(value, File) else [value]:
                if item is not msgspec.UNSET:
                    lines += _part(boundary, name, item, content_types.get(name))
        content = b"".join([*lines, f"--{boundary}--\r\n".encode()])
        return content, f"{media_type}; boundary={boundary}"

    return encode


def _part(boundary: str, name: str, value: Any, content_type: str | None) -> list[bytes]:
    disposition = f'form-data; name="{_escaped(name)}"'
    if isinstance(value, bytes | bytearray | memoryview):
        value = File(bytes(value), name, content_type or File._field_defaults["content_type"])
    if isinstance(value, File):
        disposition += f'; filename="{_escaped(value.filename)}"'
        content, content_type = bytes(value.content), value.content_type
    elif isinstance(value, Model | Mapping | list) or content_type == "application/json":
        content = msgspec.json.encode(value)
        content_type = content_type or "application/json"
    else:
        content = text(name, value).encode()
    head = [f"--{boundary}", f"Content-Disposition: {disposition}"]
    if content_type:
        if not content_type.isascii() or not content_type.isprintable():
            raise InvalidRequestError(f"{name}: expected a media type in ASCII")
        head.append(f"Content-Type: {content_type}")
    return ["\r\n".join([*head, "", ""]).encode(), content, b"\r\n"]


def _escaped(name: str) -> str:
    # As in browsers, so that a name cannot end the header or the quotes.
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def raw(media_type: str) -> Encode:
    """The body unchanged: bytes, or text in UTF-8."""

    def encode(body: Any) -> tuple[bytes, str]:
        if isinstance(body, str):
            return body.encode(), media_type
        if isinstance(body, bytes | bytearray | memoryview):
            return bytes(body), media_type
        raise InvalidRequestError(f"the body is a {type(body).__name__}, but only bytes or str can be sent")

    return encode
