"""A secret is hidden in whatever way a text spells it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partially_conformance.traffic.exchange import Key
from partially_conformance.traffic.redaction import Mail, Secrets

KEY = "aB3/x+Y=z&q'\"w\\Zk-7_pQ"
TOKEN = "N5E9gL"


def secrets() -> Secrets:
    known = Secrets()
    known.add_key(Key(KEY, "API_KEY"))
    known.add_token(TOKEN, Mail("a@b.co", "", 1))
    return known


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def in_unicode_escapes(text: str) -> str:
    return "".join(f"\\u{ord(sign):04X}" for sign in text)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def folded(text: str) -> str:
    return f"{text[:9]}\r\n   {text[9:]}"


ENCODINGS: dict[str, Callable[[str], str]] = {
    "JSON": in_json,
    "JSON with escaped slashes": lambda text: in_json(text).replace("/", "\\/"),
    "JSON escapes": in_unicode_escapes,
    "percent": lambda text: quote(text, safe=""),
    "percent in lower case": lambda text: quote(text, safe="").replace("%2B", "%2b").replace("%3D", "%3d"),
    "percent everywhere": lambda text: "".join(f"%{one:02x}" for one in text.encode()),
    "HTML": lambda text: html.escape(text, quote=True),
    "HTML decimal": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "HTML hexadecimal": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text),
    "base64": in_base64,
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 of a header": lambda text: in_base64(f"Bearer {text}"),
    "base64 after one byte": lambda text: in_base64(f"x{text}y"),
    "base64 after two bytes": lambda text: in_base64(f"xx{text}"),
    "hexadecimal": lambda text: text.encode().hex(),
    "folded": folded,
}

BEFORE_ENCODING: dict[str, Callable[[str], str]] = {
    "as it is": str, "upper case": str.upper, "lower case": str.lower, "other case": str.swapcase
}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    case=st.sampled_from(sorted(BEFORE_ENCODING)),
    encodings=st.lists(st.sampled_from(sorted(ENCODINGS)), max_size=3),
    around=st.sampled_from([("", ""), ("{", "}"), ('{"key": "', '"}'), ("Bearer ", ", again")]),
)
def test_a_key_is_hidden_in_each_encoding_of_encodings(
    case: str, encodings: list[str], around: tuple[str, str]
) -> None:
    text = BEFORE_ENCODING[case](KEY)
    for name in encodings:
        text = ENCODINGS[name](text)
    shown = secrets().hide(f"{around[0]}{text}{around[1]}")
    assert "$API_KEY" in shown
    rest = shown.replace("$API_KEY", "")
    assert len(rest) <= len("".join(around)) + 6  # at most the end of an encoding, such as `%3D%3D`


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_a_short_token_is_hidden_in_each_encoding(name: str) -> None:
    assert "$TOKEN_1" in secrets().hide(f'{{"message": "{ENCODINGS[name](TOKEN)}"}}')


@pytest.mark.parametrize(
    "text",
    [
        "", "nothing", json.dumps({"first_name": "Ångström", "phone": "+12125551212"}), "%zz &nope; \\u12",
        "x" * 50_000, "0f1e2d3c-aaaa-4bbb-8ccc-0123456789ab", "aHR0cHM6Ly9leGFtcGxlLmNvbQ==",
    ],
)  # fmt: skip
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert secrets().hide(text) == text


def test_a_short_number_within_a_longer_one_is_another_number() -> None:
    known = Secrets()
    known.add_token("483920", Mail("a@b.co", "", 1))
    assert known.hide("+12125483920, 483920.") == "+12125483920, $TOKEN_1."


def test_only_the_spelled_secret_is_replaced() -> None:
    spelled = quote(KEY, safe="")
    assert secrets().hide(f"a%20b {spelled} c%20d") == "a%20b $API_KEY c%20d"


def test_of_a_longer_secret_nothing_is_left() -> None:
    known = secrets()
    known.add_changed_key(Key(f"{KEY}x", "CHANGED_KEY"))
    known.add_changed_key(Key(KEY[:-1], "CHANGED_KEY"))
    assert known.hide(f"({KEY}x)") == "($CHANGED_KEY)"
    assert known.hide(f"({KEY[:-1]})") == "($CHANGED_KEY)"


@pytest.mark.parametrize("field", ["password", "Password", "password_hash", "access_token"])
def test_a_field_that_may_be_a_secret_is_hidden(field: str) -> None:
    body = json.dumps({"id": "1", field: 'se"cret', "phone": "1"})
    shown = json.loads(secrets().hide_body(body))
    assert shown[field] in {"$OTHER_PASSWORD", "$OTHER_TOKEN"}
    assert (shown["id"], shown["phone"]) == ("1", "1")
