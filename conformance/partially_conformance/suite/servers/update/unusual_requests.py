"""UPDATE: odd requests and requests at the same time."""

from __future__ import annotations

from functools import partial
from typing import Any

from partially_conformance.bench.api import Api, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.bodies import EMPTY, broken
from partially_conformance.suite.servers.shared.expectations import must_be_as, must_be_unchanged, text_fields
from partially_conformance.suite.servers.shared.texts import (
    ANY,
    HOSTILE,
    PUNCTUATION,
    RARE,
    SCRIPTS,
    long_text,
    must_be_whole,
)
from partially_conformance.traffic.check_end import NotObservable

_ROUNDS = 8
"""How often fields are updated at the same time. A server that loses updates loses one in most rounds."""

_LENGTHS = (256, 1_000, 10_000, 100_000)  # characters


@check("UPDATE-8")
def an_empty_update_changes_nothing(api: Api, given: Given, choices: Choices) -> None:
    """An empty object, and no body at all with and without a label, each on two customers."""
    for made in (given.full_customer(), given.customer()):
        before = given.read(made.id)
        answers = {
            "`{}`": api.update(made.id),
            "no body": api.call("updateCustomer", made.id),
            "an empty body": api.call("updateCustomer", made.id, body=b""),
        }
        for what, answer in answers.items():
            answer.no_server_error(f"an update with {what} not to be answered with a 5xx")
        for answer in answers.values():
            must_be_unchanged(before, api, answer)
        seen = (f"{what}: {'accepted' if one.ok else one.status}" for what, one in answers.items())
        choices.saw("empty-update", ", ".join(seen))


@check("UPDATE-9")
def null_touches_only_its_own_field(api: Api, given: Given, contract: Contract, choices: Choices) -> None:
    """Null for each field but the email alone, on customers with values everywhere."""
    for name in contract.update_fields:
        if name == "email":
            continue
        before = given.read(given.full_customer().id)
        answer = api.update(before.id, {name: None}).no_server_error(f"null for {name}: no 5xx")
        now = others_as_before(before, api, name)
        if name not in now:
            continue
        if now[name] not in {None, before[name], contract.defaults.get(name)}:
            raise answer.violation(f"{name} to be null or {before[name]!r}", f"it is {now[name]!r}")
        if answer.is_refusal:
            choices.saw("null-on-update", f"refused with {answer.status}")
        elif name not in contract.defaults:
            choices.saw("null-on-update", "cleared" if now[name] is None else "ignored")


@check("UPDATE-9")
def null_beside_a_value_does_not_hide_it(api: Api, given: Given, data: Data) -> None:
    """Null for one field and a value for another, in either order."""
    for order in (1, -1):
        customer = given.full_customer()
        value = {"shipto_city": data.other("shipto_city", customer)}
        sent = dict([("phone", None), *value.items()][::order])
        answer = api.update(customer.id, sent).no_server_error("null beside a value: no 5xx")
        if answer.ok:
            must_be_as(value, api.get(customer.id), what="the customer, null being sent for another field,")


@check("UPDATE-12")
def what_is_no_json_object_is_refused(api: Api, given: Given, data: Data) -> None:
    """A dozen broken bodies, on a customer who takes the same update whole; empty ones change nothing."""
    before = given.read(given.full_customer().id)
    control = api.update(given.customer().id, first_name=data.word())
    for why, body in broken({"first_name": data.word(), "phone": None}).items():
        answer = api.call("updateCustomer", before.id, body=body)
        answer.refused(f"with a body {why}", control=control)
        must_be_unchanged(before, api, answer)
    for why, body in EMPTY.items():
        answer = api.call("updateCustomer", before.id, body=body).no_server_error(f"a body {why}: no 5xx")
        must_be_unchanged(before, api, answer)


