"""Clients that write their requests in another way."""

from __future__ import annotations

from partially_conformance.clients.copies import Sources, client_variant

_REQUEST = "_core/request.py"
_SETTINGS = "_core/settings.py"


@client_variant(says="A blank in a query is written as a plus, and a plus is escaped.")
def blanks_as_plus(sources: Sources) -> None:
    sources.change(
        _REQUEST,
        "text = _quoted(operation, name, _text(operation, name, item))",
        'text = _quoted(operation, name, _text(operation, name, item)).replace("%20", "+")',
    )


@client_variant(says="Each request has a number of its own in a header.")
def numbered_requests(sources: Sources) -> None:
    sources.change(
        _SETTINGS, '("Accept", "application/json")', '("Accept", "application/json"), ("X-Request-Id", "7")'
    )


@client_variant(says="It goes by another name, and asks for JSON above all else.")
def another_name(sources: Sources) -> None:
    sources.change(_SETTINGS, '("Accept", "application/json")', '("Accept", "application/json, */*;q=0.1")')
    sources.change(_SETTINGS, '("User-Agent", agent)', '("User-Agent", "curl/8")')


@client_variant(says="A body is written with blanks and line ends.")
def bodies_with_blanks(sources: Sources) -> None:
    sources.change(
        _REQUEST,
        "        return msgspec.json.encode(body)\n",
        "        return msgspec.json.format(msgspec.json.encode(body), indent=2)\n",
    )


@client_variant(says="A body is labelled with its charset too.")
def labels_with_a_charset(sources: Sources) -> None:
    sources.change(_REQUEST, '"application/json")', '"application/json; charset=utf-8")')


@client_variant(
    says="An id with anything but letters, digits and hyphens is refused before anything is sent."
)
def odd_ids_are_refused(sources: Sources) -> None:
    sources.change(
        _REQUEST,
        "    if not text:\n",
        '    if not text or not text.replace("-", "").isalnum() or not text.isascii():\n',
    )
