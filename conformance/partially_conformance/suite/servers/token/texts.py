"""Tokens as strings: changing one, generating similar ones, and finding patterns in several."""

from __future__ import annotations

import base64
import itertools
import random
import re
import string
from collections.abc import Collection, Sequence

from partially_conformance.bench.answer import Answer

_HARMLESS_HEADERS = frozenset({"date", "content-length", "etag"})

_ALPHABETS = ("23456789", "cdefhjkmnpqrtwxy", "CDEFHJKMNPQRTWXY")
"""Characters without pairs that a target may treat as equal, such as 0 and O."""

_TRIES = 50
"""How many tokens are generated at most until one was never issued."""

_STEP = 10_000_000
"""The largest step, as a number, between tokens that are counters or times."""


def with_one_change(token: str, place: int, sent: Collection[str] = ()) -> str:
    """Return a token with one letter or digit changed, at this place or at the next letter or digit.

    Args:
        sent: Issued tokens, which are not returned: a changed short token may be that of another customer.
    """
    places = [index for index, character in enumerate(token) if character.isalnum()]
    place = next((index for index in places if index >= place), places[-1])
    alphabet = next((one for one in _ALPHABETS if _kind(token[place]) == _kind(one[0])), _ALPHABETS[0])
    start = alphabet.find(token[place]) + 1
    others = [alphabet[(start + step) % len(alphabet)] for step in range(len(alphabet))]
    generated = [token[:place] + other + token[place + 1 :] for other in others if other != token[place]]
    return next((one for one in generated if one not in sent), generated[0])


def _kind(character: str) -> tuple[bool, bool]:
    return character.isdigit(), character.isupper()


def shows_token(answer: Answer, token: str) -> bool:
    """Whether a body or header of a response contains the token, plain, in base64 or in hexadecimal."""
    coded = base64.b64encode(token.encode()).decode().rstrip("=")
    spelled = "|".join(re.escape(one) for one in (token, coded, token.encode().hex()))
    whole = re.compile(rf"(?<!\w)({spelled})(?!\w)", re.IGNORECASE)
    headers = (value for name, value in answer.headers.items() if name not in _HARMLESS_HEADERS)
    return any(whole.search(text) for text in (answer.text, *headers))


def similar_token(tokens: Sequence[str], chance: random.Random, sent: Collection[str] = ()) -> str:
    """Generate a token that was never issued and looks like issued tokens.

    A character that all tokens share in one place is kept; any other is replaced by a character of the same
    kind from one of the tokens.

    Args:
        sent: More issued tokens.
    """
    generated = (_similar_token(tokens, chance) for _ in range(_TRIES))
    return next(
        (one for one in generated if one not in sent and one not in tokens),
        with_one_change(tokens[-1], 0, sent),
    )


def _similar_token(tokens: Sequence[str], chance: random.Random) -> str:
    model = tokens[-1]
    seen = "".join(tokens)
    generated = []
    for place, character in enumerate(model):
        fixed = all(token[place : place + 1] == character for token in tokens)
        same = [one for one in seen if _kind(one) == _kind(character) and one.isalnum()]
        generated.append(character if fixed or not character.isalnum() else chance.choice(same))
    return "".join(generated)


def rise_by_small_steps(tokens: Sequence[str]) -> bool:
    """Whether the tokens, read as numbers, rise by small steps."""
    digits = string.digits + string.ascii_lowercase
    spelled = ["".join(one for one in token.lower() if one in digits) for token in tokens]
    numbers = [int(one or "0", len(digits)) for one in spelled]
    if all(one.isdigit() for one in spelled):
        numbers = [int(one) for one in spelled]
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    return all(0 < step < _STEP for step in steps)


def places_that_differ(tokens: Sequence[str]) -> int:
    """Return in how many places the tokens differ, aligned at their ends."""
    backwards = itertools.zip_longest(*(token[::-1] for token in tokens))
    return sum(len(set(place)) > 1 for place in backwards)
