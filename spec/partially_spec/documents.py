"""Reads YAML and JSON documents, and follows the references inside them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from partially_spec.bounds import RefusedError, check_bounds

_HERE = Path(__file__).parent

OPENAPI: Path = _HERE / "openapi.yaml"
"""The customers API."""

HARNESS: Path = _HERE / "harness.yaml"
"""The harness."""

RULES: Path = _HERE / "rules.yaml"
"""The catalogue of rules and choices."""


class DocumentError(Exception):
    """A document cannot be read, or its content is wrong. The message names the file and the place."""


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Reads only values that JSON has too, and refuses a key that is written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is a list or a mapping", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is written twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


# OpenAPI uses YAML 1.2, in which every plain value that is not one of these is a text. PyYAML reads YAML 1.1,
# in which a key `on`, a country `no`, a time 12:30 and a date are not texts.
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)", list("-+0123456789")),
    (
        "float",
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))",
        list("-+.0123456789"),
    ),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^{_pattern}$"), _first)


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _fraction(loader: _Loader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)).replace(".inf", "inf").replace(".nan", "nan").lower())


_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _fraction)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML or JSON file whose top level is a mapping.

    Raises:
        DocumentError: The file is missing, not UTF-8, not YAML or JSON, not a mapping, too deep or too large.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        value = _from_json(text) if path.suffix == ".json" else _from_yaml(text)
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DocumentError(f"{path}: {place}{error.problem}") from error
    except yaml.reader.ReaderError as error:
        raise DocumentError(f"{path}: not YAML: {error.reason}, at character {error.position}") from error
    except yaml.YAMLError as error:
        raise DocumentError(f"{path}: not YAML: {error}") from error
    except json.JSONDecodeError as error:
        raise DocumentError(f"{path}: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except (RefusedError, ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DocumentError(f"{path}: {reason}") from error
    if not isinstance(value, dict):
        raise DocumentError(f"{path}: expected a mapping at the top, got {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    """What a value is called in YAML and JSON."""
    match value:
        case None:
            return "nothing"
        case list():
            return "a list"
        case str():
            return "a text"
        case bool():
            return "true or false"
        case _:
            return "a number"


def _from_json(text: str) -> Any:
    def with_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise RefusedError(f"the key {twice!r} is written twice")
        return found

    return json.loads(text, object_pairs_hook=with_unique_keys)


def _from_yaml(text: str) -> Any:
    check_bounds(yaml.parse(text, Loader=_Loader))
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader


class Document:
    """An OpenAPI document that can follow its own references."""

    def __init__(self, raw: dict[str, Any], path: Path) -> None:
        self.raw = raw
        self.path = path

    @property
    def version(self) -> str:
        """The version of the API description, as `info.version` gives it."""
        return str(self.raw["info"]["version"])

    def resolve(self, node: Any) -> Any:
        """The node, or what it refers to if it is a `$ref`. References to references are followed too.

        Raises:
            DocumentError: The reference leaves the document, points at nothing or refers to itself.
        """
        followed: set[str] = set()
        while isinstance(node, dict) and "$ref" in node:
            reference = node["$ref"]
            if reference in followed:
                raise DocumentError(f"{self.path}: {reference!r} refers to itself")
            node = self.pointed(reference)
            followed.add(reference)
        return node

    def pointed(self, reference: Any) -> Any:
        """The node that a reference points at. It may itself be a reference.

        Raises:
            DocumentError: The reference leaves the document or points at nothing.
        """
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise DocumentError(
                f"{self.path}: {reference!r}: only references within the document are followed"
            )
        target: Any = self.raw
        for part in unquote(reference[2:]).split("/"):
            key: Any = part.replace("~1", "/").replace("~0", "~")
            if isinstance(target, list) and key.isascii() and key.isdigit() and int(key) < len(target):
                key = int(key)
            elif not isinstance(target, dict) or key not in target:
                raise DocumentError(f"{self.path}: {reference!r} points at nothing")
            target = target[key]
        return target

    def fields(self, schema: Any) -> dict[str, dict[str, Any]]:
        """The properties of an object schema, merged with those of its `allOf` parts, in document order."""
        schema = self.resolve(schema)
        merged: dict[str, dict[str, Any]] = {}
        for part in [*schema.get("allOf", []), {"properties": schema.get("properties", {})}]:
            properties = (
                self.fields(part) if "$ref" in part or "allOf" in part else part.get("properties", {})
            )
            for name, prop in properties.items():
                merged[name] = {**merged.get(name, {}), **self.resolve(prop)}
        return merged

    def schema(self, name: str) -> dict[str, Any]:
        """The schema of this name under `components`."""
        found: dict[str, Any] = self.resolve({"$ref": f"#/components/schemas/{name}"})
        return found


@functools.cache
def load(path: Path = OPENAPI) -> Document:
    """Read one of the documents of this package. Later calls return the same document.

    Raises:
        DocumentError: As for `read_yaml`.
    """
    return Document(read_yaml(path), path)
