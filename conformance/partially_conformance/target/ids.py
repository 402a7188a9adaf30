"""Generating ids that no customer has, in the form of the ids of the target, which is its choice."""

from __future__ import annotations

import random
import re
import string
import uuid

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_LONG = 16
"""From this many characters on, no other text is an id by chance, not even an id without its last few."""

_HIGH_NUMBER = 2_147_000_000
"""Close to the greatest number of four bytes: a target that numbers its customers is far from it."""

_TRIES = 100
"""How often another id is generated before there counts as none, as for an id of equal characters."""


def unknown_id(known: str | None, chance: random.Random) -> str:
    """An id that no customer has, in the form of a known id; a UUID if none is known.

    Of a long id only the second half changes: all ids of the target may begin alike. The new characters are
    taken from the known id: the target may use no others.

    Args:
        known: An id that the target gave.
        chance: The source of randomness.
    """
    if known is not None and known.isdecimal() and len(known) < _LONG:
        return str(_HIGH_NUMBER + chance.randrange(10**5))
    if known is not None and not _UUID.fullmatch(known):
        kept = len(known) // 2 if len(known) >= _LONG else 0
        for _ in range(_TRIES):
            made = known[:kept] + "".join(_alike(one, known[kept:], chance) for one in known[kept:])
            if made != known:
                return made
    made = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return made.upper() if known is not None and known.upper() == known != known.lower() else made


def _alike(character: str, among: str, chance: random.Random) -> str:
    """A character of the same kind from `among`; one that is neither a letter nor a digit stays."""
    return chance.choice([one for one in among if _kind(one) == _kind(character)])


def is_random(known: str) -> bool:
    """Whether an id is a random UUID (version 4), so that the ids next to it are unused."""
    return _UUID.fullmatch(known) is not None and known[14] == "4"


def may_be_an_id(text: str, known: str) -> bool:
    """Whether a text may be the id of another customer on a target that gave this known id.

    Where ids are short, such as numbers, every text of the same kinds of characters may be an id.
    """
    return len(known) < _LONG and {_kind(one) for one in text} <= {_kind(one) for one in known}


def _kind(character: str) -> str:
    for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if character in kind:
            return kind
    return character
