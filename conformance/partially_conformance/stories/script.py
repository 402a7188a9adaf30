"""Writing a story as commands that can be pasted into a shell (bash), one after the other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from partially_conformance.stories.course import Course, MailedToken
from partially_conformance.stories.mails import Place
from partially_conformance.stories.shell import curl
from partially_conformance.stories.template import Template
from partially_conformance.traffic.exchange import Exchange

_ID = """id() { grep -o '"id" *: *"[^"]*"' | sed -n "${1:-1}p" | cut -d '"' -f 4; }"""
"""Defines a function that prints an id of what it reads: the first one, or the one of the given number."""

_SPECIAL = re.compile(r"([\\.*\[\]^$/])")


class Script:
    """Writes the requests of a story as commands.

    Args:
        course: The story.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._has_id_function = False

    def command(self, exchange: Exchange, *, body: Template | None = None) -> str:
        """The command that sends a request, in one or more lines.

        It defines what it is the first to need. Commands are asked for in the order of the story.

        Args:
            exchange: The exchange with the request.
            body: Another body than that of the request.
        """
        lines = [_question(token) for token in self._course.unread(exchange)]
        sending = curl(exchange.request, self._course.names, body=body)
        if group := self._course.race(exchange):
            return "\n".join([*lines, *self._in_race(sending, group, group.index(exchange) + 1)])
        if (created := self._course.created(exchange)) is not None:
            lines += self._id_function()
            sending = f"{created.variable}=$({sending} | tee /dev/stderr | {_pick_id(created.place)})"
        elif (token := self._course.read(exchange)) is not None:
            assert token.place_in_response is not None
            found = _pick(token.place_in_response)
            sending = f"{token.variable}=$({sending} | tee /dev/stderr | {found})"
        return "\n".join([*lines, sending])

    def _in_race(self, sending: str, group: Sequence[Exchange], number: int) -> list[str]:
        """One of several requests that are sent at the same time; the last waits for all."""
        lines = ["RACE=$(mktemp -d)"] if number == 1 else []
        lines.append(f'{{ {sending}; }} > "$RACE/{number}" &')
        if number == len(group):
            lines += ["wait", 'cat "$RACE"/*']
            for place, one in enumerate(group, 1):
                if (created := self._course.created(one)) is not None:
                    lines += self._id_function()
                    lines.append(f'{created.variable}=$({_pick_id(created.place)} < "$RACE/{place}")')
        return lines

    def _id_function(self) -> list[str]:
        defined, self._has_id_function = self._has_id_function, True
        return [] if defined else [_ID]


def _pick_id(place: int) -> str:
    return "id" if place == 1 else f"id {place}"


def _pick(place: Place) -> str:
    """A command that prints the token from the response of the harness: the last one of the last line."""
    before = _SPECIAL.sub(r"\\\1", place.before)
    until = f"[^{place.end}]" if place.end else "."
    end = _SPECIAL.sub(r"\\\1", place.end)
    expression = f"s/.*{before}\\({until}*\\){end}.*/\\1/p"
    return f"sed -n {shlex.quote(expression)} | tail -n 1"


def _question(token: MailedToken) -> str:
    """A command that asks for a token that only the reader of an email knows."""
    prompt = shlex.quote(f"the token in email {token.mail.number} to {token.mail.address}: ")
    return f"read -r -p {prompt} {token.variable} < /dev/tty"
