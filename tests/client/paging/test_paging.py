"""Lists: all items, one page, page by page, and servers that lie."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.conftest import Caller, Server

from partially_client import BadRequestError, ResponseValidationError

Page = Callable[..., dict[str, Any]]


def numbered(page: Page, total: int = 3) -> Server:
    def server(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page", 1))
        ids = [f"{number}a", f"{number}b"] if number <= total else []
        return httpx2.Response(200, json=page(number, ids, total))

    return server


def ids(items: Any) -> list[str]:
    return [item.id for item in items]


def test_a_list_walks_over_all_pages_and_keeps_its_arguments(call: Caller, page: Page) -> None:
    assert ids(call.walk(numbered(page), q="Doe", per_page=2)) == ["1a", "1b", "2a", "2b", "3a", "3b"]
    query = "q=Doe&per_page=2"
    assert [path for _, path, _ in call.sent] == [
        f"/v1/customer?{query}",
        "/v1/customer?q=Doe&page=2&per_page=2",
        "/v1/customer?q=Doe&page=3&per_page=2",
    ]


def test_a_walk_starts_at_the_page_that_was_asked_for(call: Caller, page: Page) -> None:
    assert ids(call.walk(numbered(page), page=2)) == ["2a", "2b", "3a", "3b"]


def test_one_page_tells_its_place(call: Caller, page: Page) -> None:
    found = call(numbered(page), "list", page=2, per_page=2)
    assert len(call.requests) == 1
    assert ids(found.customers) == ["2a", "2b"]
    assert (found.page_number, found.page_size, found.total_entries, found.total_pages) == (2, 2, 6, 3)
    assert found.has_next_page
    assert repr(found).endswith("Page 2 of 3, 2 items>")


def test_page_by_page(call: Caller, page: Page) -> None:
    def blocking(client: Any) -> Any:
        first = client.customers.list()
        last = first.next_page().next_page()
        return last.next_page(), [p.page_number for p in first.iter_pages()]

    async def asynchronous(client: Any) -> Any:
        first = await client.customers.list()
        last = await (await first.next_page()).next_page()
        pages = [p.page_number async for p in client.customers.list().iter_pages()]
        return await last.next_page(), pages

    action = asynchronous if call.is_async else blocking
    assert call.use(numbered(page), action) == (None, [1, 2, 3])


def always(page: Page) -> Server:
    return lambda _: httpx2.Response(200, json=page(1, ["a", "b"], 9))


def same_items(page: Page) -> Server:
    return lambda request: httpx2.Response(
        200, json=page(int(request.url.params.get("page", 1)), ["a", "b"], 10**9)
    )


def circle(page: Page) -> Server:
    def server(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page", 1))
        return httpx2.Response(200, json=page(number, ["a"] if number % 2 else ["b"], number + 1))

    return server


def empty_later(page: Page) -> Server:
    def server(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page", 1))
        return httpx2.Response(200, json=page(number, ["a"] if number == 1 else [], 10**9))

    return server


def backwards(page: Page) -> Server:
    numbers = itertools.count(5, -1)
    return lambda _: httpx2.Response(200, json=page(n := next(numbers), [str(n)], 9))


@pytest.mark.parametrize(
    ("liar", "seen"),
    [
        (always, ["a", "b"]),
        (same_items, ["a", "b"]),
        (circle, ["a", "b"]),
        (empty_later, ["a"]),
        (backwards, ["5"]),
    ],
)
def test_a_server_that_does_not_move_on_ends_the_walk(
    call: Caller, page: Page, liar: Callable[[Page], Server], seen: list[str]
) -> None:
    lies = liar(page)

    def patient(request: httpx2.Request) -> httpx2.Response:
        assert len(call.requests) <= 3, "the walk goes on and on"
        return lies(request)

    assert ids(call.walk(patient)) == seen


def test_there_is_no_next_page_with_the_same_items(call: Caller, page: Page) -> None:
    def blocking(client: Any) -> Any:
        return client.customers.list().next_page()

    async def asynchronous(client: Any) -> Any:
        return await (await client.customers.list()).next_page()

    assert call.use(same_items(page), asynchronous if call.is_async else blocking) is None


def test_an_empty_list(call: Caller, page: Page) -> None:
    assert call.walk(lambda _: httpx2.Response(200, json=page(1, [], 0))) == []
    assert len(call.requests) == 1


def test_errors_show_at_once_and_in_the_middle(call: Caller, page: Page) -> None:
    with pytest.raises(BadRequestError):
        call(lambda _: httpx2.Response(400), "list")

    def second_fails(request: httpx2.Request) -> httpx2.Response:
        if "page" in request.url.params:
            return httpx2.Response(200, json=page(2, ["x"], customers=None))
        return httpx2.Response(200, json=page(1, ["a"]))

    with pytest.raises(ResponseValidationError, match=r"\$\.customers"):
        call.walk(second_fails)
