"""Replacing keys, passwords and tokens in everything that is shown or kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from partially_conformance.traffic.exchange import Key

SECRET_FIELDS = ("password", "token")
"""Fields of JSON bodies whose value is never shown, whether it is known as a secret or not."""

_SHORTEST = 4  # characters; a shorter text occurs in too many other places to be replaced everywhere


class Secrets:
    """The secret values of one run, each with the shell variable that is shown instead."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._forms: list[tuple[str, str]] | None = None

    def add(self, value: str, name: str) -> None:
        """Show `$name` instead of this value from now on, with a number if that name is taken."""
        if value in self._names:
            return
        taken = set(self._names.values())
        numbered, number = name, 1
        while numbered in taken:
            number += 1
            numbered = f"{name}_{number}"
        self._names[value] = numbered
        self._forms = None

    def add_key(self, key: Key) -> None:
        """Show `$API_KEY` or the like instead of this key from now on."""
        self._names.setdefault(key.value, key.name)
        self._forms = None

    def hide(self, text: str) -> str:
        """The text with every secret replaced by `$NAME`."""
        if self._forms is None:
            self._forms = list(self._all_forms())
        for form, name in self._forms:
            if form in text:
                text = text.replace(form, name)
        return text

    def _all_forms(self) -> Iterator[tuple[str, str]]:
        """Every way in which a text may hold a secret, the longest secret first, with its replacement."""
        for value in sorted(self._names, key=len, reverse=True):
            if len(value) >= _SHORTEST:
                forms = (value, json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value))
                yield from ((form, f"${self._names[value]}") for form in dict.fromkeys(forms))

    def names(self) -> frozenset[str]:
        """The shell variables that may occur in a text after `hide` or `hide_body`."""
        return frozenset(self._names.values()) | {f"OTHER_{field.upper()}" for field in SECRET_FIELDS}

    def hide_body(self, text: str) -> str:
        """As `hide`, but also replaces every value of the secret fields of a JSON body."""
        text = self.hide(text)
        for name in SECRET_FIELDS:
            text = re.sub(
                rf'("{name}"\s*:\s*)"(?!\$)(?:[^"\\]|\\.)*"',
                rf'\1"$OTHER_{name.upper()}"',
                text,
                flags=re.DOTALL,
            )
        return text
