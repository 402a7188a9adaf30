"""Placeholders that a client left in a path in place of a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from partially_conformance.clients.requests.sent_request import Aspect, Problem

_PLACEHOLDER = re.compile(
    r"\{[^{}]*\}|<[^<>]*>|:[A-Za-z_]\w*|\[object \w+\]|undefined|null|none|nil|nan", re.IGNORECASE
)
"""A template that was not filled in, or what a language writes in place of a missing value."""


def placeholder_problems(path_values: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each value in a path that is a placeholder.

    Args:
        path_values: The values in the path, decoded, by the name of the parameter.
    """
    for name, value in path_values.items():
        if _PLACEHOLDER.fullmatch(value):
            yield Problem(Aspect.PATH, f"path.{name}", "a value", f"the placeholder {value!r}")
