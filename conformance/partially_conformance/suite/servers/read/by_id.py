"""READ: reading a customer by its id, one request at a time and several at the same time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from partially_conformance.bench.api import Answer, Api, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_store, same_value
from partially_conformance.suite.servers.shared.lists import any_customer_in_list
from partially_conformance.target.ids import is_random

MALFORMED = (
    "abc", "0", "1", "-1", "null", "undefined", "%", "_", "*", "' OR '1'='1", "\0", "\u00e9", "\U0001f4a5",
    "9" * 40, "a" * 2000, "6d30d3c8", "6d30d3c8-d024-45cc-9c3f-356fc8aee23", "[object Object]",
    "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", "6d30d3c8-d024-45cc-9c3f-356fc8aee23d; DROP TABLE customers",
    "__proto__", "constructor",
)  # fmt: skip
"""Texts that cannot be the id of a customer, unless the ids of the target are short."""

ROUNDS = 6
"""How often several requests are sent at the same time, at standard effort."""

_CUSTOMERS = 4
"""How many customers are created, or log in, at the same time."""


@check("READ-1")
def a_customer_is_read_by_its_id(api: Api, given: Given) -> None:
    """Create customers with all fields and with an email only, then read each."""
    customers = [given.full_customer(), given.customer(), given.full_customer()]
    for customer in customers:
        answer = api.get(customer.id)
        read = answer.customer()
        for name in ("id", "email"):
            if not same_value(name, read[name], customer[name]):
                raise answer.violation(
                    f"the customer with the {name} {customer[name]!r}", f"{name} is {read[name]!r}"
                )
        answer.shows_nothing_of(*(one for one in customers if one is not customer))


@check("READ-2", read_only=True)
def an_unknown_id_is_not_found(api: Api, data: Data) -> None:
    """Read unknown ids in the format of the target; if ids are random, also ids with one digit changed."""
    control, customer = any_customer_in_list(api)
    known = customer.id
    ids = [data.unknown_id(), data.unknown_id()]
    if is_random(known):
        ids += [
            known[:-1] + ("1" if known[-1] == "0" else "0"),
            ("1" if known[0] == "0" else "0") + known[1:],
        ]
    for one in ids:
        answer = api.get(one)
        if answer.status != 404:
            raise answer.violation(
                "an unknown id to be answered with 404", f"status {answer.status}", control
            )
        answer.refused("for an unknown id", control=control, hides=[customer])


@check("READ-3", read_only=True)
def a_malformed_id_is_refused(api: Api, data: Data, choices: Choices) -> None:
    """Read words, numbers, wildcards, malformed escapes, and the id of a customer with something added."""
    control, known = any_customer_in_list(api)
    for text in (*MALFORMED, f"{known.id}x", f"x{known.id}", known.id[:-1], f"{known.id},{known.id}"):
        if data.may_be_an_id(text):
            continue
        answer = api.get(text).refused(f"for the id {text[:60]!r}", control=control, hides=[known])
        choices.saw("malformed-id-status", answer.status)
    path = api.contract.operations["getCustomer"].path
    for raw in ("%", "%zz", "%ff", "%e0%a4%a", "a%00b"):
        answer = api.send("GET", path.replace("{id}", raw))
        answer.refused(f"with {raw!r} in place of the id in the URL", control=control, hides=[known])


@check("READ-6")
def reading_changes_nothing(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Read a customer again after it was listed and found, and after others were updated and removed."""
    for fields in (data.fields(), {}):
        customer = given.customer(**fields)
        with prerequisite("reading a customer"):
            before = api.get(customer.id)
            expected = before.customer()
        other_customer = given.full_customer()
        steps: tuple[Callable[[], Answer], ...] = (
            partial(api.get, other_customer.id),
            api.list,
            partial(api.list, q=customer.email),
            partial(api.update, other_customer.id, data.fields()),
            partial(api.gdpr_remove, other_customer.id),
        )
        for step in steps:
            between = step()
            answer = api.get(customer.id)
            read = answer.customer()
            for name in contract.response_fields:
                if not same_value(name, read[name], expected[name]):
                    raise answer.violation(
                        f"{name} to stay {expected[name]!r}", f"{name} is {read[name]!r}", before, between
                    )


