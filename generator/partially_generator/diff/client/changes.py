"""Compares the names and signatures of the clients of two descriptions."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import griffe

from partially_generator.api import ir
from partially_generator.api.call_options import OPTIONS
from partially_generator.diff.client.names import ClientChanges, NameChange, Named
from partially_generator.diff.client.type_annotations import is_narrowed
from partially_generator.reading.config import Config
from partially_generator.reading.errors import GeneratorError
from partially_generator.writing import client_folder
from partially_generator.writing.client import generate_client
from partially_spec import Document

_OF_EVERY_MODEL = ("extra", "to_dict")


def client_changes(old: Document, new: Document, config: Config) -> ClientChanges:
    """Write both clients into a temporary folder, read them without running them, and compare them."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            apis, packages = [], []
            for name, document in (("old", old), ("new", new)):
                api, files = generate_client(document, config)
                apis.append(api)
                client_folder.write(files, Path(folder, name))
                packages.append(_load(Path(folder, name), config))
            found = _compare(packages[0], packages[1], config, _renamed(apis[0], apis[1]))
            return ClientChanges(tuple(found))
    except GeneratorError as error:
        return ClientChanges(unknown=str(error))


def _load(folder: Path, config: Config) -> griffe.Module:
    loaded = griffe.load(
        config.package,
        search_paths=[folder / "src"],
        try_relative_path=False,
        allow_inspection=False,
        store_source=False,
    )
    assert isinstance(loaded, griffe.Module), loaded
    return loaded


def _renamed(old: ir.Api, new: ir.Api) -> dict[str, str]:
    """The methods that send the same request and have a new name."""
    before, after = (
        {(o.http_method, re.sub(r"{[^}]*}", "{}", o.path)): f"{o.resource}.{o.name}" for o in api.operations}
        for api in (old, new)
    )
    return {before[key]: after[key] for key in before.keys() & after.keys() if before[key] != after[key]}


def _compare(
    old: griffe.Module, new: griffe.Module, config: Config, renamed: dict[str, str]
) -> list[NameChange]:
    before, after = _names(old), _names(new)
    twins = _equal_classes(before, after)
    reasons: dict[str, list[str]] = {}
    for breakage in griffe.find_breaking_changes(old, new):
        name = _name_in_programs(breakage.obj.canonical_path, config)
        if name and (reason := _reason(breakage)):
            reasons.setdefault(name, []).append(reason)
    renamed = {old_name: name for old_name, name in renamed.items() if old_name in before and name in after}
    found = []
    for name in sorted({*before, *after, *reasons} - set(renamed.values())):
        owner = name.rpartition(".")[0]
        if owner and owner in {**before, **after} and (owner in before) != (owner in after):
            continue  # an attribute of a class that is itself new or removed
        was, now = before.get(name), after.get(renamed.get(name, name))
        why = ["it is gone"] if was and not now else [*reasons.get(name, ()), *_types(was, now, twins)]
        if name in renamed:
            why = [f"it is called `{renamed[name]}` now", *_types(was, now, twins)]
        if was != now or why:
            kind = (now or was or _OTHER).kind
            unique = tuple(dict.fromkeys(why))
            found.append(NameChange(name, kind, was, now, unique, renamed.get(name)))
    return sorted(found, key=lambda change: (not change.reasons, change.name))


def _equal_classes(before: dict[str, Named], after: dict[str, Named]) -> set[tuple[str, str]]:
    """Classes that differ only in their names, so that programs can use one instead of the other."""

    def content(names: dict[str, Named], owner: str) -> list[tuple[str, str]]:
        return [
            (n.partition(".")[2], named.returns) for n, named in names.items() if n.startswith(f"{owner}.")
        ]

    classes = [[n for n, named in side.items() if named.kind == "class"] for side in (before, after)]
    return {
        (old, new) for old in classes[0] for new in classes[1] if content(before, old) == content(after, new)
    }


_OTHER = Named("other", {}, "")


