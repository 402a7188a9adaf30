"""The names of the classes of resources and pages, and whether two classes would have the same name."""

from __future__ import annotations

from partially_generator.api import ir, names
from partially_generator.api.names import NEEDED_CLASSES, RESERVED_CLASSES
from partially_generator.reading.config import Config
from partially_generator.reading.errors import GeneratorError, SpecError
from partially_generator.runtime import errors as runtime_errors

_RAW = "WithRawResponse"


def resource_class(api: ir.Api, resource: str, is_async: bool) -> str:
    """The class of a resource."""
    name = names.class_name(resource)
    known = _known_classes(api)
    if any(form in known for form in (name, f"Async{name}", f"{name}{_RAW}", f"Async{name}{_RAW}")):
        name = f"{name}Resource"  # a tag often has the name of its model
    return f"Async{name}" if is_async else name


def raw_class(api: ir.Api, resource: str, is_async: bool) -> str:
    """The class of `with_raw_response` of a resource."""
    return f"{resource_class(api, resource, is_async)}{_RAW}"


def page_class(api: ir.Api, operation: ir.Operation, is_async: bool) -> str:
    """The class of the pages of a list."""
    name = names.free_class_name(f"{operation.resource} {operation.name} page", _known_classes(api))
    return f"Async{name}" if is_async else name


def _known_classes(api: ir.Api) -> set[str]:
    return {*RESERVED_CLASSES, *(item.name for items in (api.models, api.unions) for item in items)}


def check_names(api: ir.Api, config: Config) -> None:
    """Refuse two classes with the same name: one would hide the other.

    Raises:
        GeneratorError: There are two. It is a SpecError if one of the names comes from the description.
    """
    used: dict[str, str] = dict.fromkeys(runtime_errors.__all__, "an error of the client")
    used |= dict.fromkeys(NEEDED_CLASSES, "a name the client needs")
    wanted: list[tuple[str, str, tuple[str, ...]]] = [
        (config.client_class, "the client class of the configuration", ()),
        (config.async_client_class, "the asynchronous client class of the configuration", ()),
        (config.error_class, "the error class of the configuration", ()),
    ]
    for name in [*(model.name for model in api.models), *(union.name for union in api.unions)]:
        wanted += [(name, f"the schema {name}", ("components", "schemas", name))]
    for resource in dict.fromkeys(operation.resource for operation in api.operations):
        what = f"the tag {resource}"
        wanted += [
            (class_of(api, resource, is_async), what, ("tags",))
            for class_of in (resource_class, raw_class)
            for is_async in (False, True)
        ]
    for operation in api.operations:
        if operation.paging:
            what = f"the pages of {operation.resource}.{operation.name}"
            where = ("paths", operation.path, operation.http_method.lower())
            wanted += [(page_class(api, operation, is_async), what, where) for is_async in (False, True)]
    for wish, what, place in wanted:
        if wish in used:
            message = f"the class name {wish} is taken twice: by {what} and by {used[wish]}"
            raise SpecError(place, message) if place else GeneratorError(message)
        used[wish] = what
