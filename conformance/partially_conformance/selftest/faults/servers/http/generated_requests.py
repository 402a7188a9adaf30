"""Faults of HTTP: defects that generated requests find (HTTP-7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from jsonschema_rs import Draft202012Validator

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import Operation
from partially_reference.http.bodies import Bodies
from partially_reference.http.validation import Validation
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput


@fault("HTTP-7", says="A create with a second line of the address but no first line is answered with 500.")
class SecondLineNeedsTheFirst(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "shipto_address2" in body:
            lines = [body["shipto_address"], body["shipto_address2"]]
            return {**super().for_create(body), "shipto_address": lines[0], "shipto_address2": lines[1]}
        return super().for_create(body)


@fault("HTTP-7", says="A create with a region but no country is refused.")
class RegionNeedsTheCountry(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "shipto_state" in body and "shipto_country" not in body:
            raise InvalidInput("The customer could not be saved", ["Shipto country: can't be blank"])
        return super().for_create(body)


@fault("HTTP-7", says="A login with a token that is not a text is answered with 500.")
class TokenIsTakenForText(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        if operation.id == "loginToken":
            body["token"] = body["token"].strip()
        super().check_body(operation, validator, body)


@fault("HTTP-7", says="A JSON body that is not an object is answered with 500.")
class JsonIsTakenForAnObject(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        with suppress(ValueError):  # a body that is not JSON is refused below
            json.loads(content).keys()
        return super().parse(content)
