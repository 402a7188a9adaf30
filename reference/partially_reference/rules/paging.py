"""Page numbers, page sizes and the envelope of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_LARGEST_OFFSET = 2**63 - 1
"""The largest offset that both databases accept. No table has that many rows."""


class Paging:
    """Pages, counted from 1, as the general chapter of the wider reference says."""

    default_size = 10
    """How many customers a page holds if the request does not say. The vendor's own client uses this too."""

    def number(self, asked: int | None) -> int:
        """The number of the page to return."""
        return 1 if asked is None else asked

    def size(self, asked: int | None) -> int:
        """How many customers a full page holds."""
        return self.default_size if asked is None else asked

    def offset(self, number: int, size: int) -> int:
        """How many customers come before this page."""
        return min((number - 1) * size, _LARGEST_OFFSET)

    def total_pages(self, total: int, size: int) -> int:
        """How many pages there are. An empty list has one page, which is empty."""
        return max(1, -(-total // size))

    def envelope(self, items: Sequence[Any], number: int, size: int, total: int) -> dict[str, Any]:
        """A page in its envelope, as the API shows it."""
        return {
            "customers": list(items),
            "page_number": number,
            "page_size": size,
            "total_entries": total,
            "total_pages": self.total_pages(total, size),
        }
