"""READ: one customer by its id."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from partially_conformance.bench.api import Answer, Api, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_keep, same
from partially_conformance.suite.servers.shared.lists import somebody
from partially_conformance.target.ids import is_random

MALFORMED = (
    "abc", "0", "1", "-1", "null", "undefined", "%", "_", "*", "' OR '1'='1", "\0", "\u00e9", "\U0001f4a5",
    "9" * 40, "a" * 2000, "6d30d3c8", "6d30d3c8-d024-45cc-9c3f-356fc8aee23", "[object Object]",
    "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", "6d30d3c8-d024-45cc-9c3f-356fc8aee23d; DROP TABLE customers",
    "__proto__", "constructor",
)  # fmt: skip
"""Texts that cannot be the id of anybody, unless the target gives short ids."""

ROUNDS = 6
"""How often requests are sent at the same time, at standard effort."""

_LOGINS = 4
"""How many customers log in at the same time."""


@check("READ-1")
def a_customer_is_read_by_its_id(api: Api, given: Given) -> None:
    """Customers with all fields and with few, each read once all are there."""
    customers = [given.full_customer(), given.customer(), given.full_customer()]
    for customer in customers:
        answer = api.get(customer.id)
        read = answer.customer()
        for name in ("id", "email"):
            if not same(name, read[name], customer[name]):
                raise answer.violation(
                    f"the customer with the {name} {customer[name]!r}", f"its {name} is {read[name]!r}"
                )
        answer.shows_nothing_of(*(one for one in customers if one is not customer))


@check("READ-2", read_only=True)
def an_unknown_id_is_not_found(api: Api, data: Data) -> None:
    """Ids in the form of the target; of random ones also two with a single digit changed."""
    control, customer = somebody(api)
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
            raise answer.violation("404 for an id nobody has", f"status {answer.status}", control)
        answer.refused("for an id nobody has", control=control, hides=[customer])


@check("READ-3", read_only=True)
def a_malformed_id_is_refused(api: Api, data: Data, choices: Choices) -> None:
    """Words, numbers, wildcards, what no URL may hold, and the id of a customer with something added."""
    control, known = somebody(api)
    for text in (*MALFORMED, f"{known.id}x", f"x{known.id}", known.id[:-1], f"{known.id},{known.id}"):
        if data.may_be_an_id(text):
            continue
        answer = api.get(text).refused(f"for the id {text[:60]!r}", control=control, hides=[known])
        choices.saw("malformed-id-status", answer.status)
    path = api.contract.operations["getCustomer"].path
    for raw in ("%", "%zz", "%ff", "%e0%a4%a", "a%00b"):
        answer = api.send("GET", path.replace("{id}", raw))
        answer.refused(f"for the id {raw!r} as it stands in the URL", control=control, hides=[known])


@check("READ-6")
def reading_changes_nothing(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Read, listed, searched and read again while others are created, changed and removed."""
    for fields in (data.fields(), {}):
        customer = given.customer(**fields)
        with prerequisite("reading a customer"):
            before = api.get(customer.id)
            expected = before.customer()
        bystander = given.full_customer()
        steps: tuple[Callable[[], Answer], ...] = (
            partial(api.get, bystander.id),
            api.list,
            partial(api.list, q=customer.email),
            partial(api.update, bystander.id, data.fields()),
            partial(api.gdpr_remove, bystander.id),
        )
        for step in steps:
            between = step()
            answer = api.get(customer.id)
            read = answer.customer()
            for name in contract.response_fields:
                if not same(name, read[name], expected[name]):
                    raise answer.violation(
                        f"{name} {expected[name]!r} as before", f"it is {read[name]!r}", before, between
                    )


@check("READ-8")
def answers_are_not_mixed_up(api: Api, given: Given, data: Data, fuzz: Fuzz) -> None:
    """Several customers read, changed and searched for at the same time, again and again."""
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
                    f"a search for {customer.email!r} to find its customer, as when it comes alone",
                    f"it finds {len(answer.page().ids)} customers, or another one",
                    about=[customer.id],
                )
        for customer, answer in zip(asked, answers, strict=False):
            read = answer.customer()
            if read.id != customer.id or not same("email", read.email, customer.email):
                raise answer.violation(
                    f"the customer with the email {customer.email!r}, whose id was asked for",
                    f"the one with the email {read.email!r}",
                    about=[customer.id],
                )
            answer.shows_nothing_of(*(one for one in customers if one is not customer))


@check("READ-8")
def creates_are_not_mixed_up(api: Api, data: Data) -> None:
    """Several customers created at the same time: what was sent is in each answer, and when they are read."""
    bodies = [data.fields() for _ in range(_LOGINS)]
    for body, answer in zip(bodies, together(*(partial(api.create, body) for body in bodies)), strict=True):
        must_keep(body, api, answer, what="a customer created while others were")


@check("READ-8")
def login_tokens_are_not_mixed_up(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Several customers who ask for a token at the same time, and log in with them at the same time."""
    if Need.EMAILS not in offered:
        return
    customers = [given.customer() for _ in range(_LOGINS)]
    for customer in customers:
        given.token(customer)  # which shows how tokens are emailed, and that they are
    before = [len(given.emails(customer.email)) for customer in customers]
    with prerequisite("asking for login tokens"):
        for asked in together(*(partial(api.login_email, email=customer.email) for customer in customers)):
            asked.success()
    tokens = []
    for customer, count in zip(customers, before, strict=True):
        if not given.email_arrives(customer.email, count):
            expected = f"an email to {customer.email}, who asked for a token while others did"
            raise asked.violation(expected, "none came", about=[customer.id, customer.email])
        tokens.append(given.token_in(given.next_email(customer.email, count), customer))
    answers = together(*(partial(api.login_token, token=token) for token in tokens))
    for customer, answer in zip(customers, answers, strict=True):
        if not answer.ok or answer.customer().id != customer.id:
            raise answer.violation(
                f"the login of the customer with the email {customer.email!r}",
                f"status {answer.status}" + (", another customer" if answer.ok else ""),
                about=[customer.id, customer.email],
            )


@check("READ-8")
def logins_are_not_mixed_up(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Several customers who log in at the same time, where a harness sets passwords."""
    if Need.PASSWORD not in offered:
        return  # reads and updates are seen without
    customers = [given.customer() for _ in range(_LOGINS)]
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
                f"the login of the customer with the email {customer.email!r}",
                f"status {answer.status}" + (", another customer" if answer.ok else ""),
                about=[customer.id, customer.email],
            )
