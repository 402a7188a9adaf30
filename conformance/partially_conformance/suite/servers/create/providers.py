"""CREATE: emails of well-known providers, some of which ignore dots and tags in their own addresses.

These addresses may exist, so no email is ever requested for them, and they are used on targets on this
machine only.
"""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.expectations import must_be_unchanged, must_find, must_store
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import NotObservable

_EMAILS = (
    "{}.le.ft+Tag@gmail.com", "{}.le.ft+tag@googlemail.com", "{}.first+tag@outlook.com",
    "{}-first-tag@yahoo.com", "{}.first+tag@icloud.com", "{}.first+tag@aol.com",
)  # fmt: skip
"""Emails with what rewriting removes at each provider: dots, and tags after a plus or a dash."""


@check("CREATE-25")
def emails_of_providers_are_stored(api: Api, given: Given, data: Data, target: Target) -> None:
    """Create with emails of several providers, and update a customer to one of them."""
    _only_on_this_machine(target)
    for shape in _EMAILS:
        email = shape.format(data.email().partition("@")[0])
        customer = must_store({"email": email}, api, api.create(email=email), what=f"a customer with {email}")
    must_find(api, customer.email, customer)
    email = _EMAILS[0].format(data.email().partition("@")[0])
    updated = api.update(given.customer().id, email=email)
    must_store({"email": email}, api, updated, what=f"a customer, updated to {email},")


@check("CREATE-25")
def emails_that_differ_in_dots_and_tags_are_different(
    api: Api, given: Given, data: Data, offered: frozenset[Need], target: Target
) -> None:
    """Create a second customer with the email without dots or without the tag, and log in with it."""
    _only_on_this_machine(target)
    local = data.email().partition("@")[0].replace(".", "")
    with prerequisite("creating a customer"):
        first = api.create(email=f"{local[:3]}.{local[3:]}+tag@gmail.com").customer()
    first = given.read(first.id)
    for email in (f"{local}+tag@gmail.com", f"{local[:3]}.{local[3:]}@gmail.com"):
        answer = api.create(email=email)
        must_store({"email": email}, api, answer, what=f"a second customer, with {email},")
        must_be_unchanged(first, api, answer, what="the first customer")
    if Need.PASSWORD in offered:
        _must_log_in_only_with(api, given, first.email, first.id)


def _must_log_in_only_with(api: Api, given: Given, email: str, customer_id: str) -> None:
    """Require that a password logs in with this email and not with the email without the dot."""
    with prerequisite("reading a customer"):
        customer = api.get(customer_id).customer()
    password = given.password(customer)
    with prerequisite("logging in"):
        login = api.login_password(email=email, password=password)
        login.customer()
    other: Answer = api.login_password(email=email.replace(".", "", 1), password=password)
    other.refused("with the email of another customer", control=login)


def _only_on_this_machine(target: Target) -> None:
    if target.live:
        raise NotObservable("emails of real providers are tried only on targets on this machine")
