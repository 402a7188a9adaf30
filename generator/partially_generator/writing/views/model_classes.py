"""What the template of `models.py` prints."""

from __future__ import annotations

from dataclasses import dataclass

from partially_generator.api import ir, names
from partially_generator.writing.text import python_code


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """An attribute of a model or of a page."""

    name: str
    exposed: str
    """The name of the property of a page that returns it."""
    declaration: str
    returned: str
    docstring: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """A class of `models.py`."""

    name: str
    docstring: str
    fields: list[FieldView]
    nested: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionView:
    """A union of `models.py`."""

    name: str
    annotation: str
    docstring: str
    arguments: list[str]


_DEPRECATED = "Deprecated: it may be removed."

_PAGE_ATTRIBUTES = ("data", "has_next_page", "iter_pages", "next_page")


def model_views(api: ir.Api) -> list[ModelView]:
    """The models, by name."""
    return [_model(model) for model in api.models]


def _model(model: ir.Model) -> ModelView:
    nested = [(field.name, field.wire) for field in model.fields if ir.models_in(field.type)]
    secret = [field.name for field in model.fields if field.secret]
    summary, body = summary_and_body(model.description, model.name, 4)
    return ModelView(
        name=model.name,
        docstring=python_code.docstring(summary, body, 4),
        fields=[model_field(field) for field in model.fields],
        nested=f"({', '.join(f'({name!r}, {wire!r})' for name, wire in nested)},)" if nested else "",
        secret=f"frozenset({{{', '.join(map(repr, secret))}}})" if secret else "",
    )


def union_views(api: ir.Api) -> list[UnionView]:
    """The unions, by name."""
    return [_union(union) for union in api.unions]


def _union(union: ir.Union) -> UnionView:
    written = {member: python_code.annotation(member, "model") for member in union.members}
    how = f"Its type depends on `{union.discriminator}`" if union.discriminator else "The type that fits best"
    summary, body = summary_and_body(union.description, how, 4)
    mapping = ", ".join(
        f"{value!r}: {python_code.annotation(kind, 'model')}" for value, kind in union.mapping
    )
    arguments = [repr(union.name), f"lambda: ({', '.join(written.values())},)"]
    if union.discriminator is not None:
        arguments += [f"discriminator={union.discriminator!r}", f"mapping=lambda: {{{mapping}}}"]
    if union.fallback is not None:
        arguments.append(f"fallback=lambda: {python_code.annotation(union.fallback, 'model')}")
    return UnionView(
        name=union.name,
        annotation=repr(" | ".join(dict.fromkeys(written.values()))),
        docstring=python_code.docstring(summary, body, 4),
        arguments=arguments,
    )


def model_field(field: ir.Field) -> FieldView:
    """The attribute of a field of a model."""
    annotation = python_code.annotation(field.type, "model")
    returned = python_code.annotation(field.type, "returned")
    renamed = field.name != field.wire
    if not field.required:
        annotation = python_code.or_unset(annotation)
        value = f" = _field(default=UNSET, name={field.wire!r})" if renamed else " = UNSET"
    else:
        value = f" = _field(name={field.wire!r})" if renamed else ""
    description = f"{field.description}\n\n{_DEPRECATED}".strip() if field.deprecated else field.description
    summary, body = summary_and_body(description, "", 4)
    return FieldView(
        name=field.name,
        exposed=names.identifier(field.name, _PAGE_ATTRIBUTES),
        declaration=f"{field.name}: {annotation}{value}",
        returned=returned if field.required else python_code.or_unset(returned),
        docstring=python_code.docstring(summary, body, 4) if summary else "",
    )


def summary_and_body(text: str, fallback: str, indent: int) -> tuple[str, list[str]]:
    """The first sentence of a description, and the other sentences in wrapped lines."""
    first, _, rest = text.strip().partition("\n\n")
    flowing = " ".join(first.split())
    summary, dot, more = flowing.partition(". ")
    rest = "\n\n".join(part for part in (more, rest) if part)
    return (summary + dot.strip() or fallback), python_code.paragraphs(
        rest, python_code.WIDTH - indent
    ) if rest else []
