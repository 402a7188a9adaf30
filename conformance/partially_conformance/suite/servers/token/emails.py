"""TOKEN: who receives the email with a login token, and that only the email contains the token."""

from __future__ import annotations

from email.utils import parseaddr

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.token.texts import shows_token
from partially_conformance.traffic.check_end import Blocked

_KELVIN = "\u212a"  # the Kelvin sign, which equals k if case is ignored


@check("TOKEN-2")
def the_token_goes_to_the_current_email(api: Api, given: Given, data: Data) -> None:
    """Request a token with the former email of a customer, then with its new email."""
    customer = given.full_customer()
    with prerequisite("updating an email"):
        now = api.update(customer.id, email=data.email()).customer()
    before = {
        address: given.welcome_emails(one) for address, one in ((now.email, now), (customer.email, customer))
    }
    asked = api.login_email(email=customer.email)
    given.wait_for_emails()
    for address, count in before.items():
        if len(given.emails(address)) > count:
            raise asked.violation(
                "no email, since no customer has the requested email", f"an email to {address}",
                about=[customer.id, customer.email],
            )  # fmt: skip
    answer = api.login_email(email=now.email)
    if not given.email_arrives(now.email, before[now.email]):
        raise answer.violation("an email to the new address", "no email", about=[customer.id, now.email])
    given.wait_for_emails()
    if len(given.emails(customer.email)) > before[customer.email]:
        raise answer.violation(
            "no email to the former address", "an email was sent", about=[customer.id, now.email]
        )


@check("TOKEN-2")
def one_email_goes_to_the_customer_only(api: Api, given: Given) -> None:
    """Request a token for a customer; another customer has the same values except the email."""
    customer = given.full_customer()
    shared = {name: customer[name] for name in api.contract.kept_fields if name != "email"}
    same_values = given.customer(**shared)
    before, before_of_other = given.welcome_emails(customer), given.welcome_emails(same_values)
    answer = api.login_email(email=customer.email)
    about = [customer.id, customer.email]
    if not given.email_arrives(customer.email, before):
        raise answer.violation("an email with a login token", "no email", about=about)
    given.wait_for_emails()
    emails = given.emails(customer.email)[before:]
    if len(emails) != 1:
        raise answer.violation("one email", f"{len(emails)} emails", about=about)
    if not _same_address(emails[0]["to"], customer.email):
        raise answer.violation(f"an email to {customer.email}", f"an email to {emails[0]['to']}", about=about)
    if len(given.emails(same_values.email)) > before_of_other:
        raise answer.violation(
            "an email to the customer only", "an email to another customer too", about=about
        )


@check("TOKEN-2")
def the_whole_address_counts(api: Api, other: Api | None, given: Given, data: Data) -> None:
    """Request tokens for an email with a tag, a long one, and one that another merchant's customer has too.

    A target may refuse to create such customers.
    """
    tagged, long, twin = data.email("jo+tag"), data.email(f"{data.word() * 4}".lower()), data.email()
    if other is not None:
        other.create(email=twin)
    for email in (tagged, long, twin):
        created = api.create(email=email)
        if created.is_refusal:
            continue
        customer = created.customer()
        before = given.welcome_emails(customer)
        answer = api.login_email(email=customer.email)
        if not answer.ok or not given.email_arrives(customer.email, before):
            raise answer.violation(f"an email to {email}", "no email", about=[customer.id, email])
        given.wait_for_late_emails()
        if (count := len(given.emails(customer.email)) - before) != 1:
            raise answer.violation("one email", f"{count} emails", about=[customer.id, email])


@check("TOKEN-2")
def a_customer_without_names_gets_an_email(api: Api, given: Given) -> None:
    """Request a token for a customer with every field, then for one with an email only."""
    given.email_with_token(given.full_customer())
    nameless = given.customer()
    before = given.welcome_emails(nameless)
    asked = api.login_email(email=nameless.email)
    if asked.ok and not given.email_arrives(nameless.email, before):
        about = [nameless.id, nameless.email]
        raise asked.violation("an email to a customer without names", "no email", about=about)


@check("TOKEN-2")
def no_other_address_gets_the_token(api: Api, given: Given, data: Data) -> None:
    """Request a token with a second address beside the right one, and with a Unicode variant of it."""
    customer, other_address = given.customer(email=data.email("kelvin")), data.email()
    unicode_variant = customer.email.replace("k", _KELVIN, 1)
    several = (
        [customer.email, other_address],
        f"{customer.email},{other_address}",
        f"{customer.email}\r\nCc: {other_address}",
    )
    answers = [api.login_email(email=typed) for typed in (*several, unicode_variant)]
    given.wait_for_emails()
    received = given.emails(other_address) + (given.emails(unicode_variant) if answers[-1].ok else [])
    for email in received:
        if not _same_address(email["to"], customer.email):
            raise answers[-1].violation(
                f"emails to {customer.email} only",
                f"an email to {email['to']}",
                *answers[:-1],
                about=[customer.id],
            )


def _same_address(left: str, right: str) -> bool:
    """Whether two addresses are equal, ignoring the case of ASCII letters only."""
    return (parseaddr(left)[1] or left).encode().lower() == right.encode().lower()


@check("TOKEN-3")
def only_the_email_contains_the_token(api: Api, given: Given) -> None:
    """Search the body and headers of the response to a request for a token."""
    customer = given.full_customer()
    before = given.welcome_emails(customer)
    answer = api.login_email(email=customer.email)
    if not answer.ok:
        raise Blocked(f"requesting a login token did not work: status {answer.status}")
    token = given.token_in(given.next_email(customer.email, before), customer)
    if shows_token(answer, token):
        raise answer.violation(
            "a response without the login token",
            "the response contains the emailed token",
            about=[customer.id],
        )


@check("TOKEN-6")
def an_unknown_email_gets_no_token(api: Api, given: Given, data: Data) -> None:
    """Request tokens with an unknown email, and with emails similar to that of a customer."""
    customer = given.customer()
    before = given.welcome_emails(customer)
    unknown = (data.email(), customer.email[1:], f"x{customer.email}", f"%{customer.email[2:]}")
    answers = [api.login_email(email=email) for email in unknown]
    given.wait_for_emails()
    for address, allowed in ((customer.email, before), *((one, 0) for one in unknown)):
        if len(given.emails(address)) > allowed:
            raise answers[-1].violation(
                "no email, since no customer has the requested emails",
                f"an email to {address}",
                *answers[:-1],
                about=[customer.id],
            )
