"""Running a command against a recording reference server, undisturbed and then with upsets."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from partially_conformance.bench.bench import bench_for
from partially_conformance.clients.recorded.process import CommandEnd, run_command
from partially_conformance.clients.recorded.proxy import Proxy, recording_proxy
from partially_conformance.clients.recorded.proxy_action import ChooseAction
from partially_conformance.clients.recorded.recording import RecordedRequest
from partially_conformance.clients.recorded.traffic_checks import Run, Step
from partially_conformance.clients.recorded.upsets import Upset, UpsetInjector, groups
from partially_conformance.clients.recorded.variables import environment, filled_in, prepare
from partially_conformance.clients.requests.validation import RequestValidator, Validation
from partially_conformance.target.launch import embedded_reference
from partially_conformance.target.target import Target
from partially_conformance.traffic.redaction import Secrets
from partially_spec import load

BASE_PATH = "/api"
"""The path of the API on the reference server, before the paths of the document."""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """One finished run of the command.

    Attributes:
        failure: Why the reference server did not respond to a request; None if it always did.
    """

    run: Run
    recorded: Sequence[RecordedRequest]
    failure: str | None


class Session:
    """The reference server behind the recording proxy.

    Args:
        target: The reference server.
        keys: Unused keys, each of a merchant of its own; every run takes one.
        seed: The seed of the generated customers.
        hidden: Takes in the secrets of the runs.
    """

    def __init__(
        self, target: Target, proxy: Proxy, keys: Iterator[str], *, seed: int, hidden: Secrets
    ) -> None:
        self._target = target
        self._proxy = proxy
        self._keys = keys
        self._seed = seed
        self._hidden = hidden
        self.validator = RequestValidator(load(), BASE_PATH)

    @property
    def address(self) -> str:
        """The address of the API for the client, without a path."""
        return self._proxy.address

    @property
    def elsewhere(self) -> str:
        """The address of the other host, without a path."""
        return self._proxy.elsewhere

    def run(
        self, command: Sequence[str], limit: float, upset: Upset | None, choose_action: ChooseAction
    ) -> FinishedRun:
        """Run the command once, as a new merchant.

        Raises:
            CheckEnd: The customers of the run could not be created.
            CommandError: The command cannot be run.
        """
        target = replace(self._target, api_key=next(self._keys), other_api_key=None)
        with bench_for(target, seed=self._seed, hidden=self._hidden) as bench:
            values = {"base_url": self.address + BASE_PATH, **prepare(bench)}
        with self._proxy.recording(choose_action) as recording:
            ended = run_command(filled_in(command, values), environment(values), limit)
        run = self._run(recording.entries, upset, target.api_key, ended)
        return FinishedRun(run, recording.entries, recording.failure)

    def _run(
        self, entries: Sequence[RecordedRequest], upset: Upset | None, key: str, ended: CommandEnd
    ) -> Run:
        to_api = [one for one in entries if not one.elsewhere]
        steps = tuple(Step(one, self._validation(one)) for one in to_api)
        return Run(upset, key, ended, steps, tuple(one for one in entries if one.elsewhere))

    def _validation(self, recorded: RecordedRequest) -> Validation:
        if recorded.malformed is not None:
            return Validation(None)
        return self.validator.validate(recorded.sent)

    def upset_runs(
        self, command: Sequence[str], limit: float, upset: Upset, first: Run
    ) -> Iterator[FinishedRun]:
        """Run the command with an upset until every group of requests was affected once.

        A command that stops at the first failure does not reach its later requests. So each run affects only
        the groups that no run before it affected.

        Args:
            first: The undisturbed run, which shows what the command calls.
        """
        wanted = groups(upset, (step.operation for step in first.steps if step.operation is not None))
        done: frozenset[str] = frozenset()
        while wanted - done:
            injector = UpsetInjector(upset, self.validator, self.elsewhere, done)
            yield self.run(command, limit, upset, injector)
            if not injector.injected:
                return
            done |= injector.injected


@contextmanager
def session(*, runs: int, seed: int, hidden: Secrets) -> Iterator[Session]:
    """Start the reference server and the proxy.

    Args:
        runs: How many runs of the command there can be at most.
        seed: The seed of the generated customers.
        hidden: Takes in the secrets of the runs.

    Raises:
        StartError: The server did not start.
    """
    keys = [secrets.token_urlsafe(24) for _ in range(runs)]
    with ExitStack() as stack:
        target = stack.enter_context(embedded_reference([f"--api-key={key}" for key in keys]))
        proxy = stack.enter_context(recording_proxy(target.base_url.removesuffix(BASE_PATH)))
        yield Session(target, proxy, iter(keys), seed=seed, hidden=hidden)
