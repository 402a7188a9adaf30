"""Sample responses, built from the examples of single fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from partially_generator.api import ir


def answer(api: ir.Api, operation: ir.Operation) -> tuple[Any] | None:
    """A sample response of an operation, in a tuple; None if the document does not say enough for one.

    It is the example of the response, or else built from the examples of its fields. For a field without an
    example, the first value of its enum or null is taken. A response without any example is not built.
    """
    success = operation.success
    if success.example is not None or success.type is None:
        return success.example
    found = _sample(api, success.type, ())
    return (found.value,) if found is not None and found.shown else None


@dataclass(frozen=True, slots=True)
class _Sample:
    value: Any
    shown: bool
    """Whether an example of the document is part of it."""


def _sample(api: ir.Api, kind: ir.TypeRef, above: tuple[str, ...]) -> _Sample | None:
    found: _Sample | None = None
    match kind:
        case ir.Scalar("none"):
            found = _Sample(None, shown=False)
        case ir.Enum(values=values):
            found = _Sample(values[0], shown=False)
        case ir.ListOf(item=item):
            inner = _sample(api, item, above)
            found = _Sample([inner.value], inner.shown) if inner else None
        case ir.OneOf(members=members):
            # Null comes last: any other value tells the reader more.
            ordered = sorted(members, key=lambda member: member == ir.Scalar("none"))
            found = next((sample for member in ordered if (sample := _sample(api, member, above))), None)
        case ir.ModelRef(name=name) if name not in above:
            model = next(model for model in api.models if model.name == name)
            found = _fields(api, model, (*above, name))
    return found


def _fields(api: ir.Api, model: ir.Model, above: tuple[str, ...]) -> _Sample | None:
    samples: dict[str, _Sample] = {}
    for field in model.fields:
        found = _Sample(field.example, shown=True) if field.has_example else _sample(api, field.type, above)
        if found is not None and (found.shown or field.required):
            samples[field.wire] = found
        elif field.required:
            return None
    values = {wire: sample.value for wire, sample in samples.items()}
    return _Sample(values, any(sample.shown for sample in samples.values()))
