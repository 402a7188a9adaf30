"""Faults of clients: the blocking and the asynchronous client differ (CLIENT-14)."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_fault

_ASYNC = "_core/client/async_client.py"


@client_fault("CLIENT-14", "CLIENT-7", says="Only the blocking client retries.")
def asynchronous_never_tries_again(sources: Sources) -> None:
    sources.add(_ASYNC, "def pause_before_retry(*_):\n    return None")


@client_fault("CLIENT-14", says="The asynchronous client reports a refusal as a broken connection.")
def asynchronous_has_other_errors(sources: Sources) -> None:
    sources.add(
        _ASYNC,
        """
_check_as_it_is = check_status

def check_status(response, *more):
    if response.status_code >= 400:
        raise APIConnectionError("refused")
    _check_as_it_is(response, *more)
""",
    )


@client_fault("CLIENT-14", says="The Accept header of the asynchronous client allows any media type.")
def asynchronous_sends_other_headers(sources: Sources) -> None:
    sources.sending(
        """
others = [one for one in request.headers if one[0] != "Accept"]
request.headers = (*others, ("Accept", "application/json, */*"))
""",
        blocking=False,
    )
