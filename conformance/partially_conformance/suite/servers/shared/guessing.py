"""Logging in, guessing passwords and tokens, and recognising how a target limits guesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from partially_conformance.bench.answer import Answer
from partially_conformance.bench.api import Api
from partially_conformance.bench.given import prerequisite

MOST_GUESSES = 100
"""Wrong tries after which a target should have begun to slow down guessing.

NIST SP 800-63B, 5.2.2, allows at most this many failures in a row.
"""

_TOO_MANY = 429

_SHORT_WAIT = 5  # seconds of a Retry-After that the suite waits before the last login

_FIRST = 5  # tries whose median time counts as the usual time
_DELAY = 0.5  # seconds by which a try is slower than usual on a target that slows down by waiting

_ALIKE = 3  # equal refusals in a row that, unlike the first refusal, show a lockout


@dataclass(frozen=True)
class Guesses:
    """The responses to wrong tries.

    Attributes:
        slowed: Whether the target slowed down: by a 429, by waiting, or by refusing in another way
            after some tries, such as with 403 instead of 401.
    """

    answers: list[Answer]
    slowed: bool

    def is_lockout(self, answer: Answer) -> bool:
        """Whether a refused login is refused for its rate, or in the same way as the last wrong tries."""
        if is_rate_limited(answer):
            return True
        return self.slowed and answer.is_refusal and _differ(self.answers[0], answer, self.answers[-1])


def guess_until_slowed(try_one: Callable[[], Answer]) -> Guesses:
    """Try until the target slows down, at most `MOST_GUESSES` times."""
    answers: list[Answer] = []
    while len(answers) < MOST_GUESSES:
        answers.append(try_one())
        if is_rate_limited(answers[-1]) or _is_delayed(answers) or _is_locked_out(answers):
            return Guesses(answers, slowed=True)
    return Guesses(answers, slowed=False)


def _is_delayed(answers: list[Answer]) -> bool:
    times = [answer.exchange.seconds for answer in answers]
    usual = median(times[:_FIRST])
    return len(times) > _FIRST and min(times[-2:]) > usual + _DELAY


def _is_locked_out(answers: list[Answer]) -> bool:
    last = answers[-_ALIKE:]
    return (
        len(answers) > _ALIKE
        and all(answer.is_refusal for answer in (answers[0], *last))
        and _differ(answers[0], *last)
    )


def _differ(first: Answer, *others: Answer) -> bool:
    """Whether the other refusals share one status or one message, and the first refusal has another."""
    return any(
        len({look(answer) for answer in others}) == 1 and look(first) != look(others[0])
        for look in (_status, _message)
    )


def is_rate_limited(answer: Answer) -> bool:
    """Whether a request was refused because there were too many, which never violates a rule.

    That is status 429, or another refusal with a Retry-After header.
    """
    return answer.status == _TOO_MANY or (answer.is_refusal and "retry-after" in answer.headers)


def is_short_wait(answer: Answer) -> bool:
    """Whether a rate limit asks for a wait of a few seconds only."""
    seconds = answer.headers.get("retry-after", "")
    return is_rate_limited(answer) and seconds.isdecimal() and float(seconds) <= _SHORT_WAIT


def right_login(api: Api, email: str, password: str) -> Answer:
    """Log in with the right password, and return the response.

    Raises:
        Blocked: The login failed.
    """
    with prerequisite("logging in with the right password"):
        answer = api.login_password(email=email, password=password)
        answer.customer()
    return answer


_EACH_TIME = re.compile(
    r"\d{4}-\d\d-\d\d([t ]\d\d:\d\d)?|\d\d:\d\d(:\d\d)?|(?<=\d)[.,]\d+(z|[+-]\d\d:?\d\d)?"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d{10,}",
    re.IGNORECASE,
)
"""What may differ in equal responses: dates, times of day, and ids of requests."""


def status_and_message(answer: Answer, email: str) -> tuple[int, str]:
    """Return status and message of a response, with its email and what differs each time replaced."""
    return answer.status, _EACH_TIME.sub("", _message(answer).casefold().replace(email.casefold(), "email"))


def _status(answer: Answer) -> int:
    return answer.status


def _message(answer: Answer) -> str:
    body = answer.json
    message = body.get("message") if isinstance(body, Mapping) else None
    return message if isinstance(message, str) else answer.text
