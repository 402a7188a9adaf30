"""GDPR: logging in with a password or a token after a removal, and after a refused removal."""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.expectations import must_match
from partially_conformance.suite.servers.shared.guessing import right_login
from partially_conformance.suite.servers.shared.leaked_data import customers_to_remove
from partially_conformance.traffic.check_end import Blocked


@check("GDPR-17")
def a_removed_customer_does_not_log_in_by_password(api: Api, given: Given) -> None:
    """Log in with the password after the removal, and after a new customer got the email."""
    customer = given.full_customer()
    password = given.password(customer)
    login = right_login(api, customer.email, password)
    given.remove(customer)
    why = "with the password of a removed customer"
    api.login_password(email=customer.email, password=password).refused(why, control=login, hides=[customer])
    successor = given.customer(email=customer.email)
    again = api.login_password(email=customer.email, password=password)
    again.refused(why, control=login, hides=[customer, successor])


@check("GDPR-18")
def a_removed_customer_does_not_log_in_by_token(api: Api, given: Given) -> None:
    """Log in with the token after the removal, and after a new customer got the email.

    A token of another customer, who was not removed, logs in.
    """
    customer, other = given.full_customer(), given.full_customer()
    token, other_token = given.token(customer), given.token(other)
    given.remove(customer)
    answer = api.login_token(token=token)
    control = api.login_token(token=other_token)
    why = "with the token of a removed customer"
    answer.refused(why, control=control, hides=[customer, other])
    successor = given.customer(email=customer.email)
    again = api.login_token(token=token)
    again.refused(why, control=control, hides=[customer, other, successor])


@check("GDPR-19")
def a_removed_customer_gets_no_emails(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Request a token with the email of a deleted customer and, with a harness, of an anonymised one."""
    for customer in customers_to_remove(given, offered):
        given.email_with_token(customer)
        given.remove(customer)
        before = len(given.emails(customer.email))
        answer = api.login_email(email=customer.email).no_server_error()
        given.wait_for_emails()
        if len(given.emails(customer.email)) > before:
            raise answer.violation(
                "no email to a removed customer", "an email was sent", about=[customer.id, customer.email]
            )


@check("GDPR-24")
def an_anonymised_customer_does_not_log_in(api: Api, given: Given) -> None:
    """Log in with the password and the token after the removal, and after a new customer got the email."""
    customer, other = given.full_customer(), given.full_customer()
    given.plan(customer, "paid")
    password = given.password(customer)
    login = right_login(api, customer.email, password)
    token, other_token = given.token(customer), given.token(other)
    given.remove(customer)
    by_password = api.login_password(email=customer.email, password=password)
    by_password.refused("with the password of an anonymised customer", control=login, hides=[customer])
    by_token = api.login_token(token=token)
    control = api.login_token(token=other_token)
    by_token.refused("with the token of an anonymised customer", control=control, hides=[customer, other])
    successor = given.customer(email=customer.email)
    again = api.login_password(email=customer.email, password=password)
    again.refused("with the password of an anonymised customer", control=login, hides=[customer, successor])
    again = api.login_token(token=token)
    again.refused("with the token of an anonymised customer", control=control, hides=[customer, successor])


@check("GDPR-28")
def other_passwords_log_in_after_a_removal(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Log in another customer after a removal, with a password from before it.

    One customer is deleted and, with a harness, one is anonymised.
    """
    for customer in customers_to_remove(given, offered):
        another = given.full_customer()
        password = given.password(another)
        removal = _remove(api, customer)
        answer = api.login_password(email=another.email, password=password)
        if not answer.ok:
            given.password(another, password)
            with prerequisite("logging in with the password after it was set again"):
                api.login_password(email=another.email, password=password).success()
            raise answer.violation(
                "the password of another customer to log in as before", f"status {answer.status}", removal,
                about=[another.id],
            )  # fmt: skip


@check("GDPR-29")
def other_tokens_log_in_after_a_removal(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Log in another customer after a removal, with a token from before it.

    One customer is deleted and, with a harness, one is anonymised.
    """
    for customer in customers_to_remove(given, offered):
        another = given.full_customer()
        token = given.token(another)
        removal = _remove(api, customer)
        answer = api.login_token(token=token)
        if not answer.ok:
            with prerequisite("logging in with a newly requested token"):
                api.login_token(token=given.token(another)).success()
            raise answer.violation(
                "the token of another customer to log in as before", f"status {answer.status}", removal,
                about=[another.id, another.email],
            )  # fmt: skip


def _remove(api: Api, customer: Customer) -> Answer:
    """Remove a customer and return the response.

    Raises:
        Blocked: The removal failed.
    """
    with prerequisite("removing a customer"):
        removal = api.gdpr_remove(customer.id)
        removal.success()
    return removal


@check("GDPR-25")
def a_password_logs_in_after_a_refused_removal(api: Api, given: Given) -> None:
    """Log in with the password before and after the refused removal."""
    customer = given.full_customer()
    password = given.password(customer)
    right_login(api, customer.email, password)
    given.plan(customer, "open")
    before = given.read(customer.id)
    removal = api.gdpr_remove(customer.id)
    if not removal.is_refusal:
        raise Blocked("removing a customer with an open plan was not refused")
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation(
            "the password to log in as before the refused removal", f"status {answer.status}", removal
        )
    must_match(before, answer)


@check("GDPR-30")
def a_token_logs_in_after_a_refused_removal(api: Api, given: Given) -> None:
    """Log in with a token that was emailed before the refused removal."""
    customer = given.full_customer()
    token = given.token(customer)
    given.plan(customer, "open")
    removal = api.gdpr_remove(customer.id)
    if not removal.is_refusal:
        raise Blocked("removing a customer with an open plan was not refused")
    answer = api.login_token(token=token)
    if not answer.ok:
        with prerequisite("logging in with a newly requested token"):
            api.login_token(token=given.token(customer)).success()
        raise answer.violation(
            "the token to log in as before the refused removal", f"status {answer.status}", removal,
            about=[customer.id, customer.email],
        )  # fmt: skip
