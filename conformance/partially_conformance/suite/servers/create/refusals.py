"""CREATE: bodies that must be refused, and bodies that must not be answered with a 5xx."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from partially_conformance.bench.api import Answer, Api, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.bodies import broken_bodies
from partially_conformance.suite.servers.shared.expectations import (
    customers_found,
    must_be_unchanged,
    must_have_stored_nothing,
    must_store,
)
from partially_conformance.traffic.cases import Cases
from partially_conformance.traffic.check_end import Blocked

_AT_ONCE = 8  # creates with one email sent at the same time
_ROUNDS = 4  # of creates at the same time


@check("CREATE-7")
def a_create_without_an_email_is_refused(api: Api, data: Data, choices: Choices, cases: Cases) -> None:
    """Create with every field except an email, with a name only, and with an empty object."""
    control = api.create(data.fields())
    without = data.fields()
    del without["email"]
    for body in (without, {"first_name": data.word()}, {}):
        with cases.next():
            answer = api.create(body).refused("without an email", control=control)
            choices.saw("bad-input-status", answer.status)
            for name in set(body) & {"first_name"}:
                must_have_stored_nothing(api, body[name], answer)


@check("CREATE-8")
def a_blank_email_is_refused(api: Api, data: Data, cases: Cases) -> None:
    """Create with the email null, an empty string, spaces, tabs and newlines, each with a unique name."""
    control = api.create(data.fields())
    for email in (None, "", " ", "   ", "\t\n"):
        with cases.next():
            name = data.word()
            answer = removed_again(api, api.create(data.fields(email=email, first_name=name)))
            answer.refused(f"with the email {json.dumps(email)}", control=control)
            must_have_stored_nothing(api, name, answer)


@check("CREATE-9")
def an_email_that_is_not_a_string_is_refused(api: Api, data: Data, cases: Cases) -> None:
    """Create with lists and objects, empty or with an email inside, in place of the email."""
    control = api.create(email=data.email(), first_name=data.word())
    not_strings: tuple[Any, ...] = ([data.email()], [], {"email": data.email()}, {}, [[]], {"$ne": None})
    for email in not_strings:
        with cases.next():
            name = data.word()
            answer = removed_again(api, api.create(email=email, first_name=name))
            answer.refused(f"with the email {json.dumps(email)}", control=control)
            must_have_stored_nothing(api, name, answer)


@check("CREATE-9")
def values_of_another_type_are_not_answered_with_a_5xx(
    api: Api, data: Data, contract: Contract, choices: Choices
) -> None:
    """Create with a number, a boolean, a list and an object for each field; refused values are not stored."""
    values: tuple[Any, ...] = (5, True, ["a"], {"a": "b"})
    first_name, refused = data.word(), dict[str, Answer]()
    for name in contract.create_fields:
        for value in values:
            sent = {"email": (email := data.email()), "first_name": first_name, name: value}
            answer = api.create(sent).no_server_error(
                f"{name} {json.dumps(value)} not to be answered with a 5xx"
            )
            if answer.is_refusal:
                refused[email] = answer
            shown = answer.customer()[name] if answer.ok and name in contract.response_fields else None
            if answer.ok:
                api.get(answer.customer().id).customer()
            if value == 5 and name != "email":
                choices.saw("number-for-text", treatment_of_number(answer, shown))
    for customer in customers_found(api, first_name):
        if customer.email.lower() in refused:
            raise refused[customer.email.lower()].violation(
                "a refused request to store nothing",
                f"a search finds a customer with {customer.email!r}",
                about=[customer.id],
            )


@check("CREATE-10")
def a_body_that_is_not_a_json_object_is_refused(api: Api, data: Data, choices: Choices, cases: Cases) -> None:
    """Create with a dozen malformed bodies, each with a unique email and name, and with empty bodies."""
    whole = {"email": data.email(), "first_name": data.word()}
    control = api.create(whole)
    for why in broken_bodies(whole):
        with cases.next():
            sent = {"email": data.email(), "first_name": data.word()}
            answer = api.call("createCustomer", body=broken_bodies(sent)[why])
            answer.refused(f"with a body {why}", control=control)
            choices.saw("bad-input-status", answer.status)
            must_have_stored_nothing(api, sent["email"], answer)
            must_have_stored_nothing(api, sent["first_name"], answer)
    for body in (b"", b" \n", b"null", b"[]", b'""'):
        with cases.next():
            answer = api.call("createCustomer", body=body)
            answer.refused(f"with the body {body.decode()!r}", control=control)


@check("CREATE-18")
def a_create_with_a_taken_email_changes_no_customer(
    api: Api, given: Given, data: Data, choices: Choices
) -> None:
    """Create with the email of another customer, as it is shown and in capitals, and with other values."""
    first = given.read(given.full_customer().id)
    for email in (first.email, first.email.upper()):
        answer = api.create(data.fields(email=email)).no_server_error(
            "a taken email not to be answered with a 5xx"
        )
        must_be_unchanged(first, api, answer, what="the first customer")
        if email != first.email:
            continue
        if answer.is_refusal:
            choices.saw("duplicate-email", f"refused with {answer.status}")
        elif answer.customer().id == first.id:
            choices.saw("duplicate-email", "the first customer is returned")
        else:
            choices.saw("duplicate-email", "a second customer is created")


@check("CREATE-18")
def the_first_customer_still_logs_in(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Log in as the first customer with an email, after a create with the same email."""
    if Need.PASSWORD not in offered:
        return  # whether the first customer is unchanged is checked without a password
    first = given.full_customer()
    password = given.password(first)
    with prerequisite("logging in"):
        api.login_password(email=first.email, password=password).success()
    answer = api.create(data.fields(email=first.email))
    login = api.login_password(email=first.email, password=password)
    if not login.ok and not answer.ok:  # it is left open which of two customers with one email logs in
        raise login.violation(
            "the password of the first customer to log in as before", f"status {login.status}", answer
        )


