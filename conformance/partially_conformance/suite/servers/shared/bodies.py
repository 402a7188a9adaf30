"""Request bodies that are not a JSON object, that parsers disagree about, or that are hard to parse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def bodies_that_are_not_json(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Bodies made of this document that are not JSON, by what is wrong with each."""
    whole = json.dumps(document).encode()
    name, value = next(iter(document.items()))
    return {
        "that is cut short": whole[:-1],
        "that is cut inside a string": whole[: whole.rindex(b'"')],
        "with text after the object": whole + b" and so on",
        "with a second object after the first": whole + b"\n" + whole,
        "with an extra closing brace": whole + b"}",
        "that is a form": f"{name}={value}".encode(),
        "that is XML": f"<customer><{name}>{value}</{name}></customer>".encode(),
        "that is plain text": f"{name}: {value}".encode(),
    }


def bodies_without_fields(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Bodies that are JSON but not an object, some of them made of this document, by what each is."""
    whole = json.dumps(document).encode()
    return {
        "that is a list": b"[" + whole + b"]",
        "that is a JSON string": json.dumps(json.dumps(document)).encode(),
        "that is a number": b"5",
        "that is true": b"true",
        "that is false": b"false",
        "that is null": b"null",
        "that is an empty list": b"[]",
    }


def broken_bodies(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Bodies that are not a JSON object in place of this document, by what is wrong with each."""
    return {**bodies_that_are_not_json(document), **bodies_without_fields(document)}


def ambiguous_bodies(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Bodies that some JSON parsers accept and others refuse, by what is unusual about each."""
    whole = json.dumps(document)
    start, rest = whole[:-1], whole[1:]
    name, value = next(iter(document.items()))
    unusual = {
        "a byte order mark": "\ufeff" + whole,
        "a comment": "/* one */ " + whole,
        "a trailing comma": start + ",}",
        "single quotes": whole.replace('"', "'"),
        "names without quotes": whole.replace(f'"{name}"', name),
        "a duplicate name": "{" + json.dumps({name: value})[1:-1] + ", " + rest,
        "NaN": start + ', "x": NaN}',
        "Infinity": start + ', "x": -Infinity}',
        "an empty name": start + ', "": "x"}',
        "names of JavaScript prototypes": start
        + ', "__proto__": {"x": 1}, "constructor": {"prototype": null}}',
    }
    return {name: text.encode() for name, text in unusual.items()}


def hard_to_read_bodies(document: Mapping[str, Any], field: str) -> dict[str, bytes]:
    """Bodies that careless parsers fail on, by what is in each. `field` takes a string."""
    start = json.dumps(document)[:-1].encode()

    def with_value(value: bytes) -> bytes:
        return start + b', "' + field.encode() + b'": ' + value + b"}"

    return {
        "bytes that are not UTF-8": with_value(b'"a\xff\xfeb"'),
        "a UTF-8 character cut in two": with_value(b'"a\xe2\x82"'),
        "an overlong encoding of zero": with_value(b'"a\xc0\x80b"'),
        "half a surrogate pair as bytes": with_value(b'"a\xed\xa0\x80b"'),
        "half a surrogate pair as an escape": with_value(rb'"a\ud800b"'),
        "a surrogate pair in the wrong order": with_value(rb'"a\udc00\ud800b"'),
        "half a surrogate pair in a name": start + rb', "a\udfff": "b"}',
        "an invalid escape": with_value(rb'"a\u12g4b"'),
        "a list nested 10,000 deep": with_value(b"[" * 10_000 + b"]" * 10_000),
        "an object nested 10,000 deep": with_value(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
        "100,000 opening brackets": b"[" * 100_000,
        "a number out of range": with_value(b"1e999999"),
        "a number very close to zero": with_value(b"-1e-999999"),
        "an integer of 5,000 digits": with_value(b"9" * 5_000),
        "UTF-16": json.dumps(document).encode("utf-16"),
    }
