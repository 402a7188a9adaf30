"""UPDATE: empty, malformed and refused updates, unusual values, and updates at the same time."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from partially_conformance.bench.api import Answer, Api, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.bodies import EMPTY_BODIES, broken_bodies
from partially_conformance.suite.servers.shared.expectations import must_be_unchanged, must_match, text_fields
from partially_conformance.suite.servers.shared.texts import (
    ANY_TEXT,
    ATTACK_LIKE,
    PUNCTUATION,
    RARE_CHARACTERS,
    SCRIPTS,
    long_text,
    must_store_or_refuse,
)
from partially_conformance.traffic.check_end import NotObservable

_ROUNDS = 8
"""How often fields are updated at the same time. A target that loses updates loses one in most rounds."""

_LENGTHS = (256, 1_000, 10_000, 100_000)  # characters


@check("UPDATE-8")
def an_empty_update_changes_nothing(api: Api, given: Given, choices: Choices) -> None:
    """Send an empty object, no body, and an empty body, each for two customers."""
    for created in (given.full_customer(), given.customer()):
        before = given.read(created.id)
        answers = {
            "`{}`": api.update(created.id),
            "no body": api.call("updateCustomer", created.id),
            "an empty body": api.call("updateCustomer", created.id, body=b""),
        }
        for what, answer in answers.items():
            answer.no_server_error(f"an update with {what} not to be answered with a 5xx")
        for answer in answers.values():
            _must_show_only(before, answer)
            must_be_unchanged(before, api, answer)
        seen = (f"{what}: {'accepted' if one.ok else one.status}" for what, one in answers.items())
        choices.saw("empty-update", ", ".join(seen))


@check("UPDATE-9")
def null_changes_only_its_own_field(api: Api, given: Given, contract: Contract, choices: Choices) -> None:
    """Send null for each field except the email alone, of customers that have all values."""
    for name in contract.update_fields:
        if name == "email":
            continue
        before = given.read(given.full_customer().id)
        answer = api.update(before.id, {name: None}).no_server_error(
            f"null for {name} not to be answered with a 5xx"
        )
        now = must_keep_other_fields(before, api, name)
        _must_show_only({key: value for key, value in before.items() if key != name}, answer)
        if name not in now:
            continue
        if now[name] not in {None, before[name], contract.defaults.get(name)}:
            raise answer.violation(
                f"{name} to be null, its default or {before[name]!r}", f"{name} is {now[name]!r}"
            )
        if answer.is_refusal:
            choices.saw("null-on-update", f"refused with {answer.status}")
        elif name not in contract.defaults:
            choices.saw("null-on-update", "cleared" if now[name] is None else "ignored")


@check("UPDATE-9")
def a_value_beside_null_is_stored(api: Api, given: Given, data: Data) -> None:
    """Send null for one field and a value for another, in both orders."""
    for order in (1, -1):
        customer = given.full_customer()
        value = {"shipto_city": data.other("shipto_city", customer)}
        sent = dict([("phone", None), *value.items()][::order])
        answer = api.update(customer.id, sent).no_server_error(
            "null beside a value not to be answered with a 5xx"
        )
        if answer.ok:
            must_match(value, api.get(customer.id), what="the customer, with null sent for another field,")


@check("UPDATE-12")
def a_body_that_is_not_a_json_object_is_refused(api: Api, given: Given, data: Data) -> None:
    """Send a dozen malformed bodies; bodies that may be read as empty objects change nothing."""
    before = given.read(given.full_customer().id)
    control = api.update(given.customer().id, first_name=data.word())
    for why, body in broken_bodies({"first_name": data.word(), "phone": None}).items():
        answer = api.call("updateCustomer", before.id, body=body)
        answer.refused(f"with a body {why}", control=control)
        must_be_unchanged(before, api, answer)
    for why, body in EMPTY_BODIES.items():
        answer = api.call("updateCustomer", before.id, body=body).no_server_error(
            f"a body {why} not to be answered with a 5xx"
        )
        must_be_unchanged(before, api, answer)


@check("UPDATE-13")
def concurrent_updates_are_all_stored(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Update every field by a request of its own, all sent at the same time, in several rounds."""
    customer = given.full_customer()
    before = given.read(customer.id)
    for _ in range(_ROUNDS):
        sent = {name: data.other(name, before) for name in contract.kept_fields}
        answers = dict(
            zip(
                sent,
                together(*(partial(api.update, customer.id, {name: sent[name]}) for name in sent)),
                strict=True,
            )
        )
        for answer in answers.values():
            answer.no_server_error("updates at the same time not to be answered with a 5xx")
        taken = {name: sent[name] for name, answer in answers.items() if answer.ok}
        before = must_match(taken, api.get(customer.id), what="the customer after all updates")


@check("UPDATE-14")
def text_comes_back_from_an_update(api: Api, given: Given, data: Data, fuzz: Fuzz) -> None:
    """Update every text field to many scripts, all punctuation, long texts and generated texts."""
    customer = given.customer()

    def must_come_back(text: str, about: str) -> None:
        sent = dict.fromkeys(text_fields(api), text)
        must_store_or_refuse(sent, api, api.update(customer.id, sent), about=about)

    for what, text in {**SCRIPTS, **RARE_CHARACTERS}.items():
        must_come_back(text, f"a text with {what}")
    for text in (*PUNCTUATION, *ATTACK_LIKE):
        must_come_back(text, f"the text {text!r}")
    for length in _LENGTHS:
        for name in text_fields(api):
            sent = {name: long_text(data.word(), length)}
            must_store_or_refuse(
                sent, api, api.update(customer.id, sent), about=f"a text of {length} characters"
            )
    fuzz.each(ANY_TEXT, lambda text: must_come_back(text, f"the text {text!r}"), standard=20)
    for text in ("a\0b", "a\x01\x1b\x1fb", "a\x7fb"):
        for fields in (dict.fromkeys(text_fields(api), text), {"phone": text}):
            answer = api.update(customer.id, fields).no_server_error(
                f"the text {text!r} in an update not to be answered with a 5xx"
            )
            after = api.get(customer.id).no_server_error(
                f"a read of a customer updated to {text!r} not to be answered with a 5xx"
            )
            cut = text.partition("\0")[0]
            if answer.ok and cut != text and any(after.customer()[name] == cut for name in fields):
                raise after.violation(
                    "a text with a NUL to be stored whole or refused", "it is cut off at the NUL", answer
                )


