"""The bench a client is put on: what the checks of clients use, made once for a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from partially_conformance.catalogue import Need, Rule
from partially_conformance.clients.answers import Script
from partially_conformance.clients.calls import Client, described
from partially_conformance.clients.driver import KEY, Driver, Side
from partially_conformance.clients.package import ClientPackage
from partially_conformance.engine import Findings, ProgressLike, run_checks
from partially_conformance.exchange import Exchange, Key
from partially_conformance.fuzz import Fuzz
from partially_conformance.options import Effort
from partially_conformance.recorder import Recorder
from partially_conformance.redaction import Secrets


@dataclass
class ClientBench:
    """Everything the checks of a client use."""

    client: Client
    fuzz: Fuzz
    recorder: Recorder
    secrets: Secrets
    offered: frozenset[Need] = frozenset()


@contextmanager
def client_bench(
    package: ClientPackage,
    *,
    seed: int = 0,
    effort: Effort = Effort.STANDARD,
    on_exchange: Callable[[Exchange], None] | None = None,
) -> Iterator[ClientBench]:
    """Set up the bench. Within the block this thread does not sleep.

    Args:
        on_exchange: Called with every exchange, such as to record it.
    """
    recorder, secrets = Recorder(on_exchange), Secrets()
    secrets.add_key(Key(KEY, "API_KEY"))
    with Driver(package, recorder) as driver:
        fuzz = Fuzz(seed=seed, effort=effort, recorder=recorder)
        yield ClientBench(Client(driver), fuzz, recorder, secrets)


@dataclass(frozen=True, slots=True)
class Examination:
    """What became of the rules about clients.

    Attributes:
        missing: What has not been seen although a verdict rests on it; None if nothing is missing.
        requests: How many requests the client sent.
    """

    findings: Findings
    missing: str | None
    requests: int


def examine_client(
    package: ClientPackage,
    rules: Sequence[Rule],
    progress: ProgressLike,
    *,
    seed: int,
    effort: Effort,
    on_exchange: Callable[[Exchange], None] | None = None,
) -> Examination:
    """Check a client by these rules."""
    with client_bench(package, seed=seed, effort=effort, on_exchange=on_exchange) as bench:
        findings = run_checks(bench, rules, progress, lambda _check: True)
        missing = None if findings.interrupted else _never_worked(bench.client)
        return Examination(findings, missing, bench.recorder.total)


def _never_worked(client: Client) -> str | None:
    """The first method that does not even give back a plain answer; None if all do.

    A client that raises an error of its own at every call breaks few rules, and is of no use.
    """
    for method in client.methods:
        for side in Side:
            script = Script([client.success(method.operation)])
            course = client.driver.call(side, client.call(method), script)
            if course.error is not None or course.endless:
                why = "it does not end" if course.error is None else described(course.error)
                return f"{method.call} of the {side} client never gave back an answer: {why}"
    return None
