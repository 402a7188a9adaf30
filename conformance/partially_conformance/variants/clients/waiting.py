"""Clients that try again more or less often, or wait longer."""

from __future__ import annotations

from partially_conformance.clients.copies import Sources, client_variant

_RETRY = "_core/client/retry.py"
_SETTINGS = "_core/settings/settings.py"


@client_variant(says="A call is repeated up to five times.")
def five_repetitions(sources: Sources) -> None:
    sources.change("DEFAULT_MAX_RETRIES = 2", "DEFAULT_MAX_RETRIES = 5")


@client_variant(says="A call is repeated once.")
def one_repetition(sources: Sources) -> None:
    sources.change("DEFAULT_MAX_RETRIES = 2", "DEFAULT_MAX_RETRIES = 1")


@client_variant(says="A create is not repeated, not even after 429.")
def creates_are_never_repeated(sources: Sources) -> None:
    sources.change("ALWAYS = frozenset({429})", "ALWAYS = frozenset()")


@client_variant(says="What may be repeated is repeated after 500 too.")
def repetitions_after_500(sources: Sources) -> None:
    sources.change("REPEATABLE = frozenset({408,", "REPEATABLE = frozenset({500, 408,")


@client_variant(says="Pauses are up to a minute, and a Retry-After of ten minutes is sat out.")
def long_pauses(sources: Sources) -> None:
    sources.change("FIRST_PAUSE = 0.5", "FIRST_PAUSE = 30.0")
    sources.change("LONGEST_PAUSE = 8.0", "LONGEST_PAUSE = 60.0")
    sources.change("LONGEST_RETRY_AFTER = 60.0", "LONGEST_RETRY_AFTER = 600.0")


@client_variant(says="Every answer is waited for a second at most.")
def short_limits(sources: Sources) -> None:
    sources.change("DEFAULT_TIMEOUT = 30.0", "DEFAULT_TIMEOUT = 1.0")
