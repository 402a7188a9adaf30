"""Clients that lose their way among pages: CLIENT-12."""

from __future__ import annotations

from partially_conformance.clients.copies import Sources, client_fault


@client_fault("CLIENT-12", says="Every second page is skipped.")
def pages_are_skipped(sources: Sources) -> None:
    sources.change_both("await self._turn_to(self._number() + 1)", "await self._turn_to(self._number() + 2)")


@client_fault("CLIENT-12", says="A walk ends with the first page.")
def only_the_first_page(sources: Sources) -> None:
    sources.change_both(
        "        if not self.has_next_page:\n",
        "        if self.has_next_page or not self.has_next_page:\n",
    )


@client_fault("CLIENT-12", says="The page that follows is asked for without the search.")
def search_is_lost_on_the_next_page(sources: Sources) -> None:
    sources.change_both(
        "query = {**arguments.query, paging.parameter: number}",
        "query = {paging.parameter: number}",
    )


@client_fault(
    "CLIENT-12", says="A walk goes on as long as the envelope names more pages, whatever they hold."
)
def envelopes_are_believed(sources: Sources) -> None:
    sources.change_both("return bool(self._items()) and self._number()", "return self._number()")
    sources.change_both(
        "if following._number() <= self._number() or following._items() == self._items():",
        "if False:",
    )
    sources.change_both("return following if following._items() else None", "return following")
    sources.change_both("if content in seen:", "if False:")
