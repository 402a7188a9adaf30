"""Telling a error in the suite itself in one line."""

from __future__ import annotations

import os
import traceback


def suite_fault(error: Exception) -> str:
    """One line about an exception that the suite should not have raised.

    If the environment variable PARTIALLY_DEBUG is set, the traceback goes to standard error.
    """
    if os.environ.get("PARTIALLY_DEBUG"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"error in the suite: {type(error).__name__}: {error} ({place.name}, line {place.lineno})"
