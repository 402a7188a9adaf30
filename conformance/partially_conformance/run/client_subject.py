"""A generated client as the subject of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from partially_conformance.bench.run_folder import RunFolder
from partially_conformance.clients.calling.answers import Script
from partially_conformance.clients.calling.bench import ClientBench, client_bench
from partially_conformance.clients.calling.calls import Client, described
from partially_conformance.clients.calling.driver import BASE_URL, KEY, Side
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
    """A client: the suite calls it and answers its requests itself, at an address that does not exist.

    Args:
        rules: The rules it is checked by.
        options: What the run is asked to do.

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
        """The name of its package."""
        return self._package.name

    @property
    def base_url(self) -> str:
        """The address that the client is given."""
        return BASE_URL

    @property
    def bench(self) -> ClientBench:
        """What the checks use."""
        assert self._bench is not None
        return self._bench

    @property
    def requests(self) -> int:
        """How many requests it sent."""
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
        """Do nothing: whether it works is seen by `missing`."""

    def before_attempt(self, scope: str) -> None:
        """Do nothing: no check leaves anything behind in a client."""
        del scope

    def missing(self) -> str | None:
        """The first method that does not even return a plain response; None if all do.

        A client that raises an error of its own at every call breaks few rules, and is of no use.
        """
        client: Client = self.bench.client
        for method in client.methods:
            for side in Side:
                script = Script([client.success(method.operation)])
                result = client.driver.call(side, client.call(method), script)
                if result.error is not None or result.endless:
                    why = "it does not end" if result.error is None else described(result.error)
                    return f"{method.call} of the {side} client never gave back an answer: {why}"
        return None
