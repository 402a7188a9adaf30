"""Faults of clients: retries and timeouts (CLIENT-6, CLIENT-7, CLIENT-16)."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_fault

_RETRY = "_core/client/retry.py"
_SETTINGS = "_core/settings/settings.py"


@client_fault("CLIENT-6", says="A create is retried after a 503.")
def creates_are_repeated_on_503(sources: Sources) -> None:
    sources.change("ALWAYS = frozenset({429})", "ALWAYS = frozenset({429, 503})")


@client_fault("CLIENT-6", says="A create is retried after the connection broke before a response came.")
def creates_are_repeated_without_an_answer(sources: Sources) -> None:
    sources.change("if operation.repeatable or not outcome.maybe_sent else None", "")


@client_fault("CLIENT-7", says="The client never retries.")
def nothing_is_repeated(sources: Sources) -> None:
    sources.change("DEFAULT_MAX_RETRIES = 2", "DEFAULT_MAX_RETRIES = 0")


@client_fault("CLIENT-7", says="The client ignores Retry-After.")
def retry_after_is_ignored(sources: Sources) -> None:
    sources.add(_RETRY, "def asked_for(headers):\n    return None")


@client_fault("CLIENT-7", says="The client ignores a Retry-After that is a date.")
def dates_are_not_understood(sources: Sources) -> None:
    sources.add(
        _RETRY,
        "def retry_after(value):\n    return float(value) if value.isdigit() and len(value) < 9 else None",
    )


@client_fault("CLIENT-7", says="The client retries without a pause.")
def no_pause_before_a_repetition(sources: Sources) -> None:
    sources.change("FIRST_PAUSE = 0.5", "FIRST_PAUSE = 0.0")


@client_fault("CLIENT-7", says="The client does not retry after a 408.")
def a_408_is_final(sources: Sources) -> None:
    sources.change("REPEATABLE = frozenset({408, 429,", "REPEATABLE = frozenset({429,")


@client_fault("CLIENT-16", says="There is no timeout unless the caller sets one.")
def no_time_limit(sources: Sources) -> None:
    sources.change("DEFAULT_TIMEOUT = 30.0", "DEFAULT_TIMEOUT = None")


@client_fault("CLIENT-16", says="There is no timeout for connecting.")
def no_limit_for_connecting(sources: Sources) -> None:
    sources.change("connect = None if timeout is None else min(timeout, CONNECT_TIMEOUT)", "connect = None")


@client_fault("CLIENT-16", says="The client waits out any Retry-After, even one of a day.")
def any_retry_after_is_slept_through(sources: Sources) -> None:
    sources.change("LONGEST_RETRY_AFTER = 60.0", "LONGEST_RETRY_AFTER = math.inf")
