"""UPDATE: what changes, and what stays."""

from __future__ import annotations

from typing import Any

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import (
    must_be_as,
    must_be_unchanged,
    must_have_stored_nothing,
    must_keep,
    text_fields,
)
from partially_conformance.suite.servers.shared.texts import PUNCTUATION


@check("UPDATE-1")
def each_field_can_be_updated_alone(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Each field of a customer with values everywhere, a new one for each, then the language."""
    for name in contract.kept_fields:
        customer = given.full_customer()
        sent = {name: data.other(name, customer)}
        must_keep(sent, api, api.update(customer.id, sent))
    language = {"language": data.language()}
    must_keep(language, api, api.update(customer.id, language))


@check("UPDATE-1")
def words_that_look_like_something_else_stay(api: Api, given: Given) -> None:
    """Null, 0, 007 and the like are text, and a postal code keeps its zeros."""
    looks = iter(("0", "null", "007", "false", "1e5", "None", "1.0", "undefined", "NaN"))
    sent = {**dict(zip(text_fields(api), looks, strict=False)), "shipto_postal_code": "00501"}
    customer = given.full_customer()
    must_keep(sent, api, api.update(customer.id, sent))


@check("UPDATE-1")
def a_small_change_is_a_change(api: Api, given: Given) -> None:
    """Another case, an accent, a shorter name, and zeros; and the customer's own email in other letters."""
    customer = given.full_customer()
    for value in ("Andreas", "andreas", "andr\u00e9as", "andr\u00e9", "7", "07", "07.0"):
        sent = dict.fromkeys(("last_name", "shipto_address2"), value)
        must_keep(sent, api, api.update(customer.id, sent))
    for email in (customer.email.capitalize(), customer.email):
        must_be_as({"email": email}, api.update(customer.id, email=email))


@check("UPDATE-1")
def a_field_that_was_null_can_be_filled(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Each field of a customer who had an email only, a new customer for each."""
    for name in contract.kept_fields:
        customer = given.customer()
        sent = {name: data.other(name, customer)}
        must_keep(sent, api, api.update(customer.id, sent))


@check("UPDATE-1")
def an_update_may_send_a_default_or_the_same_value(api: Api, given: Given, contract: Contract) -> None:
    """Each default in place of another value, then each value that is there already."""
    customer = given.full_customer()
    for name, default in contract.defaults.items():
        must_keep({name: default}, api, api.update(customer.id, {name: default}))
    for name in contract.kept_fields:
        before = given.read(customer.id)
        must_keep({name: before[name]}, api, api.update(customer.id, {name: before[name]}))


@check("UPDATE-2")
def what_seems_to_follow_stays(api: Api, given: Given, data: Data) -> None:
    """The name to ship to, which is that of the customer, after a new name; the rest after a new zone."""
    customer = given.full_customer()
    both = {"shipto_name": f"{customer['first_name']} {customer['last_name']}"}
    updates: list[dict[str, Any]] = [{"last_name": data.word()}, {"first_name": data.word()}]
    for name in ("timezone", "language", "shipto_country"):
        updates += [{name: value} for value in data.values_with_format()[name]]
    with prerequisite("updating a customer"):
        expected = dict(api.update(customer.id, both).customer())
    for sent in updates:
        answer = api.update(customer.id, sent)
        if answer.is_refusal:
            continue  # a country need not go with the region
        expected |= {key: sent[key] for key in sent if key in expected}
        must_be_as(expected, answer, what=f"the customer, {', '.join(sent)} alone being updated,")
    must_be_as(expected, api.get(customer.id), what="the customer after all updates")


@check("UPDATE-2")
def an_update_of_one_field_keeps_all_others(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Each field alone, on customers with values everywhere and on customers with an email only."""
    for name in contract.update_fields:
        for made in (given.full_customer(), given.customer()):
            before = given.read(made.id)
            answer = api.update(made.id, {name: data.other(name, before)})
            kept = {key: before[key] for key in contract.response_fields if key != name}
            must_keep(kept, api, answer, what=f"the customer, {name} alone being updated,")


@check("UPDATE-2")
def an_update_keeps_what_looks_like_markup(api: Api, given: Given, data: Data) -> None:
    """Punctuation in the fields that are not sent, through two updates."""
    marked: dict[str, Any] = dict(zip(text_fields(api), PUNCTUATION, strict=False))
    before = given.customer(**marked)
    phone = data.other("phone", before)
    for sent in ({"phone": phone}, {"timezone": data.other("timezone", before)}):
        answer = api.update(before.id, sent)
        must_keep({**before, "phone": phone}, api, answer, but=sent, what="the updated customer")


@check("UPDATE-3")
def an_update_fills_in_no_defaults(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Customers whose fields with a default are not at it, or null; updated without them."""
    there = [
        given.full_customer(language=data.language()),
        given.customer(**{name: data.other(name, {}) for name in contract.defaults}),
    ]
    nulls = api.create(dict.fromkeys(contract.defaults), email=data.email())
    if nulls.ok:
        there.append(nulls.customer())
    for customer in there:
        before = given.read(customer.id)
        kept = {name: before[name] for name in contract.defaults if name in before}
        all_others = {name: value for name, value in data.fields().items() if name not in contract.defaults}
        for sent in ({"first_name": data.word()}, all_others):
            must_keep(kept, api, api.update(customer.id, sent), what="the updated customer")


@check("UPDATE-4")
def all_fields_change_together(api: Api, given: Given, data: Data) -> None:
    """All fields at once of a customer with an email only, then all of them again."""
    customer = given.customer()
    for _ in range(2):
        sent = data.fields()
        must_keep(sent, api, api.update(customer.id, sent))


@check("UPDATE-5")
def updates_add_up(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Field by field, two fields at a time that overlap, and one field back to earlier values."""
    customer = given.full_customer()
    expected: dict[str, Any] = {}
    names = contract.kept_fields
    for first, second in zip(names, (*names[1:], names[0]), strict=True):
        sent = {name: data.other(name, expected) for name in (first, second)}
        expected |= sent
        must_be_as(sent, api.update(customer.id, sent))
    name = "first_name"
    for value in (word := data.word(), customer[name], word):
        expected[name] = value
        must_be_as({name: value}, answer := api.update(customer.id, {name: value}))
    must_keep(expected, api, answer, what="the customer after all updates")


@check("UPDATE-5")
def updates_add_up_whatever_was_seen_before_them(api: Api, given: Given, data: Data) -> None:
    """The customer is searched for or listed, then two fields are updated, one after the other."""
    customer = given.full_customer()
    expected: dict[str, Any] = {}
    for query in ({"q": customer.email}, {"q": customer["first_name"]}, {}):
        with prerequisite("listing customers"):
            api.list(**query).page()
        for name in ("last_name", "phone"):
            expected[name] = data.other(name, expected)
            answer = api.update(customer.id, {name: expected[name]})
        must_keep(expected, api, answer, what="the customer after both updates")


@check("UPDATE-6")
def an_unknown_id_is_not_found(api: Api, given: Given, data: Data) -> None:
    """An update with all fields, which a customer takes, for an id nobody has."""
    control = api.update(given.customer().id, data.fields())
    for sent in (data.fields(), {"first_name": data.word()}):
        nobody = data.unknown_id()
        answer = api.update(nobody, sent).refused("with an id nobody has", control=control)
        if answer.status != 404:
            raise answer.violation("an update with an id nobody has to answer 404", f"status {answer.status}")
        must_have_stored_nothing(api, sent["first_name"], answer)
        api.get(nobody).refused("for an id that only an update has used")


@check("UPDATE-7")
def a_malformed_id_is_refused(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Texts that are no id, among them the start of one, one that goes on, and one with NUL."""
    customer = given.read(given.full_customer().id)
    sent = {"first_name": data.word()}
    control = api.update(given.customer().id, sent)
    real = customer.id
    for malformed in (
        "abc",
        "0",
        "-1",
        "null",
        "' OR '1'='1",
        "%",
        "a\0b",
        "ü",
        real[:-1],
        f"{real}0",
    ):
        if data.may_be_an_id(malformed):
            continue  # somebody else's customer must stay as it is
        answer = api.update(malformed, sent)
        answer.refused(f"with the id {malformed!r}", control=control)
        choices.saw("malformed-id-status", answer.status)
        must_be_unchanged(customer, api, answer, what="a customer with an id like it")


@check("UPDATE-10")
def id_and_time_never_change(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """An update that sends other fields, and ones that send another id, another customer's, another time."""
    someone = given.read(given.full_customer().id)
    before = given.read(given.full_customer().id)
    fixed = {name: before[name] for name in contract.server_fields}
    for body in (
        data.fields(),
        {"id": data.unknown_id()},
        {"id": someone.id},
        {"inserted_at": "2001-02-03T04:05:06.000000"},
    ):
        sent = {"first_name": data.word(), **body}
        answer = api.update(before.id, sent)
        if not answer.is_refusal:
            must_be_as(fixed, answer)
        must_be_as(fixed, api.get(before.id), what="the customer, read again,")
        must_be_unchanged(someone, api, answer, what="another customer")


@check("UPDATE-11")
def an_update_touches_nobody_else(api: Api, other: Api | None, given: Given, data: Data) -> None:
    """Namesakes at the same address and others, made before and after, stay as they are.

    So does one of another merchant, if there is a second key.
    """
    shared = data.fields()
    strangers = [] if other is None else [given.full_customer(of=other)]
    if other is not None and (twin := other.create(shared)).ok:
        strangers.append(twin.customer())
    there = [given.customer(**{**shared, "email": data.email()}) for _ in range(3)]
    there.append(given.customer())
    there = [given.read(customer.id) for customer in there]
    middle = there.pop(1)
    if len(strangers) > 1:
        moved = api.update(middle.id, email=strangers[1].email)
        middle = moved.customer() if moved.ok else middle  # an email may be taken for all merchants at once
    others = {name: data.other(name, middle) for name in shared}
    for sent in ({"first_name": data.word()}, {"email": data.email()}, {"phone": None}, others):
        answer = api.update(middle.id, sent)
        for customer in there:
            must_be_unchanged(customer, api, answer, what="another customer")
        for customer in strangers:
            assert other is not None
            must_be_unchanged(customer, other, answer, what="a customer of another merchant")


@check("UPDATE-18")
def an_update_can_be_repeated(api: Api, given: Given, data: Data) -> None:
    """One field and then all of them, each update sent twice, with marks that some servers escape."""
    customer = given.full_customer(shipto_address=f"{data.word()} & <{data.word()}> 'x' \"y\" \\ 100%")
    for sent in (
        {"shipto_city": f"{data.word()} & {data.word()}"},
        data.fields(first_name="O'Neil \\ & Sons"),
    ):
        once_answer = api.update(customer.id, sent)
        once = given.read(customer.id)
        again = api.update(customer.id, sent)
        must_be_unchanged(once, api, once_answer, again, what="the customer, updated twice in the same way,")
