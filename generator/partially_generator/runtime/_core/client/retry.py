"""Whether a call is repeated, and after which pause."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping
from typing import Any

from ...errors import APIConnectionError, ResponseTooLargeError
from ..messages.response import Response
from ..requests.operation import Operation

FIRST_PAUSE = 0.5
"""Seconds before the first retry; each further pause is twice as long."""

LONGEST_PAUSE = 8.0
"""The longest pause in seconds, where doubling stops."""

LONGEST_RETRY_AFTER = 60.0
"""The longest `Retry-After` in seconds that is obeyed. If a server asks for more, its response is raised as
an error at once. The header is in that error, and the caller decides."""

ALWAYS = frozenset({429})
"""Statuses that mean that the server did nothing."""

REPEATABLE = frozenset({408, 429, 502, 503, 504})
"""Statuses after which a repeatable operation is repeated."""


_DIGITS = 15
"""A number with more digits is above every limit, and may be too long to convert."""


def pause_before_retry(
    operation: Operation[Any], outcome: Response | APIConnectionError, attempt: int, max_retries: int
) -> float | None:
    """Seconds to wait before the call is repeated; None if it is not repeated.

    Args:
        operation: The operation that was called.
        outcome: The response, or why there is none.
        attempt: How often the call was repeated already.
        max_retries: How often it may be repeated.
    """
    if attempt >= max_retries:
        return None
    if isinstance(outcome, ResponseTooLargeError):
        return None  # the next response would be as large
    if isinstance(outcome, APIConnectionError):
        return _backoff(attempt) if operation.repeatable or not outcome.maybe_sent else None
    if outcome.status_code not in (REPEATABLE if operation.repeatable else ALWAYS):
        return None
    asked = asked_for(outcome.headers)
    if asked is None:
        return _backoff(attempt)
    return asked if asked <= LONGEST_RETRY_AFTER else None


def asked_for(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, by `Retry-After-Ms` or `Retry-After`; None without either."""
    exact = headers.get("retry-after-ms", "").strip()
    if exact.isascii() and exact.isdigit():
        return int(exact) / 1000 if len(exact) <= _DIGITS else math.inf
    return retry_after(headers.get("retry-after", ""))


def _backoff(attempt: int) -> float:
    pause = min(FIRST_PAUSE * 2.0 ** min(attempt, 10), LONGEST_PAUSE)
    return pause * random.uniform(0.75, 1.0)  # noqa: S311 - spreads retries, keeps no secret


def retry_after(value: str) -> float | None:
    """Seconds in a `Retry-After` header (RFC 9110, 10.2.3); None if the header is empty or malformed."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) <= _DIGITS else math.inf
    if not value:
        return None
    import email.utils  # noqa: PLC0415 - rarely needed, and slow to import

    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())
