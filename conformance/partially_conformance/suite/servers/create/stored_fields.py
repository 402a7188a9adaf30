"""CREATE: what is stored, and what is filled in."""

from __future__ import annotations

from collections import Counter
from functools import partial

from partially_conformance.bench.api import Answer, Api, together
from partially_conformance.bench.data import LANGUAGES, Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.create.codes import field_with
from partially_conformance.suite.servers.shared.expectations import (
    must_be_as,
    must_be_unchanged,
    must_keep,
    text_fields,
)
from partially_conformance.suite.servers.shared.texts import must_be_whole

_AT_ONCE = 12  # creates sent at the same time

_SPELLED = ("Macey", "d'arcy", "O'brien jr.", "VON DER ALB", "ann-marie", "Q")
"""As people spell their names; a server that knows better rewrites them."""

_TELLING = ("timezone", "language")
"""Fields from which a server might think it knows the others."""

_ZONE_OF_NO_LANGUAGE = "Asia/Tokyo"  # none of those that are sent beside it is spoken there


@check("CREATE-1")
def an_email_is_enough(api: Api, data: Data, choices: Choices) -> None:
    """An email alone, the published example, and a postal code, each after a customer with every field.

    What was not sent is null or a default.
    """
    postal = field_with(api.contract, "postal-code")
    for names in ({}, {"first_name": data.word(), "last_name": data.word()}, {postal: "33601"}):
        before = api.create(data.fields(language=data.language()))
        answer = api.create(names, email=data.email())
        choices.saw("create-status", answer.status)
        fills_in_only_defaults(api, answer, names, before)


@check("CREATE-2")
def every_field_comes_back(api: Api, data: Data, contract: Contract) -> None:
    """Customers with all fields, of each language, with unusual spellings, and with fields that are alike."""
    for language in LANGUAGES:
        spoken = data.fields(language=language, timezone=_ZONE_OF_NO_LANGUAGE)
        must_keep(spoken, api, api.create(spoken))
    plain = data.fields()
    must_keep(plain, api, api.create(plain))
    inner = {name: f"van {data.word()} Mc{data.word()}" for name in text_fields(api)}
    phones = [name for name, field in contract.create_fields.items() if field.get("format") == "phone"]
    mixed = data.fields(**inner, **{name: plain[name].removeprefix("+1") for name in phones})
    must_keep(mixed, api, api.create(mixed))
    for spelling in _SPELLED:
        spelled = data.fields(**dict.fromkeys(text_fields(api), spelling))
        must_keep(spelled, api, api.create(spelled))
    whole = {"shipto_name": f"{spelled['first_name']} {spelled['last_name']}", "shipto_address2": "1"}
    same = {**spelled, **whole, "shipto_address": "1", "email": data.email()}
    must_keep(same, api, api.create(same))


@check("CREATE-2")
def a_field_needs_no_other(api: Api, data: Data, contract: Contract) -> None:
    """Each field that is no part of a place alone with an email."""
    alone = [name for name in contract.kept_fields if name != "email" and not is_of_place(contract, name)]
    for name in alone:
        sent = {"email": data.email(), name: data.other(name, {})}
        must_keep(sent, api, api.create(sent))


@check("CREATE-2")
def words_that_look_like_something_else_stay(api: Api, data: Data) -> None:
    """Null, None, 0, 007, the country NO and the like are text."""
    looks = ("Null", "None", "True", "007", "0", "1e5", "undefined", "NaN", "false", "-1", "null", "1.0")
    fields = text_fields(api)
    for start in range(0, len(looks), len(fields)):
        sent = dict(zip(fields, looks[start:], strict=False))
        body = {**sent, "email": data.email(), "shipto_country": "NO"}
        must_keep(body, api, api.create(body))
    zip_code = {"email": data.email(), "shipto_postal_code": "00501"}
    must_keep(zip_code, api, api.create(zip_code))


@check("CREATE-2")
def numbers_stay_in_their_notation(api: Api, data: Data, contract: Contract) -> None:
    """Phone numbers with brackets, dots, dashes and blanks, and a postal code in small letters.

    A server may refuse them.
    """
    kinds = {field.get("format"): name for name, field in contract.create_fields.items()}
    phones = ("+1 (813) 255-5121", "504.226.5544", "00 49 30 123456-78", "+1 813 255 5121 x12")
    for sent in (*({kinds["phone"]: phone} for phone in phones), {kinds["postal-code"]: "sw1a 1aa"}):
        answer = api.create(sent, email=data.email())
        must_be_whole(sent, api, answer, about=f"the number {next(iter(sent.values()))!r}")


@check("CREATE-3")
def the_time_zone_is_filled_in(api: Api, data: Data, contract: Contract) -> None:
    """With an email alone, and with every other field, among them another country."""
    fills_in_the_default(api, data, contract, "timezone")


@check("CREATE-4")
def the_country_is_filled_in(api: Api, data: Data, contract: Contract) -> None:
    """With an email alone, and with every other field, among them another time zone."""
    fills_in_the_default(api, data, contract, "shipto_country")


