"""TOKEN: asking for a login token by email, and logging in with it.

Wrong tokens are few in each check, so that no limit on guessing is reached; the check that reaches it
comes at the end of the run and lets it pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from partially_conformance.api import Answer, Api, Customer
from partially_conformance.catalogue import Need
from partially_conformance.check import check
from partially_conformance.choices import Choices
from partially_conformance.data import Data
from partially_conformance.given import Given, building
from partially_conformance.harness import Harness
from partially_conformance.outcome import Blocked
from partially_conformance.suite.guessing import right_login, told
from partially_conformance.suite.helpers import found, must_be_as, must_be_unchanged
from partially_conformance.suite.token_text import shows_token
from partially_conformance.suite.traces import must_stay

_A_MINUTE, _THIRTY_DAYS = 60, 30 * 24 * 60 * 60  # in seconds

_USUAL = 6  # characters of a token, as in the documented example

_OLD_K = "\u212a"  # the sign for kelvin, which is a k when its case is ignored


@check("TOKEN-1")
def the_emailed_token_logs_in(api: Api, given: Given) -> None:
    """The first word of the email that logs in, and then the one in its place, exactly as it was mailed."""
    customer, answer = given.token_that_logs_in()
    must_be_as(given.read(customer.id), answer, what="the customer who was emailed the token")
    for customer in (given.full_customer(), given.customer()):
        token = given.token(customer)
        before = given.read(customer.id)
        answer = _must_log_in(api, customer, token)
        must_be_as(before, answer, what="the customer who was emailed the token")
        must_be_unchanged(before, api, answer)


@check("TOKEN-1")
def the_login_shows_the_customer_of_now(api: Api, given: Given, data: Data) -> None:
    """One who was updated between asking for the token and logging in with it."""
    customer = given.full_customer()
    token = given.token(customer)
    with building("updating a customer"):
        now = api.update(customer.id, phone=data.other("phone", customer)).customer()
    answer = api.login_token(token=token)
    if answer.ok:
        must_be_as(now, answer, what="the customer who was updated after asking for the token")


@check("TOKEN-1")
def a_login_by_token_keeps_the_password(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Where a harness sets one."""
    if Need.PASSWORD not in offered:
        return  # there is none to keep
    customer = given.full_customer()
    password = given.password(customer)
    right_login(api, customer.email, password)
    by_token = _logs_in(api, given.token(customer))
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation(
            "the password to log in after a login by token", f"status {answer.status}", by_token,
            about=[customer.id, customer.email],
        )  # fmt: skip


@check("TOKEN-2")
def the_token_goes_to_the_email_of_now(api: Api, given: Given, data: Data) -> None:
    """Asked for with the new email of a customer, and with the one before, which is nobody's any more."""
    customer = given.full_customer()
    with building("changing an email"):
        now = api.update(customer.id, email=data.email()).customer()
    before = {
        address: given.greetings(one) for address, one in ((now.email, now), (customer.email, customer))
    }
    asked = api.login_email(email=customer.email)
    given.delivered()
    for address, count in before.items():
        if len(given.emails(address)) > count:
            raise asked.violation(
                "no email, as nobody has the email asked with", f"one to {address}",
                about=[customer.id, customer.email],
            )  # fmt: skip
    answer = api.login_email(email=now.email)
    if not given.email_comes(now.email, before[now.email]):
        raise answer.violation("an email to the new address", "none came", about=[customer.id, now.email])
    given.delivered()
    if len(given.emails(customer.email)) > before[customer.email]:
        raise answer.violation(
            "no email to the address of before", "one was sent", about=[customer.id, now.email]
        )


@check("TOKEN-2")
def one_email_goes_to_the_customer_alone(api: Api, given: Given) -> None:
    """One email to the address of the customer, none to somebody with the same names."""
    customer = given.full_customer()
    names = {name: customer[name] for name in ("first_name", "last_name")}
    namesake = given.customer(**names)
    before, of_namesake = given.greetings(customer), given.greetings(namesake)
    answer = api.login_email(email=customer.email)
    about = [customer.id, customer.email]
    if not given.email_comes(customer.email, before):
        raise answer.violation("an email with a login token", "none came", about=about)
    given.delivered()
    emails = given.emails(customer.email)[before:]
    if len(emails) != 1:
        raise answer.violation("one email", f"{len(emails)} came", about=about)
    if not _same_address(emails[0]["to"], customer.email):
        raise answer.violation(f"an email to {customer.email}", f"one to {emails[0]['to']}", about=about)
    if len(given.emails(namesake.email)) > of_namesake:
        raise answer.violation("an email to the customer alone", "another customer got one", about=about)


@check("TOKEN-2")
def who_has_no_name_gets_an_email_too(api: Api, given: Given) -> None:
    """After one with every field, who gets one."""
    given.email_with_token(given.full_customer())
    nameless = given.customer()
    before = given.greetings(nameless)
    asked = api.login_email(email=nameless.email)
    if asked.ok and not given.email_comes(nameless.email, before):
        about = [nameless.id, nameless.email]
        raise asked.violation("an email to a customer without names", "none came", about=about)


