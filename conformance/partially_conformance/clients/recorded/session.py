"""Running a command against a recording reference server, undisturbed and then with upsets."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from partially_conformance.bench.bench import bench_for
from partially_conformance.clients.recorded.judgements import Run, Step
from partially_conformance.clients.recorded.process import Ended, run_command
from partially_conformance.clients.recorded.proxy import Proxy, recording_proxy
from partially_conformance.clients.recorded.recording import Recorded
from partially_conformance.clients.recorded.seeds import environment, filled_in, sow
from partially_conformance.clients.recorded.treatment import Treat
from partially_conformance.clients.recorded.upsets import Disturber, Upset, places
from partially_conformance.clients.requests.validation import RequestValidator, Validation
from partially_conformance.target.launch import embedded_reference
from partially_conformance.target.target import Target
from partially_conformance.traffic.redaction import Secrets
from partially_spec import load

BASE_PATH = "/api"
"""What stands before the paths of the document at the reference server."""


@dataclass(frozen=True, slots=True)
class Finished:
    """One run of the command that has come to its end.

    Attributes:
        failure: Why the reference server did not answer, if once it did not.
    """

    run: Run
    recorded: Sequence[Recorded]
    failure: str | None


class Session:
    """The reference server with the recording proxy before it.

    Args:
        target: The reference server.
        keys: Keys of merchants that nobody has used so far; one for each run.
        seed: What the made-up customers follow from.
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
        """Where the API is for the client, without a path."""
        return self._proxy.address

    @property
    def elsewhere(self) -> str:
        """Where the other host is."""
        return self._proxy.elsewhere

    def run(self, command: Sequence[str], limit: float, upset: Upset | None, treat: Treat) -> Finished:
        """Run the command once, as a new merchant.

        Raises:
            CheckEnd: The reference server does not let itself be prepared.
            CommandError: The command cannot be run.
        """
        target = replace(self._target, api_key=next(self._keys), other_api_key=None)
        with bench_for(target, seed=self._seed, hidden=self._hidden) as bench:
            values = {"base_url": self.address + BASE_PATH, **sow(bench)}
        with self._proxy.recording(treat) as recording:
            ended = run_command(filled_in(command, values), environment(values), limit)
        run = self._run(recording.entries, upset, target.api_key, ended)
        return Finished(run, recording.entries, recording.failure)

    def _run(self, entries: Sequence[Recorded], upset: Upset | None, key: str, ended: Ended) -> Run:
        judged = [one for one in entries if not one.preflight]
        steps = tuple(Step(one, self._validation(one)) for one in judged if not one.elsewhere)
        return Run(upset, key, ended, steps, tuple(one for one in judged if one.elsewhere))

    def _validation(self, recorded: Recorded) -> Validation:
        if recorded.malformed is not None:
            return Validation(None)
        return self.validator.validate(recorded.sent)

    def upset_runs(
        self, command: Sequence[str], limit: float, upset: Upset, first: Run
    ) -> Iterator[Finished]:
        """Run the command with an upset until it has happened wherever it can.

        A command that gives up at the first trouble does not get to what comes after it: the next run upsets
        only what was not upset before.

        Args:
            first: The undisturbed run, which shows what there is to upset.
        """
        wanted = places(upset, (step.operation for step in first.steps if step.operation is not None))
        done: frozenset[str] = frozenset()
        while wanted - done:
            disturber = Disturber(upset, self.validator, self.elsewhere, done)
            yield self.run(command, limit, upset, disturber)
            if not disturber.met:
                return
            done |= disturber.met


@contextmanager
def session(*, runs: int, seed: int, hidden: Secrets) -> Iterator[Session]:
    """Start the reference server and the proxy, for at most so many runs.

    Raises:
        StartError: The server did not start.
    """
    keys = [secrets.token_urlsafe(24) for _ in range(runs)]
    with ExitStack() as stack:
        target = stack.enter_context(embedded_reference([f"--api-key={key}" for key in keys]))
        proxy = stack.enter_context(recording_proxy(target.base_url.removesuffix(BASE_PATH)))
        yield Session(target, proxy, iter(keys), seed=seed, hidden=hidden)