@check("CREATE-5")
def a_language_is_taken(api: Api, data: Data, contract: Contract) -> None:
    """Two languages, the default and none; what is shown of it is what was sent, or the default."""
    default = contract.defaults["language"]
    for language in (data.language(), default, None):
        sent = {} if language is None else {"language": language}
        answer = api.create(sent, email=data.email())
        must_keep({"language": language or default}, api, answer)


@check("CREATE-6")
def a_default_gives_way_to_what_was_sent(api: Api, data: Data, contract: Contract) -> None:
    """Each field with a default alone, and all of them together."""
    shown = [name for name in contract.defaults if name in contract.kept_fields]
    for names in (*([name] for name in shown), shown):
        sent = {name: data.other(name, {}) for name in names}
        must_keep(sent, api, api.create(sent, email=data.email()))


@check("CREATE-11")
def every_customer_has_an_id_of_its_own(api: Api, data: Data) -> None:
    """Namesakes created one after the other and at the same time, each read by its id."""
    names = {"first_name": data.word(), "last_name": data.word()}
    emails = [data.email() for _ in range(2 * _AT_ONCE)]
    calls = [partial(api.create, names, email=email) for email in emails]
    answers = [call() for call in calls[:_AT_ONCE]] + together(*calls[_AT_ONCE:])
    ids = Counter(answer.customer().id for answer in answers)
    for answer, email in zip(answers, emails, strict=True):
        customer = answer.customer()
        if ids[customer.id] > 1:
            twins = [one for one in answers if one is not answer and one.customer().id == customer.id]
            raise answer.violation("an id that no other customer has", f"id {customer.id} twice", twins[0])
        must_be_as({"email": email}, api.get(customer.id))


@check("CREATE-12")
def the_server_gives_id_and_time(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """An id nobody has, that of another customer, and a time of long ago, each in a create."""
    someone = given.read(given.full_customer().id)
    for name, value in (
        ("id", data.unknown_id()),
        ("id", someone.id),
        ("inserted_at", "2001-02-03T04:05:06.000000"),
    ):
        answer = api.create({name: value}, email=data.email(), first_name=data.word())
        if answer.is_refusal:
            choices.saw("server-owned-fields", f"refused with {answer.status}")
        else:
            choices.saw("server-owned-fields", "ignored")
            gives_its_own(api, answer, name, value)
        must_be_unchanged(someone, api, answer, what="another customer")


@check("CREATE-22")
def a_create_touches_nobody_else(api: Api, given: Given, data: Data) -> None:
    """Two customers stay as they are while namesakes at the same address and others are created."""
    there = [given.read(given.full_customer().id), given.read(given.customer().id)]
    sent = [
        {name: there[0][name] for name in data.fields()} | {"email": data.email()},
        data.fields(**{name: there[0][name] for name in ("first_name", "last_name", "shipto_name")}),
        {"email": data.email(), "phone": there[0]["phone"]},
        {"email": data.email()},
        data.fields(),
    ]
    answers = [api.create(body) for body in sent]
    for customer in there:
        must_be_unchanged(customer, api, *answers, what="a customer that was there before")


def fills_in_only_defaults(api: Api, answer: Answer, sent: dict[str, str], before: Answer) -> None:
    """The new customer has what was sent; all else a merchant can set is null or its default.

    Args:
        before: The answer to the create before it.
    """
    customer = answer.customer("a new customer")
    again = api.get(customer.id)
    for shown, source in ((customer, answer), (again.customer("the new customer"), again)):
        for name in api.contract.kept_fields:
            value, default = shown[name], api.contract.defaults.get(name)
            if name not in {*sent, "email"} and value not in {None, default}:
                wanted = "null" if default is None else f"null or {default!r}"
                raise source.violation(
                    f"{name}, which was not sent, to be {wanted}", f"it is {value!r}", before, answer
                )


def fills_in_the_default(api: Api, data: Data, contract: Contract, field: str) -> None:
    """A customer created without the field has its default, whatever else was sent."""
    expected = {field: contract.defaults[field]}
    rest = data.fields(language=data.language())
    del rest[field]
    if is_of_place(contract, field):
        rest = {name: value for name, value in rest.items() if not is_of_place(contract, name)}
    for sent in ({"email": data.email()}, rest):
        must_keep(expected, api, api.create(sent), what="a new customer")
    formed = data.values_with_format()
    beside = {name: values for name, values in formed.items() if name in _TELLING and name != field}
    for name, values in {**beside, "phone": ["+442071838750"]}.items():
        for value in values:
            answer = api.create({name: value}, email=data.email())
            must_keep(expected, api, answer, what=f"a new customer with {name} {value!r}")


def is_of_place(contract: Contract, field: str) -> bool:
    """Whether a value of this field makes sense only beside certain countries."""
    return contract.create_fields[field].get("format") in {"region-code", "country-code", "postal-code"}


def gives_its_own(api: Api, answer: Answer, name: str, value: str) -> None:
    """The new customer does not have the value that only the server may give."""
    customer = answer.customer()
    again = api.get(customer.id)
    for source in (answer, again):
        if source.customer()[name] == value:
            raise source.violation(
                f"the {name} to be given by the server", "it is the one that was sent", answer
            )
