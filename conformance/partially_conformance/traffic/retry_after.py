"""Reading Retry-After, in whatever form it comes."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DEFAULT = 1.0
"""How long to wait without a Retry-After that can be read, in seconds."""


def seconds_to_wait(value: str) -> float:
    """How long a Retry-After asks to wait, in seconds from now: never less than 0, perhaps infinite.

    RFC 9110, 10.2.3, knows whole seconds and dates. Anything else counts as if it were missing.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 300 else math.inf
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(tz=UTC)).total_seconds())
    except OverflowError:
        return math.inf if value else DEFAULT  # a date that no calendar reaches
    except (ValueError, TypeError, IndexError):
        return DEFAULT
