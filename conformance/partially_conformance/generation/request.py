"""One generated request, and its form as JSON, in which one process passes it to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partially_conformance.traffic.exchange import MISSING


@dataclass(frozen=True, slots=True)
class GeneratedRequest:
    """A request generated from a document.

    Attributes:
        operation: The operationId.
        customer_id: The id in the path; None if the path has none.
        query: The query parameters.
        body: A JSON value; `MISSING` if there is no body.
    """

    operation: str
    customer_id: str | None
    query: Mapping[str, Any]
    body: Any

    def as_json(self) -> dict[str, Any]:
        """The request as a JSON value."""
        plain = {"operation": self.operation, "customer_id": self.customer_id, "query": dict(self.query)}
        return plain if self.body is MISSING else {**plain, "body": self.body}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> GeneratedRequest:
        """The request from its form as JSON."""
        return cls(plain["operation"], plain["customer_id"], plain["query"], plain.get("body", MISSING))
