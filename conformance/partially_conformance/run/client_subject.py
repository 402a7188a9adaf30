"""A generated client as the subject of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from partially_conformance.bench.run_folder import RunFolder
from partially_conformance.clients.calling.answers import AnswerSequence
from partially_conformance.clients.calling.bench import ClientBench, client_bench
from partially_conformance.clients.calling.caller import BASE_URL, KEY, Side
from partially_conformance.clients.calling.checked_client import Client, describe_error
from partially_conformance.clients.calling.package import load_client
from partially_conformance.clients.choice import ClientChoice
from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.check import Check
from partially_conformance.run.options import RunOptions
from partially_conformance.run.subject import Subject
from partially_conformance.target.target import Target
from partially_conformance.traffic.exchange import Key
from partially_conformance.traffic.redaction import Secrets


class ClientSubject(Subject):
    """A generated client: the suite calls it and answers its requests in memory.

    Args:
        rules: The rules it is checked by.
        options: The options of the run.

    Raises:
        ConfigurationError: The client cannot be used.
    """

    def __init__(self, rules: Sequence[Rule], options: RunOptions) -> None:
        super().__init__(rules)
        chosen = options.client or ClientChoice()
        self._package = load_client(chosen.package, chosen.spec)
        self._options = options
        self._bench: ClientBench | None = None

    @property
    def name(self) -> str:
        """The name of the package."""
        return self._package.name

    @property
    def base_url(self) -> str:
        """The address that the client is given; it does not exist."""
        return BASE_URL

    @property
    def bench(self) -> ClientBench:
        """What the checks use."""
        assert self._bench is not None
        return self._bench

    @property
    def requests(self) -> int:
        """How many requests the client sent."""
        return 0 if self._bench is None else self._bench.recorder.total

    @contextmanager
    def launched(self) -> Iterator[None]:
        """Start nothing: the client runs in this process."""
        yield

    def folder(self, secrets: Secrets) -> RunFolder:
        """The folder of the run. No customer is created, so there is no journal."""
        target = Target(name=self.name, base_url=BASE_URL, api_key=KEY)
        return RunFolder(self._options.record, secrets, target, disposable=True)

    @contextmanager
    def opened(self, folder: RunFolder, secrets: Secrets) -> Iterator[None]:
        """Set up the bench. Within the block this thread does not sleep."""
        secrets.add_key(Key(KEY, "API_KEY"))
        with client_bench(
            self._package,
            seed=self._options.seed,
            effort=self._options.effort,
            on_exchange=folder.record if folder.records else None,
        ) as self._bench:
            yield

    def allows(self, check: Check) -> bool:
        """All checks run: profile and `--read-only` are about targets."""
        del check
        return True

    def pass_gate(self) -> None:
        """Do nothing: `missing` sees whether the client works."""

    def before_attempt(self) -> None:
        """Do nothing: a check has no effect on later checks of a client."""

    def missing(self) -> str | None:
        """The first method that does not return the plainest response; None if all do.

        A client that raises an error of its own in every call breaks few rules, but must not conform.
        """
        client: Client = self.bench.client
        for method in client.methods:
            for side in Side:
                script = AnswerSequence([client.success(method.operation)])
                result = client.caller.call(side, client.call(method), script)
                if result.error is not None or result.endless:
                    why = "the call does not end" if result.error is None else describe_error(result.error)
                    return f"{method.call} of the {side} client never returned a response: {why}"
        return None