def _names(package: griffe.Module) -> dict[str, Named]:
    """The models with their attributes, the unions, and the methods of the resources."""
    found: dict[str, Named] = {}
    for name, member in _classes(package, "models"):
        found[name] = Named("class", {}, "")
        for attribute in _public_attributes(member):
            if attribute.name not in _OF_EVERY_MODEL:
                found[f"{name}.{attribute.name}"] = Named("attribute", {}, str(attribute.annotation))
    models = package.members.get("models")
    if isinstance(models, griffe.Module):
        for union in _public_attributes(models):
            # It is in quotes, because its members may be defined later.
            found[union.name] = Named("union", {}, str(union.value).strip("\"'"))
    resources = package.members.get("resources")
    for module in resources.modules if isinstance(resources, griffe.Module) else ():
        found |= _methods(package, module)
    return found


def _public_attributes(owner: griffe.Object) -> Iterator[griffe.Attribute]:
    return (attribute for attribute in owner.attributes.values() if not attribute.name.startswith("_"))


def _methods(package: griffe.Module, module: str) -> dict[str, Named]:
    """The methods of a resource, by the names that programs use."""
    found: dict[str, Named] = {}
    for name, member in _classes(package, f"resources.{module}"):
        if "__init__" not in member.members or name.startswith("Async"):
            continue  # a class of pages, which mirrors a model, or an asynchronous twin
        for function in member.functions.values():
            if not function.name.startswith("_"):
                found[f"{module}.{function.name}"] = _method(function)
    return found


def _classes(package: griffe.Module, module: str) -> Iterator[tuple[str, griffe.Class]]:
    try:
        members = package[module].members
    except KeyError:
        return
    for name, member in members.items():
        if isinstance(member, griffe.Class) and not name.startswith("_"):
            yield name, member


def _method(function: griffe.Function) -> Named:
    arguments = {}
    for parameter in function.parameters:
        if parameter.name not in OPTIONS:
            default = "" if parameter.default is None else f" = {parameter.default}"
            star = "*, " if parameter.kind is griffe.ParameterKind.keyword_only else ""
            arguments[parameter.name] = f"{star}{parameter.name}: {parameter.annotation}{default}"
    return Named("method", arguments, str(function.returns))


def _name_in_programs(path: str, config: Config) -> str | None:
    """The name that programs use; None if other names already cover it."""
    steps = path.split(".")[1:]
    match steps:
        case ["models", *rest]:
            return ".".join(rest)
        case ["resources", module, owner, method] if not owner.endswith("Page"):
            return f"{module}.{method}"
        case ["resources", _, owner, attribute]:
            return f"{owner.removeprefix('Async')}.{attribute}"
        case ["resources", *_]:
            return None
        case ["_client", owner, attribute]:
            return f"{config.client_class if owner == config.async_client_class else owner}.{attribute}"
    return ".".join(steps)


def _reason(breakage: griffe.Breakage) -> str | None:
    subject = breakage.new_value if breakage.old_value is None else breakage.old_value
    argument = f"`{subject.name}`" if isinstance(subject, griffe.Parameter) else ""
    words = {
        griffe.BreakageKind.PARAMETER_REMOVED: f"the argument {argument} is gone",
        griffe.BreakageKind.PARAMETER_ADDED_REQUIRED: f"the argument {argument} is new and must be given",
        griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: f"the argument {argument} must be given now",
        griffe.BreakageKind.PARAMETER_MOVED: f"the argument {argument} has another position",
        griffe.BreakageKind.PARAMETER_CHANGED_KIND: f"the argument {argument} is passed in another way",
        griffe.BreakageKind.OBJECT_REMOVED: "it is gone",
        griffe.BreakageKind.OBJECT_CHANGED_KIND: "it is something else now",
        griffe.BreakageKind.CLASS_REMOVED_BASE: "it has lost a base class",
    }
    return words.get(breakage.kind)


def _types(old: Named | None, new: Named | None, twins: set[tuple[str, str]]) -> Iterator[str]:
    """The changes of types that a type checker refuses; griffe does not compare annotations."""
    if old is None or new is None:
        return
    if is_narrowed(new.returns, old.returns, {(b, a) for a, b in twins}):
        yield f"its type was {old.returns} and is {new.returns}"
    for name in old.arguments.keys() & new.arguments.keys():
        before, after = (_annotation(side.arguments[name]) for side in (old, new))
        if is_narrowed(before, after, twins):
            yield f"the argument `{name}` was {before} and is {after}"


def _annotation(argument: str) -> str:
    return argument.removeprefix("*, ").partition(": ")[2].partition(" = ")[0]
