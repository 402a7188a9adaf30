"""Ids that nobody has, in the form of the target's own ids, which is its choice."""

from __future__ import annotations

import random
import re
import string
import uuid

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_LONG = 16
"""Characters from which on nobody meets an id by accident, not even one who cuts a few off another."""

_HIGH_NUMBER = 2_147_000_000
"""Next to the greatest number that four bytes hold: who counts customers takes it and has not come so far."""

_TRIES = 100
"""Times another id is made up before it is believed that there is none, as where all characters are equal."""


def unknown_id(known: str | None, chance: random.Random) -> str:
    """An id that nobody has, in the form of one that is known; a UUID if none is.

    Of a long id only the second half is made up: it may begin with what all ids of the target begin with.
    Only characters that are in it are used: the target may leave some out, such as those that look alike.
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
    """A character of the same kind among some; one that is neither a letter nor a digit stays."""
    return chance.choice([one for one in among if _kind(one) == _kind(character)])


def is_random(known: str) -> bool:
    """Whether an id says of itself that it was drawn at random, so that nobody has its neighbours."""
    return _UUID.fullmatch(known) is not None and known[14] == "4"


def may_be_an_id(text: str, known: str) -> bool:
    """Whether a text may be the id of somebody on a target that gave this id to somebody else.

    Where ids are short, such as numbers, every text of the same signs may be one.
    """
    return len(known) < _LONG and {_kind(one) for one in text} <= {_kind(one) for one in known}


def _kind(character: str) -> str:
    for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if character in kind:
            return kind
    return character