@check("TOKEN-2")
def nobody_else_gets_the_token(api: Api, given: Given, data: Data) -> None:
    """Not an address sent beside the right one, nor one that is equal only when its case is ignored."""
    customer, stranger = given.customer(email=data.email("kelvin")), data.email()
    alike = customer.email.replace("k", _OLD_K, 1)
    several = (
        [customer.email, stranger],
        f"{customer.email},{stranger}",
        f"{customer.email}\r\nCc: {stranger}",
    )
    answers = [api.login_email(email=typed) for typed in (*several, alike)]
    given.delivered()
    got = given.emails(stranger) + (given.emails(alike) if answers[-1].ok else [])
    for email in got:
        if not _same_address(email["to"], customer.email):
            raise answers[-1].violation(
                f"emails to {customer.email} alone",
                f"one to {email['to']}",
                *answers[:-1],
                about=[customer.id],
            )


def _same_address(left: str, right: str) -> bool:
    """Whether two addresses are the same, ignoring the case of letters from a to z alone."""
    return (parseaddr(left)[1] or left).encode().lower() == right.encode().lower()


@check("TOKEN-3")
def the_token_travels_only_by_email(api: Api, given: Given) -> None:
    """Neither body nor headers of the answer have the token of the email."""
    customer = given.full_customer()
    before = given.greetings(customer)
    answer = api.login_email(email=customer.email)
    if not answer.ok:
        raise Blocked(f"asking for a login token was answered with {answer.status}")
    token = given.token_in(given.next_email(customer.email, before), customer)
    if shows_token(answer, token):
        raise answer.violation(
            "an answer without the token", "it has the token that was emailed", about=[customer.id]
        )


@check("TOKEN-5")
def each_customer_has_a_token_of_its_own(api: Api, given: Given, data: Data) -> None:
    """Several customers ask, and log in in the order in which they asked, and in the opposite one.

    The emails of the first ones begin alike.
    """
    for order, alike in ((slice(None), True), (slice(None, None, -1), False)):
        emails = [data.email("alike" if alike else None) for _ in range(5 if alike else 3)]
        customers = [given.full_customer(email=email) for email in emails]
        asked = [(customer, given.token(customer)) for customer in customers]
        for customer, token in asked[order]:
            _must_log_in(api, customer, token, others=customers)


@check("TOKEN-6")
def an_unknown_email_gets_no_token(api: Api, given: Given, data: Data) -> None:
    """Also one that is nearly that of a customer, who gets none either."""
    customer = given.customer()
    before = given.greetings(customer)
    unknown = (data.email(), customer.email[1:], f"x{customer.email}", f"%{customer.email[2:]}")
    answers = [api.login_email(email=email) for email in unknown]
    given.delivered()
    for address, allowed in ((customer.email, before), *((one, 0) for one in unknown)):
        if len(given.emails(address)) > allowed:
            raise answers[-1].violation(
                "no email, as nobody has the emails asked with",
                f"one to {address}",
                *answers[:-1],
                about=[customer.id],
            )


@check("TOKEN-7")
def asking_for_a_token_creates_nobody(api: Api, data: Data, choices: Choices) -> None:
    """Nobody is found by the email afterwards."""
    email = data.email()
    answer = api.login_email(email=email).unharmed()
    choices.saw("unknown-email-token", answer.status)
    with building("searching for an email"):
        nobody = not found(api, email)
    if not nobody:
        raise answer.violation("nobody to be created", f"a search finds a customer with the email {email}")


@check("TOKEN-8")
def the_newest_token_works(api: Api, given: Given, choices: Choices) -> None:
    """Asked for twice, the newer one is tried first; of another customer, the older one alone."""
    customer = given.full_customer()
    given.token(customer)
    _must_log_in(api, customer, given.token(customer))
    customer = given.full_customer()
    older, newer = given.token(customer), given.token(customer)
    tried = api.login_token(token=older)
    valid = "the same token again" if older == newer else "valid"
    choices.saw("older-token", valid if tried.ok else "void")


