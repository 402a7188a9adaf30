"""The arguments that every method of a client takes, beside those in the description."""

from __future__ import annotations

from dataclasses import dataclass

from partially_generator.api import ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An argument that is not in the description."""

    name: str
    annotation: str
    default: str
    text: str
    may_be_secret: bool = False
    """Whether its value may hold a key or a password."""


_OPTIONS = [
    Option(
        name="timeout",
        annotation="Timeout | UnsetType",
        default="UNSET",
        text="Seconds to wait for the next part of the response, instead of the client's setting",
    ),
    Option(
        name="total_timeout",
        annotation="float | UnsetType | None",
        default="UNSET",
        text="Seconds that one try may take as a whole, instead of the client's setting",
    ),
    Option(
        name="max_retries",
        annotation="int | UnsetType",
        default="UNSET",
        text="How often the call may be repeated, instead of the client's setting",
    ),
    Option(
        name="max_response_bytes",
        annotation="int | UnsetType | None",
        default="UNSET",
        text="The largest body of the response in bytes, instead of the client's setting",
    ),
    Option(
        name="extra_headers",
        annotation="Mapping[str, str] | None",
        default="None",
        text="More headers to send",
        may_be_secret=True,
    ),
    Option(
        name="extra_query",
        annotation="Mapping[str, Any] | None",
        default="None",
        text="More query parameters to send",
        may_be_secret=True,
    ),
]

_BODY_OPTION = Option(
    name="extra_body",
    annotation="Mapping[str, Any] | None",
    default="None",
    text="More fields of the body to send",
    may_be_secret=True,
)

OPTION_NAMES = tuple(option.name for option in (*_OPTIONS, _BODY_OPTION))
"""Names that no argument of a method can have."""


def method_options(operation: ir.Operation) -> list[Option]:
    """The arguments of a method that are not in the description."""
    has_fields = operation.body is not None and operation.body.whole is None
    return [*_OPTIONS, *([_BODY_OPTION] if has_fields else [])]


OPTIONS = ("self", *OPTION_NAMES)
"""Arguments of every method. A parameter with the same name gets an underscore."""
