"""Faults of clients: errors that lose the response, or have another type (CLIENT-9, CLIENT-11)."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_fault

_RESPONSE = "_core/responses/reading.py"


@client_fault(
    "CLIENT-9", says="The error drops the message of a refusal and gives only the name of the status."
)
def messages_are_lost(sources: Sources) -> None:
    sources.change("redact(message, secrets) or _in_words(status)", "_in_words(status)")


@client_fault("CLIENT-9", says="The error drops the list of errors in a refusal.")
def errors_of_a_refusal_are_lost(sources: Sources) -> None:
    sources.change("[redact_all(item, secrets) for item in errors]", "[]")


@client_fault("CLIENT-9", says="The error drops the body of a refusal.")
def bodies_of_refusals_are_lost(sources: Sources) -> None:
    sources.add(
        _RESPONSE,
        """
_api_error_with_body = _api_error

def _api_error(response, *more):
    error = _api_error_with_body(response, *more)
    error.response = Response(response.status_code, response.headers, b"")
    return error
""",
    )


@client_fault("CLIENT-9", says="The client reads a redirect as if it were a success.")
def redirects_count_as_successes(sources: Sources) -> None:
    sources.change("if not 200 <= response.status_code <= 299:", "if not 200 <= response.status_code <= 399:")


@client_fault("CLIENT-11", says="A status that has no standard name raises a ValueError.")
def statuses_leak_a_value_error(sources: Sources) -> None:
    sources.add(_RESPONSE, "def _in_words(status):\n    return http.HTTPStatus(status).phrase")


@client_fault("CLIENT-11", says="A refusal without a message raises a KeyError.")
def refusals_leak_a_key_error(sources: Sources) -> None:
    sources.add(
        _RESPONSE,
        """
_api_error_as_it_is = _api_error

def _api_error(response, *more):
    if response.content.startswith(b"{") and b'"message"' not in response.content:
        raise KeyError("message")
    return _api_error_as_it_is(response, *more)
""",
    )


@client_fault("CLIENT-11", says="A refusal that is not JSON raises an error of the JSON library.")
def refusals_leak_a_decode_error(sources: Sources) -> None:
    sources.add(
        _RESPONSE,
        """
_api_error_as_it_is = _api_error

def _api_error(response, *more):
    msgspec.json.decode(response.content)
    return _api_error_as_it_is(response, *more)
""",
    )


@client_fault("CLIENT-11", says="JSON that is nested too deeply raises a RecursionError.")
def depth_leaks_a_recursion_error(sources: Sources) -> None:
    sources.change("    except RecursionError as error:\n", "    except ZeroDivisionError as error:\n")


@client_fault("CLIENT-11", says="A broken connection raises an error of the HTTP library.")
def broken_connections_leak(sources: Sources) -> None:
    sources.change("_OF_HTTPX2 = (httpx2.HTTPError,", "_OF_HTTPX2 = (httpx2.ConnectError,")


@client_fault(
    "CLIENT-11", says="A response body that cannot be decompressed raises an error of the HTTP library."
)
def compression_leaks(sources: Sources) -> None:
    sources.change(
        'self.fault = f"Expected a readable body, but decompressing it failed: {error}"',
        'raise __import__("httpx2").DecodingError(str(error))',
    )
    sources.change_both(
        "        except httpx2.HTTPError as error:\n",
        "        except httpx2.NetworkError as error:\n",
    )
    sources.change("_OF_HTTPX2 = (httpx2.HTTPError,", "_OF_HTTPX2 = (httpx2.TransportError,")


@client_fault(
    "CLIENT-11", says="A connection that breaks before the first byte of a response body raises a KeyError."
)
def empty_answers_leak_a_key_error(sources: Sources) -> None:
    sources.change_both(
        "        except httpx2.HTTPError as error:\n            found",
        "        except httpx2.HTTPError as error:\n            if not body.size:\n"
        "                raise KeyError(str(error)) from error\n            found",
    )
