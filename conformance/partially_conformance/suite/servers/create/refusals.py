"""CREATE: what is refused, and what does no harm."""

from __future__ import annotations

from functools import partial
from typing import Any

from partially_conformance.bench.api import Answer, Api, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.bodies import broken
from partially_conformance.suite.servers.shared.expectations import (
    found,
    must_be_unchanged,
    must_have_stored_nothing,
    must_keep,
)
from partially_conformance.traffic.check_end import Blocked

_AT_ONCE = 8  # creates with one email sent at the same time
_ROUNDS = 4  # how often they are


@check("CREATE-7")
def without_an_email_nobody_is_created(api: Api, data: Data, choices: Choices) -> None:
    """Nothing but an email missing, a name alone, and an empty object."""
    control = api.create(data.fields())
    without = data.fields()
    del without["email"]
    for body in (without, {"first_name": data.word()}, {}):
        answer = api.create(body).refused("without an email", control=control)
        choices.saw("bad-input-status", answer.status)
        for name in set(body) & {"first_name"}:
            must_have_stored_nothing(api, body[name], answer)


@check("CREATE-8")
def a_blank_email_is_refused(api: Api, data: Data) -> None:
    """Null, an empty text, blanks, tabs and newlines, each with a name nobody else has."""
    control = api.create(data.fields())
    for email in (None, "", " ", "   ", "\t\n"):
        name = data.word()
        answer = undone(api, api.create(data.fields(email=email, first_name=name)))
        answer.refused(f"with the email {email!r}", control=control)
        must_have_stored_nothing(api, name, answer)


@check("CREATE-9")
def an_email_that_is_no_text_is_refused(api: Api, data: Data) -> None:
    """Lists and objects, empty or with an email inside."""
    control = api.create(email=data.email(), first_name=data.word())
    odd: tuple[Any, ...] = ([data.email()], [], {"email": data.email()}, {}, [[]], {"$ne": None})
    for email in odd:
        name = data.word()
        answer = undone(api, api.create(email=email, first_name=name))
        answer.refused(f"with the email {email!r}", control=control)
        must_have_stored_nothing(api, name, answer)


@check("CREATE-9")
def values_of_another_type_do_no_harm(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """A number, a truth value, a list and an object for each field; what is refused is not stored."""
    values: tuple[Any, ...] = (5, True, ["a"], {"a": "b"})
    first_name, refused = data.word(), dict[str, Answer]()
    for name in contract.create_fields:
        for value in values:
            sent = {"email": (email := data.email()), "first_name": first_name, name: value}
            answer = api.create(sent).no_server_error(f"{name} {value!r} not to be answered with a 5xx")
            if answer.is_refusal:
                refused[email] = answer
            shown = answer.customer()[name] if answer.ok and name in contract.response_fields else None
            if answer.ok:
                api.get(answer.customer().id).customer()
            if value == 5 and name != "email":
                choices.saw("number-for-text", became(answer, shown))
    for customer in found(api, first_name):
        if customer.email.lower() in refused:
            raise refused[customer.email.lower()].violation(
                "nothing to be stored", f"a customer with {customer.email!r} is found", about=[customer.id]
            )


@check("CREATE-10")
def what_is_no_json_object_is_refused(api: Api, data: Data, choices: Choices) -> None:
    """A dozen broken bodies, each with an email and a name nobody else has, and three without."""
    whole = {"email": data.email(), "first_name": data.word()}
    control = api.create(whole)
    for why in broken(whole):
        sent = {"email": data.email(), "first_name": data.word()}
        answer = api.call("createCustomer", body=broken(sent)[why])
        answer.refused(f"with a body {why}", control=control)
        choices.saw("bad-input-status", answer.status)
        must_have_stored_nothing(api, sent["email"], answer)
        must_have_stored_nothing(api, sent["first_name"], answer)
    for body in (b"", b" \n", b"null", b"[]", b'""'):
        answer = api.call("createCustomer", body=body)
        answer.refused(f"with the body {body.decode()!r}", control=control)


@check("CREATE-18")
def a_second_customer_with_an_email_leaves_the_first(
    api: Api, given: Given, data: Data, choices: Choices
) -> None:
    """The email of another customer as it is shown, and in capitals, with other values beside it."""
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
    """With the password of before, where a harness sets one."""
    if Need.PASSWORD not in offered:
        return  # how the first one reads is seen without
    first = given.full_customer()
    password = given.password(first)
    with prerequisite("logging in"):
        api.login_password(email=first.email, password=password).success()
    answer = api.create(data.fields(email=first.email))
    login = api.login_password(email=first.email, password=password)
    if not login.ok and not answer.ok:  # which of two customers with one email logs in is open
        raise login.violation(
            "the password of the first customer to work as before", f"status {login.status}", answer
        )


@check("CREATE-18")
def creates_with_one_email_at_the_same_time_do_no_harm(api: Api, data: Data) -> None:
    """Several rounds of creates with one email, all sent at once."""
    for _ in range(_ROUNDS):
        email = data.email()
        answers = together(
            *(partial(api.create, email=email, first_name=data.word()) for _ in range(_AT_ONCE))
        )
        for answer in answers:
            answer.no_server_error("creates with one email at the same time not to be answered with a 5xx")


@check("CREATE-19")
def null_becomes_null_or_the_default(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """Null for each field that has a default alone."""
    for name, default in contract.defaults.items():
        answer = api.create({name: None}, email=data.email()).no_server_error(f"null for {name}: no 5xx")
        if answer.is_refusal:
            choices.saw("null-for-default", f"refused with {answer.status}")
            continue
        for source in (answer, api.get(answer.customer().id)):
            shown = source.customer().get(name)
            if shown not in {None, default}:
                raise source.violation(
                    f"null for {name} to become null or {default!r}", f"it is {shown!r}", answer
                )
        if name in contract.response_fields:
            choices.saw("null-for-default", "null" if answer.customer()[name] is None else "the default")


@check("CREATE-19")
def null_for_any_other_field_stays_null(api: Api, data: Data, contract: Contract) -> None:
    """Null for all fields without a default at once, and for each alone if that is refused."""
    names = [name for name in contract.kept_fields if name not in {"email", *contract.defaults}]
    nothing: dict[str, Any] = dict.fromkeys(names)
    answer = api.create(nothing, email=data.email()).no_server_error("nulls not to be answered with a 5xx")
    if answer.ok:
        must_keep(nothing, api, answer)
        return
    for name in names:
        alone = api.create({name: None}, email=data.email()).no_server_error(f"null for {name}: no 5xx")
        if alone.ok:
            must_keep({name: None}, api, alone)


@check("CREATE-23")
def unknown_fields_do_no_harm(api: Api, data: Data, choices: Choices) -> None:
    """Made-up names, names that tables tend to have, names of prototypes, all beside documented fields."""
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
            must_keep(sent, api, answer)


def undone(api: Api, answer: Answer) -> Answer:
    """The answer to a create that must fail. If it did not, its customer is removed again.

    Otherwise an odd email is taken from then on, and refused for that when the check is repeated.
    """
    if answer.ok and isinstance(answer.json, dict) and isinstance(answer.json.get("id"), str):
        api.gdpr_remove(answer.json["id"])
    return answer


def became(answer: Answer, shown: Any) -> str:
    """What a target made of a number in place of a text, in few words."""
    if answer.is_refusal:
        return f"refused with {answer.status}"
    return "ignored" if shown is None else "stored as text"
