"""UPDATE: an update changes the fields it sends, and nothing else."""

from __future__ import annotations

from typing import Any

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_have_stored_nothing,
    must_match,
    must_store,
    text_fields,
)
from partially_conformance.suite.servers.shared.texts import PUNCTUATION


@check("UPDATE-1")
def each_field_can_be_updated_alone(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Update each field of a customer that has all values, and then its language."""
    for name in contract.kept_fields:
        customer = given.full_customer()
        sent = {name: data.other(name, customer)}
        must_store(sent, api, api.update(customer.id, sent))
    language = {"language": data.language()}
    must_store(language, api, api.update(customer.id, language))


@check("UPDATE-1")
def words_that_look_like_other_types_stay_text(api: Api, given: Given) -> None:
    """Update to the texts `null`, `0`, `007` and the like, and to a postal code with leading zeros."""
    looks = iter(("0", "null", "007", "false", "1e5", "None", "1.0", "undefined", "NaN"))
    sent = {**dict(zip(text_fields(api), looks, strict=False)), "shipto_postal_code": "00501"}
    customer = given.full_customer()
    must_store(sent, api, api.update(customer.id, sent))


@check("UPDATE-1")
def a_small_change_is_stored(api: Api, given: Given) -> None:
    """Update to another case, an accent, a shorter name, other zeros, and the own email in another case."""
    customer = given.full_customer()
    for value in ("Andreas", "andreas", "andr\u00e9as", "andr\u00e9", "7", "07", "07.0"):
        sent = dict.fromkeys(("last_name", "shipto_address2"), value)
        must_store(sent, api, api.update(customer.id, sent))
    for email in (customer.email.capitalize(), customer.email):
        must_match({"email": email}, api.update(customer.id, email=email))


@check("UPDATE-1")
def a_field_that_was_null_can_be_updated(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Update each field of customers with an email only."""
    for name in contract.kept_fields:
        customer = given.customer()
        sent = {name: data.other(name, customer)}
        must_store(sent, api, api.update(customer.id, sent))


@check("UPDATE-1")
def a_default_or_the_same_value_can_be_sent(api: Api, given: Given, contract: Contract) -> None:
    """Update to each default, then to the value each field already has."""
    customer = given.full_customer()
    for name, default in contract.defaults.items():
        must_store({name: default}, api, api.update(customer.id, {name: default}))
    for name in contract.kept_fields:
        before = given.read(customer.id)
        must_store({name: before[name]}, api, api.update(customer.id, {name: before[name]}))


@check("UPDATE-2")
def related_fields_are_not_changed(api: Api, given: Given, data: Data) -> None:
    """Update names, time zone, language and country: shipto_name and the like keep their values."""
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
            continue  # the country need not fit the region
        expected |= {key: sent[key] for key in sent if key in expected}
        must_match(expected, answer, what=f"the customer, after an update of {', '.join(sent)} only,")
    must_match(expected, api.get(customer.id), what="the customer after all updates")


@check("UPDATE-2")
def an_update_of_one_field_keeps_all_others(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Update each field alone, of customers with all values and of customers with an email only."""
    for name in contract.update_fields:
        for created in (given.full_customer(), given.customer()):
            before = given.read(created.id)
            answer = api.update(created.id, {name: data.other(name, before)})
            kept = {key: before[key] for key in contract.response_fields if key != name}
            must_store(kept, api, answer, what=f"the customer, after an update of {name} only,")


@check("UPDATE-2")
def an_update_keeps_what_looks_like_markup(api: Api, given: Given, data: Data) -> None:
    """Update two fields of a customer with punctuation in the other fields."""
    marked: dict[str, Any] = dict(zip(text_fields(api), PUNCTUATION, strict=False))
    before = given.customer(**marked)
    phone = data.other("phone", before)
    for sent in ({"phone": phone}, {"timezone": data.other("timezone", before)}):
        answer = api.update(before.id, sent)
        must_store({**before, "phone": phone}, api, answer, changed=sent, what="the updated customer")


@check("UPDATE-3")
def an_update_sets_no_defaults(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Update customers without sending the fields that have a default, which are other values or null."""
    customers = [
        given.full_customer(language=data.language()),
        given.customer(**{name: data.other(name, {}) for name in contract.defaults}),
    ]
    nulls = api.create(dict.fromkeys(contract.defaults), email=data.email())
    if nulls.ok:
        customers.append(nulls.customer())
    for customer in customers:
        before = given.read(customer.id)
        kept = {name: before[name] for name in contract.defaults if name in before}
        all_others = {name: value for name, value in data.fields().items() if name not in contract.defaults}
        for sent in ({"first_name": data.word()}, all_others):
            must_store(kept, api, api.update(customer.id, sent), what="the updated customer")


@check("UPDATE-4")
def all_fields_can_be_updated_together(api: Api, given: Given, data: Data) -> None:
    """Update all fields of a customer with an email only, twice."""
    customer = given.customer()
    for _ in range(2):
        sent = data.fields()
        must_store(sent, api, api.update(customer.id, sent))


@check("UPDATE-5")
def updates_add_up(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Update overlapping pairs of fields one after the other, then one field back to an earlier value."""
    customer = given.full_customer()
    expected: dict[str, Any] = {}
    names = contract.kept_fields
    for first, second in zip(names, (*names[1:], names[0]), strict=True):
        sent = {name: data.other(name, expected) for name in (first, second)}
        expected |= sent
        must_match(sent, api.update(customer.id, sent))
    name = "first_name"
    for value in (word := data.word(), customer[name], word):
        expected[name] = value
        must_match({name: value}, answer := api.update(customer.id, {name: value}))
    must_store(expected, api, answer, what="the customer after all updates")


@check("UPDATE-5")
def updates_add_up_after_searches_and_lists(api: Api, given: Given, data: Data) -> None:
    """Search for a customer or list it, then update two fields one after the other."""
    customer = given.full_customer()
    expected: dict[str, Any] = {}
    for query in ({"q": customer.email}, {"q": customer["first_name"]}, {}):
        with prerequisite("listing customers"):
            api.list(**query).page()
        for name in ("last_name", "phone"):
            expected[name] = data.other(name, expected)
            answer = api.update(customer.id, {name: expected[name]})
        must_store(expected, api, answer, what="the customer after both updates")


@check("UPDATE-6")
def an_unknown_id_is_not_found(api: Api, given: Given, data: Data) -> None:
    """Update an unknown id with all fields and with one, then read it."""
    control = api.update(given.customer().id, data.fields())
    for sent in (data.fields(), {"first_name": data.word()}):
        unknown_id = data.unknown_id()
        answer = api.update(unknown_id, sent).refused("with an unknown id", control=control)
        if answer.status != 404:
            raise answer.violation(
                "an update with an unknown id to be answered with 404", f"status {answer.status}"
            )
        must_have_stored_nothing(api, sent["first_name"], answer)
        api.get(unknown_id).refused("for an unknown id, after an update with it,")


@check("UPDATE-7")
def a_malformed_id_is_refused(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Update texts that cannot be ids, among them an id cut short, one made longer, and one with a NUL."""
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
            continue  # it may be the id of an existing customer
        answer = api.update(malformed, sent)
        answer.refused(f"with the id {malformed!r}", control=control)
        choices.saw("malformed-id-status", answer.status)
        must_be_unchanged(customer, api, answer, what="a customer with a similar id")


@check("UPDATE-10")
def id_and_inserted_at_never_change(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Send other fields, an unknown id, the id of another customer, and another inserted_at."""
    another = given.read(given.full_customer().id)
    before = given.read(given.full_customer().id)
    fixed = {name: before[name] for name in contract.server_fields}
    for body in (
        data.fields(),
        {"id": data.unknown_id()},
        {"id": another.id},
        {"inserted_at": "2001-02-03T04:05:06.000000"},
    ):
        sent = {"first_name": data.word(), **body}
        answer = api.update(before.id, sent)
        if not answer.is_refusal:
            must_match(fixed, answer)
        must_match(fixed, api.get(before.id), what="the customer, read again,")
        must_be_unchanged(another, api, answer, what="another customer")


@check("UPDATE-11")
def an_update_changes_no_other_customer(api: Api, other: Api | None, given: Given, data: Data) -> None:
    """Update one of several customers with the same names and address, created before and after it.

    Also with customers of another merchant, if there is a second key.
    """
    shared = data.fields()
    of_other_merchant = [] if other is None else [given.full_customer(of=other)]
    if other is not None and (twin := other.create(shared)).ok:
        of_other_merchant.append(twin.customer())
    customers = [given.customer(**{**shared, "email": data.email()}) for _ in range(3)]
    customers.append(given.customer())
    customers = [given.read(customer.id) for customer in customers]
    middle = customers.pop(1)
    if len(of_other_merchant) > 1:
        moved = api.update(middle.id, email=of_other_merchant[1].email)
        middle = moved.customer() if moved.ok else middle  # an email may be taken at all merchants
    others = {name: data.other(name, middle) for name in shared}
    for sent in ({"first_name": data.word()}, {"email": data.email()}, {"phone": None}, others):
        answer = api.update(middle.id, sent)
        for customer in customers:
            must_be_unchanged(customer, api, answer, what="another customer")
        for customer in of_other_merchant:
            assert other is not None
            must_be_unchanged(customer, other, answer, what="a customer of another merchant")


@check("UPDATE-18")
def an_update_can_be_repeated(api: Api, given: Given, data: Data) -> None:
    """Send two updates twice each, with characters that careless targets escape."""
    customer = given.full_customer(shipto_address=f"{data.word()} & <{data.word()}> 'x' \"y\" \\ 100%")
    for sent in (
        {"shipto_city": f"{data.word()} & {data.word()}"},
        data.fields(first_name="O'Neil \\ & Sons"),
    ):
        once_answer = api.update(customer.id, sent)
        once = given.read(customer.id)
        again = api.update(customer.id, sent)
        must_be_unchanged(once, api, once_answer, again, what="the customer, updated twice in the same way,")
