"""The client that is checked: a generated package, imported by its name."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from partially_conformance.clients.choice import DEFAULT_CLIENT
from partially_conformance.clients.values.description import Argument, Description, Operation
from partially_conformance.clients.values.python_types import argument_types, as_type
from partially_conformance.target.configuration import ConfigurationError
from partially_spec import OPENAPI, Document, DocumentError, read_yaml

TABLE = "operations.json"
_FORMAT = 1


class ClientError(ConfigurationError):
    """The client cannot be checked: it cannot be imported, or does not match its document."""


@dataclass(frozen=True, slots=True, repr=False)  # Hypothesis prints it often
class Method:
    """A method of the client and its operation.

    Attributes:
        operation: The operation.
        call: The attribute of the client, such as `customers.get`.
        names: The Python name of each argument of the operation.
        kinds: The type of each argument, where it can be read.
        items: The attribute of a page that holds its items; None if the method returns no list in pages.
        page: The Python name of the argument for the page number; None as above.
    """

    operation: Operation
    call: str
    names: Mapping[Argument, str]
    kinds: Mapping[Argument, Any]
    items: str | None
    page: str | None

    def __repr__(self) -> str:
        return self.call

    def keywords(self, arguments: Mapping[Argument, Any]) -> dict[str, Any]:
        """The Python arguments for JSON values, with the names and types of the method."""
        return {
            self.names[argument]: as_type(value, self.kinds.get(argument, Any))
            for argument, value in arguments.items()
        }


@dataclass(frozen=True, slots=True)
class ClientPackage:
    """A client package, with the contents of its `operations.json`.

    Attributes:
        name: The name by which it is imported.
        module: The package.
        blocking: The class of its blocking client.
        asynchronous: The class of its asynchronous client.
        error: The base class of all its errors.
        methods: Its methods, one for each operation of the document.
        description: The document it was generated from.
    """

    name: str
    module: ModuleType
    blocking: type
    asynchronous: type
    error: type[Exception]
    methods: tuple[Method, ...]
    description: Description


def load_client(name: str = DEFAULT_CLIENT, spec: Path = OPENAPI) -> ClientPackage:
    """Import a client package, and match its `operations.json` with its document.

    Args:
        name: The name by which it is imported.
        spec: The file of the document it was generated from.

    Raises:
        ClientError: The package or the document cannot be used, or they do not match.
    """
    try:
        document = Document(read_yaml(spec), spec)
    except DocumentError as error:
        raise ClientError(f"--client-spec: {error}") from error
    return with_document(name, Description(document))


def with_document(name: str, description: Description) -> ClientPackage:
    """Like `load_client`, with a document that is already read."""
    module = _module(name)
    table = _table(module)
    missing = [
        operation.id
        for operation in description.operations
        if (operation.method, operation.path) not in table["operations"]
    ]
    if missing:
        raise ClientError(
            f"--client: {name} has no method for {', '.join(missing)} of {description.document.path};"
            " give the document it was generated from with --client-spec"
        )
    try:
        blocking = getattr(module, table["client"])
        entries = table["operations"]
        methods = [_method(one, entries[one.method, one.path], blocking) for one in description.operations]
        return ClientPackage(
            name,
            module,
            blocking,
            getattr(module, table["async_client"]),
            getattr(module, table["error"]),
            tuple(methods),
            description,
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ClientError(f"--client: {name}: its {TABLE} does not match the package: {error!r}") from error


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            hint = "; pip install ./generated installs it" if name == DEFAULT_CLIENT else ""
            raise ClientError(f"--client: the package {name!r} is not installed{hint}") from error
        raise ClientError(f"--client: {name} cannot be imported: {error}") from error
    except Exception as error:  # its modules can do anything when they are imported
        raise ClientError(f"--client: {name} cannot be imported: {type(error).__name__}: {error}") from error


def _table(module: ModuleType) -> dict[str, Any]:
    try:
        text = (resources.files(module) / TABLE).read_text(encoding="utf-8")
        table: dict[str, Any] = json.loads(text)
        if table["format"] != _FORMAT:
            raise ClientError(
                f"--client: {module.__name__}: its {TABLE} has format {table['format']}, expected {_FORMAT}"
            )
        return {**table, "operations": {(one["method"], one["path"]): one for one in table["operations"]}}
    except (OSError, TypeError) as error:
        raise ClientError(
            f"--client: {module.__name__} has no {TABLE}: it was not generated by partially-generate"
        ) from error
    except (ValueError, KeyError) as error:
        raise ClientError(f"--client: {module.__name__}: its {TABLE} cannot be read: {error!r}") from error


def _method(operation: Operation, entry: Mapping[str, Any], client: type) -> Method:
    types = argument_types(attrgetter(entry["call"])(client(api_key="none", base_url="http://api.test")))
    places = {(one["in"], one["wire"]): one["name"] for one in entry["arguments"]}
    names = {argument: places[argument.place, argument.wire] for argument in operation.arguments}
    kinds = {argument: types[name] for argument, name in names.items() if name in types}
    paging = entry.get("paging") or {}
    page = places["query", paging["page"]] if paging else None
    return Method(operation, entry["call"], names, kinds, paging.get("items"), page)
