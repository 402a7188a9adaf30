"""Clients whose blocking and asynchronous forms differ: CLIENT-14."""

from __future__ import annotations

from partially_conformance.clients.copies import Sources, client_fault

_ASYNC = "_core/async_client.py"


@client_fault("CLIENT-14", "CLIENT-7", says="Only the blocking client tries again.")
def asynchronous_never_tries_again(sources: Sources) -> None:
    sources.change(_ASYNC, "            if pause is None:\n", "            if pause is None or pause >= 0:\n")


@client_fault("CLIENT-14", says="The asynchronous client reports a refusal as a broken connection.")
def asynchronous_has_other_errors(sources: Sources) -> None:
    sources.change(
        _ASYNC,
        "        check_status(outcome, request.secrets)\n",
        "        if outcome.status_code >= 400:\n            raise APIConnectionError('refused')\n"
        "        check_status(outcome, request.secrets)\n",
    )


@client_fault("CLIENT-14", says="The asynchronous client asks for any kind of answer.")
def asynchronous_sends_other_headers(sources: Sources) -> None:
    sources.change(
        _ASYNC,
        "        started = perf_counter()\n",
        '        request = request.with_headers({"Accept": "application/json, */*"})\n'
        "        started = perf_counter()\n",
    )
