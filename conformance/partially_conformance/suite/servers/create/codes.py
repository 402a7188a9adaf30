"""CREATE: countries, regions, zones and emails."""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_keep
from partially_conformance.suite.servers.shared.texts import must_be_whole

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
"""Values of another shape, or of the right shape and without a meaning, by format."""

_CHOICES = {"country-code": "invalid-country", "iana-time-zone": "invalid-zone"}


@check("CREATE-20")
def valid_places_are_kept(api: Api, data: Data, contract: Contract) -> None:
    """Countries of several continents with a region and a postal code of their own."""
    country, region, postal = (
        field_with(contract, kind) for kind in ("country-code", "region-code", "postal-code")
    )
    for place in _PLACES:
        values = dict(zip((country, region, postal), place, strict=True))
        sent = {name: value for name, value in values.items() if value is not None}
        must_keep(sent, api, api.create(sent, email=data.email()))


@check("CREATE-20")
def valid_zones_are_kept(api: Api, data: Data, contract: Contract) -> None:
    """Zones of several continents, with two parts and three, with dashes and underscores."""
    name = field_with(contract, "iana-time-zone")
    for zone in _ZONES:
        must_keep({name: zone}, api, api.create({name: zone}, email=data.email()))


@check("CREATE-20")
def valid_emails_are_kept(api: Api, data: Data, choices: Choices) -> None:
    """Emails with a tag, dots, dashes, digits and an apostrophe, and one with capitals."""
    for local in (*_LOCAL_PARTS, "Mixed.Case"):
        email = data.email(local)
        must_keep({"email": email}, api, answer := api.create(email=email))
        if email != email.lower():
            choices.saw("email-case", "kept" if answer.customer().email == email else "lowered")


@check("CREATE-21")
def invalid_codes_and_zones_are_not_rewritten(
    api: Api, data: Data, contract: Contract, choices: Choices
) -> None:
    """Codes too long, too short or of no country, zones that do not exist, each alone."""
    for kind, values in _INVALID.items():
        name = field_with(contract, kind)
        for value in values:
            answer = api.create({name: value}, email=data.email())
            must_be_whole({name: value}, api, answer, about=f"the {name} {value!r}")
            if kind in _CHOICES:
                choices.saw(_CHOICES[kind], formed(answer))


@check("CREATE-21")
def invalid_emails_are_not_rewritten(api: Api, data: Data, choices: Choices) -> None:
    """Emails without an @, with two, with nothing before or after it, and with a blank inside."""
    for shape in ("{}", "{}@", "@{}", "a@{}@{domain}", "a b.{}@{domain}", "{}@.{domain}"):
        email = shape.format(data.word().lower(), domain=data.domain)
        answer = api.create(email=email)
        must_be_whole({"email": email}, api, answer, about=f"the email {email!r}")
        if shape == "{}":
            choices.saw("invalid-email", formed(answer))


def field_with(contract: Contract, kind: str) -> str:
    """The field that the document gives this format."""
    return next(name for name in contract.kept_fields if contract.create_fields[name].get("format") == kind)


def formed(answer: Answer) -> str:
    """Whether an invalid value was refused or stored, in few words."""
    return f"refused with {answer.status}" if answer.is_refusal else "stored as sent"