@check("READ-8")
def concurrent_responses_are_not_mixed_up(api: Api, given: Given, data: Data, fuzz: Fuzz) -> None:
    """Read, update and search for several customers at the same time, in several rounds."""
    customers = [given.full_customer() for _ in range(6)]
    asked = [*customers, *customers[:2]]
    calls: list[Callable[[], Answer]] = [partial(api.get, customer.id) for customer in customers]
    calls += [
        partial(api.update, customer.id, phone=data.other("phone", customer)) for customer in customers[:2]
    ]
    searches = [partial(api.list, q=customer.email) for customer in customers[:4]]
    for _ in range(fuzz.examples(ROUNDS)):
        answers = together(*calls, *searches)
        for customer, answer in zip(customers, answers[len(calls) :], strict=False):
            if answer.page().ids != [customer.id]:
                raise answer.violation(
                    f"a search for {customer.email!r}, sent with other requests, to find only its customer",
                    f"the search finds {len(answer.page().ids)} customers, or another customer",
                    about=[customer.id],
                )
        for customer, answer in zip(asked, answers, strict=False):
            read = answer.customer()
            if read.id != customer.id or not same_value("email", read.email, customer.email):
                raise answer.violation(
                    f"the requested customer, with the email {customer.email!r}",
                    f"the customer with the email {read.email!r}",
                    about=[customer.id],
                )
            answer.shows_nothing_of(*(one for one in customers if one is not customer))


@check("READ-8")
def concurrent_creates_are_not_mixed_up(api: Api, data: Data) -> None:
    """Create several customers at the same time: each response and each later read has the values sent."""
    bodies = [data.fields() for _ in range(_CUSTOMERS)]
    for body, answer in zip(bodies, together(*(partial(api.create, body) for body in bodies)), strict=True):
        must_store(body, api, answer, what="a customer created at the same time as others")


@check("READ-12")
def concurrent_login_tokens_are_not_mixed_up(api: Api, given: Given) -> None:
    """Several customers request tokens at the same time, and log in with them at the same time."""
    customers = [given.customer() for _ in range(_CUSTOMERS)]
    for customer in customers:
        given.token(customer)  # this shows that tokens are emailed, and how
    before = [len(given.emails(customer.email)) for customer in customers]
    with prerequisite("requesting login tokens"):
        for asked in together(*(partial(api.login_email, email=customer.email) for customer in customers)):
            asked.success()
    tokens = []
    for customer, count in zip(customers, before, strict=True):
        if not given.email_arrives(customer.email, count):
            expected = (
                f"an email to {customer.email} after several customers requested a token at the same time"
            )
            raise asked.violation(expected, "no email", about=[customer.id, customer.email])
        tokens.append(given.token_in(given.next_email(customer.email, count), customer))
    answers = together(*(partial(api.login_token, token=token) for token in tokens))
    for customer, answer in zip(customers, answers, strict=True):
        if not answer.ok or answer.customer().id != customer.id:
            raise answer.violation(
                f"a login as the customer with the email {customer.email!r}",
                f"status {answer.status}" + (" with another customer" if answer.ok else ""),
                about=[customer.id, customer.email],
            )


@check("READ-11")
def concurrent_logins_are_not_mixed_up(api: Api, given: Given) -> None:
    """Several customers log in with passwords at the same time."""
    customers = [given.customer() for _ in range(_CUSTOMERS)]
    passwords = [given.password(customer) for customer in customers]
    calls = [
        partial(api.login_password, email=customer.email, password=password)
        for customer, password in zip(customers, passwords, strict=True)
    ]
    with prerequisite("logging in"):
        calls[0]().success()
    for customer, answer in zip(customers, together(*calls), strict=True):
        if not answer.ok or answer.customer().id != customer.id:
            raise answer.violation(
                f"a login as the customer with the email {customer.email!r}",
                f"status {answer.status}" + (" with another customer" if answer.ok else ""),
                about=[customer.id, customer.email],
            )
