"""The values a command gets, as environment variables and placeholders, and the customers they name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partially_conformance.bench.bench import Bench

PREFIX = "PARTIALLY_"
"""The prefix of the environment variables."""

VARIABLES: Mapping[str, str] = {
    "base_url": "where the API is; every path of the document comes after it",
    "api_key": "the key of a merchant of its own",
    "customer_id": "a customer with a value in every field",
    "customer_email": "the email of that customer",
    "customer_password": "the password of that customer",
    "login_token": "a login token that was emailed to another customer, and works once",
    "quirky_customer_id": "a customer whose fields hold quotes, other scripts, line breaks and null",
    "plan_customer_id": "a customer with an open payment plan, whose removal is refused",
    "removable_customer_id": "a customer without plans, who can be removed",
    "unknown_customer_id": "an id that no customer has",
}
"""What each value is, by the name of its placeholder. The environment variable has the same name in capitals,
after `PARTIALLY_`."""

CUSTOMERS = 12
"""How many customers are created: more than fit on one page, so that a client has pages to walk over."""

UNUSUAL_FIELDS: Mapping[str, Any] = {
    "first_name": 'Zoë "Ω" O\'Neill',
    "last_name": "名字 \u202b\u05d0\u05d1\u202c 🦊",
    "phone": "+1 (212) 555-0100 ext. 7",
    "shipto_name": "<b>&amp;</b> \\n %41 {id}",
    "shipto_address": "line one\nline two\ttabbed",
    "shipto_address2": None,
    "shipto_city": "0",
    "shipto_state": None,
    "shipto_postal_code": "00501",
}
"""The fields of the quirky customer: text that a client with encoding errors damages."""

_PLACEHOLDER = re.compile(r"\{(" + "|".join(VARIABLES) + r")\}")


def prepare(bench: Bench) -> dict[str, str]:
    """Create the customers that a client may read.

    Returns:
        The values by their names in `VARIABLES`, all but `base_url`.

    Raises:
        CheckEnd: A customer, a password, a plan or a token could not be created.
    """
    given = bench.given
    customer = given.full_customer()
    password = given.password(customer)
    quirky = given.customer(**UNUSUAL_FIELDS)
    planned = given.full_customer()
    given.plan(planned, "open")
    removable = given.full_customer()
    # A customer of its own: requesting a newer token may invalidate an older one.
    token = given.token(given.full_customer())
    for _ in range(CUSTOMERS - 5):
        given.full_customer()
    return {
        "api_key": bench.target.api_key,
        "customer_id": customer.id,
        "customer_email": customer.email,
        "customer_password": password,
        "login_token": token,
        "quirky_customer_id": quirky.id,
        "plan_customer_id": planned.id,
        "removable_customer_id": removable.id,
        "unknown_customer_id": bench.data.unknown_id(),
    }


def environment(values: Mapping[str, str]) -> dict[str, str]:
    """The environment variables for these values."""
    return {PREFIX + name.upper(): value for name, value in values.items()}


def filled_in(command: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """The words of a command with the placeholders replaced. Other braces are left alone."""
    return [_PLACEHOLDER.sub(lambda found: values[found[1]], word) for word in command]
