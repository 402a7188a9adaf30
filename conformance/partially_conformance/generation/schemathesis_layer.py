"""The one place that knows Schemathesis: it makes up requests from a document, and does nothing else.

Requests are sent and judged by the suite itself, so that rate, time-outs, journal and stories hold for them
too.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from partially_conformance.generation.documents import TEXT_FORMAT, Mode
from partially_conformance.generation.request import GeneratedRequest
from partially_conformance.traffic.exchange import MISSING

_LONGEST_TEXT = 60  # characters; no length is documented

_CONFIG: dict[str, Any] = {
    "base-url": "http://localhost",  # never called
    "generation": {"database": "none", "allow-x00": False},
    "cache": {"enabled": False},
}

# A generator, not a validator: text without control, format, unassigned and private characters, and
# without blanks around it, which a server may trim.
schemathesis.openapi.format(
    TEXT_FORMAT,
    st.text(
        st.characters(categories=("L", "N", "P", "S"), include_characters=" ", max_codepoint=0xFFFF),
        min_size=1,
        max_size=_LONGEST_TEXT,
    )
    .map(str.strip)
    .filter(bool),
)


class RequestGenerator:
    """Makes up the requests of one document.

    Args:
        document: A whole OpenAPI document.
        mode: Whether they keep to it or break it.
    """

    def __init__(self, document: Mapping[str, Any], mode: Mode) -> None:
        config = schemathesis.Config.from_dict(copy.deepcopy(_CONFIG))
        self._schema = schemathesis.openapi.from_dict(dict(document), config=config)
        self._mode = GenerationMode(mode.value)

    def requests(self, operation: str) -> st.SearchStrategy[GeneratedRequest]:
        """Requests of the operation with this operationId."""
        described = self._schema.find_operation_by_id(operation)
        # Broken bytes are a matter of other rules; here they would crowd out JSON that breaks the text.
        cases = described.as_strategy(generation_mode=self._mode).filter(_has_json)
        return cases.map(lambda case: self._taken(operation, case))

    def _taken(self, operation: str, case: Case[Any]) -> GeneratedRequest:
        if case.meta is None or case.meta.generation.mode is not self._mode:
            # Schemathesis falls back to the other mode when it finds nothing to break.
            raise AssertionError(f"{operation}: expected a {self._mode.value} request, got another")
        body = MISSING if _has_no_body(case) else case.body
        customer_id = case.path_parameters.get("id")
        return GeneratedRequest(operation, customer_id, dict(case.query or {}), body)


def _has_json(case: Case[Any]) -> bool:
    """Whether the body, if there is one, can be written as JSON."""
    try:
        json.dumps(None if _has_no_body(case) else case.body, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _has_no_body(case: Case[Any]) -> bool:
    return type(case.body).__name__ == "NotSet"
