"""The requests of a story as data: for a program that sends the story again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partially_conformance.stories.course import Course, MailedToken
from partially_conformance.stories.template import Template, as_json, text
from partially_conformance.stories.variables import is_mailbox
from partially_conformance.traffic.exchange import Exchange


def step(exchange: Exchange, course: Course, *, shows: bool, body: Template | None = None) -> dict[str, Any]:
    """A request of a story as a JSON value; `schema.json` of the report describes it.

    Args:
        exchange: The exchange with the request.
        course: The story.
        shows: Whether it is one of those that show the failure.
        body: Another body than that of the request.
    """
    request, names = exchange.request, course.names
    body = names.body(request) if body is None else body
    base = request.base
    target = request.url.removeprefix(base)
    told: dict[str, Any] = {
        "to": request.purpose,
        "method": request.method,
        "path": as_json(names.path(target)),
        "headers": [[name, as_json(value)] for name, value in names.headers(request)],
        "body": None if body is None else as_json(body),
        "shows": shows,
    }
    if group := course.race(exchange):
        told["race"] = group[0].race
    if (created := course.created(exchange)) is not None:
        told["id"] = {"variable": created.variable, "place": created.place}
    if (token := course.read(exchange)) is not None:
        told["token"] = _token(token)
    if asked := course.unread(exchange):
        told["needs_tokens"] = [_token(token) for token in asked]
    if is_mailbox(exchange):
        told["emails"] = _number_of_emails(exchange)
    return told


def _token(token: MailedToken) -> dict[str, Any]:
    place = token.place
    return {
        "variable": token.variable,
        "address": token.mail.address,
        "number": token.mail.number,
        "before": None if place is None else place.before,
        "end": None if place is None else place.end,
    }


def _number_of_emails(exchange: Exchange) -> int:
    body: Any = None if exchange.response is None else exchange.response.json()
    emails = body.get("emails") if isinstance(body, Mapping) else None
    return len(emails) if isinstance(emails, list) else 0


def plain(value: str) -> list[Any]:
    """A text without variables as a JSON value."""
    return as_json(text(value))
