"""Texts that careless targets change, and the expectation that they come back unchanged."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from partially_conformance.bench.api import Answer, Api
from partially_conformance.suite.servers.shared.expectations import same_value, text_fields

SCRIPTS = {
    "Latin with marks": "Žofie Ångström-Nuñez ß Łódź İI \u0131i \ufb01",
    "combining marks": unicodedata.normalize("NFD", "Žofie Ångström Nuñez"),
    "a combining mark and a precomposed letter": "e\u0301 and \u00e9",
    "Greek and Cyrillic": "Σίσυφος Щукина Ѐ",
    "Arabic and Hebrew": "محمد\u200cعلی שָׁלוֹם",
    "Indic scripts and Thai": "क्षत्रिय தமிழ் ภาษาไทย",
    "Chinese, Japanese and Korean": "劉備 ゆうき \uff71\uff72 한국어 \u1100\u1161\u11a8",
    "later planes and emoji": "𠮷野家 \U0001d49clan 🙂 👩\u200d👧 🇩🇪 👍🏽 ❤\ufe0f 1\ufe0f\u20e3",
    "symbols": "€ ™ № ½ … — \u2018s\u2019 “q” \u2212",
}
"""Plain texts in many scripts, by what is in each. `in_text_fields` cuts them for targets with a limit."""

SURE_LENGTH = 50
"""Bytes of a text that every target stores in a text field. It may refuse a longer one."""

RARE_CHARACTERS = {
    "rare characters of later planes": "a\U00030000b\U000e0100c",
    "private-use characters": "a\ue000b\U000f0000c\U0010fffdd",
    "invisible formatting characters": "a\u202eb\u202cc\u200bd\u2060e\ufefff\u00adg",
    "unusual separators": "a\u2028b\u2029c\u0085d\u00a0e\u3000f",
    "noncharacters": "a\ufffeb\U0001ffffc",
}
"""Texts that a target may refuse but not change, by what is in each."""

PUNCTUATION = (
    'O\'Brien "Bo" & Sons <old>',
    "a\\b \\n \\u0041 c:\\new /x/ //",
    "100% %20 %s %d %% + a+b=c ?q=1&amp;r=2 #3",
    "a%20b%2Bc%41+d",
    "&lt;b&gt; &#39; &quot; &eacute;",
    "a,b;c:d.e [f] (g) {h} *i* _j_ @k =1+1 ~ ^ | !",
)
"""Texts with every ASCII punctuation mark except the backtick and the dollar sign."""

ATTACK_LIKE = (
    "<b>bold</b> <script>alert(1)</script>",
    "'; DROP TABLE customers; -- /* */ ''",
    "${x} $1 #{x} {{7*7}} `ls` $(ls) $HOME",
    "a $$ b $& c $' d $` e \\1 \\g<0> f",
)
"""Texts that look like an attack. A firewall in front of the target may refuse them, but not change them."""

ANY_TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), min_size=1, max_size=40
).map(lambda text: f"x{text}x")
"""Any text without control characters, between letters so that there are no spaces to trim."""


def short_pieces(text: str, longest: int = SURE_LENGTH) -> list[str]:
    """Cut a text at its blanks into pieces of at most `longest` bytes in UTF-8."""
    pieces = [""]
    for word in text.split(" "):
        joined = f"{pieces[-1]} {word}".strip(" ")
        if len(joined.encode()) <= longest:
            pieces[-1] = joined
        else:
            pieces.append(word)
    return pieces


def in_text_fields(api: Api, text: str) -> dict[str, str]:
    """Return a piece of a text for each text field, with a number at its end, each within `SURE_LENGTH`."""
    pieces = itertools.cycle(short_pieces(text, SURE_LENGTH - 1))
    return {name: f"{next(pieces)}{place}" for place, name in enumerate(text_fields(api), 1)}


def long_text(word: str, length: int) -> str:
    """Return a text of `length` characters without repetition; each tenth takes two bytes in UTF-8."""
    return "".join(f"{word[:4]}{number:05}é" for number in range(length // 10 + 1))[:length]


def must_store_or_refuse(sent: Mapping[str, Any], api: Api, answer: Answer, *, about: str) -> bool:
    """Require that a request was refused with a 4xx, or that its values come back now and in a later read.

    Args:
        about: What is special about the values, such as `a text with Arabic`.

    Returns:
        Whether the request was accepted.
    """
    answer.no_server_error(f"{about} not to be answered with a 5xx")
    if answer.is_refusal:
        return False
    for source in (answer, api.get(answer.customer().id)):
        customer = source.customer()
        for name, value in sent.items():
            if name in customer and not same_value(name, customer[name], value):
                raise source.violation(
                    f"{about} to come back unchanged in {name}",
                    _difference(customer[name], value),
                    answer,
                )
    return True


def _difference(shown: Any, sent: Any) -> str:
    """Describe how a text was changed, without the text itself if it is long."""
    if not isinstance(shown, str) or not isinstance(sent, str):
        return f"the value is {shown!r}"
    if max(len(shown), len(sent)) <= 120:
        return f"{sent!r} became {shown!r}"
    if sent.startswith(shown):
        return f"only the first {len(shown)} of {len(sent)} characters are left"
    return f"a text of {len(sent)} characters became another text of {len(shown)} characters"