@check("UPDATE-19")
def values_of_another_type_are_not_answered_with_a_5xx(api: Api, given: Given, contract: Contract) -> None:
    """Send a number, a boolean, a list and an object for each field."""
    values: tuple[Any, ...] = (5, True, ["a"], {"a": "b"})
    customer = given.full_customer()
    for name in contract.update_fields:
        for value in values:
            before = given.read(customer.id)
            answer = api.update(customer.id, {name: value})
            answer.no_server_error(f"{name} {json.dumps(value)} in an update not to be answered with a 5xx")
            if answer.is_refusal:
                must_be_unchanged(before, api, answer)
                continue
            answer.customer("an update")
            api.get(customer.id).customer("the updated customer")
            if isinstance(value, (dict, list)) and name == "email":
                customer = given.full_customer()  # the email may have changed


@check("UPDATE-15")
def a_refused_update_changes_nothing(api: Api, given: Given, data: Data) -> None:
    """Send valid fields before and after an invalid one, such as an email that is not a string."""
    other = given.customer()
    before = given.read(given.full_customer().id)
    refused = False
    for name, value in (
        ("email", {"a": "b"}),
        ("email", [data.email()]),
        ("email", None),
        ("email", other.email),
        ("phone", {"a": "b"}),
        ("shipto_postal_code", ["a"]),
        ("last_name", "a\0b"),
        ("shipto_address2", "x" * 500_000),
    ):
        valid = data.fields()
        del valid[name]
        names = list(valid)
        start, end = ({key: valid[key] for key in half} for half in (names[::2], names[1::2]))
        for body in ({**valid, name: value}, {**start, name: value, **end}, {name: value, **valid}):
            answer = api.update(before.id, body)
            if answer.ok:
                before = given.read(before.id)
                break
            refused = True
            must_be_unchanged(before, api, answer)
    if not refused:
        raise NotObservable("the target refused no update with any of the values")


@check("UPDATE-16")
def an_update_to_a_taken_email_changes_no_other_customer(api: Api, given: Given, data: Data) -> None:
    """Update to the email of another customer, as shown and in capitals, alone and with other fields."""
    first = given.read(given.full_customer().id)
    for email in (first.email, first.email.upper()):
        for body in ({"email": email}, data.fields(email=email)):
            answer = api.update(given.full_customer().id, body)
            answer.no_server_error("a taken email not to be answered with a 5xx")
            must_be_unchanged(first, api, answer, what="the customer who had the email")


@check("UPDATE-16")
def the_other_customer_still_logs_in(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Log in as the customer who has the email, after another customer was updated to it."""
    if Need.PASSWORD not in offered:
        return  # whether the other customer is unchanged is checked without a password
    first = given.full_customer()
    password = given.password(first)
    with prerequisite("logging in"):
        api.login_password(email=first.email, password=password).success()
    answer = api.update(given.full_customer().id, data.fields(email=first.email))
    login = api.login_password(email=first.email, password=password)
    if not login.ok or login.customer().id != first.id:
        if answer.ok and not login.ok:
            return  # it is left open which of two customers with one email logs in
        raise login.violation(
            "the password of the customer who had the email to log in", f"status {login.status}", answer
        )


@check("UPDATE-16")
def concurrent_updates_to_one_email_are_not_answered_with_a_5xx(api: Api, given: Given, data: Data) -> None:
    """Update several customers to one email at the same time, in several rounds."""
    customers = [given.customer(first_name=data.word()) for _ in range(6)]
    for _ in range(4):
        email = data.email()
        for answer in together(*(partial(api.update, one.id, email=email) for one in customers)):
            answer.no_server_error("updates to one email at the same time not to be answered with a 5xx")


@check("UPDATE-17")
def a_blank_email_changes_no_other_field(api: Api, given: Given) -> None:
    """Update the email to null, an empty string, spaces and tabs."""
    for email in (None, "", " ", "\t\n"):
        before = given.read(given.full_customer().id)
        answer = api.update(before.id, email=email)
        answer.no_server_error(f"the email {json.dumps(email)} not to be answered with a 5xx")
        must_keep_other_fields(before, api, "email")
        _must_show_only({key: value for key, value in before.items() if key != "email"}, answer)


def _must_show_only(expected: dict[str, Any], answer: Answer) -> None:
    """Require these values in the response to an update that was accepted, if it shows a customer."""
    if answer.ok and isinstance(answer.json, dict) and "id" in answer.json:
        must_match(expected, answer, what="the customer in the response")


def must_keep_other_fields(before: dict[str, Any], api: Api, field: str) -> dict[str, Any]:
    """Require that all fields except one read as before, and return the customer as it reads now."""
    kept = {name: before[name] for name in api.contract.response_fields if name != field and name in before}
    return must_match(kept, api.get(before["id"]), what=f"the customer, after an update of {field} only,")
