"""Routes built from an OpenAPI document."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from anyio import to_thread
from jsonschema_rs import Draft202012Validator
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from partially_reference.contract import Operation
from partially_reference.http.answers import Answers
from partially_reference.http.bodies import Bodies
from partially_reference.http.refusals import NO_ROUTE, MethodNotAllowed, UnknownRoute
from partially_reference.http.validation import Validation
from partially_reference.rules.refusals import InvalidInput, NotFound, Refusal

logger = logging.getLogger(__name__)

_PARAMETER = re.compile(r"\{(\w+)\}")
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Call:
    """The content of a request that is valid and comes from a known merchant."""

    merchant_id: str
    """The merchant whose customers it is about. Empty where no API key is needed."""
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[Call], Response]
Guard = Callable[[Request, str], str]
"""Returns the id of the merchant who calls an operation, or raises a refusal."""


class Reader:
    """Turns requests into calls.

    Args:
        guard: Finds the merchant who calls, before anything else is read.
        bodies: Reads the request body.
        validation: Checks the body and the query.
    """

    def __init__(self, guard: Guard, bodies: Bodies, validation: Validation) -> None:
        self.guard = guard
        self.bodies = bodies
        self.validation = validation

    async def call(self, request: Request, operation: Operation, validator: Draft202012Validator) -> Call:
        """The call that a request makes.

        Raises:
            Refusal: The document does not allow this request.
        """
        merchant_id = self.guard(request, operation.id)
        path = {name: self.identifier(text) for name, text in request.path_params.items()}
        query = self.validation.query(operation, self.sent_query(request)) if operation.query else {}
        body: dict[str, Any] = {}
        if operation.body_schema is not None:
            body = await self.bodies.read(request)
            self.validation.check_body(operation, validator, body)
        return Call(merchant_id, path, query, body)

    def identifier(self, text: str) -> str:
        """The id in a path, in lower case, as ids are stored.

        Raises:
            NotFound: The text is not an id, so nothing has it.
        """
        if _ID.fullmatch(text) is None:
            raise NotFound("Not found: the id is not a UUID")
        return text.lower()

    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        """The query parameters of a request.

        Raises:
            InvalidInput: The query is not UTF-8.
        """
        try:
            query = request.scope["query_string"].decode("utf-8")
            return parse_qsl(query, keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            raise InvalidInput("Something is wrong with the query", ["Query: is not UTF-8"]) from None


class Endpoint:
    """All operations of one path, as an ASGI application.

    Args:
        in_threads: Whether each request runs in a thread, because it may have to wait for something.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        handlers: Mapping[str, Handler],
        reader: Reader,
        answers: Answers,
        in_threads: bool,
    ) -> None:
        self.reader = reader
        self.answers = answers
        self.in_threads = in_threads
        self._operations = {
            method: (operation, handlers[operation.id], reader.validation.compile(operation))
            for method, operation in operations.items()
        }
        if "GET" in operations:
            self._operations["HEAD"] = self._operations["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI specifies."""
        try:
            response = await self.respond(Request(scope, receive))
        except Refusal as refusal:
            response = self.answers.refusal(refusal)
        except ClientDisconnect:
            return
        except Exception:
            logger.exception("%s %s failed", scope["method"], scope["path"])
            response = self.answers.failure()
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """The response to a request.

        Raises:
            Refusal: The request is refused.
        """
        if request.method not in self._operations:
            raise MethodNotAllowed(self._operations)
        operation, handler, validator = self._operations[request.method]
        call = await self.reader.call(request, operation, validator)
        return await to_thread.run_sync(handler, call) if self.in_threads else handler(call)


def endpoints(
    prefix: str,
    operations: Iterable[Operation],
    handlers: Mapping[str, Handler],
    reader: Reader,
    answers: Answers,
    in_threads: bool,
) -> dict[str, Endpoint]:
    """An endpoint for each path of a document."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(prefix + operation.path, {})[operation.method] = operation
    return {
        path: Endpoint(methods, handlers, reader, answers, in_threads) for path, methods in by_path.items()
    }


class Paths(BaseRoute):
    """The only route of the server. It finds the endpoint of a path.

    Starlette would try one pattern after the other. Here a fixed path is looked up directly, before the
    paths with an id in them.

    Args:
        endpoints: The endpoint of each path, as the documents write the path.
        answers: Answers requests to all other paths.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], answers: Answers) -> None:
        self._answers = answers
        self._fixed_paths = {path: endpoint for path, endpoint in endpoints.items() if "{" not in path}
        self._paths_with_ids = [
            (re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", path)), endpoint)
            for path, endpoint in endpoints.items()
            if path not in self._fixed_paths
        ]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Accept every HTTP request."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        endpoint, scope["path_params"] = self.find(scope["path"].removeprefix(scope.get("root_path", "")))
        if endpoint is None:
            await self._answers.refusal(UnknownRoute(NO_ROUTE))(scope, receive, send)
        else:
            await endpoint(scope, receive, send)

    def find(self, path: str) -> tuple[Endpoint | None, dict[str, str]]:
        """The endpoint of a path, and the ids in the path."""
        endpoint = self._fixed_paths.get(path)
        if endpoint is not None:
            return endpoint, {}
        for pattern, endpoint in self._paths_with_ids:
            if found := pattern.fullmatch(path):
                return endpoint, found.groupdict()
        return None, {}


def afterwards(response: Response, task: Callable[..., None], *arguments: Any) -> Response:
    """The response, with a task that runs after it was sent."""
    response.background = BackgroundTask(task, *arguments)
    return response
