"""One page of a list, and the walk over all following pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, Self, TypeVar

import msgspec

from ..observability.logs import logger
from ..requests.operation import Paging

E = TypeVar("E")
T = TypeVar("T")


class AsyncPage(Generic[E, T]):
    """One page of a list. Iterate over it to get its items and those of all following pages.

    Attributes:
        data: The page as the server sent it.
    """

    def __init__(
        self, data: E, paging: Paging, turn_to: Callable[[Any], Awaitable[E]], start: int = 0
    ) -> None:
        self.data = data
        self._paging = paging
        self._turn_to = turn_to
        self._start = start

    @property
    def has_next_page(self) -> bool:
        """Whether another page follows, according to this page."""
        return self._next() is not None

    async def next_page(self) -> Self | None:
        """Fetch the next page.

        Returns:
            The next page. None at the end, and also if the server does not advance: if it sends an empty
            page, the same items again, a page number that does not grow, or the same cursor.
        """
        wanted = self._next()
        if wanted is None:
            return None
        data = await self._turn_to(wanted)
        start = wanted if self._paging.style == "offset" else 0
        following = type(self)(data, self._paging, self._turn_to, start)
        if self._is_stuck(following, wanted):
            logger.warning("The page after %s repeats an earlier one; the list ends here", self._place())
            return None
        goes_on = self._paging.style == "cursor" and following.has_next_page
        return following if following._items() or goes_on else None

    async def iter_pages(self) -> AsyncIterator[Self]:
        """Iterate over this page and all following pages. Ends when the server repeats a page."""
        seen: set[int] = set()
        page: Self | None = self
        while page is not None:
            cursor = page._next() if self._paging.style == "cursor" else None
            content = hash(msgspec.json.encode((page._items(), cursor)))
            if content in seen:
                logger.warning("%s repeats an earlier one; the list ends here", page._place().capitalize())
                return
            seen.add(content)
            yield page
            page = await page.next_page()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.iter_pages():
            for item in page._items():
                yield item

    def __getitem__(self, index: int) -> T:
        """An item of this page, by its place."""
        return self._items()[index]

    def __len__(self) -> int:
        """How many items this page has."""
        return len(self._items())

    def __bool__(self) -> bool:
        return True  # as before it had a length: a page without items is still a page

    def __copy__(self) -> Self:
        return type(self)(self.data, self._paging, self._turn_to, self._start)

    def __reduce__(self) -> Any:
        raise TypeError("a page fetches others with its client and cannot be pickled: pickle its `data`")

    def __repr__(self) -> str:
        total = f" of {self._total()}" if self._paging.style == "page-number" else ""
        return (
            f"<{type(self).__name__} {self._place().rpartition(' ')[2]}{total}, {len(self._items())} items>"
        )

    def _place(self) -> str:
        """Which page this is, for messages. A cursor is not shown, since it may contain search terms."""
        match self._paging.style:
            case "page-number":
                return f"page {self._number()}"
            case "offset":
                return f"page from {self._start}"
        return "page"

    def _next(self) -> Any:
        """The value that requests the next page; None at the end."""
        items = self._items()
        match self._paging.style:
            case "cursor":
                cursor = getattr(self.data, self._paging.next)
                return None if cursor is msgspec.UNSET or cursor == "" else cursor
            case "offset":
                end = self._start + len(items)
                is_last = not items or (self._paging.total and end >= self._total())
                return None if is_last else end
        return self._number() + 1 if items and self._number() < self._total() else None

    def _is_stuck(self, following: Self, wanted: Any) -> bool:
        match self._paging.style:
            case "cursor":
                return bool(following._next() == wanted)
            case "page-number" if following._number() <= self._number():
                return True
        return following._items() == self._items()

    def _items(self) -> list[T]:
        items: list[T] | msgspec.UnsetType | None = getattr(self.data, self._paging.items)
        return items if isinstance(items, list) else []

    def _number(self) -> int:
        return self._whole(self._paging.number)

    def _total(self) -> int:
        return self._whole(self._paging.total)

    def _whole(self, attribute: str) -> int:
        value: Any = getattr(self.data, attribute)
        return int(value) if isinstance(value, int | float | str) else 0
