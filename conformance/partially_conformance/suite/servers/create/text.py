"""CREATE: texts of every kind come back as they were sent, or are refused."""

from __future__ import annotations

import json
from typing import Any

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_store, text_fields
from partially_conformance.suite.servers.shared.texts import (
    ANY_TEXT,
    ATTACK_LIKE,
    PUNCTUATION,
    RARE_CHARACTERS,
    SCRIPTS,
    long_text,
    must_store_or_refuse,
)

LENGTHS = (60, 200, 256, 1_000, 10_000, 100_000)
"""Lengths of texts in characters. Database columns often hold 50, 255 or 65,535 bytes."""


@check("CREATE-13")
def text_in_every_script_comes_back(api: Api, data: Data) -> None:
    """Create with texts in many scripts, of all planes of Unicode, composed and decomposed."""
    for what, text in SCRIPTS.items():
        sent = {name: f"{text}{place}" for place, name in enumerate(text_fields(api), 1)}
        must_store(sent, api, api.create(sent, email=data.email()), what=f"a customer with {what}")
    for what, text in RARE_CHARACTERS.items():
        sent = dict.fromkeys(text_fields(api), text)
        must_store_or_refuse(sent, api, api.create(sent, email=data.email()), about=f"a text with {what}")


@check("CREATE-13")
def json_escapes_are_decoded(api: Api, data: Data) -> None:
    """Create with the same text as characters and as JSON escapes, including surrogate pairs."""
    names = text_fields(api)
    for text in ("Žofie 劉備 🙂 𠮷", "a/b é \u00df"):
        for spelled in (json.dumps(text), escaped(text), json.dumps(text).replace("/", "\\/")):
            email = data.email()
            fields = ", ".join(f'"{name}": {spelled}' for name in names)
            body = f'{{"{escaped("email")[1:-1]}": {escaped(email)}, {fields}}}'.encode()
            sent = {**dict.fromkeys(names, text), "email": email}
            must_store(sent, api, api.call("createCustomer", body=body))


@check("CREATE-13")
def any_text_comes_back(api: Api, data: Data, fuzz: Fuzz) -> None:
    """Create with generated texts in every text field, each stored unchanged or refused."""
    names = text_fields(api)

    def try_one(text: str) -> None:
        sent = dict.fromkeys(names, text)
        must_store_or_refuse(sent, api, api.create(sent, email=data.email()), about=f"the text {text!r}")

    fuzz.each(ANY_TEXT, try_one, standard=20)


@check("CREATE-14")
def a_long_text_is_stored_whole_or_refused(api: Api, data: Data, choices: Choices) -> None:
    """Create with long texts in all text fields; if that is refused, in each field alone."""
    longest = 0
    for length in LENGTHS:
        sent = {name: long_text(data.word(), length) for name in text_fields(api)}
        if stores_long(api, data, sent, length):
            longest = length
            continue
        alone = [stores_long(api, data, {name: value}, length) for name, value in sent.items()]
        longest = length if any(alone) else longest
    choices.saw("long-values", f"{longest} characters or more")


@check("CREATE-14")
def long_numbers_codes_and_emails_are_stored_whole_or_refused(
    api: Api, data: Data, contract: Contract
) -> None:
    """Create with a long value in each of the other fields, up to the first length that is refused."""
    for name in (name for name in contract.kept_fields if name not in text_fields(api)):
        for length in LENGTHS:
            repeated = (data.fields()[name] * length)[:length]
            value = data.email(data.word().lower() + "x" * length) if name == "email" else repeated
            if not stores_long(api, data, {name: value}, length):
                break


@check("CREATE-15")
def punctuation_comes_back(api: Api, data: Data) -> None:
    """Create with all ASCII punctuation, and with text special in HTML, SQL, shells and templates."""
    for text in PUNCTUATION:
        sent = dict.fromkeys(text_fields(api), text)
        must_store(sent, api, api.create(sent, email=data.email()))
    for text in ATTACK_LIKE:
        sent = dict.fromkeys(text_fields(api), text)
        must_store_or_refuse(sent, api, api.create(sent, email=data.email()), about=f"the text {text!r}")


