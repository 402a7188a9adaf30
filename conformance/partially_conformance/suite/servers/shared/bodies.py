"""Bodies that are no JSON object, and JSON that no two readers agree on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def broken(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Bodies that no server may take for this document, each by what is wrong with it."""
    whole = json.dumps(document).encode()
    name, value = next(iter(document.items()))
    return {
        "that is cut short": whole[:-1],
        "that is cut within a text": whole[: whole.rindex(b'"')],
        "with text after the object": whole + b" and so on",
        "with a second object after the first": whole + b"\n" + whole,
        "with a closing brace too many": whole + b"}",
        "that is a form": f"{name}={value}".encode(),
        "that is XML": f"<customer><{name}>{value}</{name}></customer>".encode(),
        "that is a plain text": f"{name}: {value}".encode(),
        "that is a list": b"[" + whole + b"]",
        "that is a JSON text": json.dumps(json.dumps(document)).encode(),
        "that is a number": b"5",
        "that is true": b"true",
    }


EMPTY = {"that is false": b"false", "that is null": b"null", "that is an empty list": b"[]"}
"""Bodies that some readers of JSON cannot tell from an object without fields."""


def disputed(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Bodies that some readers of JSON take and others refuse, each by what is odd about it."""
    whole = json.dumps(document)
    start, rest = whole[:-1], whole[1:]
    name, value = next(iter(document.items()))
    odd = {
        "a byte order mark": "\ufeff" + whole,
        "a comment": "/* one */ " + whole,
        "a comma at the end": start + ",}",
        "single quotes": whole.replace('"', "'"),
        "names without quotes": whole.replace(f'"{name}"', name),
        "a name twice": "{" + json.dumps({name: value})[1:-1] + ", " + rest,
        "NaN": start + ', "x": NaN}',
        "Infinity": start + ', "x": -Infinity}',
        "an empty name": start + ', "": "x"}',
        "a name of prototypes": start + ', "__proto__": {"x": 1}, "constructor": {"prototype": null}}',
    }
    return {name: text.encode() for name, text in odd.items()}


def poisonous(document: Mapping[str, Any], field: str) -> dict[str, bytes]:
    """Bodies at which careless readers fall over, each by what is in it. `field` takes a text."""
    start = json.dumps(document)[:-1].encode()

    def with_value(value: bytes) -> bytes:
        return start + b', "' + field.encode() + b'": ' + value + b"}"

    return {
        "bytes that are not UTF-8": with_value(b'"a\xff\xfeb"'),
        "a character of UTF-8 cut in two": with_value(b'"a\xe2\x82"'),
        "an overlong zero": with_value(b'"a\xc0\x80b"'),
        "half a surrogate pair as bytes": with_value(b'"a\xed\xa0\x80b"'),
        "half a surrogate pair as an escape": with_value(rb'"a\ud800b"'),
        "a surrogate pair the wrong way round": with_value(rb'"a\udc00\ud800b"'),
        "half a surrogate pair in a name": start + rb', "a\udfff": "b"}',
        "an escape that is none": with_value(rb'"a\u12g4b"'),
        "a list 10,000 deep": with_value(b"[" * 10_000 + b"]" * 10_000),
        "an object 10,000 deep": with_value(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
        "100,000 opening brackets": b"[" * 100_000,
        "a number beyond every range": with_value(b"1e999999"),
        "a number next to nothing": with_value(b"-1e-999999"),
        "a whole number of 5,000 digits": with_value(b"9" * 5_000),
        "UTF-16": json.dumps(document).encode("utf-16"),
    }
