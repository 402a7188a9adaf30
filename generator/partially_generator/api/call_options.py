"""The arguments that every method of a client takes beside those of the description."""

from __future__ import annotations

from dataclasses import dataclass

from partially_generator.api import ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An argument that methods have beside those of the description."""

    name: str
    annotation: str
    default: str
    text: str


_OPTIONS = [
    Option(
        name="timeout",
        annotation="Timeout | UnsetType",
        default="UNSET",
        text="Seconds to wait for the next piece of the answer, instead of the client's setting",
    ),
    Option(
        name="max_retries",
        annotation="int | UnsetType",
        default="UNSET",
        text="How often it is repeated at most, instead of the client's setting",
    ),
    Option(
        name="extra_headers",
        annotation="Mapping[str, str] | None",
        default="None",
        text="Headers to send besides",
    ),
    Option(
        name="extra_query",
        annotation="Mapping[str, Any] | None",
        default="None",
        text="Query parameters to send besides",
    ),
]

_BODY_OPTION = Option(
    name="extra_body",
    annotation="Mapping[str, Any] | None",
    default="None",
    text="Fields of the body to send besides",
)

OPTION_NAMES = tuple(option.name for option in (*_OPTIONS, _BODY_OPTION))
"""Names that no argument of a method can have."""


def method_options(operation: ir.Operation) -> list[Option]:
    """The arguments a method has beside those of the description."""
    has_fields = operation.body is not None and operation.body.whole is None
    return [*_OPTIONS, *([_BODY_OPTION] if has_fields else [])]


OPTIONS = ("self", *OPTION_NAMES)
"""Arguments every method has; a parameter of the same name gets an underscore."""