@check("TOKEN-9")
def a_made_up_token_is_refused(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Missing, null, empty, wildcards, operators, and made-up ones; while one token is out."""
    customer, idle = given.full_customer(), given.full_customer()
    control, length = None, _USUAL
    if Need.EMAILS in offered:
        token = given.token(customer)
        control, length = api.login_token(token=token), len(token)
    api.login_email(email=customer.email)
    example: Any = api.contract.operations["loginToken"].example
    wildcards = ("%", "*", "_", "_" * length, "' OR '1'='1", "null", "")
    others: tuple[Any, ...] = (None, [], {}, {"$ne": None}, {"$gt": ""}, ["%"], 0, True)
    for made_up in (data.word(), example["token"], *wildcards, *others):
        answer = api.login_token(token=made_up)
        answer.refused("with a token that was never given out", control=control, hides=[customer, idle])
    api.login_token().refused("without a token", control=control, hides=[customer, idle])


@check("TOKEN-9")
def malformed_logins_are_refused(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Bodies that are no JSON object, odd texts, and the right token in a list where there is one."""
    customer = given.full_customer()
    for body in (b"", b"{", b"[]", b'"text"', b"null"):
        answer = api.call("loginToken", body=body, headers={"Content-Type": "application/json"})
        answer.refused("whose body is no JSON object", hides=[customer])
    for odd in ("a\0b", "a" * 5000):
        api.login_token(token=odd).refused("with a token that was never given out", hides=[customer])
    if Need.EMAILS in offered:
        answer = api.login_token(token=[given.token(customer)])
        answer.refused("with a list for the token", hides=[customer])


@check("TOKEN-10")
def malformed_requests_for_a_token_are_refused(api: Api, given: Given) -> None:
    """Without an email, with null, a list or an object for it, and with a body that is no JSON object."""
    customer = given.full_customer()
    control = api.login_email(email=customer.email)
    api.login_email().refused("without an email", control=control, hides=[customer])
    no_texts: tuple[Any, ...] = (None, [], {}, [customer.email], {"$ne": None}, {"email": customer.email})
    for email in no_texts:
        answer = api.login_email(email=email)
        answer.refused("with an email that is no text", control=control, hides=[customer])
    for body in (b"", b"{", b"[]", b'"text"', b"null"):
        answer = api.call("loginEmail", body=body, headers={"Content-Type": "application/json"})
        answer.refused("whose body is no JSON object", control=control, hides=[customer])
    for odd in ("", 1):
        api.login_email(email=odd).unharmed().shows_nothing_of(customer)


@check("TOKEN-11", shape=True)
def asking_for_a_token_is_answered(api: Api, given: Given, data: Data) -> None:
    """With a message, for the email with which a customer was created."""
    email = data.email()
    given.customer(email=email)
    api.login_email(email=email).success("the answer to asking for a token")


@check("TOKEN-11")
def asking_for_a_token_changes_nothing(api: Api, given: Given) -> None:
    """The customer, one with names and one without, reads as before."""
    for customer in (given.full_customer(), given.customer()):
        before = given.read(customer.id)
        answer = api.login_email(email=before.email)
        answer.success("the answer to asking for a token")
        must_stay(before, api, answer, "the customer")


@check("TOKEN-11")
def asking_for_a_token_keeps_the_password(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Where a harness sets one."""
    if Need.PASSWORD not in offered:
        return  # there is none to keep
    customer = given.full_customer()
    password = given.password(customer)
    right_login(api, customer.email, password)
    asked = api.login_email(email=customer.email)
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation(
            "the password to log in while a token is out", f"status {answer.status}", asked,
            about=[customer.id],
        )  # fmt: skip


@check("TOKEN-12")
def a_token_works_once(api: Api, given: Given) -> None:
    """The same token is sent twice."""
    customer = given.full_customer()
    token = given.token(customer)
    first = _logs_in(api, token)
    second = api.login_token(token=token)
    second.refused("with a token that has been used", control=first, hides=[customer])


@check("TOKEN-13")
def a_token_expires(api: Api, given: Given, harness: Harness) -> None:
    """One after a minute, another after thirty days, on the clock of the server."""
    customer = given.full_customer()
    token = given.token(customer)
    harness.advance(_A_MINUTE)
    fresh = _must_log_in(api, customer, token)
    customer = given.full_customer()
    token = given.token(customer)
    harness.advance(_THIRTY_DAYS)
    stale = api.login_token(token=token)
    stale.refused("with a token thirty days old", control=fresh, hides=[customer])


@check("TOKEN-15")
def asking_does_not_tell_who_is_a_customer(api: Api, given: Given, data: Data) -> None:
    """Status and message are compared."""
    customer, nobody = given.full_customer(), data.email()
    known, unknown = api.login_email(email=customer.email), api.login_email(email=nobody)
    if told(known, customer.email) != told(unknown, nobody):
        raise unknown.violation(
            "an unknown email to be answered as a known one",
            f"status {unknown.status} instead of {known.status}, or another message",
            known,
            about=[customer.id],
        )


# -- steps ---------------------------------------------------------------------------


def _must_log_in(api: Api, customer: Customer, token: str, others: Sequence[Customer] = ()) -> Answer:
    """The token logs in the customer it was emailed to, one of several who have asked."""
    answer = api.login_token(token=token)
    if not answer.ok or answer.customer("a login").id != customer.id:
        raise answer.violation(
            f"the emailed token to log in {customer.email}",
            f"status {answer.status}" + (", another customer" if answer.ok else ""),
            about=[value for one in (customer, *others) for value in (one.id, one.email)],
        )
    return answer


def _logs_in(api: Api, token: str) -> Answer:
    """The answer to a token that is right."""
    with building("logging in with the emailed token"):
        answer = api.login_token(token=token)
        answer.customer()
    return answer
