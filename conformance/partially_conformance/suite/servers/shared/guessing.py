"""Logging in and guessing, as the checks of logins share it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.given import prerequisite

GUESSES = 100
"""Wrong tries by which a server should have begun to slow down.

So many failures in a row are the most that NIST SP 800-63B, 5.2.2, lets a server take.
"""

_TOO_MANY = 429

_SHORT_WAIT = 5  # seconds that are waited to see what comes after a 429

_FIRST = 5  # tries whose time is taken for the usual one
_DELAY = 0.5  # seconds a try takes longer than usual on a server that slows down by waiting

_ALIKE = 3  # refusals in a row that, unlike the first one, show that tries are not looked at any more


@dataclass(frozen=True)
class Guesses:
    """The answers to wrong tries.

    Attributes:
        slowed: Whether the server was seen to slow down: by a 429, by waiting, or by refusing in another way
            from some try on, such as with 403 instead of 401.
    """

    answers: list[Answer]
    slowed: bool

    def turn_away(self, answer: Answer) -> bool:
        """Whether no try is looked at: there were too many requests, or it is what all tries get by then."""
        if is_limited(answer):
            return True
        return self.slowed and answer.is_refusal and _differ(self.answers[0], answer, self.answers[-1])


def guess(try_one: Callable[[], Answer]) -> Guesses:
    """Try until the server slows down, or often."""
    answers: list[Answer] = []
    while len(answers) < GUESSES:
        answers.append(try_one())
        if is_limited(answers[-1]) or _is_delayed(answers) or _is_turned_away(answers):
            return Guesses(answers, slowed=True)
    return Guesses(answers, slowed=False)


def _is_delayed(answers: list[Answer]) -> bool:
    times = [answer.exchange.seconds for answer in answers]
    usual = median(times[:_FIRST])
    return len(times) > _FIRST and min(times[-2:]) > usual + _DELAY


def _is_turned_away(answers: list[Answer]) -> bool:
    last = answers[-_ALIKE:]
    return (
        len(answers) > _ALIKE
        and all(answer.is_refusal for answer in (answers[0], *last))
        and _differ(answers[0], *last)
    )


def _differ(first: Answer, *others: Answer) -> bool:
    """Whether several refusals are alike in status or in message, and unlike the first one in that."""
    return any(
        len({look(answer) for answer in others}) == 1 and look(first) != look(others[0])
        for look in (_status, _said)
    )


def is_limited(answer: Answer) -> bool:
    """Whether the answer is that there were too many requests, which is never held against a server.

    That is status 429, or another refusal that says when to come again.
    """
    return answer.status == _TOO_MANY or (answer.is_refusal and "retry-after" in answer.headers)


def is_short_wait(answer: Answer) -> bool:
    """Whether the answer is to come again, in a few seconds."""
    seconds = answer.headers.get("retry-after", "")
    return is_limited(answer) and seconds.isdecimal() and float(seconds) <= _SHORT_WAIT


def right_login(api: Api, email: str, password: str) -> Answer:
    """The answer to a right password, which others are compared with."""
    with prerequisite("logging in with the right password"):
        answer = api.login_password(email=email, password=password)
        answer.customer()
    return answer


_EACH_TIME = re.compile(
    r"\d{4}-\d\d-\d\d([t ]\d\d:\d\d)?|\d\d:\d\d(:\d\d)?|(?<=\d)[.,]\d+(z|[+-]\d\d:?\d\d)?"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d{10,}",
    re.IGNORECASE,
)
"""What an answer may carry that is another one each time: dates, times of day, and ids of requests."""


def told(answer: Answer, email: str) -> tuple[int, str]:
    """Status and message of an answer; the email is the same word in all of them, and so is each time."""
    return answer.status, _EACH_TIME.sub("", _said(answer).casefold().replace(email.casefold(), "email"))


def _status(answer: Answer) -> int:
    return answer.status


def _said(answer: Answer) -> str:
    body = answer.json
    message = body.get("message") if isinstance(body, Mapping) else None
    return message if isinstance(message, str) else answer.text
