"""The arithmetic of pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_LARGEST_OFFSET = 2**63 - 1
"""The largest number either database takes; no table has that many rows."""


class Paging:
    """Pages counted from 1. Source: the general chapter of the wider reference."""

    default_size = 10
    """Customers on a page when the request does not say, as the vendor's own client has it."""

    def number(self, asked: int | None) -> int:
        """The number of the page to return."""
        return 1 if asked is None else asked

    def size(self, asked: int | None) -> int:
        """How many customers a full page holds."""
        return self.default_size if asked is None else asked

    def offset(self, number: int, size: int) -> int:
        """How many customers stand before this page."""
        return min((number - 1) * size, _LARGEST_OFFSET)

    def total_pages(self, total: int, size: int) -> int:
        """How many pages there are. The first is always there, if only to say that it is empty."""
        return max(1, -(-total // size))

    def envelope(self, items: Sequence[Any], number: int, size: int, total: int) -> dict[str, Any]:
        """A page as the API answers it."""
        return {
            "customers": list(items),
            "page_number": number,
            "page_size": size,
            "total_entries": total,
            "total_pages": self.total_pages(total, size),
        }
