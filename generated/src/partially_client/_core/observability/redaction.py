# Copied by partially-generate into every client. Edit it there, not here.
"""Hides secrets, by the name of a header or by their value."""

from __future__ import annotations

import functools
import re
from typing import Any

from .secrets import HIDDEN, Secrets

# A shorter secret is probably a part of ordinary words: it is hidden only as a whole word.
_SHORT_SECRET = 4

_TELLING = re.compile(r"auth|cookie|key|password|secret|session|signature|token", re.IGNORECASE)


def redact(text: str, secrets: Secrets) -> str:
    """The text with every secret in it replaced by `[hidden]`."""
    for secret in secrets.reveal():
        if len(secret) >= _SHORT_SECRET:
            text = text.replace(secret, HIDDEN)
        elif secret:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
    return text


def redact_all(value: Any, secrets: Secrets) -> Any:
    """A value of a JSON text with every secret in its texts replaced."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, list):
        return [redact_all(item, secrets) for item in value]
    if isinstance(value, dict):
        return {redact(key, secrets): redact_all(item, secrets) for key, item in value.items()}
    return value


@functools.lru_cache(maxsize=256)
def is_secret_name(name: str) -> bool:
    """Whether a header of this name may carry a secret."""
    return _TELLING.search(name) is not None
