"""The document as openapi-python-client gets it: without what is not needed, and without its traps."""

from __future__ import annotations

from typing import Any

from partially_generator.errors import SpecError
from partially_generator.expressible import Json, Place, is_data

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def reduced(raw: Json) -> Json:
    """The document without what the client does not need, so that none of it can be in the way.

    Refusals are read by the runtime whatever their schema says, and where a body is offered in JSON and
    in another form, JSON it is.

    Raises:
        SpecError: It has properties beside alternatives, which would be lost.
    """
    paths: Json = {}
    for path, item in raw.get("paths", {}).items():
        paths[path] = dict(item)
        for method in METHODS:
            if method in item:
                paths[path][method] = _operation(item[method])
    whole: Json = _spread({**raw, "paths": paths}, ())
    return whole


def _operation(operation: Json) -> Json:
    kept = dict(operation)
    responses = operation.get("responses", {})
    successes = {status: answer for status, answer in responses.items() if is_success(status)}
    kept["responses"] = {
        status: {**answer, "content": preferred(answer["content"])} if "content" in answer else answer
        for status, answer in (successes or responses).items()
    }
    body = operation.get("requestBody")
    if isinstance(body, dict) and "content" in body:
        kept["requestBody"] = {**body, "content": preferred(body["content"])}
    return kept


def _spread(node: Any, place: Place) -> Any:
    """The node with every schema's own properties as one more part of its `allOf`.

    openapi-python-client takes `allOf` with a single reference for that reference, and loses in silence
    what stands beside it.
    """
    if isinstance(node, list):
        return [_spread(item, (*place, index)) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    node = {
        key: value if is_data(key, place) else _spread(value, (*place, key)) for key, value in node.items()
    }
    if isinstance(node.get("properties"), dict):
        for alternatives in ("anyOf", "oneOf"):
            if isinstance(node.get(alternatives), list):
                raise SpecError(place, f"properties beside {alternatives} cannot be expressed")
    own = {key: node[key] for key in ("properties", "required") if isinstance(node.get(key), dict | list)}
    if isinstance(node.get("allOf"), list) and own:
        rest = {key: value for key, value in node.items() if key not in own}
        return {**rest, "allOf": [*node["allOf"], {"type": "object", **own}]}
    return node


def is_success(status: str) -> bool:
    """Whether a status of the document stands for success."""
    return status.startswith("2")


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON (RFC 6839 knows the suffix)."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def preferred(content: Json) -> Json:
    """The JSON form of a content, if it has one, else the content."""
    return next(({kind: media} for kind, media in content.items() if is_json(kind)), content)
