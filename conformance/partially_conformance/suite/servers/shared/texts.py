"""Texts that careless servers change, and how to see whether they did."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from partially_conformance.bench.api import Answer, Api
from partially_conformance.suite.servers.shared.expectations import same

SCRIPTS = {
    "Latin with marks": "Žofie Ångström-Nuñez ß Łódź İI \u0131i \ufb01",
    "marks on their own": unicodedata.normalize("NFD", "Žofie Ångström Nuñez"),
    "a mark first and then joined": "e\u0301 and \u00e9",
    "Greek and Cyrillic": "Σίσυφος Щукина Ѐ",
    "Arabic and Hebrew": "محمد\u200cعلی שָׁלוֹם",
    "Indic scripts and Thai": "क्षत्रिय தமிழ் ภาษาไทย",
    "Chinese, Japanese, Korean": "劉備 ゆうき \uff71\uff72 한국어 \u1100\u1161\u11a8",
    "beyond the first plane": "𠮷野家 \U0001d49clan 🙂 👩\u200d👧 🇩🇪 👍🏽 ❤\ufe0f 1\ufe0f\u20e3",
    "symbols": "€ ™ № ½ … — \u2018s\u2019 “q” \u2212",
}
"""Plain texts in many scripts, by what is in them."""

RARE = {
    "later planes": "a\U00030000b\U000e0100c",
    "private use": "a\ue000b\U000f0000c\U0010fffdd",
    "marks of direction": "a\u202eb\u202cc\u200bd\u2060e\ufefff\u00adg",
    "separators": "a\u2028b\u2029c\u0085d\u00a0e\u3000f",
    "no characters": "a\ufffeb\U0001ffffc",
}
"""Texts that a server may refuse, but not change."""

PUNCTUATION = (
    'O\'Brien "Bo" & Sons <old>',
    "a\\b \\n \\u0041 c:\\new /x/ //",
    "100% %20 %s %d %% + a+b=c ?q=1&amp;r=2 #3",
    "a%20b%2Bc%41+d",
    "&lt;b&gt; &#39; &quot; &eacute;",
    "a,b;c:d.e [f] (g) {h} *i* _j_ @k =1+1 ~ ^ | !",
)
"""Texts with every punctuation mark of ASCII but the backtick and the dollar sign."""

HOSTILE = (
    "<b>bold</b> <script>alert(1)</script>",
    "'; DROP TABLE customers; -- /* */ ''",
    "${x} $1 #{x} {{7*7}} `ls` $(ls) $HOME",
    "a $$ b $& c $' d $` e \\1 \\g<0> f",
)
"""Texts that look like an attack. A guard in front of a server may refuse them; nobody may change them."""

ANY = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), min_size=1, max_size=40
).map(lambda text: f"x{text}x")
"""Any text at all without control characters, between letters so that there are no blanks to trim."""


def long_text(word: str, length: int) -> str:
    """A text of so many characters that differs from end to end; each tenth takes two bytes in UTF-8."""
    return "".join(f"{word[:4]}{number:05}é" for number in range(length // 10 + 1))[:length]


def must_be_whole(sent: Mapping[str, Any], api: Api, answer: Answer, *, about: str) -> bool:
    """What was sent came back as it was, now and when read again, or was refused with a 4xx.

    Args:
        about: What is special about it, such as `a text with Arabic`.

    Returns:
        Whether it was accepted.
    """
    answer.no_server_error(f"{about} not to be answered with a 5xx")
    if answer.is_refusal:
        return False
    for source in (answer, api.get(answer.customer().id)):
        customer = source.customer()
        for name, value in sent.items():
            if name in customer and not same(name, customer[name], value):
                raise source.violation(
                    f"{about} to come back as it was sent in {name}",
                    _difference(customer[name], value),
                    answer,
                )
    return True


def _difference(shown: Any, sent: Any) -> str:
    """Where two texts part, without the text if it is long."""
    if not isinstance(shown, str) or not isinstance(sent, str):
        return f"it is {shown!r}"
    if max(len(shown), len(sent)) <= 120:
        return f"{sent!r} became {shown!r}"
    if sent.startswith(shown):
        return f"of {len(sent)} characters only the first {len(shown)} are there"
    return f"{len(sent)} characters became {len(shown)} others"
