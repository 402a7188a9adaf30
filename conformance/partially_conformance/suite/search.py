"""SEARCH: what a query finds, and what it must not."""

from __future__ import annotations

from partially_conformance.api import Api, Customer
from partially_conformance.check import check
from partially_conformance.data import Data
from partially_conformance.given import Given
from partially_conformance.suite.helpers import found, must_find, must_not_find


@check("SEARCH-1")
def the_whole_email_finds_its_customer(api: Api, given: Given) -> None:
    """A plain email, and one with a plus sign, each among others."""
    given.customer()
    for customer in (given.customer(), given.full_customer()):
        must_find(api, customer.email, customer)


@check("SEARCH-4")
def a_part_of_the_first_name_finds(api: Api, given: Given, data: Data) -> None:
    """Start, middle, end and whole of a first name, the last name being another or none."""
    for others in ({}, {"last_name": data.word()}):
        name = data.word()
        customer = given.customer(first_name=name, **others)
        for part in parts_of(name):
            must_find(api, part, customer)


def parts_of(name: str) -> list[str]:
    """The start, the middle, the end and the whole of a name."""
    return [name[:5], name[3:9], name[-5:], name]
