"""Customers with passwords and their logins: what the checks of PASSWORD share."""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.given import Given
from partially_conformance.suite.servers.shared.guessing import right_login


def with_password(api: Api, given: Given) -> tuple[Customer, str, Answer]:
    """A customer, its password, and the answer to its login."""
    customer = given.full_customer()
    password = given.password(customer)
    return customer, password, right_login(api, customer.email, password)


def must_log_in(api: Api, customer: Customer, email: str, password: str) -> Answer:
    """The answer to a login that must succeed."""
    answer = api.login_password(email=email, password=password)
    must_be_login_of(customer, answer)
    return answer


def must_be_login_of(customer: Customer, answer: Answer) -> None:
    """The answer is a login of this customer."""
    if not answer.ok or answer.customer("a login").id != customer.id:
        raise answer.violation(
            f"the login of {customer.email}",
            f"status {answer.status}" + (", another customer" if answer.ok else ""),
            about=[customer.id, customer.email],
        )
