"""The generated requests of a run.

Generating them takes a second or two of processor time, and checks mostly wait for the target. So a separate
process (`process`) generates them while other checks run. For a seed it generates the same requests, whatever
has happened in this process.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from partially_conformance.generation.documents import Mode, document_for
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.generation.request import GeneratedRequest
from partially_conformance.rules.contract import Contract
from partially_conformance.traffic.interruption import uninterrupted

if TYPE_CHECKING:
    from partially_conformance.generation.schemathesis_layer import RequestGenerator

_PROCESS = "partially_conformance.generation.process"

_EXAMPLES, _LEAST = 16, 8  # of each operation in each mode


class GeneratedRequests:
    """Generates requests in a separate process, and tries each of them.

    Args:
        contract: The described API.
        values: A few values of each field that has a `format`.
        fuzz: Decides seed and number, and tries the requests.
    """

    def __init__(self, contract: Contract, values: Mapping[str, list[str]], fuzz: Fuzz) -> None:
        self._contract = contract
        self._values = values
        self._fuzz = fuzz
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the process. Otherwise it starts when the requests are needed."""
        settings = {"seed": self._fuzz.seed, "effort": self._fuzz.effort.value, "values": self._values}
        with uninterrupted():
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and this module
                [sys.executable, "-P", "-m", _PROCESS, json.dumps(settings)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="ascii",
                start_new_session=True,  # Ctrl-C must reach only this process, which ends the other
            )

    def close(self) -> None:
        """End the process, even if it is not finished."""
        with uninterrupted():
            if self._process is None:
                return
            self._process.kill()
            with self._process:  # closes its pipes and waits for it
                self._process = None

    def each(self, mode: Mode, operation: str, try_one: Callable[[GeneratedRequest], None]) -> None:
        """Call `try_one` with each request of an operation, and raise the failure of the smallest that fails.

        Raises:
            Violation: A request failed.
            RuntimeError: The process could not generate the requests, which is a fault of the suite.
        """
        failure = self._fuzz.first_failure(self._generated[mode][operation], try_one)
        if failure is not None:
            self._generate_and_try(mode, operation, try_one)
            raise failure  # it did not occur again: it may need what an earlier request left in the target

    def _generate_and_try(
        self, mode: Mode, operation: str, try_one: Callable[[GeneratedRequest], None]
    ) -> None:
        """Generate the requests here and try each at once, so that smaller failures are looked for."""
        requests = self._generator(mode).requests(operation)
        self._fuzz.each(requests, try_one, standard=_EXAMPLES, least=_LEAST)

    @functools.cached_property
    def _generated(self) -> dict[Mode, dict[str, list[GeneratedRequest]]]:
        if self._process is None:
            self.start()
        assert self._process is not None
        output, errors = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(
                "the process that generates requests ended with exit code"
                f" {self._process.returncode}: {errors.strip()}"
            )
        return {
            Mode(mode): {
                operation: [GeneratedRequest.from_json(one) for one in requests]
                for operation, requests in operations.items()
            }
            for mode, operations in json.loads(output).items()
        }

    def as_json(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """All requests as a JSON value, by mode and operation, generated in this process."""
        generated: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for mode in Mode:
            for operation in self.operations(mode):
                requests: list[GeneratedRequest] = []
                self._generate_and_try(mode, operation, requests.append)
                generated.setdefault(mode, {})[operation] = [request.as_json() for request in requests]
        return generated

    def operations(self, mode: Mode) -> list[str]:
        """The operations for which requests are generated; in negative mode only those with a body."""
        return [
            name
            for name, operation in self._contract.operations.items()
            if mode is Mode.POSITIVE or operation.example is not None
        ]

    @functools.cache  # noqa: B019 - it lives as long as the run
    def _generator(self, mode: Mode) -> RequestGenerator:
        # Late: without a failure only the other process needs Schemathesis, which takes long to load.
        from partially_conformance.generation.schemathesis_layer import RequestGenerator  # noqa: PLC0415

        return RequestGenerator(document_for(mode, self._contract, self._values), mode)
