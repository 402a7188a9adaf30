"""One page of a list, and the walk over all that follow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, Self, TypeVar

import msgspec

from .logs import logger
from .operation import Paging

E = TypeVar("E")
T = TypeVar("T")


class AsyncPage(Generic[E, T]):
    """One page of a list. Iterate it to get its items and those of all pages that follow.

    Attributes:
        data: The page as the server sent it.
    """

    def __init__(self, data: E, paging: Paging, turn_to: Callable[[int], Awaitable[E]]) -> None:
        self.data = data
        self._paging = paging
        self._turn_to = turn_to

    @property
    def has_next_page(self) -> bool:
        """Whether a page follows, as far as this one tells."""
        return bool(self._items()) and self._number() < self._total()

    async def next_page(self) -> Self | None:
        """Fetch the page that follows.

        Returns:
            The next page. None at the end, and also when the server does not move on: when it sends an
            empty page, the same items again, or a page number that does not grow.
        """
        if not self.has_next_page:
            return None
        data = await self._turn_to(self._number() + 1)
        following = type(self)(data, self._paging, self._turn_to)
        if following._number() <= self._number() or following._items() == self._items():
            logger.warning("The page after page %d is no other page; the list ends here", self._number())
            return None
        return following if following._items() else None

    async def iter_pages(self) -> AsyncIterator[Self]:
        """Walk over this page and all that follow. Ends when a page comes that was here before."""
        seen: set[int] = set()
        page: Self | None = self
        while page is not None:
            content = hash(msgspec.json.encode(page._items()))
            if content in seen:
                logger.warning("Page %d was here before; the list ends here", page._number())
                return
            seen.add(content)
            yield page
            page = await page.next_page()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.iter_pages():
            for item in page._items():
                yield item

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._number()} of {self._total()}, {len(self._items())} items>"

    def _items(self) -> list[T]:
        items: list[T] = getattr(self.data, self._paging.items)
        return items

    def _number(self) -> int:
        return self._whole(self._paging.number)

    def _total(self) -> int:
        return self._whole(self._paging.total)

    def _whole(self, attribute: str) -> int:
        value: Any = getattr(self.data, attribute)
        return int(value)