@check("CREATE-18")
def concurrent_creates_with_one_email_are_not_answered_with_a_5xx(api: Api, data: Data) -> None:
    """Send several creates with one email at the same time, in several rounds."""
    for _ in range(_ROUNDS):
        email = data.email()
        answers = together(
            *(partial(api.create, email=email, first_name=data.word()) for _ in range(_AT_ONCE))
        )
        for answer in answers:
            answer.no_server_error("creates with one email at the same time not to be answered with a 5xx")


@check("CREATE-19")
def null_becomes_null_or_the_default(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """Create with null for each field that has a default, one at a time."""
    for name, default in contract.defaults.items():
        answer = api.create({name: None}, email=data.email()).no_server_error(_no_5xx(name))
        if answer.is_refusal:
            choices.saw("null-for-default", f"refused with {answer.status}")
            continue
        for source in (answer, api.get(answer.customer().id)):
            shown = source.customer().get(name)
            if shown not in {None, default}:
                raise source.violation(
                    f"null for {name} to become null or {default!r}", f"{name} is {shown!r}", answer
                )
        if name in contract.response_fields:
            choices.saw("null-for-default", "null" if answer.customer()[name] is None else "the default")


@check("CREATE-19")
def null_for_a_field_without_a_default_stays_null(api: Api, data: Data, contract: Contract) -> None:
    """Create with null for all fields without a default; if that is refused, for each field alone."""
    names = [name for name in contract.kept_fields if name not in {"email", *contract.defaults}]
    nulls: dict[str, Any] = dict.fromkeys(names)
    answer = api.create(nulls, email=data.email()).no_server_error("nulls not to be answered with a 5xx")
    if answer.ok:
        must_store(nulls, api, answer)
        return
    for name in names:
        alone = api.create({name: None}, email=data.email()).no_server_error(_no_5xx(name))
        if alone.ok:
            must_store({name: None}, api, alone)


@check("CREATE-23")
def unknown_fields_do_not_affect_documented_fields(api: Api, data: Data, choices: Choices) -> None:
    """Create with unknown fields: the documented fields are all stored, or all refused."""
    control = api.create(data.fields())
    if not control.ok:
        raise Blocked(f"the same request without unknown fields was refused with status {control.status}")
    for extra in (
        {data.word().lower(): data.word()},
        {data.word().lower(): {"a": [1, None, {"b": "c"}]}},
        {"merchant_id": "1", "customer_id": 1, "user_id": "1"},
        {"deleted_at": "2001-02-03T04:05:06", "removed_at": "2001-02-03T04:05:06", "status": "deleted"},
        {"__proto__": {"email": None}, "constructor": {"prototype": {"email": None}}, "toString": "x"},
        {"": "x", "first name": "x", "first_name ": "x", "FIRST_NAME": "x", "email.": "x", "$where": "1"},
    ):
        sent = data.fields()
        answer = api.create({**extra, **sent}).no_server_error("unknown fields not to be answered with a 5xx")
        choices.saw("unknown-fields", f"refused with {answer.status}" if answer.is_refusal else "ignored")
        if answer.is_refusal:
            must_have_stored_nothing(api, sent["email"], answer)
        else:
            must_store(sent, api, answer)


def _no_5xx(name: str) -> str:
    return f"null for {name} not to be answered with a 5xx"


def removed_again(api: Api, answer: Answer) -> Answer:
    """Remove the customer of a create that must fail, if it did not fail, and return the response.

    Otherwise its invalid email is taken, and is refused for that reason when the check is repeated.
    """
    if answer.ok and isinstance(answer.json, dict) and isinstance(answer.json.get("id"), str):
        api.gdpr_remove(answer.json["id"])
    return answer


def treatment_of_number(answer: Answer, shown: Any) -> str:
    """Describe what a target did with a number in place of a string."""
    if answer.is_refusal:
        return f"refused with {answer.status}"
    return "ignored" if shown is None else "stored as text"
