"""The client under test as the checks use it: generated calls and responses, and their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from hypothesis import strategies as st

from partially_conformance.clients.calling.answers import Answer, json_answer
from partially_conformance.clients.calling.caller import BASE_URL, Call, Caller, CallResult, Side
from partially_conformance.clients.calling.package import ClientPackage, Method
from partially_conformance.clients.requests.validation import RequestValidator
from partially_conformance.clients.values.description import Argument, Description, Operation
from partially_conformance.clients.values.generated_values import ValueStrategies
from partially_conformance.clients.values.plain_values import plain_value
from partially_conformance.traffic.check_end import NotObservable, Violation
from partially_conformance.traffic.exchange import Exchange

CALL_LIMIT = 5.0
"""Seconds of real time that a call may take. Nothing in it waits, so it normally takes milliseconds."""

SIDES: st.SearchStrategy[Side] = st.sampled_from(tuple(Side))


class Client:
    """A client package with the values to call it with."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.package: ClientPackage = caller.package
        self.description: Description = caller.package.description
        self.methods: tuple[Method, ...] = caller.package.methods
        self.answer_values = ValueStrategies(self.description, extra=True)
        self._argument_values = ValueStrategies(self.description, extra=False)
        self._byte_values = ValueStrategies(self.description, extra=False, as_bytes=True)
        # Now, since a Hypothesis test must not search for examples within its examples.
        operations = self.description.operations
        self._plain = {
            argument: self._plain_argument(argument)
            for operation in operations
            for argument in operation.arguments
        }
        self._full = {
            (operation.id, status): plain_value(self.description, schema, full=True)
            for operation in operations
            for status, schema in operation.answers.items()
            if schema is not None
        }
        self._successes = {operation.id: self._success(operation) for operation in operations}
        self.validator = RequestValidator(self.description.validated_part(), urlsplit(BASE_URL).path)

    @cached_property
    def authenticated(self) -> tuple[Method, ...]:
        """The methods whose operations need the key."""
        return tuple(method for method in self.methods if method.operation.authenticated)

    @cached_property
    def validated(self) -> tuple[Method, ...]:
        """The methods whose requests can be validated.

        Raises:
            NotObservable: There are none.
        """
        if not (found := tuple(method for method in self.methods if method.operation.plain)):
            raise NotObservable("no operation has only parameters in the default style")
        return found

    @cached_property
    def lists(self) -> tuple[Method, ...]:
        """The methods that return a list in pages."""
        return tuple(method for method in self.methods if method.items is not None and method.operation.plain)

    def calls(self, methods: Sequence[Method] | None = None) -> st.SearchStrategy[Call]:
        """Generated calls of these methods, or of all, with arguments that the document allows."""
        return st.sampled_from(methods or self.methods).flatmap(self.calls_of)

    def calls_of(self, method: Method) -> st.SearchStrategy[Call]:
        """Generated calls of one method with arguments that the document allows, some omitted."""
        needed: dict[Argument, st.SearchStrategy[Any]] = {}
        optional: dict[Argument, st.SearchStrategy[Any]] = {}
        for argument in method.operation.arguments:
            values = self.values_of(argument)
            (needed if argument.required else optional)[argument] = values
        return st.fixed_dictionaries(needed, optional=optional).map(lambda given: Call(method, given))

    def values_of(self, argument: Argument) -> st.SearchStrategy[Any]:
        """Generated values of an argument that the document allows and that its place can carry."""
        made = self._byte_values if argument.as_bytes else self._argument_values
        values = made.of(argument.schema)
        match argument.place:
            case "header":
                return values.filter(_fits_a_header)
            case "path":
                return values.filter(lambda value: value not in _NO_SEGMENT and _text_of(value) != "")
            case "query":
                return values.filter(lambda value: value is not None)
        return values

    def call(self, method: Method, more: Mapping[Argument, Any] | None = None) -> Call:
        """A call of a method with plain values of the required arguments.

        Args:
            method: The method.
            more: Further arguments.
        """
        needed = [argument for argument in method.operation.arguments if argument.required]
        return Call(method, {argument: self._plain[argument] for argument in needed} | dict(more or {}))

    def success(self, operation: Operation) -> Answer:
        """A plain response that the document allows."""
        return self._successes[operation.id]

    def full_answer(self, method: Method, status: int) -> Any:
        """The JSON of a plain response with all fields that the document describes."""
        return self._full[method.operation.id, status]

    def _plain_argument(self, argument: Argument) -> Any:
        """A plain value. In a path it is not empty, since that would be another path."""
        value = plain_value(self.description, argument.schema, as_bytes=argument.as_bytes)
        if argument.place != "path" or value not in ([], {}):
            return value
        full = plain_value(self.description, argument.schema, full=True)
        if isinstance(full, list):
            return full
        return dict([next(pair for pair in full.items() if not isinstance(pair[1], list | dict))])

    def _success(self, operation: Operation) -> Answer:
        schema = operation.answers[operation.status]
        if schema is None:
            return Answer(operation.status)
        return json_answer(operation.status, plain_value(self.description, schema))

    def require_end(self, result: CallResult, expected: str) -> None:
        """Require that a call ended in time, with a value or with an error of the client.

        Raises:
            Violation: It did not.
        """
        if result.endless:
            raise self.violation(
                result, expected, f"a call that did not end after {len(result.sent)} requests"
            )
        if result.seconds > CALL_LIMIT:
            raise self.violation(result, expected, f"a call that took {result.seconds:.0f} s")
        if result.error is not None and not isinstance(result.error, self.package.error):
            raise self.violation(
                result,
                expected,
                f"{describe_error(result.error)}, which is not a {self.package.error.__name__}",
            )

    def returned_value(self, result: CallResult, expected: str) -> Any:
        """The value that a call returned; of a list its first page.

        Raises:
            Violation: The call raised an error, or did not end.
        """
        self.require_end(result, expected)
        if result.error is not None:
            raise self.violation(result, expected, describe_error(result.error))
        return (
            getattr(result.value, "data", result.value)
            if hasattr(result.value, "has_next_page")
            else result.value
        )

    def violation(
        self, result: CallResult, expected: str, observed: str, exchanges: Sequence[Exchange] | None = None
    ) -> Violation:
        """A violation by a call.

        Args:
            result: The result of the call.
            expected: What the rule asks for.
            observed: What happened.
            exchanges: The exchanges to show; None shows the last ones of the call.
        """
        shown = result.exchanges if exchanges is None else exchanges
        return Violation(expected, f"{observed} ({result.side} client)", shown[-_SHOWN:])


_SHOWN = 6
"""How many exchanges of one call a story shows at most."""

_NO_SEGMENT = (None, "", ".", "..")
"""Values that would change the path."""


def _text_of(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list | dict) else str(value)


def _fits_a_header(value: Any) -> bool:
    if not isinstance(value, str):
        return value is not None
    return value.isascii() and value.isprintable() and value.strip() == value != ""


def describe_error(error: BaseException) -> str:
    """The class and the message of an error, in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
