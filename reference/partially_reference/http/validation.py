"""Checks request bodies and queries against the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from partially_reference.contract import Operation
from partially_reference.rules.refusals import InvalidInput
from partially_reference.text import label

_EMAIL = re.compile(r'(?:"[^"\x00-\x1f\x7f]+"|[^\s@"\x00-\x1f\x7f]+)@[^\s@"\x00-\x1f\x7f]+')
_DIGITS = re.compile(r"[0-9]{1,100}")


class Validation:
    """Finds what is wrong with a body or a query: one sentence for each invalid field."""

    longest_email = 254
    """How many characters an email may have, as in SMTP (RFC 5321, 4.5.3.1.3, without the brackets)."""

    longest_text = 10_000
    """How many characters any other text may have. A longer text is refused and never cut short."""

    def compile(self, operation: Operation) -> Draft202012Validator:
        """The validator for the body of an operation."""
        return Draft202012Validator(
            operation.body_schema or True, validate_formats=True, formats={"email": self.is_email}
        )

    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        """Refuse a body that the document does not allow.

        Raises:
            InvalidInput: The body has invalid fields, which the error names.
        """
        sent = {name: value for name, value in body.items() if name in operation.body_fields}
        problems = self.body_problems(validator, sent)
        if problems:
            raise InvalidInput("Something is wrong with the input", problems)

    def body_problems(self, validator: Draft202012Validator, body: dict[str, Any]) -> list[str]:
        """One sentence for each invalid field, in the order of the field names."""
        problems: dict[str, str] = {}
        for error in validator.iter_errors(body):
            field, problem = self.field_and_problem(error)
            problems.setdefault(field, problem)
        for field, problem in self.text_problems(body):
            problems.setdefault(field, problem)
        return [f"{label(field)}: {problem}" for field, problem in sorted(problems.items())]

    def field_and_problem(self, error: ValidationError) -> tuple[str, str]:
        """The invalid field, and a sentence that says what is wrong with it."""
        details = error.kind.as_dict()
        field = str(error.instance_path[0]) if error.instance_path else "body"
        match error.kind.name:
            case "required":
                field, problem = details["property"], "can't be blank"
            case "minLength":
                problem = "can't be blank"
            case "type" if error.instance is None:
                problem = "can't be blank"
            case "type":
                problem = f"must be {' or '.join(sorted(details['types'], reverse=True))}"
            case "format":
                problem = f"is not a valid {details['format']}"
            case "enum":
                problem = f"must be one of {', '.join(details['options'])}"
            case _:
                problem = error.message
        return field, problem

    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Problems with texts that the document allows but the server cannot store whole."""
        for field, value in body.items():
            if not isinstance(value, str):
                continue
            longest = self.longest_email if field == "email" else self.longest_text
            if "\0" in value:
                yield field, "must not contain the character NUL"
            elif len(value) > longest:
                yield field, f"is too long (at most {longest} characters)"

    def is_email(self, text: str) -> bool:
        """Whether a text looks like an email: there is text on both sides of an @, and no blank."""
        return _EMAIL.fullmatch(text) is not None

    def query(self, operation: Operation, sent: list[tuple[str, str]]) -> dict[str, Any]:
        """The values of the documented query parameters. Other parameters are ignored.

        Raises:
            InvalidInput: A parameter is missing, given twice, or not allowed by the document.
        """
        values: dict[str, Any] = {}
        problems = []
        for name, schema in operation.query.items():
            texts = [text for key, text in sent if key == name]
            problem = self.parameter_problem(schema, texts, required=name in operation.required_query)
            if problem is not None:
                problems.append(f"{label(name)}: {problem}")
            elif texts:
                values[name] = int(texts[0]) if schema["type"] == "integer" else texts[0]
        if problems:
            raise InvalidInput("Something is wrong with the query", problems)
        return values

    def parameter_problem(self, schema: Mapping[str, Any], texts: list[str], *, required: bool) -> str | None:
        """What is wrong with a query parameter. None if nothing is."""
        if not texts:
            return "can't be blank" if required else None
        if len(texts) > 1:
            return "must not be given more than once"
        if schema["type"] == "integer":
            return self.number_problem(schema, texts[0])
        return "must not contain the character NUL" if "\0" in texts[0] else None

    def number_problem(self, schema: Mapping[str, Any], text: str) -> str | None:
        """What is wrong with a number in the query. None if nothing is."""
        if _DIGITS.fullmatch(text) is None:
            return "must be a whole number of at most 100 digits"
        if int(text) < schema["minimum"]:
            return f"must be at least {schema['minimum']}"
        if "maximum" in schema and int(text) > schema["maximum"]:
            return f"must be at most {schema['maximum']}"
        return None