@check("UPDATE-13")
def updates_at_the_same_time_are_all_kept(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Several rounds in which each field is updated by a request of its own, all sent at once."""
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
        before = must_be_as(taken, api.get(customer.id), what="the customer after all updates")


@check("UPDATE-14")
def text_comes_back_from_an_update(api: Api, given: Given, data: Data, fuzz: Fuzz) -> None:
    """Many scripts, all punctuation and long texts, then generated text, in every text field."""
    customer = given.customer()

    def whole(text: str, about: str) -> None:
        sent = dict.fromkeys(text_fields(api), text)
        must_be_whole(sent, api, api.update(customer.id, sent), about=about)

    for what, text in {**SCRIPTS, **RARE}.items():
        whole(text, f"a text with {what}")
    for text in (*PUNCTUATION, *HOSTILE):
        whole(text, f"the text {text!r}")
    for length in _LENGTHS:
        for name in text_fields(api):
            sent = {name: long_text(data.word(), length)}
            must_be_whole(sent, api, api.update(customer.id, sent), about=f"a text of {length} characters")
    fuzz.each(ANY, lambda text: whole(text, f"the text {text!r}"), standard=20)
    for text in ("a\0b", "a\x01\x1b\x1fb", "a\x7fb"):
        for fields in (dict.fromkeys(text_fields(api), text), {"phone": text}):
            answer = api.update(customer.id, fields).no_server_error(
                f"the text {text!r} in an update: no 5xx"
            )
            after = api.get(customer.id).no_server_error(
                f"a customer updated with {text!r} to be read without a 5xx"
            )
            cut = text.partition("\0")[0]
            if answer.ok and cut != text and any(after.customer()[name] == cut for name in fields):
                raise after.violation("a text to be kept, or refused", "it is cut off at a NUL", answer)


@check("UPDATE-19")
def values_of_another_type_do_no_harm(api: Api, given: Given, contract: Contract) -> None:
    """A number, a truth value, a list and an object for each field."""
    values: tuple[Any, ...] = (5, True, ["a"], {"a": "b"})
    customer = given.full_customer()
    for name in contract.update_fields:
        for value in values:
            before = given.read(customer.id)
            answer = api.update(customer.id, {name: value})
            answer.no_server_error(f"{name} {value!r} in an update not to be answered with a 5xx")
            if answer.is_refusal:
                must_be_unchanged(before, api, answer)
                continue
            answer.customer("an update")
            api.get(customer.id).customer("the updated customer")
            if isinstance(value, (dict, list)) and name == "email":
                customer = given.full_customer()  # whatever its email is now


@check("UPDATE-15")
def a_refused_update_changes_nothing(api: Api, given: Given, data: Data) -> None:
    """Valid fields before and after one that servers refuse: an email that is no text, and others."""
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
        raise NotObservable("no update was refused, whatever was sent as one of its fields")


@check("UPDATE-16")
def a_taken_email_leaves_the_other_customer(api: Api, given: Given, data: Data) -> None:
    """The email of another customer, as it is shown and in capitals, alone and beside other fields."""
    first = given.read(given.full_customer().id)
    for email in (first.email, first.email.upper()):
        for body in ({"email": email}, data.fields(email=email)):
            answer = api.update(given.full_customer().id, body)
            answer.no_server_error("a taken email not to be answered with a 5xx")
            must_be_unchanged(first, api, answer, what="the customer who had the email")


@check("UPDATE-16")
def the_other_customer_still_logs_in(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """With the password of before, where a harness sets one."""
    if Need.PASSWORD not in offered:
        return  # how the other one reads is seen without
    first = given.full_customer()
    password = given.password(first)
    with prerequisite("logging in"):
        api.login_password(email=first.email, password=password).success()
    answer = api.update(given.full_customer().id, data.fields(email=first.email))
    login = api.login_password(email=first.email, password=password)
    if not login.ok or login.customer().id != first.id:
        if answer.ok:
            return  # which of two customers with one email logs in is open
        raise login.violation(
            "the password of the customer who had the email to work", f"status {login.status}", answer
        )


@check("UPDATE-16")
def one_email_for_several_at_the_same_time_does_no_harm(api: Api, given: Given, data: Data) -> None:
    """Several rounds in which customers are given one email by requests sent at once."""
    customers = [given.customer(first_name=data.word()) for _ in range(6)]
    for _ in range(4):
        email = data.email()
        for answer in together(*(partial(api.update, one.id, email=email) for one in customers)):
            answer.no_server_error("updates to one email at the same time not to be answered with a 5xx")


@check("UPDATE-17")
def a_blank_email_does_no_harm(api: Api, given: Given) -> None:
    """Null, an empty text, blanks and tabs as the new email."""
    for email in (None, "", " ", "\t\n"):
        before = given.read(given.full_customer().id)
        api.update(before.id, email=email).no_server_error(f"the email {email!r}: no 5xx")
        others_as_before(before, api, "email")


def others_as_before(before: dict[str, Any], api: Api, field: str) -> dict[str, Any]:
    """All fields but one read as before. Returns the customer as it reads now."""
    kept = {name: before[name] for name in api.contract.response_fields if name != field and name in before}
    return must_be_as(kept, api.get(before["id"]), what=f"the customer, {field} alone being updated,")
