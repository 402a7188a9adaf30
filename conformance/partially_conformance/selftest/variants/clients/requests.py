"""Variants of clients: how requests are written."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_variant


@client_variant(says="A blank in a query is written as a plus sign.")
def blanks_as_plus(sources: Sources) -> None:
    sources.sending("""
path, mark, query = request.url.partition("?")
request.url = path + mark + query.replace("%20", "+")
""")


@client_variant(says="Each request has the header X-Request-Id.")
def numbered_requests(sources: Sources) -> None:
    sources.sending('request.headers = (*request.headers, ("X-Request-Id", "7"))')


@client_variant(says="The client names another User-Agent and prefers JSON in the Accept header.")
def another_name(sources: Sources) -> None:
    sources.sending("""
others = [one for one in request.headers if one[0] not in {"Accept", "User-Agent"}]
request.headers = (*others, ("User-Agent", "curl/8"), ("Accept", "application/json, */*;q=0.1"))
""")


@client_variant(says="A request body is indented JSON.")
def bodies_with_blanks(sources: Sources) -> None:
    sources.sending("request.body = request.body and json.dumps(json.loads(request.body), indent=2).encode()")


@client_variant(says="The Content-Type of a request names the charset.")
def labels_with_a_charset(sources: Sources) -> None:
    sources.sending("""
labelled = {**dict(request.headers), "Content-Type": "application/json; charset=utf-8"}
request.headers = tuple(labelled.items()) if request.body else request.headers
""")


@client_variant(
    says="An id with characters that must be percent-encoded is refused before a request is sent."
)
def odd_ids_are_refused(sources: Sources) -> None:
    sources.sending("""
from ...errors import InvalidRequestError
if "%" in request.url.partition("?")[0]:
    raise InvalidRequestError("an unusual id")
""")
