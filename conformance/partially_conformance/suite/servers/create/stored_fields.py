"""CREATE: sent fields are stored, other fields are null or their default, and ids are unique."""

from __future__ import annotations

from collections import Counter
from functools import partial

from partially_conformance.bench.answer import Answer
from partially_conformance.bench.api import Api, together
from partially_conformance.bench.data import LANGUAGES, Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.create.codes import field_with
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_match,
    must_store,
    text_fields,
)
from partially_conformance.suite.servers.shared.texts import must_store_or_refuse

_AT_ONCE = 12  # creates sent at the same time

_SPELLED = ("Macey", "d'arcy", "O'brien jr.", "VON DER ALB", "ann-marie", "Q")
"""Spellings of names, which a target must not correct."""

_SUGGESTIVE = ("timezone", "language")
"""Fields from which a target may derive others."""

_ZONE_OF_NO_LANGUAGE = "Asia/Tokyo"  # no language of the suite is spoken there


@check("CREATE-1")
def an_email_is_enough(api: Api, data: Data, choices: Choices) -> None:
    """Create with an email only, with names, and with a postal code, each after a full customer.

    Fields that were not sent are null or their default.
    """
    postal = field_with(api.contract, "postal-code")
    for names in ({}, {"first_name": data.word(), "last_name": data.word()}, {postal: "33601"}):
        before = api.create(data.fields(language=data.language()))
        answer = api.create(names, email=data.email())
        choices.saw("create-status", answer.status)
        must_have_only_defaults_beside(api, answer, names, before)


@check("CREATE-2")
def every_field_is_stored(api: Api, data: Data, contract: Contract) -> None:
    """Create with all fields, in each language, with unusual spellings, and with equal values."""
    for language in LANGUAGES:
        spoken = data.fields(language=language, timezone=_ZONE_OF_NO_LANGUAGE)
        must_store(spoken, api, api.create(spoken))
    plain = data.fields()
    must_store(plain, api, api.create(plain))
    capitals = {name: f"van {data.word()} Mc{data.word()}" for name in text_fields(api)}
    phones = [name for name, field in contract.create_fields.items() if field.get("format") == "phone"]
    mixed = data.fields(**capitals, **{name: plain[name].removeprefix("+1") for name in phones})
    must_store(mixed, api, api.create(mixed))
    for spelling in _SPELLED:
        spelled = data.fields(**dict.fromkeys(text_fields(api), spelling))
        must_store(spelled, api, api.create(spelled))
    full_name = {"shipto_name": f"{spelled['first_name']} {spelled['last_name']}", "shipto_address2": "1"}
    equal = {**spelled, **full_name, "shipto_address": "1", "email": data.email()}
    must_store(equal, api, api.create(equal))


@check("CREATE-2")
def each_field_can_be_sent_alone(api: Api, data: Data, contract: Contract) -> None:
    """Create with an email and one other field, except countries, regions and postal codes."""
    alone = [
        name for name in contract.kept_fields if name != "email" and not depends_on_country(contract, name)
    ]
    for name in alone:
        sent = {"email": data.email(), name: data.other(name, {})}
        must_store(sent, api, api.create(sent))


@check("CREATE-2")
def words_that_look_like_other_types_stay_text(api: Api, data: Data) -> None:
    """Create with the texts `Null`, `None`, `0`, `007`, the country `NO` and the like."""
    looks = ("Null", "None", "True", "007", "0", "1e5", "undefined", "NaN", "false", "-1", "null", "1.0")
    fields = text_fields(api)
    for start in range(0, len(looks), len(fields)):
        sent = dict(zip(fields, looks[start:], strict=False))
        body = {**sent, "email": data.email(), "shipto_country": "NO"}
        must_store(body, api, api.create(body))
    zip_code = {"email": data.email(), "shipto_postal_code": "00501"}
    must_store(zip_code, api, api.create(zip_code))


@check("CREATE-2")
def phone_numbers_and_postal_codes_keep_their_notation(api: Api, data: Data, contract: Contract) -> None:
    """Create with brackets, dots, dashes and spaces in phone numbers, and a postal code in lower case.

    A target may refuse them.
    """
    kinds = {field.get("format"): name for name, field in contract.create_fields.items()}
    phones = ("+1 (813) 255-5121", "504.226.5544", "00 49 30 123456-78", "+1 813 255 5121 x12")
    for sent in (*({kinds["phone"]: phone} for phone in phones), {kinds["postal-code"]: "sw1a 1aa"}):
        answer = api.create(sent, email=data.email())
        must_store_or_refuse(sent, api, answer, about=f"the number {next(iter(sent.values()))!r}")


@check("CREATE-3")
def the_time_zone_has_its_default(api: Api, data: Data, contract: Contract) -> None:
    """Create without a time zone, with an email only, and with every other field and another country."""
    must_have_default(api, data, contract, "timezone")


@check("CREATE-4")
def the_country_has_its_default(api: Api, data: Data, contract: Contract) -> None:
    """Create without a country, with an email only, and with every other field and another time zone."""
    must_have_default(api, data, contract, "shipto_country")


