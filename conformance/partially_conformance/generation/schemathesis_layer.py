"""The only module that uses Schemathesis, and only to generate requests from a document.

The suite sends them and judges the responses itself, so that rate, timeouts, journal and stories apply.
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

_LONGEST_TEXT = 16  # characters of up to 3 bytes: a server may refuse a text of more than 50 bytes

_CONFIG: dict[str, Any] = {
    "base-url": "http://localhost",  # never called
    "generation": {"database": "none", "allow-x00": False},
    "cache": {"enabled": False},
}

# This generates texts and validates none: without control, format, unassigned and private characters, and
# without blanks at either end, which a server may trim.
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
    """Generates requests from one document.

    Args:
        document: A complete OpenAPI document.
        mode: Whether the requests conform to it or violate it.
    """

    def __init__(self, document: Mapping[str, Any], mode: Mode) -> None:
        config = schemathesis.Config.from_dict(copy.deepcopy(_CONFIG))
        self._schema = schemathesis.openapi.from_dict(dict(document), config=config)
        self._mode = GenerationMode(mode.value)

    def requests(self, operation: str) -> st.SearchStrategy[GeneratedRequest]:
        """A strategy for requests of the operation with this operationId."""
        described = self._schema.find_operation_by_id(operation)
        # Bytes that are not JSON belong to other rules; here they would displace JSON that violates the text.
        cases = described.as_strategy(generation_mode=self._mode).filter(_has_json)
        return cases.map(lambda case: self._converted(operation, case))

    def _converted(self, operation: str, case: Case[Any]) -> GeneratedRequest:
        if case.meta is None or case.meta.generation.mode is not self._mode:
            # Schemathesis uses the other mode if it finds nothing to violate.
            raise AssertionError(
                f"{operation}: expected a {self._mode.value} request, got one of another mode"
            )
        body = MISSING if _has_no_body(case) else case.body
        customer_id = case.path_parameters.get("id")
        return GeneratedRequest(operation, customer_id, dict(case.query or {}), body)


def _has_json(case: Case[Any]) -> bool:
    """Whether there is no body, or one that can be written as JSON."""
    try:
        json.dumps(None if _has_no_body(case) else case.body, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _has_no_body(case: Case[Any]) -> bool:
    return type(case.body).__name__ == "NotSet"
