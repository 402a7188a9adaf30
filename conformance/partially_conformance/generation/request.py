"""One generated request, and its form as JSON, in which it travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partially_conformance.traffic.exchange import MISSING


@dataclass(frozen=True, slots=True)
class GeneratedRequest:
    """A request generated from a document.

    Attributes:
        customer_id: What stands in the path, None if nothing does.
        body: A JSON value, `MISSING` if there is none.
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
        """The request that a JSON value says."""
        return cls(plain["operation"], plain["customer_id"], plain["query"], plain.get("body", MISSING))
