"""Faults of CREATE: which values a create stores and fills in."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.faults.servers.latency import LATENCY
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import DEFAULTS, INPUT_FIELDS
from partially_reference.http.answers import Answers
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers


@fault("CREATE-1", says="A create without a last name is refused.")
class LastNameRequired(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "last_name" not in body:
            raise InvalidInput("The customer could not be saved", ["Last name: can't be blank"])
        return super().for_create(body)


@fault("CREATE-1", says="Fields that were not sent are stored as empty texts.")
class MissingIsEmpty(Fields):
    def defaults(self) -> dict[str, Any]:
        return {**{name: "" for name in INPUT_FIELDS if name != "email"}, **DEFAULTS}


@fault("CREATE-1", says="A missing `shipto_name` is filled in with the first and last name.")
class ShipToWhoBuys(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        if body.get("first_name") and body.get("last_name"):
            values.setdefault("shipto_name", f"{body['first_name']} {body['last_name']}")
        return values


@fault("CREATE-1", says="Address fields of an earlier create are filled in when a create does not send them.")
class LeftoversOfTheLastCreate(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        defaults: dict[str, Any] = self.__dict__.setdefault("left", dict(self.defaults()))
        defaults.update(
            {name: value for name, value in self.pick(body).items() if name.startswith("shipto_")}
        )
        return {**defaults, **self.pick(body)}


@fault("CREATE-2", says="The two lines of the address are swapped.")
class AddressLinesSwapped(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        first, second = values.get("shipto_address"), values.get("shipto_address2")
        return {**values, "shipto_address": second, "shipto_address2": first}


@fault("CREATE-2", says="Only the digits of a phone number are stored.")
class PhoneDigitsOnly(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().pick(body)
        if values.get("phone"):
            values["phone"] = "".join(sign for sign in values["phone"] if sign.isdigit())
        return values


@fault("CREATE-2", says="A phone number without a country code gets `+1`.")
class PhoneMadeInternational(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().pick(body)
        if values.get("phone") and not values["phone"].startswith("+"):
            values["phone"] = f"+1{values['phone']}"
        return values


@fault("CREATE-2", says="Names are stored with a capital first letter and the rest in lower case.")
class NamesCapitalized(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().pick(body)
        for name in ("first_name", "last_name"):
            if values.get(name):
                values[name] = values[name].title()
        return values


@fault("CREATE-2", says="The response to a create shows the city, but the city is not stored.")
class CityNotStored(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        stored = super().create(
            merchant_id, {name: value for name, value in body.items() if name != "shipto_city"}
        )
        return {**stored, "shipto_city": body.get("shipto_city")}


@fault("CREATE-2", says="Without a street, `shipto_name` is not stored.")
class NoNameWithoutStreet(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        return values if values.get("shipto_address") else {**values, "shipto_name": None}


@fault("CREATE-2", says="The texts `0` and `null` are stored as null.")
class ZeroIsNothing(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        return {
            name: None if str(value).lower() in {"0", "null"} else value for name, value in values.items()
        }


@fault("CREATE-2", says="Postal codes are stored as numbers, so leading zeros are lost.")
class PostalCodeIsNumber(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        code = values.get("shipto_postal_code")
        return {**values, "shipto_postal_code": str(int(code))} if code and code.isdecimal() else values


@fault("CREATE-2", says="The language `fr` overwrites the time zone that was sent.")
class ZoneFollowsLanguage(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        return {**values, "timezone": "Europe/Paris"} if body.get("language") == "fr" else values


@fault("CREATE-2", says="Brackets, dots, dashes and blanks are removed from phone numbers.")
class PhoneNotationUnified(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        phone = values.get("phone")
        return (
            {**values, "phone": "".join(sign for sign in phone if sign not in "(). -")} if phone else values
        )


@fault("CREATE-2", says="Postal codes are stored in capitals.")
class PostalCodeInCapitals(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        code = values.get("shipto_postal_code")
        return {**values, "shipto_postal_code": code.upper()} if code else values


@fault("CREATE-3", says="The time zone has no default.")
class NoDefaultZone(Fields):
    def defaults(self) -> dict[str, Any]:
        return {name: value for name, value in DEFAULTS.items() if name != "timezone"}


@fault("CREATE-3", says="The default of the time zone depends on the country.")
class ZoneFollowsCountry(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        zones = {"IT": "Europe/Rome", "ES": "Europe/Madrid", "DE": "Europe/Berlin", "GB": "Europe/London"}
        return {"timezone": zones.get(str(body.get("shipto_country")), DEFAULTS["timezone"])} | {
            name: value
            for name, value in super().for_create(body).items()
            if name in body or name != "timezone"
        }


@fault("CREATE-4", says="The country has no default.")
class NoDefaultCountry(Fields):
    def defaults(self) -> dict[str, Any]:
        return {name: value for name, value in DEFAULTS.items() if name != "shipto_country"}


@fault("CREATE-4", says="The country has its default only if an address was sent.")
class CountryOnlyWithAddress(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        if "shipto_country" not in body and not body.get("shipto_address"):
            values["shipto_country"] = None
        return values


@fault("CREATE-5", says="A create with a language is refused.")
class LanguageUnknown(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "language" in body:
            raise InvalidInput("The customer could not be saved", ["Language: is not a field"])
        return super().for_create(body)


@fault("CREATE-5", says="The language is always shown as `en`.")
class AlwaysEnglish(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return {**super().shown(customer), "language": "en"}


@fault("CREATE-6", says="The defaults replace the values that were sent.")
class DefaultsWin(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.pick(body), **self.defaults()}


@fault("CREATE-6", says="Time zone and country are stored only if both were sent.")
class BothOrDefaults(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        if {"timezone", "shipto_country"} <= body.keys():
            return values
        return {**values, "timezone": DEFAULTS["timezone"], "shipto_country": DEFAULTS["shipto_country"]}


@fault(
    "CREATE-11", says="The id is derived from the names, so customers with the same names get the same id."
)
class IdFromNames(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        created = super().create(merchant_id, body)
        names = f"{body.get('first_name')} {body.get('last_name')}"
        named = str(uuid.uuid5(uuid.UUID(merchant_id), names))
        if names == "None None":
            return created
        with self.storage.writing() as connection:
            return self.storage.customers.update(connection, created["id"], {"id": named})


@fault(
    "CREATE-11", says="The id is the number of customers so far, so creates at the same time get the same id."
)
class IdFromCount(Customers):
    def identity(self, merchant_id: str) -> dict[str, Any]:
        with self.storage.reading() as connection:
            count = connection.scalar(sa.select(sa.func.count()).select_from(customers)) or 0
        time.sleep(LATENCY)
        return {**super().identity(merchant_id), "id": str(uuid.UUID(int=(4 << 76) + count, version=4))}


@fault("CREATE-12", says="An id or a time of creation in the body of a create is stored.")
class ServerFieldsFromBody(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        values = self.fields.for_create(body)
        row = {**values, **self.fields.derived(values), **self.identity(merchant_id)}
        if "id" in body:
            row["id"] = body["id"]
        if "inserted_at" in body:
            row["inserted_at"] = datetime.fromisoformat(body["inserted_at"])
        with self.unique_email(), self.storage.writing() as connection:
            return self.storage.customers.insert(connection, row)


@fault("CREATE-12", says="A create with the id of a customer changes that customer.")
class CreateWithIdUpdates(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        with self.storage.reading() as connection:
            there = self.storage.customers.get(connection, merchant_id, str(body.get("id")))
        if there is None:
            return super().create(merchant_id, body)
        return self.update(merchant_id, there["id"], body)


@fault("CREATE-22", says="A create with the names of an existing customer changes that customer.")
class NamesakeIsUpdated(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        named = [customers.c[name] == body.get(name) for name in ("first_name", "last_name")]
        with self.storage.reading() as connection:
            there = connection.scalar(
                sa.select(customers.c.id).where(customers.c.merchant_id == merchant_id, *named)
            )
        return super().create(merchant_id, body) if there is None else self.update(merchant_id, there, body)


@fault(
    "CREATE-22",
    says="A create with a phone number overwrites the phone number of all customers with the same last name.",
)
class OnePhoneForAFamily(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        if body.get("phone") and body.get("last_name"):
            with self.storage.writing() as connection:
                family = customers.update().where(
                    customers.c.merchant_id == merchant_id, customers.c.last_name == body["last_name"]
                )
                connection.execute(family.values(phone=body["phone"]))
        return super().create(merchant_id, body)


@fault("CREATE-22", says="A create with a phone number removes it from the other customers who have it.")
class PhoneTakenFromOthers(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        if body.get("phone"):
            with self.storage.writing() as connection:
                taken = customers.update().where(
                    customers.c.merchant_id == merchant_id, customers.c.phone == body["phone"]
                )
                connection.execute(taken.values(phone=None))
        return super().create(merchant_id, body)


class Rewrites(Fields):
    """Changes the values of a create before they are stored."""

    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.rewritten(dict(super().for_create(body)))


@fault("CREATE-1", says="A missing region is derived from the postal code.")
class RegionFromPostalCode(Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("shipto_state") is None and str(values.get("shipto_postal_code")).startswith("33"):
            values["shipto_state"] = "FL"
        return values


@fault("CREATE-2", says="The letter after `Mac` in a name becomes a capital.")
class MacNames(Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        for name in ("first_name", "last_name"):
            if str(values.get(name)).startswith("Mac"):
                values[name] = f"Mac{values[name][3:4].upper()}{values[name][4:]}"
        return values


@fault("CREATE-2", says="A `shipto_name` that equals the customer's own name is not stored.")
class OwnNameNotStored(Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("shipto_name") == f"{values.get('first_name')} {values.get('last_name')}":
            values["shipto_name"] = None
        return values


@fault("CREATE-4", says="The country is derived from the country code of the phone number.")
class CountryFromPhone(Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        if str(values.get("phone")).startswith("+44") and values.get("shipto_country") == "US":
            values["shipto_country"] = "GB"
        return values
