"""HTTP terms in a document: statuses, media types, and names of headers."""

from __future__ import annotations

import re

from partially_generator.reading.outline import MediaType


def is_success(status: str) -> bool:
    """Whether a status of the document means success."""
    return status.startswith("2")


def without_parameters(media_type: str) -> str:
    """A media type in lower case, without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, or has its suffix (RFC 6839)."""
    kind = without_parameters(media_type)
    return kind == "application/json" or kind.endswith("+json")


def preferred_media(content: tuple[MediaType, ...]) -> tuple[MediaType, ...]:
    """The JSON media type alone, if there is one, else all of them."""
    return next(((media,) for media in content if is_json(media.media_type)), content)


_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def is_token(name: str) -> bool:
    """Whether a string can be the name of a header or of a cookie (RFC 9110, 5.6.2)."""
    return _TOKEN.fullmatch(name) is not None
