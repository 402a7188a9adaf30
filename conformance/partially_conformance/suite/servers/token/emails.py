"""TOKEN: whom the email with a login token goes to, and that the token travels by it alone."""

from __future__ import annotations

from email.utils import parseaddr

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.token.texts import shows_token
from partially_conformance.traffic.check_end import Blocked

_OLD_K = "\u212a"  # the sign for kelvin, which is a k when its case is ignored


@check("TOKEN-2")
def the_token_goes_to_the_email_of_now(api: Api, given: Given, data: Data) -> None:
    """Asked for with the new email of a customer, and with the one before, which is nobody's any more."""
    customer = given.full_customer()
    with prerequisite("changing an email"):
        now = api.update(customer.id, email=data.email()).customer()
    before = {
        address: given.welcome_emails(one) for address, one in ((now.email, now), (customer.email, customer))
    }
    asked = api.login_email(email=customer.email)
    given.wait_for_emails()
    for address, count in before.items():
        if len(given.emails(address)) > count:
            raise asked.violation(
                "no email, as nobody has the email asked with", f"one to {address}",
                about=[customer.id, customer.email],
            )  # fmt: skip
    answer = api.login_email(email=now.email)
    if not given.email_arrives(now.email, before[now.email]):
        raise answer.violation("an email to the new address", "none came", about=[customer.id, now.email])
    given.wait_for_emails()
    if len(given.emails(customer.email)) > before[customer.email]:
        raise answer.violation(
            "no email to the address of before", "one was sent", about=[customer.id, now.email]
        )


@check("TOKEN-2")
def one_email_goes_to_the_customer_alone(api: Api, given: Given) -> None:
    """One email to the address of the customer, none to somebody who has all else in common with it."""
    customer = given.full_customer()
    shared = {name: customer[name] for name in api.contract.kept_fields if name != "email"}
    namesake = given.customer(**shared)
    before, of_namesake = given.welcome_emails(customer), given.welcome_emails(namesake)
    answer = api.login_email(email=customer.email)
    about = [customer.id, customer.email]
    if not given.email_arrives(customer.email, before):
        raise answer.violation("an email with a login token", "none came", about=about)
    given.wait_for_emails()
    emails = given.emails(customer.email)[before:]
    if len(emails) != 1:
        raise answer.violation("one email", f"{len(emails)} came", about=about)
    if not _same_address(emails[0]["to"], customer.email):
        raise answer.violation(f"an email to {customer.email}", f"one to {emails[0]['to']}", about=about)
    if len(given.emails(namesake.email)) > of_namesake:
        raise answer.violation("an email to the customer alone", "another customer got one", about=about)


@check("TOKEN-2")
def the_whole_address_counts(api: Api, other: Api | None, given: Given, data: Data) -> None:
    """One with a tag, one of a hundred characters, and one that a customer of another merchant has too.

    A server may refuse to have such a customer.
    """
    tagged, long, twin = data.email("jo+tag"), data.email(f"{data.word() * 4}".lower()), data.email()
    if other is not None:
        other.create(email=twin)
    for email in (tagged, long, twin):
        made = api.create(email=email)
        if made.is_refusal:
            continue
        customer = made.customer()
        before = given.welcome_emails(customer)
        answer = api.login_email(email=customer.email)
        if not answer.ok or not given.email_arrives(customer.email, before):
            raise answer.violation(f"an email to {email}", "none came", about=[customer.id, email])
        given.wait_for_late_emails()
        if (count := len(given.emails(customer.email)) - before) != 1:
            raise answer.violation("one email", f"{count} came", about=[customer.id, email])


@check("TOKEN-2")
def who_has_no_name_gets_an_email_too(api: Api, given: Given) -> None:
    """After one with every field, who gets one."""
    given.email_with_token(given.full_customer())
    nameless = given.customer()
    before = given.welcome_emails(nameless)
    asked = api.login_email(email=nameless.email)
    if asked.ok and not given.email_arrives(nameless.email, before):
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
    given.wait_for_emails()
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
    before = given.welcome_emails(customer)
    answer = api.login_email(email=customer.email)
    if not answer.ok:
        raise Blocked(f"asking for a login token was answered with {answer.status}")
    token = given.token_in(given.next_email(customer.email, before), customer)
    if shows_token(answer, token):
        raise answer.violation(
            "an answer without the token", "it has the token that was emailed", about=[customer.id]
        )


@check("TOKEN-6")
def an_unknown_email_gets_no_token(api: Api, given: Given, data: Data) -> None:
    """Also one that is nearly that of a customer, who gets none either."""
    customer = given.customer()
    before = given.welcome_emails(customer)
    unknown = (data.email(), customer.email[1:], f"x{customer.email}", f"%{customer.email[2:]}")
    answers = [api.login_email(email=email) for email in unknown]
    given.wait_for_emails()
    for address, allowed in ((customer.email, before), *((one, 0) for one in unknown)):
        if len(given.emails(address)) > allowed:
            raise answers[-1].violation(
                "no email, as nobody has the emails asked with",
                f"one to {address}",
                *answers[:-1],
                about=[customer.id],
            )
