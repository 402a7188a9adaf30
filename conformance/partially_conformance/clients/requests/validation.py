"""Validating a request by an OpenAPI document.

It does not matter where the request comes from: its bytes are parsed and compared with the document. The
formats of texts (`email`, `uuid` …) are not checked, since JSON Schema makes them optional: a client may pass
on a malformed id or email, so that the server can refuse it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import jsonschema_rs

from partially_conformance.clients.requests.json_body import (
    NotJson,
    place_of,
    read_json,
    repeated_names,
    shown,
    surplus_names,
)
from partially_conformance.clients.requests.parameters import (
    NotDecodable,
    Parameter,
    decoded,
    expectation,
    parameters,
)
from partially_conformance.clients.requests.sent_request import Aspect, Problem, SentRequest
from partially_conformance.target.configuration import nearest
from partially_conformance.traffic.exchange import MISSING
from partially_spec import Document

JSON = "application/json"

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_DOTS = (".", "..")


@dataclass(frozen=True, slots=True)
class Described:
    """One operation as the document describes it.

    Attributes:
        id: Its operationId.
        method: Its HTTP method, in capitals.
        path: Its path template, such as `/customer/{id}`.
        parameters: Its parameters.
        body: Validates its request body; None if it has none.
        body_schema: The schema of its request body; None if it has none.
        body_required: Whether the request must have a body.
        retry: When it may be retried, by the document: `safe`, `rejected` or `unsent`.
    """

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Any
    body_schema: Any
    body_required: bool
    retry: str


@dataclass(frozen=True, slots=True)
class Validation:
    """A validated request.

    Attributes:
        operation: The operation with its path and method; None if there is none.
        path_values: The values in the path, decoded.
        query: Names and values of the query, decoded, in order.
        body: The JSON value of the body; `MISSING` if there is no body or it is not JSON.
        problems: All problems with it.
    """

    operation: Described | None
    path_values: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    body: Any = MISSING
    problems: tuple[Problem, ...] = ()

    def of(self, *aspects: Aspect) -> list[Problem]:
        """The problems with these parts of the request."""
        return [problem for problem in self.problems if problem.aspect in aspects]

    @property
    def undescribed(self) -> list[Problem]:
        """All problems but those with Content-Type and Accept: the document does not describe the request."""
        return [problem for problem in self.problems if problem.aspect is not Aspect.LABEL]


class RequestValidator:
    """Validates requests by a document.

    Args:
        document: Any OpenAPI document whose bodies are JSON.
        base_path: The path of the API before the paths of the document, such as `/api`.

    Raises:
        DocumentError: The document has a parameter that cannot be validated.
    """

    def __init__(self, document: Document, base_path: str = "") -> None:
        self._document = document
        self._base = base_path.rstrip("/")
        self.operations: tuple[Described, ...] = tuple(
            self._described(path, item, method)
            for path, item in document.raw["paths"].items()
            for method in METHODS
            if method in item
        )

    def _described(self, path: str, item: Mapping[str, Any], method: str) -> Described:
        node = item[method]
        body = self._document.resolve(node.get("requestBody", {}))
        schema = body.get("content", {}).get(JSON, {}).get("schema") if body else None
        validator = None
        if schema is not None:
            components = self._document.raw.get("components", {})
            validator = jsonschema_rs.Draft202012Validator({"allOf": [schema], "components": components})
        return Described(
            id=node.get("operationId", f"{method} {path}"),
            method=method.upper(),
            path=path,
            parameters=tuple(parameters(self._document, item, node)),
            body=validator,
            body_schema=schema,
            body_required=body.get("required", False),
            retry=node.get("x-retry", ""),
        )

    def validate(self, sent: SentRequest) -> Validation:
        """Find the operation of a request, and all problems with the request."""
        problems: list[Problem] = []
        path = _without_origin(sent.path)
        operation, texts = self._route(sent.method, path, problems)
        if operation is None:
            return Validation(None, problems=tuple(problems))
        values = dict(_path_values(operation, texts, problems))
        pairs = tuple(_query_pairs(sent.query, problems))
        problems += _parameter_problems(operation, pairs, sent)
        body = self._body(operation, sent, problems)
        problems += _label_problems(sent)
        return Validation(operation, values, pairs, body, tuple(dict.fromkeys(problems)))

    def _route(
        self, method: str, path: str, problems: list[Problem]
    ) -> tuple[Described | None, dict[str, str]]:
        """The operation, and the values in its path as they were sent."""
        matches = self._matches(path)
        if not matches:
            known = list(dict.fromkeys(self._base + operation.path for operation in self.operations))
            observed = path + nearest(path, known) or "an empty path"
            problems.append(Problem(Aspect.PATH, "path", f"one of {', '.join(known)}", observed))
            return None, {}
        # A literal segment comes before a template: /customer/login_email is not a customer.
        best = min(len(texts) for _, texts in matches)
        matches = [match for match in matches if len(match[1]) == best]
        for operation, texts in matches:
            if operation.method == method:
                return operation, texts
        methods = " or ".join(dict.fromkeys(operation.method for operation, _ in matches))
        template = self._base + matches[0][0].path
        problems.append(Problem(Aspect.METHOD, "method", f"{methods} for {template}", method or "none"))
        return None, {}

    def _matches(self, path: str) -> list[tuple[Described, dict[str, str]]]:
        if not path.startswith(f"{self._base}/"):
            return []
        within = path.removeprefix(self._base)
        found = ((operation, _match(operation.path, within)) for operation in self.operations)
        return [(operation, texts) for operation, texts in found if texts is not None]

    def _body(self, operation: Described, sent: SentRequest, problems: list[Problem]) -> Any:
        if operation.body is None:
            if sent.body:
                problems.append(Problem(Aspect.BODY, "$", "no body", f"{len(sent.body)} bytes"))
            return MISSING
        if not sent.body:
            if operation.body_required:
                problems.append(Problem(Aspect.BODY, "$", "a JSON body", "no body"))
            return MISSING
        if coding := [value for value in sent.header("content-encoding") if value.lower() != "identity"]:
            problems.append(Problem(Aspect.BODY, "$", "plain JSON", f"Content-Encoding: {', '.join(coding)}"))
            return MISSING
        try:
            body = read_json(sent.body)
            problems += self._json_problems(operation, body)
        except NotJson as why:
            problems.append(Problem(Aspect.BODY, "$", "JSON", f"no JSON: {why}"))
            return MISSING
        except RecursionError:
            problems.append(
                Problem(Aspect.BODY, "$", "JSON", "a value that is nested too deeply to be parsed")
            )
            return MISSING
        return body

    def _json_problems(self, operation: Described, body: Any) -> Iterator[Problem]:
        for place in repeated_names(body):
            yield Problem(Aspect.BODY, place, "each name once", "a name that is repeated in one object")
        for steps, known in surplus_names(self._document, operation.body_schema, body):
            hint = nearest(str(steps[-1]), known)
            expected = f"only documented fields: {', '.join(known)}"
            yield Problem(Aspect.BODY, place_of(steps), expected, f"{steps[-1]!r}{hint}")
        try:
            errors = list(operation.body.iter_errors(body))
        except ValueError:  # more levels than the validator supports
            raise RecursionError from None
        for error in errors:
            yield _schema_problem(error)


def _schema_problem(error: jsonschema_rs.ValidationError) -> Problem:
    steps = tuple(error.instance_path)
    if error.kind.name == "required":
        place = place_of((*steps, error.kind.as_dict()["property"]))
        return Problem(Aspect.BODY, place, "a value: it is required", "no such field")
    place = place_of(steps)
    return Problem(Aspect.BODY, place, expectation(error), shown(error.instance, place))


def _without_origin(path: str) -> str:
    """The path of a target, which may be a whole URL: servers must accept that (RFC 9112, 3.2.2)."""
    found = re.match(r"https?://[^/?]*", path, re.IGNORECASE)
    return path[found.end() :] if found else path


def _match(template: str, path: str) -> dict[str, str] | None:
    """The values of the names of a template in a path, as sent; None if the path does not match."""
    patterns, segments = template.split("/"), path.split("/")
    if len(patterns) != len(segments):
        return None
    texts: dict[str, str] = {}
    for pattern, segment in zip(patterns, segments, strict=True):
        names = _TEMPLATE.findall(pattern)
        if not names:
            if pattern != segment:
                return None
            continue
        literal = re.split(r"\{[^{}]+\}", pattern)
        expression = "(.+)".join(map(re.escape, literal))
        found = re.fullmatch(expression, segment, re.DOTALL)
        if found is None:
            return None
        texts |= zip(names, found.groups(), strict=True)
    return texts


def _path_values(
    operation: Described, texts: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    by_name = {parameter.name: parameter for parameter in operation.parameters if parameter.place == "path"}
    for name, text in texts.items():
        place = f"path.{name}"
        try:
            value = decoded(text)
        except NotDecodable as error:
            problems.append(Problem(Aspect.PATH, place, "percent-encoded UTF-8", str(error)))
            continue
        if value in _DOTS:
            # A proxy or server may remove the segment (RFC 3986, 6.2.2.3), which makes it another request.
            problems.append(Problem(Aspect.PATH, place, "a segment other than . and ..", repr(value)))
        elif name in by_name:
            for expected, observed in by_name[name].problems([value]):
                problems.append(Problem(Aspect.PATH, place, expected, observed))
        yield name, value


def _query_pairs(query: str | None, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    for pair in filter(None, (query or "").split("&")):
        name, _, value = pair.partition("=")
        try:
            yield decoded(name, plus=True), decoded(value, plus=True)
        except NotDecodable as error:
            problems.append(Problem(Aspect.QUERY, "query", "percent-encoded UTF-8", str(error)))


def _parameter_problems(
    operation: Described, pairs: tuple[tuple[str, str], ...], sent: SentRequest
) -> Iterator[Problem]:
    known = {one.name: one for one in operation.parameters if one.place == "query"}
    for name in dict.fromkeys(name for name, _ in pairs):
        if name not in known:
            expected = f"only {', '.join(known)}" if known else "no query"
            yield Problem(Aspect.QUERY, f"query.{name}", expected, f"{name!r}{nearest(name, known)}")
    for name, parameter in known.items():
        texts = [value for key, value in pairs if key == name]
        yield from _value_problems(parameter, texts, Aspect.QUERY)
    for parameter in operation.parameters:
        if parameter.place == "header":
            yield from _value_problems(parameter, sent.header(parameter.name), Aspect.HEADER)


def _value_problems(parameter: Parameter, texts: list[str], aspect: Aspect) -> Iterator[Problem]:
    place = f"{parameter.place}.{parameter.name}"
    if texts:
        for expected, observed in parameter.problems(texts):
            yield Problem(aspect, place, expected, observed)
    elif parameter.required:
        yield Problem(aspect, place, "a value: it is required", "none")


def _label_problems(sent: SentRequest) -> Iterator[Problem]:
    """The problems with Content-Type and Accept."""
    labels = sent.header("content-type")
    observed = ", ".join(labels) or "no Content-Type"
    place = "header.Content-Type"
    if not sent.body:
        if labels:
            yield Problem(Aspect.LABEL, place, "no Content-Type, since there is no body", observed)
    elif len(labels) != 1 or not _is_json(labels[0]):
        yield Problem(Aspect.LABEL, place, JSON, observed)
    accepted = ", ".join(sent.header("accept"))
    if not _asks_for_json(accepted):
        yield Problem(Aspect.LABEL, "header.Accept", JSON, accepted or "no Accept")


def _is_json(label: str) -> bool:
    message = Message()
    message["Content-Type"] = label
    charset = message.get_content_charset("utf-8")
    return message.get_content_type() == JSON and label.lower().startswith(JSON) and charset == "utf-8"


def _asks_for_json(accepted: str) -> bool:
    """Whether an Accept header names JSON itself, not only `*/*`."""
    for entry in accepted.split(","):
        kind, *settings = (part.strip().lower() for part in entry.split(";"))
        if kind == JSON and not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", setting) for setting in settings):
            return True
    return False
