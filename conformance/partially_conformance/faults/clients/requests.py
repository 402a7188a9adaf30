"""Clients that send what they should not: CLIENT-1 to CLIENT-5."""

from __future__ import annotations

from partially_conformance.clients.copies import Sources, client_fault

_CUSTOMERS = "resources/customers.py"
_REQUEST = "_core/request.py"
_SETTINGS = "_core/settings.py"


@client_fault("CLIENT-1", says="A removal is sent to the path of the customer, where it is an update.")
def removal_at_the_path_of_an_update(sources: Sources) -> None:
    sources.change(_CUSTOMERS, 'path="/customer/gdpr_remove/{id}"', 'path="/customer/{id}"')


@client_fault("CLIENT-1", says="An update is sent as PATCH, which nobody describes.")
def update_as_patch(sources: Sources) -> None:
    sources.change(
        _CUSTOMERS,
        'name="customers.update",\n    method="PUT"',
        'name="customers.update",\n    method="PATCH"',
    )


@client_fault("CLIENT-1", says="Numbers in a query are written with a fraction.")
def numbers_with_a_fraction(sources: Sources) -> None:
    sources.change(
        _REQUEST,
        "    if isinstance(value, int | float | uuid.UUID):\n",
        '    if isinstance(value, int):\n        return f"{value:.1f}"\n'
        "    if isinstance(value, float | uuid.UUID):\n",
    )


@client_fault("CLIENT-1", "CLIENT-3", says="The token of a login is sent under another name.")
def token_under_another_name(sources: Sources) -> None:
    sources.change_each(_CUSTOMERS, '"token": token', '"login_token": token')


@client_fault("CLIENT-2", says="The key is sent without the word Bearer.")
def key_without_bearer(sources: Sources) -> None:
    sources.change("_client.py", 'auth_prefix="Bearer "', 'auth_prefix=""')


@client_fault("CLIENT-2", says="The key is also sent in a header of its own.")
def key_in_two_headers(sources: Sources) -> None:
    sources.change(
        _SETTINGS,
        "overridden((*own, *key), self.extra_headers)",
        'overridden((*own, *key, ("X-Api-Key", self.api_key)), self.extra_headers)',
    )


@client_fault("CLIENT-2", says="The key is also put into the query.")
def key_in_the_query(sources: Sources) -> None:
    sources.change(
        _REQUEST,
        "_path(operation, arguments.path) + _query(operation, query)",
        '_path(operation, arguments.path) + _query(operation, {**query, "api_key": settings.api_key})',
    )


@client_fault("CLIENT-3", says="A create sends the documented default of a language that was left out.")
def defaults_are_sent(sources: Sources) -> None:
    sources.add(
        _REQUEST,
        """
_body_as_given = _body

def _body(operation, body):
    if operation.name == "customers.create" and body.get("language") is msgspec.UNSET:
        body = {**body, "language": "en"}
    return _body_as_given(operation, body)
""",
    )


@client_fault("CLIENT-3", says="An argument that is None is left out.")
def nulls_are_dropped(sources: Sources) -> None:
    sources.add(
        _REQUEST,
        """
_body_as_given = _body

def _body(operation, body):
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if value is not None}
    return _body_as_given(operation, body)
""",
    )


@client_fault("CLIENT-3", says="A list always names its page.")
def page_is_always_named(sources: Sources) -> None:
    sources.add(
        _REQUEST,
        """
_query_as_given = _query

def _query(operation, arguments):
    if operation.paging and arguments.get("page") is msgspec.UNSET:
        arguments = {**arguments, "page": 1}
    return _query_as_given(operation, arguments)
""",
    )


@client_fault("CLIENT-4", says="Ids are put into the path as they are.")
def ids_are_not_quoted(sources: Sources) -> None:
    sources.change(
        _REQUEST,
        "    return _quoted(operation, name, text)\n",
        "    _quoted(operation, name, text)\n    return text\n",
    )


@client_fault("CLIENT-4", says="Two dots are sent as an id, and lead to another path.")
def dots_are_sent(sources: Sources) -> None:
    sources.change(_REQUEST, 'if text in {".", ".."}:', "if not text:")


@client_fault("CLIENT-4", says="A plus in a search is not quoted, so that a blank arrives.")
def plus_becomes_a_blank(sources: Sources) -> None:
    sources.change(_REQUEST, 'return quote(text, safe="")', 'return quote(text, safe="+")')


@client_fault("CLIENT-4", says="Blanks around a search are taken off.")
def searches_are_trimmed(sources: Sources) -> None:
    sources.change(
        _REQUEST,
        "    if isinstance(value, str):\n        return value\n",
        "    if isinstance(value, str):\n        return value.strip() or value\n",
    )


@client_fault("CLIENT-5", says="A body has no label.")
def bodies_without_a_label(sources: Sources) -> None:
    sources.change(_REQUEST, "overridden((*headers, _JSON), settings.extra_headers)", "headers")


@client_fault("CLIENT-5", says="No request says that it wants JSON.")
def json_is_not_asked_for(sources: Sources) -> None:
    sources.change(_SETTINGS, '("Accept", "application/json")', '("Accept", "*/*")')
