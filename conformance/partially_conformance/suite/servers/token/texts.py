"""Tokens as texts: changing one, making one up, and looking for a pattern in several."""

from __future__ import annotations

import base64
import itertools
import random
import re
import string
from collections.abc import Collection, Sequence

from partially_conformance.bench.api import Answer

_HARMLESS_HEADERS = frozenset({"date", "content-length", "etag"})

_ALPHABETS = ("23456789", "cdefhjkmnpqrtwxy", "CDEFHJKMNPQRTWXY")
"""Characters that no server takes for one another, such as 0 and O."""

_TRIES = 50
"""How often a token is made up anew because it is one that was given out."""

_STEP = 10_000_000
"""Tokens that rise by less each time, read as numbers, are counted or are times of day."""


def changed(token: str, place: int, sent: Collection[str] = ()) -> str:
    """A token with one letter or digit, at this place or the next there is, changed into another.

    Args:
        sent: Tokens that were given out: where tokens are short, a changed one may be that of somebody else.
    """
    places = [index for index, character in enumerate(token) if character.isalnum()]
    place = next((index for index in places if index >= place), places[-1])
    alphabet = next((one for one in _ALPHABETS if _kind(token[place]) == _kind(one[0])), _ALPHABETS[0])
    start = alphabet.find(token[place]) + 1
    others = [alphabet[(start + step) % len(alphabet)] for step in range(len(alphabet))]
    made = [token[:place] + other + token[place + 1 :] for other in others if other != token[place]]
    return next((one for one in made if one not in sent), made[0])


def _kind(character: str) -> tuple[bool, bool]:
    return character.isdigit(), character.isupper()


def shows_token(answer: Answer, token: str) -> bool:
    """Whether the token stands in the body or in a header of an answer, plain, in base64 or in digits."""
    coded = base64.b64encode(token.encode()).decode().rstrip("=")
    spelled = "|".join(re.escape(one) for one in (token, coded, token.encode().hex()))
    whole = re.compile(rf"(?<!\w)({spelled})(?!\w)", re.IGNORECASE)
    headers = (value for name, value in answer.headers.items() if name not in _HARMLESS_HEADERS)
    return any(whole.search(text) for text in (answer.text, *headers))


def lookalike(tokens: Sequence[str], chance: random.Random, sent: Collection[str] = ()) -> str:
    """A token that was never given out and looks like those that were.

    Where they all have the same character, so has it; elsewhere it has one of the same kind that is
    in one of them.

    Args:
        sent: More tokens that were given out.
    """
    made = (_lookalike(tokens, chance) for _ in range(_TRIES))
    return next((one for one in made if one not in sent and one not in tokens), changed(tokens[-1], 0, sent))


def _lookalike(tokens: Sequence[str], chance: random.Random) -> str:
    model = tokens[-1]
    seen = "".join(tokens)
    made = []
    for place, character in enumerate(model):
        fixed = all(token[place : place + 1] == character for token in tokens)
        same = [one for one in seen if _kind(one) == _kind(character) and one.isalnum()]
        made.append(character if fixed or not character.isalnum() else chance.choice(same))
    return "".join(made)


def count_up(tokens: Sequence[str]) -> bool:
    """Whether the tokens, read as numbers, rise steadily and by little."""
    digits = string.digits + string.ascii_lowercase
    spelled = ["".join(one for one in token.lower() if one in digits) for token in tokens]
    numbers = [int(one or "0", len(digits)) for one in spelled]
    if all(one.isdigit() for one in spelled):
        numbers = [int(one) for one in spelled]
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    return all(0 < step < _STEP for step in steps)


def places_that_differ(tokens: Sequence[str]) -> int:
    """In how many places the tokens are not all alike, counted from their ends."""
    backwards = itertools.zip_longest(*(token[::-1] for token in tokens))
    return sum(len(set(place)) > 1 for place in backwards)
