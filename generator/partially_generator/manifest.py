"""The table of operations that lies in every client, for programs that call or imitate it.

It says which method stands for which operation of the document, and by which name an argument goes on the
wire. Nothing the client does depends on it, and importing the client does not read it.
"""

from __future__ import annotations

import json
from typing import Any

from partially_generator import ir, method
from partially_generator.config import Config

NAME = "operations.json"
"""The name of the file within the package."""

FORMAT = 1
"""Goes up when a reader of this format could not read the next one."""


def manifest(api: ir.Api, config: Config) -> str:
    """The table as JSON text.

    An operation is known by its method and its path, as in the document. Its `call` is the attribute of
    the client to call; each of its arguments has its name in Python and where it goes: in the `path`, the
    `query`, the `header` or the `body`, under the name it has there. An argument that is the whole body
    has no such name.
    """
    table = {
        "format": FORMAT,
        "title": api.title,
        "version": api.version,
        "client": config.client_class,
        "async_client": config.async_client_class,
        "error": config.error_class,
        "operations": [_operation(operation) for operation in api.operations],
    }
    return json.dumps(table, indent=2, ensure_ascii=True) + "\n"


def _operation(operation: ir.Operation) -> dict[str, Any]:
    paging = operation.paging
    return {
        "method": operation.http_method,
        "path": operation.path,
        "call": f"{operation.resource}.{operation.name}",
        "arguments": [
            {"name": name, "in": location, "wire": wire}
            for name, location, wire in method.argument_places(operation)
        ],
        "answer": operation.success.kind,
        "paging": paging and {"page": paging.parameter, "items": paging.items},
    }
