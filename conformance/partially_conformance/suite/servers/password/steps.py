"""Creating customers with passwords, and requiring their logins: what the checks of PASSWORD share."""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.given import Given
from partially_conformance.suite.servers.shared.guessing import right_login


def with_password(api: Api, given: Given) -> tuple[Customer, str, Answer]:
    """Create a customer with a password; return both and the response to its login."""
    customer = given.full_customer()
    password = given.password(customer)
    return customer, password, right_login(api, customer.email, password)


def must_log_in(api: Api, customer: Customer, email: str, password: str) -> Answer:
    """Require that a login succeeds with this customer, and return its response."""
    answer = api.login_password(email=email, password=password)
    must_be_login_of(customer, answer)
    return answer


def must_be_login_of(customer: Customer, answer: Answer, how: str = "") -> None:
    """Require that a response is a login of this customer. `how` says what is particular about the login."""
    if not answer.ok or answer.customer("a login").id != customer.id:
        raise answer.violation(
            f"a login {how} as the customer with the email {customer.email!r}".replace("  ", " "),
            f"status {answer.status}" + (" with another customer" if answer.ok else ""),
            about=[customer.id, customer.email],
        )
