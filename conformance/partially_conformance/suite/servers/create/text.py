"""CREATE: text of every kind is kept."""

from __future__ import annotations

import json
from typing import Any

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_keep, text_fields
from partially_conformance.suite.servers.shared.texts import (
    ANY,
    HOSTILE,
    PUNCTUATION,
    RARE,
    SCRIPTS,
    long_text,
    must_be_whole,
)

LENGTHS = (60, 200, 256, 1_000, 10_000, 100_000)
"""Lengths that are tried, in characters. Columns are often made for 50, 255 or 65,535 bytes."""


@check("CREATE-13")
def text_in_every_script_comes_back(api: Api, data: Data) -> None:
    """Names and addresses in many scripts, on all planes of Unicode, joined and not."""
    for what, text in SCRIPTS.items():
        sent = {name: f"{text}{place}" for place, name in enumerate(text_fields(api), 1)}
        must_keep(sent, api, api.create(sent, email=data.email()), what=f"a customer with {what}")
    for what, text in RARE.items():
        sent = dict.fromkeys(text_fields(api), text)
        must_be_whole(sent, api, api.create(sent, email=data.email()), about=f"a text with {what}")


@check("CREATE-13")
def escapes_mean_what_they_say(api: Api, data: Data) -> None:
    """The same text as characters and as escapes of JSON, some of them in pairs, some not needed."""
    names = text_fields(api)
    for text in ("Žofie 劉備 🙂 𠮷", "a/b é \u00df"):
        for spelled in (json.dumps(text), escaped(text), json.dumps(text).replace("/", "\\/")):
            email = data.email()
            fields = ", ".join(f'"{name}": {spelled}' for name in names)
            body = f'{{"{escaped("email")[1:-1]}": {escaped(email)}, {fields}}}'.encode()
            sent = {**dict.fromkeys(names, text), "email": email}
            must_keep(sent, api, api.call("createCustomer", body=body))


@check("CREATE-13")
def any_text_comes_back(api: Api, data: Data, fuzz: Fuzz) -> None:
    """Generated text in every text field; one that is refused is not stored in another form."""
    names = text_fields(api)

    def try_one(text: str) -> None:
        sent = dict.fromkeys(names, text)
        must_be_whole(sent, api, api.create(sent, email=data.email()), about=f"the text {text!r}")

    fuzz.each(ANY, try_one, standard=20)


@check("CREATE-14")
def a_long_value_is_whole_or_refused(api: Api, data: Data, choices: Choices) -> None:
    """All text fields at once at each length, and each alone where that is refused."""
    longest = 0
    for length in LENGTHS:
        sent = {name: long_text(data.word(), length) for name in text_fields(api)}
        if keeps_long(api, data, sent, length):
            longest = length
            continue
        alone = [keeps_long(api, data, {name: value}, length) for name, value in sent.items()]
        longest = length if any(alone) else longest
    choices.saw("long-values", f"{longest} characters or more")


@check("CREATE-14")
def long_numbers_codes_and_emails_are_whole_or_refused(api: Api, data: Data, contract: Contract) -> None:
    """Each field for a number, a code, a zone or an email alone, up to the first length that is refused."""
    for name in (name for name in contract.kept_fields if name not in text_fields(api)):
        for length in LENGTHS:
            repeated = (data.fields()[name] * length)[:length]
            value = data.email(data.word().lower() + "x" * length) if name == "email" else repeated
            if not keeps_long(api, data, {name: value}, length):
                break


@check("CREATE-15")
def punctuation_comes_back(api: Api, data: Data) -> None:
    """Every punctuation mark of ASCII, in the company in which HTML, SQL, shells and templates read it."""
    for text in PUNCTUATION:
        sent = dict.fromkeys(text_fields(api), text)
        must_keep(sent, api, api.create(sent, email=data.email()))
    for text in HOSTILE:
        sent = dict.fromkeys(text_fields(api), text)
        must_be_whole(sent, api, api.create(sent, email=data.email()), about=f"the text {text!r}")


@check("CREATE-16")
def control_characters_do_no_harm(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """NUL in each field, and every control character in the text fields."""
    for name, field in contract.create_fields.items():
        value = data.email("a\0b") if field.get("format") == "email" else "a\0b"
        answer = api.create({"email": data.email(), name: value})
        reads_after(api, answer, f"NUL in {name}")
        if answer.ok and answer.customer().get(name) == value.partition("\0")[0]:
            raise answer.violation(
                f"{name} with a NUL to be kept, taken without it, or refused", "it is cut off at the NUL"
            )
    others = [chr(code) for code in (*range(1, 0x20), *range(0x7F, 0xA0))]
    for characters in ("".join(others), "\n", "\t", "\x1b[31m", "\x7f", "\x08"):
        sent = dict.fromkeys(text_fields(api), f"a{characters}b")
        answer = api.create(sent, email=data.email())
        reads_after(api, answer, f"the control characters {characters[:5]!r}")
        if len(characters) == 1 and answer.ok and answer.customer()[next(iter(sent))] == "a":
            raise answer.violation(
                f"a text with {characters!r} to be kept, taken without it, or refused", "it is cut off there"
            )
        if characters == "\x7f":
            choices.saw("control-characters", formed(answer, sent))


@check("CREATE-17")
def blanks_around_a_value_do_no_harm(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """Blanks before, after and within the value of every field, all at once and each field alone."""
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
        is_one_of(api, answer, allowed, "blanks around a value")
        if len(fields) == len(names):
            choices.saw("surrounding-blanks", formed(answer, fields))


@check("CREATE-17")
def an_empty_value_does_no_harm(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """An empty value and one of blanks in every field but the email, all at once and each field alone."""
    names = [name for name in contract.create_fields if name != "email"]
    for value in ("", "  "):
        for fields in (dict.fromkeys(names, value), *({name: value} for name in names)):
            answer = api.create(fields, email=data.email())
            allowed = {name: (value, "", None, contract.defaults.get(name)) for name in fields}
            is_one_of(api, answer, allowed, "a value that is empty or blank")
            if value == "" and len(fields) == len(names):
                choices.saw("empty-string", formed(answer, dict.fromkeys(text_fields(api), "")))


def keeps_long(api: Api, data: Data, sent: dict[str, str], length: int) -> bool:
    """Whether a create with these values is accepted; then they must be whole."""
    answer = api.create({"email": data.email(), **sent})
    return must_be_whole(sent, api, answer, about=f"a value of {length} characters")


def escaped(text: str) -> str:
    """The text as JSON with every character as an escape."""
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)) + '"'


def reads_after(api: Api, answer: Answer, what: str) -> None:
    """No 5xx, neither now nor when the customer is read."""
    answer.no_server_error(f"{what} not to be answered with a 5xx")
    if answer.ok:
        api.get(answer.customer().id).no_server_error(
            f"a customer created with {what} to be read without a 5xx"
        )


def is_one_of(api: Api, answer: Answer, allowed: dict[str, tuple[Any, ...]], what: str) -> None:
    """Each field has one of the values it may have; or the create was refused with a 4xx."""
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
                    f"{what}, {values[0]!r} in {name}, not to become another text", f"it is {shown!r}", answer
                )


def formed(answer: Answer, sent: dict[str, Any]) -> str:
    """What a target made of odd values, in few words, seen by the first that it shows."""
    if answer.is_refusal:
        return f"refused with {answer.status}"
    name, value = next(iter(sent.items()))
    shown = answer.customer()[name]
    if shown == value:
        return "kept"
    if shown is None:
        return "stored as null"
    return "trimmed" if shown == value.strip() else "taken out"