@check("CREATE-16")
def control_characters_do_no_harm(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """Create with NUL in each field, and with every control character in the text fields."""
    for name, field in contract.create_fields.items():
        value = data.email("a\0b") if field.get("format") == "email" else "a\0b"
        answer = api.create({"email": data.email(), name: value})
        for shown in must_be_readable(api, answer, f"NUL in {name}"):
            if shown.customer().get(name) == value.partition("\0")[0]:
                raise shown.violation(
                    f"{name} with a NUL to be stored with or without the NUL, or refused",
                    f"{name} is cut off at the NUL",
                    answer,
                )
    others = [chr(code) for code in (*range(1, 0x20), *range(0x7F, 0xA0))]
    for characters in ("".join(others), "\n", "\t", "\x1b[31m", "\x7f", "\x08"):
        sent = dict.fromkeys(text_fields(api), f"a{characters}b")
        answer = api.create(sent, email=data.email())
        for shown in must_be_readable(api, answer, f"the control characters {characters[:5]!r}"):
            if "a" in [shown.customer()[name] for name in sent]:
                raise shown.violation(
                    f"a text with {characters[:5]!r} to be stored with or without them, or refused",
                    "the text is cut off there",
                    answer,
                )
        if characters == "\x7f":
            choices.saw("control-characters", treatment_of(answer, sent))


@check("CREATE-17")
def spaces_around_a_value_do_no_harm(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """Create with spaces before, after and within values, in all text fields and in each field alone."""
    names = text_fields(api)
    inner = {name: f"{data.word()}  {data.word()}" for name in names}
    values = {**data.fields(), **inner}
    padded: dict[str, Any] = {name: f"  {value} " for name, value in values.items()}
    for fields in (
        {name: padded[name] for name in names},
        *({name: padded[name]} for name in contract.kept_fields),
    ):
        answer = api.create({"email": data.email(), **fields})
        allowed = {name: (value, value.strip()) for name, value in fields.items()}
        must_be_one_of(api, answer, allowed, "spaces around a value")
        if len(fields) == len(names):
            choices.saw("surrounding-blanks", treatment_of(answer, fields))


@check("CREATE-17")
def an_empty_value_does_no_harm(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """Create with empty values and spaces in every field except the email, together and one at a time."""
    names = [name for name in contract.create_fields if name != "email"]
    for value in ("", "  "):
        for fields in (dict.fromkeys(names, value), *({name: value} for name in names)):
            answer = api.create(fields, email=data.email())
            allowed = {name: (value, "", None, contract.defaults.get(name)) for name in fields}
            must_be_one_of(api, answer, allowed, "a value that is empty or blank")
            if value == "" and len(fields) == len(names):
                choices.saw("empty-string", treatment_of(answer, dict.fromkeys(text_fields(api), "")))


def stores_long(api: Api, data: Data, sent: dict[str, str], length: int) -> bool:
    """Create with long values, which must be stored whole or refused; return whether they were accepted."""
    answer = api.create({"email": data.email(), **sent})
    return must_store_or_refuse(sent, api, answer, about=f"a value of {length} characters")


def escaped(text: str) -> str:
    """Return a text as a JSON string in which every character is an escape."""
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)) + '"'


def must_be_readable(api: Api, answer: Answer, what: str) -> list[Answer]:
    """Require that neither a create nor a read of its customer is answered with a 5xx.

    Returns:
        The responses that show the customer: none if the create was refused.
    """
    answer.no_server_error(f"{what} not to be answered with a 5xx")
    if not answer.ok:
        return []
    read = api.get(answer.customer().id)
    return [
        answer,
        read.no_server_error(f"a read of a customer created with {what} not to be answered with a 5xx"),
    ]


def must_be_one_of(api: Api, answer: Answer, allowed: dict[str, tuple[Any, ...]], what: str) -> None:
    """Require that a create is refused with a 4xx, or that each field has one of its allowed values."""
    answer.no_server_error(f"{what} not to be answered with a 5xx")
    if answer.is_refusal:
        return
    for source in (answer, api.get(answer.customer().id)):
        customer = source.customer()
        for name, values in allowed.items():
            shown = customer.get(name)
            if (
                name in customer
                and shown not in values
                and not (name == "email" and str(shown).lower() in values)
            ):
                raise source.violation(
                    f"{what}, {values[0]!r} in {name}, not to become another text",
                    f"{name} is {shown!r}",
                    answer,
                )


def treatment_of(answer: Answer, sent: dict[str, Any]) -> str:
    """Describe what a target did with unusual values, by the first of them."""
    if answer.is_refusal:
        return f"refused with {answer.status}"
    name, value = next(iter(sent.items()))
    shown = answer.customer()[name]
    if shown == value:
        return "kept"
    if shown is None:
        return "stored as null"
    return "trimmed" if shown == value.strip() else "removed"