@check("CREATE-5")
def a_language_is_accepted(api: Api, data: Data, contract: Contract) -> None:
    """Create with a language, with the default, and without one; a shown language is the one sent or `en`."""
    default = contract.defaults["language"]
    for language in (data.language(), default, None):
        sent = {} if language is None else {"language": language}
        answer = api.create(sent, email=data.email())
        must_store({"language": language or default}, api, answer)


@check("CREATE-6")
def a_sent_value_replaces_the_default(api: Api, data: Data, contract: Contract) -> None:
    """Create with each field that has a default alone, and with all of them together."""
    shown = [name for name in contract.defaults if name in contract.kept_fields]
    for names in (*([name] for name in shown), shown):
        sent = {name: data.other(name, {}) for name in names}
        must_store(sent, api, api.create(sent, email=data.email()))


@check("CREATE-11")
def ids_are_unique(api: Api, data: Data) -> None:
    """Create customers with the same names, one after the other and at the same time, and read each."""
    names = {"first_name": data.word(), "last_name": data.word()}
    emails = [data.email() for _ in range(2 * _AT_ONCE)]
    calls = [partial(api.create, names, email=email) for email in emails]
    answers = [call() for call in calls[:_AT_ONCE]] + together(*calls[_AT_ONCE:])
    ids = Counter(answer.customer().id for answer in answers)
    for answer, email in zip(answers, emails, strict=True):
        customer = answer.customer()
        if ids[customer.id] > 1:
            twins = [one for one in answers if one is not answer and one.customer().id == customer.id]
            raise answer.violation(
                "an id that no other customer has", f"two customers with the id {customer.id}", twins[0]
            )
        must_match({"email": email}, api.get(customer.id))


@check("CREATE-12")
def the_target_sets_id_and_inserted_at(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Create with an unknown id, with the id of another customer, and with an old inserted_at."""
    another = given.read(given.full_customer().id)
    for name, value in (
        ("id", data.unknown_id()),
        ("id", another.id),
        ("inserted_at", "2001-02-03T04:05:06.000000"),
    ):
        answer = api.create({name: value}, email=data.email(), first_name=data.word())
        if answer.is_refusal:
            choices.saw("server-owned-fields", f"refused with {answer.status}")
        else:
            choices.saw("server-owned-fields", "ignored")
            must_not_have_sent_value(api, answer, name, value)
        must_be_unchanged(another, api, answer, what="another customer")


@check("CREATE-22")
def a_create_changes_no_other_customer(api: Api, given: Given, data: Data) -> None:
    """Create customers with the same names or address as others, and read those before and after."""
    earlier = [given.read(given.full_customer().id), given.read(given.customer().id)]
    sent = [
        {name: earlier[0][name] for name in data.fields()} | {"email": data.email()},
        data.fields(**{name: earlier[0][name] for name in ("first_name", "last_name", "shipto_name")}),
        {"email": data.email(), "phone": earlier[0]["phone"]},
        {"email": data.email()},
        data.fields(),
    ]
    answers = [api.create(body) for body in sent]
    for customer in earlier:
        must_be_unchanged(customer, api, *answers, what="an earlier customer")


def must_have_only_defaults_beside(api: Api, answer: Answer, sent: dict[str, str], before: Answer) -> None:
    """Require that the fields of a new customer that were not sent are null or their default.

    Args:
        before: The response to the create before it.
    """
    customer = answer.customer("a new customer")
    again = api.get(customer.id)
    for shown, source in ((customer, answer), (again.customer("the new customer"), again)):
        for name in api.contract.kept_fields:
            value, default = shown[name], api.contract.defaults.get(name)
            if name not in {*sent, "email"} and value not in {None, default}:
                wanted = "null" if default is None else f"null or {default!r}"
                raise source.violation(
                    f"{name}, which was not sent, to be {wanted}", f"{name} is {value!r}", before, answer
                )


def must_have_default(api: Api, data: Data, contract: Contract, field: str) -> None:
    """Require that a customer created without the field has its default, whatever else was sent."""
    expected = {field: contract.defaults[field]}
    rest = data.fields(language=data.language())
    del rest[field]
    if depends_on_country(contract, field):
        rest = {name: value for name, value in rest.items() if not depends_on_country(contract, name)}
    for sent in ({"email": data.email()}, rest):
        must_store(expected, api, api.create(sent), what="a new customer")
    formed = data.values_with_format()
    beside = {name: values for name, values in formed.items() if name in _SUGGESTIVE and name != field}
    for name, values in {**beside, "phone": ["+442071838750"]}.items():
        for value in values:
            answer = api.create({name: value}, email=data.email())
            must_store(expected, api, answer, what=f"a new customer with {name} {value!r}")


def depends_on_country(contract: Contract, field: str) -> bool:
    """Whether the field is a country, or depends on the country."""
    return contract.create_fields[field].get("format") in {"region-code", "country-code", "postal-code"}


def must_not_have_sent_value(api: Api, answer: Answer, name: str, value: str) -> None:
    """Require that a new customer does not have the value sent for a field that the target sets."""
    customer = answer.customer()
    again = api.get(customer.id)
    for source in (answer, again):
        if source.customer()[name] == value:
            raise source.violation(
                f"{name} to be set by the target", f"{name} is {value!r}, as it was sent", answer
            )
