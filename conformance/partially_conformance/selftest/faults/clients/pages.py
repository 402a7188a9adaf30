"""Faults of clients: walks over the pages of a list (CLIENT-12)."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_fault

_BELIEVING = """
class AsyncPage(AsyncPage[E, T]):
    async def next_page(self):
        number = self._number()
        if number >= self._total():
            return None
        return type(self)(await self._turn_to(number + 1), self._paging, self._turn_to)

    async def iter_pages(self):
        page = self
        while page is not None:
            yield page
            page = await page.next_page()
"""


@client_fault("CLIENT-12", says="A walk skips every second page.")
def pages_are_skipped(sources: Sources) -> None:
    sources.sending("""
number = re.search(r"[?&]page=([0-9]+)", request.url)
if number:
    request.url = request.url.replace(number[0], f"{number[0][:6]}{2 * int(number[1]) - 1}")
""")


@client_fault("CLIENT-12", says="A walk ends after the first page.")
def only_the_first_page(sources: Sources) -> None:
    sources.add_to_both(
        "paging/async_page",
        "class AsyncPage(AsyncPage[E, T]):\n    async def next_page(self):\n        return None",
    )


@client_fault("CLIENT-12", says="The request for the next page leaves out the search.")
def search_is_lost_on_the_next_page(sources: Sources) -> None:
    sources.sending("""
if re.search(r"[?&]page=(?!1(?:&|$))", request.url):
    request.url = re.sub(r"[?]q=[^&]*&", "?", request.url)
""")


@client_fault(
    "CLIENT-12", says="A walk goes on as long as the envelope announces more pages, even if a page is empty."
)
def envelopes_are_believed(sources: Sources) -> None:
    sources.add_to_both("paging/async_page", _BELIEVING)
