"""Clients that try again when they should not, or not when they should: CLIENT-6, CLIENT-7 and CLIENT-16."""

from __future__ import annotations

from partially_conformance.clients.copies import Sources, client_fault

_RETRY = "_core/client/retry.py"
_SETTINGS = "_core/settings/settings.py"


@client_fault("CLIENT-6", says="A create is sent again after 503.")
def creates_are_repeated_on_503(sources: Sources) -> None:
    sources.change("ALWAYS = frozenset({429})", "ALWAYS = frozenset({429, 503})")


@client_fault("CLIENT-6", says="A create is sent again when the connection broke before its answer.")
def creates_are_repeated_without_an_answer(sources: Sources) -> None:
    sources.change("if operation.repeatable or not outcome.maybe_sent else None", "")


@client_fault("CLIENT-6", says="A removal counts as something that may be done twice, since it is a PUT.")
def removals_are_repeated(sources: Sources) -> None:
    path = 'path="/customer/gdpr_remove/{id}",\n    repeatable='
    sources.change(f"{path}False", f"{path}True")


@client_fault("CLIENT-7", says="Nothing is ever sent again.")
def nothing_is_repeated(sources: Sources) -> None:
    sources.change("DEFAULT_MAX_RETRIES = 2", "DEFAULT_MAX_RETRIES = 0")


@client_fault("CLIENT-7", says="A Retry-After is not looked at.")
def retry_after_is_ignored(sources: Sources) -> None:
    sources.add(_RETRY, "def asked_for(headers):\n    return None")


@client_fault("CLIENT-7", says="A Retry-After with a date is not understood.")
def dates_are_not_understood(sources: Sources) -> None:
    sources.add(
        _RETRY,
        "def retry_after(value):\n    return float(value) if value.isdigit() and len(value) < 9 else None",
    )


@client_fault("CLIENT-7", says="A call that failed is sent again at once.")
def no_pause_before_a_repetition(sources: Sources) -> None:
    sources.change("FIRST_PAUSE = 0.5", "FIRST_PAUSE = 0.0")


@client_fault("CLIENT-7", says="After 408 nothing is sent again.")
def a_408_is_final(sources: Sources) -> None:
    sources.change("REPEATABLE = frozenset({408, 429,", "REPEATABLE = frozenset({429,")


@client_fault("CLIENT-16", says="There is no time limit unless the caller sets one.")
def no_time_limit(sources: Sources) -> None:
    sources.change("DEFAULT_TIMEOUT = 30.0", "DEFAULT_TIMEOUT = None")


@client_fault("CLIENT-16", says="There is no time limit for connecting.")
def no_limit_for_connecting(sources: Sources) -> None:
    sources.change("connect = None if timeout is None else min(timeout, CONNECT_TIMEOUT)", "connect = None")


@client_fault("CLIENT-16", says="A Retry-After of a day is slept through.")
def any_retry_after_is_slept_through(sources: Sources) -> None:
    sources.change("LONGEST_RETRY_AFTER = 60.0", "LONGEST_RETRY_AFTER = math.inf")
