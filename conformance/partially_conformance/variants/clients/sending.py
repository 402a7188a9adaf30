"""Clients that write their requests in another way."""

from __future__ import annotations

from partially_conformance.clients.copies import Sources, client_variant


@client_variant(says="A blank in a query is written as a plus, and a plus is escaped.")
def blanks_as_plus(sources: Sources) -> None:
    sources.sending("""
path, mark, query = request.url.partition("?")
request.url = path + mark + query.replace("%20", "+")
""")


@client_variant(says="Each request has a number of its own in a header.")
def numbered_requests(sources: Sources) -> None:
    sources.sending('request.headers = (*request.headers, ("X-Request-Id", "7"))')


@client_variant(says="It goes by another name, and asks for JSON above all else.")
def another_name(sources: Sources) -> None:
    sources.sending("""
others = [one for one in request.headers if one[0] not in {"Accept", "User-Agent"}]
request.headers = (*others, ("User-Agent", "curl/8"), ("Accept", "application/json, */*;q=0.1"))
""")


@client_variant(says="A body is written with blanks and line ends.")
def bodies_with_blanks(sources: Sources) -> None:
    sources.sending("request.body = request.body and json.dumps(json.loads(request.body), indent=2).encode()")


@client_variant(says="A body is labelled with its charset too.")
def labels_with_a_charset(sources: Sources) -> None:
    sources.sending("""
labelled = {**dict(request.headers), "Content-Type": "application/json; charset=utf-8"}
request.headers = tuple(labelled.items()) if request.body else request.headers
""")


@client_variant(
    says="An id with anything but letters, digits and hyphens is refused before anything is sent."
)
def odd_ids_are_refused(sources: Sources) -> None:
    sources.sending("""
from ...errors import InvalidRequestError
if "%" in request.url.partition("?")[0]:
    raise InvalidRequestError("an odd id")
""")
