"""Hiding keys and mailed tokens in everything that is shown or kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from partially_conformance.traffic.decoding import Finder
from partially_conformance.traffic.exchange import Key

SECRET_FIELDS = ("password", "token")
"""Fields of JSON bodies whose value no response shows, whether it is known as a secret or not."""

_SHORTEST = 4  # characters; a shorter text occurs in too many other places to be replaced everywhere

_FIELD = re.compile(
    rf'("[^"\\]*(?P<name>{"|".join(SECRET_FIELDS)})[^"\\]*"\s*:\s*)"(?!\$)(?:[^"\\]|\\.)*"',
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mail:
    """The email that a token came with.

    Attributes:
        address: Whom it was sent to.
        text: Its subject and its body.
        number: Which of the emails to this address it was, from 1.
    """

    address: str
    text: str
    number: int


class Secrets:
    """The secret values of one run, each with the shell variable that is shown instead.

    What the user gave (keys) and what the target mailed (tokens) is secret. Passwords and wrong keys, which
    the suite has generated for customers of its own, are not.
    """

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._changed_keys: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._mails: dict[str, Mail] = {}
        self._finder: Finder | None = None

    def add_key(self, key: Key) -> None:
        """Show `$API_KEY` or the like instead of this key from now on."""
        self._keys.setdefault(key.value, key.name)
        self._finder = None

    def add_changed_key(self, key: Key) -> None:
        """Hide a value from which a reader could tell a key, such as the key without its last character."""
        self._changed_keys.setdefault(key.value, key.name)
        self._finder = None

    def add_token(self, token: str, mail: Mail) -> None:
        """Show `$TOKEN_1` or the next number instead of a mailed token from now on."""
        self._mails[token] = mail
        if token not in self._tokens:
            self._tokens[token] = f"TOKEN_{len(self._tokens) + 1}"
            self._finder = None

    def keys(self) -> dict[str, str]:
        """The shell variable of each key."""
        return dict(self._keys)

    def tokens(self) -> dict[str, str]:
        """The shell variable of each mailed token."""
        return dict(self._tokens)

    def mail(self, token: str) -> Mail:
        """The last email with a token."""
        return self._mails[token]

    def hide(self, text: str) -> str:
        """The text with every secret replaced by `$NAME`, however it is encoded."""
        if self._finder is None:
            names = {**self._tokens, **self._changed_keys, **self._keys}
            self._finder = Finder({value: name for value, name in names.items() if len(value) >= _SHORTEST})
        parts, end = [], 0
        for span in self._finder.spans(text):
            parts += [text[end : span.start], f"${span.name}"]
            end = span.end
        return "".join([*parts, text[end:]])

    def hide_body(self, text: str) -> str:
        """As `hide`, but also replaces the text of every field of a JSON body that may be a secret."""
        return _FIELD.sub(lambda found: f'{found[1]}"$OTHER_{found["name"].upper()}"', self.hide(text))
