"""Faults of clients: requests that differ from the document or from the call (CLIENT-1 to CLIENT-5)."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_fault


@client_fault("CLIENT-1", says="A removal is sent to the path of an update.")
def removal_at_the_path_of_an_update(sources: Sources) -> None:
    sources.sending('request.url = request.url.replace("/gdpr_remove/", "/")')


@client_fault("CLIENT-1", says="An update is sent as PATCH, which the document does not describe.")
def update_as_patch(sources: Sources) -> None:
    sources.sending(
        'request.method = "PATCH" if request.body and request.method == "PUT" else request.method'
    )


@client_fault("CLIENT-1", says="The page number in a query is written with a fraction, such as `page=1.0`.")
def numbers_with_a_fraction(sources: Sources) -> None:
    sources.sending(r'request.url = re.sub(r"page=(\d+)", r"page=\1.0", request.url)')


@client_fault("CLIENT-1", "CLIENT-3", says="A login sends its token as `login_token` instead of `token`.")
def token_under_another_name(sources: Sources) -> None:
    sources.sending(
        """request.body = (request.body or b"").replace(b'"token":', b'"login_token":') or None"""
    )


@client_fault("CLIENT-2", says="The key is sent without the word Bearer.")
def key_without_bearer(sources: Sources) -> None:
    sources.sending("""
others = [one for one in request.headers if one[0] != "Authorization"]
request.headers = (*others, ("Authorization", key))
""")


@client_fault("CLIENT-2", says="The key is also sent in the header X-Api-Key.")
def key_in_two_headers(sources: Sources) -> None:
    sources.sending('request.headers = (*request.headers, ("X-Api-Key", key))')


@client_fault("CLIENT-2", says="The key is also sent in the query.")
def key_in_the_query(sources: Sources) -> None:
    sources.sending("""request.url += f"{'&' if '?' in request.url else '?'}api_key={key}" """)


@client_fault(
    "CLIENT-3",
    says="A create sends the documented default of the language when the caller left the language out.",
)
def defaults_are_sent(sources: Sources) -> None:
    sources.sending("""
if request.method == "POST" and request.url.endswith("/customer"):
    request.body = json.dumps({"language": "en", **json.loads(request.body)}).encode()
""")


@client_fault("CLIENT-3", says="An argument that is None is not sent.")
def nulls_are_dropped(sources: Sources) -> None:
    sources.sending("""
if request.body:
    fields = json.loads(request.body).items()
    request.body = json.dumps({name: value for name, value in fields if value is not None}).encode()
""")


@client_fault("CLIENT-3", says="A list request always sends `page`, even if the caller did not give it.")
def page_is_always_named(sources: Sources) -> None:
    sources.sending("""
if request.method == "GET" and re.search(r"/customer(?:[?]|$)", request.url) and "?page=" not in request.url:
    if "&page=" not in request.url:
        request.url += f"{'&' if '?' in request.url else '?'}page=1"
""")


@client_fault("CLIENT-4", says="Ids are not percent-encoded in the path.")
def ids_are_not_quoted(sources: Sources) -> None:
    sources.sending("""
path, mark, query = request.url.partition("?")
request.url = unquote(path) + mark + query
""")


@client_fault("CLIENT-4", says="An id of two dots is sent and leads to another path.")
def dots_are_sent(sources: Sources) -> None:
    sources.change('{".", ".."}', "set()")


@client_fault("CLIENT-4", says="A plus in a search is not percent-encoded, so the server reads a blank.")
def plus_becomes_a_blank(sources: Sources) -> None:
    sources.sending('request.url = request.url.replace("%2B", "+")')


@client_fault("CLIENT-4", says="Blanks around a search are removed.")
def searches_are_trimmed(sources: Sources) -> None:
    sources.sending('request.url = re.sub(r"(?<=q=)(?:%20)+|(?:%20)+(?=&|$)", "", request.url)')


@client_fault("CLIENT-5", says="Requests with a body have no Content-Type.")
def bodies_without_a_label(sources: Sources) -> None:
    sources.sending('request.headers = tuple(one for one in request.headers if one[0] != "Content-Type")')


@client_fault("CLIENT-5", says="The Accept header of a request does not name JSON.")
def json_is_not_asked_for(sources: Sources) -> None:
    sources.sending(
        'request.headers = (*(one for one in request.headers if one[0] != "Accept"), ("Accept", "*/*"))'
    )
