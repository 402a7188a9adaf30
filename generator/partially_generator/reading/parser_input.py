"""The part of a document that the parser of openapi-python-client gets.

Schemas, examples and extensions are left out, because the generator reads those itself. References are
followed, because the parser's model cannot hold some of them. What a document may leave out in OpenAPI 3.1,
and what the parser would invent, is filled in.

A reference may lead to a node of the wrong kind, which no earlier check has seen. The node is passed on
unchanged, and the parser refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from partially_generator.reading.outline import METHODS
from partially_generator.reading.places import Json
from partially_spec import Document


def reduced_document(document: Document) -> Json:
    """The document in the form that the parser accepts. Each part keeps its place.

    Raises:
        DocumentError: A reference cannot be followed.
    """
    return _Reduced(document).whole()


class _Reduced:
    def __init__(self, document: Document) -> None:
        self._resolve = document.resolve
        self._raw = document.raw

    def whole(self) -> Json:
        raw = self._raw
        paths = _each(_paths_of(raw), self._item)
        return {
            # The parser wants three numbers, but `3.1.0-rc1` is valid too. The version was checked before.
            "openapi": f"{str(raw['openapi'])[:3]}.0",
            "info": _kept(raw["info"], "title", "version", "description"),
            # Without an entry the parser would invent a server.
            "servers": _servers_of(raw),
            "tags": _each(raw.get("tags", []), lambda tag: _kept(tag, "name", "description")),
            "security": raw.get("security", []),
            "paths": paths,
            "components": {"securitySchemes": self._keys(paths)},
        }

    def _keys(self, paths: Json) -> Json:
        described = self._raw.get("components", {}).get("securitySchemes", {})
        items = [item for item in paths.values() if isinstance(item, dict)]
        operations = [
            item[method] for item in items for method in METHODS if isinstance(item.get(method), dict)
        ]
        known = ("type", "scheme", "in", "name", "description")
        return {
            name: _kept(self._resolve(described[name]), *known)
            for node in (self._raw, *operations)
            for name in _asked(node.get("security"))
            if name in described
        }

    def _item(self, entry: Any) -> Any:
        raw = self._resolve(entry)
        if not isinstance(raw, dict):
            return raw
        return {
            "parameters": _each(raw.get("parameters", []), self._parameter),
            "servers": _servers_of(raw),
            **{method: self._operation(raw[method]) for method in METHODS if method in raw},
        }

    def _operation(self, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        known = ("tags", "operationId", "summary", "description", "deprecated", "security")
        reduced = {
            **_kept(raw, *known),
            "parameters": _each(raw.get("parameters", []), self._parameter),
            "servers": _servers_of(raw),
            # The parser requires responses; OpenAPI 3.1 does not.
            "responses": _each(_answers_of(raw), self._response),
            # Only their names matter.
            "callbacks": _each(raw.get("callbacks", {}), lambda _: {}),
        }
        if "requestBody" in raw:
            body = self._resolve(raw["requestBody"])
            reduced["requestBody"] = _with_content(body, "required", "description")
        return reduced

    def _parameter(self, entry: Any) -> Any:
        known = ("name", "in", "required", "style", "explode", "description", "deprecated")
        return _with_content(self._resolve(entry), *known)

    def _response(self, entry: Any) -> Any:
        return _with_content(self._resolve(entry), "description")


def _paths_of(raw: Json) -> Json:
    """The path items of a document by their paths, its extensions left out."""
    return {path: item for path, item in raw.get("paths", {}).items() if path.startswith("/")}


def _answers_of(operation: Json) -> Any:
    """The responses of an operation by their statuses, its extensions left out."""
    responses = operation.get("responses", {})
    if not isinstance(responses, dict):
        return responses
    return {status: answer for status, answer in responses.items() if not status.startswith("x-")}


def _kept(node: Any, *keys: str) -> Any:
    return {key: node[key] for key in keys if key in node} if isinstance(node, dict) else node


def _each(nodes: Any, reduced: Callable[[Any], Any]) -> Any:
    if isinstance(nodes, dict):
        return {name: reduced(node) for name, node in nodes.items()}
    return [reduced(node) for node in nodes] if isinstance(nodes, list) else nodes


def _asked(security: Any) -> list[str]:
    entries = security if isinstance(security, list) else []
    return [name for entry in entries if isinstance(entry, dict) for name in entry]


def _servers_of(raw: Json) -> Any:
    return _each(raw.get("servers", []), _server)


def _server(raw: Any) -> Any:
    reduced = _kept(raw, "url", "description", "variables")
    if isinstance(reduced, dict) and "variables" in reduced:
        reduced["variables"] = _each(reduced["variables"], lambda variable: _kept(variable, "default"))
    return reduced


def _with_content(raw: Any, *keys: str) -> Any:
    if not isinstance(raw, dict):
        return raw
    return {**_kept(raw, *keys), "content": _each(raw.get("content", {}), _media_type)}


def _media_type(raw: Any) -> Any:
    known = ("contentType", "style", "explode")
    reduced = _kept(raw, "encoding")
    if isinstance(reduced, dict) and "encoding" in reduced:
        reduced["encoding"] = _each(reduced["encoding"], lambda given: _kept(given, *known))
    return reduced
