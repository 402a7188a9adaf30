"""Requests made up from the document.

Making them up keeps a processor busy for a second or two, while waiting for a target keeps none. So a process
of its own, `making_up`, does it while other checks talk to the target. It makes up the same for a seed
whatever has happened in this one.
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
    """The made-up requests of a run.

    Args:
        contract: What the document says.
        values: For fields with a form of their own, values of that form.
        fuzz: Says how many there are, and tries them.
    """

    def __init__(self, contract: Contract, values: Mapping[str, list[str]], fuzz: Fuzz) -> None:
        self._contract = contract
        self._values = values
        self._fuzz = fuzz
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin to make them up. Without this it begins when they are wanted."""
        order = {"seed": self._fuzz.seed, "effort": self._fuzz.effort.value, "values": self._values}
        with uninterrupted():
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and this module
                [sys.executable, "-P", "-m", _PROCESS, json.dumps(order)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="ascii",
                start_new_session=True,  # Ctrl-C is for this process, which ends the other one
            )

    def close(self) -> None:
        """End the process, whatever it is doing."""
        with uninterrupted():
            if self._process is None:
                return
            self._process.kill()
            with self._process:  # which closes its pipes and waits for it
                self._process = None

    def each(self, mode: Mode, operation: str, try_one: Callable[[GeneratedRequest], None]) -> None:
        """Call `try_one` with each request of an operation. The failure that remains is that of the smallest.

        Raises:
            RuntimeError: They could not be made up: a fault of the suite.
        """
        failure = self._fuzz.first_failure(self._made[mode][operation], try_one)
        if failure is not None:
            self._now(mode, operation, try_one)
            raise failure  # it did not come back: perhaps it needs what an earlier request left behind

    def _now(self, mode: Mode, operation: str, try_one: Callable[[GeneratedRequest], None]) -> None:
        """Make them up again and try each at once, so that what is tried next depends on how it ended."""
        requests = self._maker(mode).requests(operation)
        self._fuzz.each(requests, try_one, standard=_EXAMPLES, least=_LEAST)

    @functools.cached_property
    def _made(self) -> dict[Mode, dict[str, list[GeneratedRequest]]]:
        if self._process is None:
            self.start()
        assert self._process is not None
        output, errors = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"making up requests ended with {self._process.returncode}: {errors.strip()}")
        return {
            Mode(mode): {
                operation: [GeneratedRequest.from_json(one) for one in requests]
                for operation, requests in operations.items()
            }
            for mode, operations in json.loads(output).items()
        }

    def as_json(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """All of them as a JSON value, by mode and operation, made up in this process."""
        made: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for mode in Mode:
            for operation in self.operations(mode):
                requests: list[GeneratedRequest] = []
                self._now(mode, operation, requests.append)
                made.setdefault(mode, {})[operation] = [request.as_json() for request in requests]
        return made

    def operations(self, mode: Mode) -> list[str]:
        """The operations of which there are requests: of those that break the document, such with a body."""
        return [
            name
            for name, operation in self._contract.operations.items()
            if mode is Mode.POSITIVE or operation.example is not None
        ]

    @functools.cache  # noqa: B019 - it lives as long as the run
    def _maker(self, mode: Mode) -> RequestGenerator:
        # Late: where all goes well only the other process needs Schemathesis, which takes a while to load.
        from partially_conformance.generation.schemathesis_layer import RequestGenerator  # noqa: PLC0415

        return RequestGenerator(document_for(mode, self._contract, self._values), mode)
