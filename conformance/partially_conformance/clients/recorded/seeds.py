"""What a client finds on the reference server, and how its command is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partially_conformance.bench.bench import Bench

PREFIX = "PARTIALLY_"
"""What the names of the environment variables begin with."""

SEEDS: Mapping[str, str] = {
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
"""Everything a command is told, by the name of its placeholder. In capitals and after `PARTIALLY_` that is
the name of its environment variable."""

CUSTOMERS = 12
"""How many customers there are at least: more than one page, so that there is a list to walk through."""

QUIRKS: Mapping[str, Any] = {
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
"""What the fields of the quirky customer hold: all of it text that a careless reader spoils."""

_PLACEHOLDER = re.compile(r"\{(" + "|".join(SEEDS) + r")\}")


def sow(bench: Bench) -> dict[str, str]:
    """Make the customers a client may read, and tell everything by the names in `SEEDS` but the address.

    Raises:
        CheckEnd: The server does not let itself be prepared.
    """
    given = bench.given
    customer = given.full_customer()
    password = given.password(customer)
    quirky = given.customer(**QUIRKS)
    planned = given.full_customer()
    given.plan(planned, "open")
    removable = given.full_customer()
    # Of none of the others: asking for a newer token may void an older one.
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
    """The environment variables a command gets."""
    return {PREFIX + name.upper(): value for name, value in values.items()}


def filled_in(command: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """A command with its placeholders replaced. Braces around anything else stay as they are."""
    return [_PLACEHOLDER.sub(lambda found: values[found[1]], word) for word in command]
