"""CREATE: valid and invalid countries, regions, time zones and emails."""

from __future__ import annotations

from partially_conformance.bench.answer import Answer
from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_store
from partially_conformance.suite.servers.shared.texts import must_store_or_refuse

_PLACES = (
    ("DE", "BE", "10115"),
    ("CA", "ON", "M5V 2T6"),
    ("BR", "SP", "01310-100"),
    ("IN", "MH", "400001"),
    ("IT", "RM", "00118"),
    ("US", "NY", "10001"),
    ("US", "PR", "00901-1234"),
    ("GB", None, "SW1A 1AA"),
    ("NZ", None, "0110"),
)
_ZONES = (
    "Europe/London",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "America/Argentina/Buenos_Aires",
    "America/Port-au-Prince",
    "America/Los_Angeles",
)
_LOCAL_PARTS = ("plus+tag", "first.last", "under_score", "da-sh", "o'brien", "x", "0123456789", "a.b.c+d.e")

_INVALID = {
    "country-code": ("Germany", "XX", "D", "U$", "12"),
    "region-code": ("California", "Tokyo-to", "Z", "ABC"),
    "iana-time-zone": ("Mars/Olympus_Mons", "nowhere", "+25:00", "America/"),
}
"""Values in a wrong format, or in the right format without a meaning, by format."""

_CHOICES = {"country-code": "invalid-country", "iana-time-zone": "invalid-zone"}


@check("CREATE-20")
def valid_places_are_stored(api: Api, data: Data, contract: Contract) -> None:
    """Create with countries of several continents, each with one of its regions and postal codes."""
    country, region, postal = (
        field_with(contract, kind) for kind in ("country-code", "region-code", "postal-code")
    )
    for place in _PLACES:
        values = dict(zip((country, region, postal), place, strict=True))
        sent = {name: value for name, value in values.items() if value is not None}
        must_store(sent, api, api.create(sent, email=data.email()))


@check("CREATE-20")
def valid_time_zones_are_stored(api: Api, data: Data, contract: Contract) -> None:
    """Create with time zones of several continents, with two and three parts, dashes and underscores."""
    name = field_with(contract, "iana-time-zone")
    for zone in _ZONES:
        must_store({name: zone}, api, api.create({name: zone}, email=data.email()))


@check("CREATE-20")
def valid_emails_are_stored(api: Api, data: Data, choices: Choices) -> None:
    """Create with emails with a tag, dots, dashes, digits, an apostrophe and capitals."""
    for local in (*_LOCAL_PARTS, "Mixed.Case"):
        email = data.email(local)
        must_store({"email": email}, api, answer := api.create(email=email))
        if email != email.lower():
            choices.saw("email-case", "kept" if answer.customer().email == email else "changed to lower case")


@check("CREATE-21")
def invalid_codes_and_zones_are_not_rewritten(
    api: Api, data: Data, contract: Contract, choices: Choices
) -> None:
    """Create with codes that are too long, too short or unknown, and with unknown time zones."""
    for kind, values in _INVALID.items():
        name = field_with(contract, kind)
        for value in values:
            answer = api.create({name: value}, email=data.email())
            must_store_or_refuse({name: value}, api, answer, about=f"the {name} {value!r}")
            if kind in _CHOICES:
                choices.saw(_CHOICES[kind], treatment_of(answer))


@check("CREATE-21")
def invalid_emails_are_not_rewritten(api: Api, data: Data, choices: Choices) -> None:
    """Create with emails without an @, with two, with nothing before or after it, and with a space."""
    for shape in ("{}", "{}@", "@{}", "a@{}@{domain}", "a b.{}@{domain}", "{}@.{domain}"):
        email = shape.format(data.word().lower(), domain=data.domain)
        answer = api.create(email=email)
        must_store_or_refuse({"email": email}, api, answer, about=f"the email {email!r}")
        if shape == "{}":
            choices.saw("invalid-email", treatment_of(answer))


def field_with(contract: Contract, kind: str) -> str:
    """Return the field that has this format in the document."""
    return next(name for name in contract.kept_fields if contract.create_fields[name].get("format") == kind)


def treatment_of(answer: Answer) -> str:
    """Describe whether an invalid value was refused or stored."""
    return f"refused with {answer.status}" if answer.is_refusal else "stored as sent"
