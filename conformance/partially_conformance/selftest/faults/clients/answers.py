"""Faults of clients: responses that are changed or not checked (CLIENT-8, CLIENT-10)."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_fault

_RESPONSE = "_core/responses/reading.py"
_MODELS = "models.py"

_AFTER_DECODING = """
_decode_as_sent = _decode

def _decode(returns, response, secrets):
    value = _decode_as_sent(returns, response, secrets)
    moment = getattr(value, "inserted_at", None)
    if moment is not None:
        msgspec.structs.force_setattr(value, "inserted_at", {changed})
    return value
"""

_BEFORE_DECODING = """
_decode_as_sent = _decode

def _decode(returns, response, secrets):
    content = {changed}
    return _decode_as_sent(returns, Response(response.status_code, response.headers, content), secrets)
"""


@client_fault("CLIENT-8", says="The client adds a time zone to a time that has none.")
def times_are_given_a_zone(sources: Sources) -> None:
    zoned = "moment.replace(tzinfo=__import__('datetime').UTC)"
    sources.add(_RESPONSE, _AFTER_DECODING.format(changed=zoned))


@client_fault("CLIENT-8", says="The client shifts each time by five hours, as if it converted a local time.")
def times_are_shifted(sources: Sources) -> None:
    shifted = "moment.replace(hour=(moment.hour + 5) % 24)"
    sources.add(_RESPONSE, _AFTER_DECODING.format(changed=shifted))


@client_fault("CLIENT-8", says="The client cuts off the fractions of a second.")
def fractions_are_cut_off(sources: Sources) -> None:
    sources.add(_RESPONSE, _AFTER_DECODING.format(changed="moment.replace(microsecond=0)"))


@client_fault("CLIENT-8", says="The client drops response fields that the document does not describe.")
def extra_fields_are_dropped(sources: Sources) -> None:
    sources.add("_core/values/model.py", "def _unknown(source, kind):\n    return _NOTHING")


@client_fault("CLIENT-8", says="The client turns an empty `shipto_city` into null.")
def empty_texts_become_null(sources: Sources) -> None:
    sources.change(
        "    shipto_city: str | None\n",
        "    shipto_city: str | None\n\n    def __post_init__(self) -> None:\n"
        "        if self.shipto_city == '':\n"
        "            __import__('msgspec').structs.force_setattr(self, 'shipto_city', None)\n",
    )


@client_fault("CLIENT-8", says="The client raises an error when a create is answered with 201.")
def a_201_is_no_success(sources: Sources) -> None:
    sources.change("if not 200 <= response.status_code <= 299:", "if response.status_code != 200:")


@client_fault(
    "CLIENT-10",
    says="The client returns a response body of another shape as a dictionary and raises no error.",
)
def other_shapes_are_given_back(sources: Sources) -> None:
    sources.change(
        "        value = _decoder(returns).decode(content)\n",
        "        try:\n            value = _decoder(returns).decode(content)\n"
        "        except msgspec.ValidationError:\n            return msgspec.json.decode(content)\n",
    )


@client_fault(
    "CLIENT-10", says="The client reads a required field that is missing as None and raises no error."
)
def missing_fields_are_none(sources: Sources) -> None:
    sources.change("    phone: str | None\n", "    phone: str | None = None\n")


@client_fault("CLIENT-10", says="The client returns None for an empty response body and raises no error.")
def empty_answers_are_taken(sources: Sources) -> None:
    sources.change(
        '        raise ResponseValidationError("Expected a JSON body, got an empty one", "$", response)\n',
        "        return None\n",
    )


@client_fault("CLIENT-10", says="The client does not check the bounds of numbers in a response.")
def bounds_are_not_looked_at(sources: Sources) -> None:
    sources.change("    page_number: Annotated[int, Meta(ge=1)]\n", "    page_number: int\n")


@client_fault("CLIENT-10", says="The client accepts a number where the document describes a text.")
def numbers_are_taken_for_texts(sources: Sources) -> None:
    sources.change("    first_name: str | None\n", "    first_name: str | int | None\n")
