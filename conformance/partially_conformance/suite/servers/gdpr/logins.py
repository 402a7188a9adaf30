"""GDPR: what becomes of the ways to log in."""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.expectations import must_be_as
from partially_conformance.suite.servers.shared.leaked_data import removable
from partially_conformance.traffic.check_end import Blocked


@check("GDPR-17")
def a_removed_customer_does_not_log_in_by_password(api: Api, given: Given) -> None:
    """Not after the removal, and not when the email has been given to a new customer."""
    customer = given.full_customer()
    password = given.password(customer)
    login = _logs_in(api, customer, password)
    given.remove(customer)
    why = "with the password of a removed customer"
    api.login_password(email=customer.email, password=password).refused(why, control=login, hides=[customer])
    successor = given.customer(email=customer.email)
    again = api.login_password(email=customer.email, password=password)
    again.refused(why, control=login, hides=[customer, successor])


@check("GDPR-18")
def a_removed_customer_does_not_log_in_by_token(api: Api, given: Given) -> None:
    """Not after the removal, and not when the email has been given to a new customer.

    A token asked for in the same way by somebody who is not removed logs in.
    """
    customer, stays = given.full_customer(), given.full_customer()
    token, other_token = given.token(customer), given.token(stays)
    given.remove(customer)
    answer = api.login_token(token=token)
    control = api.login_token(token=other_token)
    why = "with the token of a removed customer"
    answer.refused(why, control=control, hides=[customer, stays])
    successor = given.customer(email=customer.email)
    again = api.login_token(token=token)
    again.refused(why, control=control, hides=[customer, stays, successor])


@check("GDPR-19")
def a_removed_customer_gets_no_emails(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Deleted and, where the harness makes plans, anonymised; somebody who asks later gets one."""
    for customer in removable(given, offered):
        given.email_with_token(customer)
        given.remove(customer)
        before = len(given.emails(customer.email))
        answer = api.login_email(email=customer.email).no_server_error()
        given.wait_for_emails()
        if len(given.emails(customer.email)) > before:
            raise answer.violation(
                "no email to a removed customer", "one was sent", about=[customer.id, customer.email]
            )


@check("GDPR-24")
def an_anonymised_customer_does_not_log_in(api: Api, given: Given) -> None:
    """Neither by the password nor by the token of before, also once somebody else has the email."""
    customer, stays = given.full_customer(), given.full_customer()
    given.plan(customer, "paid")
    password = given.password(customer)
    login = _logs_in(api, customer, password)
    token, other_token = given.token(customer), given.token(stays)
    given.remove(customer)
    by_password = api.login_password(email=customer.email, password=password)
    by_password.refused("with the password of an anonymised customer", control=login, hides=[customer])
    by_token = api.login_token(token=token)
    control = api.login_token(token=other_token)
    by_token.refused("with the token of an anonymised customer", control=control, hides=[customer, stays])
    successor = given.customer(email=customer.email)
    again = api.login_password(email=customer.email, password=password)
    again.refused("with the password of an anonymised customer", control=login, hides=[customer, successor])
    again = api.login_token(token=token)
    again.refused("with the token of an anonymised customer", control=control, hides=[customer, successor])


@check("GDPR-25")
def after_a_refused_removal_the_customer_still_logs_in(api: Api, given: Given) -> None:
    """With the password of before."""
    customer = given.full_customer()
    password = given.password(customer)
    _logs_in(api, customer, password)
    given.plan(customer, "open")
    before = given.read(customer.id)
    removal = api.gdpr_remove(customer.id)
    if not removal.is_refusal:
        raise Blocked("removing a customer with an open plan was not refused")
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation("the password to work as before", f"status {answer.status}", removal)
    must_be_as(before, answer)


@check("GDPR-25")
def after_a_refused_removal_a_token_still_works(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """One that was emailed before, where emails can be read; the next one works in any case."""
    if Need.EMAILS not in offered:
        return  # that the password works can be seen without
    customer = given.full_customer()
    token = given.token(customer)
    given.plan(customer, "open")
    removal = api.gdpr_remove(customer.id)
    if not removal.is_refusal:
        raise Blocked("removing a customer with an open plan was not refused")
    answer = api.login_token(token=token)
    if not answer.ok:
        with prerequisite("logging in with a token that was asked for anew"):
            api.login_token(token=given.token(customer)).success()
        raise answer.violation(
            "the token to work as before", f"status {answer.status}", removal,
            about=[customer.id, customer.email],
        )  # fmt: skip


def _logs_in(api: Api, customer: Customer, password: str) -> Answer:
    """The answer to the right password."""
    with prerequisite("logging in with the right password"):
        answer = api.login_password(email=customer.email, password=password)
        answer.customer()
        return answer
