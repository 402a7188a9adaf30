# Shipped by partially-generate with every client. Edit it there, not here.
"""Whether a call is made again, and after how long."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping
from typing import Any

from ...errors import APIConnectionError
from ..messages.response import Response
from ..requests.operation import Operation

FIRST_PAUSE = 0.5
"""Seconds before the first repetition; each further one waits twice as long."""

LONGEST_PAUSE = 8.0
"""Seconds the doubling stops at."""

LONGEST_RETRY_AFTER = 60.0
"""Seconds of `Retry-After` that are sat out. A server that asks for more gets no further request: its
answer is raised at once, with the header at hand, and the caller decides."""

ALWAYS = frozenset({429})
"""Statuses by which the server says that it did nothing."""

REPEATABLE = frozenset({408, 429, 502, 503, 504})
"""Statuses after which an operation that may be done twice is done again."""


_DIGITS = 15
"""A number of more digits is beyond every limit, and may be too long to be read at all."""


def pause_before_retry(
    operation: Operation[Any], outcome: Response | APIConnectionError, attempt: int, max_retries: int
) -> float | None:
    """Seconds to wait before the call is made again; None when it is not.

    Args:
        operation: What was called.
        outcome: The answer, or why there is none.
        attempt: How often it was repeated already.
        max_retries: How often it may be.
    """
    if attempt >= max_retries:
        return None
    if isinstance(outcome, APIConnectionError):
        return _backoff(attempt) if operation.repeatable or not outcome.maybe_sent else None
    if outcome.status_code not in (REPEATABLE if operation.repeatable else ALWAYS):
        return None
    asked = asked_for(outcome.headers)
    if asked is None:
        return _backoff(attempt)
    return asked if asked <= LONGEST_RETRY_AFTER else None


def asked_for(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, by `Retry-After-Ms` or `Retry-After`; None when it does not."""
    exact = headers.get("retry-after-ms", "").strip()
    if exact.isascii() and exact.isdigit():
        return int(exact) / 1000 if len(exact) <= _DIGITS else math.inf
    return retry_after(headers.get("retry-after", ""))


def _backoff(attempt: int) -> float:
    pause = min(FIRST_PAUSE * 2.0 ** min(attempt, 10), LONGEST_PAUSE)
    return pause * random.uniform(0.75, 1.0)  # noqa: S311 - spreads clients out, keeps no secret


def retry_after(value: str) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3); None when it says nothing clear."""
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
