"""What the list methods of the asynchronous client return, before a page is fetched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

from .async_page import AsyncPage

P = TypeVar("P", bound=AsyncPage[Any, Any])
T = TypeVar("T")


class AsyncPager(Generic[P, T]):
    """A list that is not fetched yet.

    `await` it for its first page, or iterate over all items with `async for`. Nothing is sent before that,
    and each time the list starts again from the beginning.
    """

    def __init__(self, first: Callable[[], Awaitable[P]]) -> None:
        self._first = first

    def __await__(self) -> Generator[Any, None, P]:
        return self._first().__await__()

    async def iter_pages(self) -> AsyncIterator[P]:
        """Iterate over all pages."""
        async for page in (await self).iter_pages():
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in await self:
            yield item
