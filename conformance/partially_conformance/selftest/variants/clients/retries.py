"""Variants of clients: how often they retry, and how long they wait."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_variant

_RETRY = "_core/client/retry.py"
_SETTINGS = "_core/settings/settings.py"


@client_variant(says="A call is retried up to five times.")
def five_repetitions(sources: Sources) -> None:
    sources.change("DEFAULT_MAX_RETRIES = 2", "DEFAULT_MAX_RETRIES = 5")


@client_variant(says="A call is retried once.")
def one_repetition(sources: Sources) -> None:
    sources.change("DEFAULT_MAX_RETRIES = 2", "DEFAULT_MAX_RETRIES = 1")


@client_variant(says="A create is not retried, not even after a 429.")
def creates_are_never_repeated(sources: Sources) -> None:
    sources.change("ALWAYS = frozenset({429})", "ALWAYS = frozenset()")


@client_variant(says="A removal is retried like any other PUT.")
def removals_are_repeated(sources: Sources) -> None:
    path = 'path="/customer/gdpr_remove/{id}",\n    repeatable='
    sources.change(f"{path}False", f"{path}True")


@client_variant(says="Calls that may be retried are also retried after a 500.")
def repetitions_after_500(sources: Sources) -> None:
    sources.change("REPEATABLE = frozenset({408,", "REPEATABLE = frozenset({500, 408,")


@client_variant(
    says="The client pauses up to a minute between retries and waits out a Retry-After of ten minutes."
)
def long_pauses(sources: Sources) -> None:
    sources.change("FIRST_PAUSE = 0.5", "FIRST_PAUSE = 30.0")
    sources.change("LONGEST_PAUSE = 8.0", "LONGEST_PAUSE = 60.0")
    sources.change("LONGEST_RETRY_AFTER = 60.0", "LONGEST_RETRY_AFTER = 600.0")


@client_variant(says="The default timeout is one second.")
def short_limits(sources: Sources) -> None:
    sources.change("DEFAULT_TIMEOUT = 30.0", "DEFAULT_TIMEOUT = 1.0")
