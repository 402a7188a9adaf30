"""The bench of a client: what the checks of clients use, set up once for a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from partially_conformance.clients.calling.caller import KEY, Caller
from partially_conformance.clients.calling.checked_client import Client
from partially_conformance.clients.calling.package import ClientPackage
from partially_conformance.generation.effort import Effort
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.catalogue import Need
from partially_conformance.traffic.exchange import Exchange, Key
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.redaction import Secrets


@dataclass
class ClientBench:
    """What the checks of a client use, by the names of their parameters."""

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
    """Set up the bench. Within the block `time.sleep` does not wait in this thread.

    Args:
        package: The client.
        seed: The seed of the generated calls and responses.
        effort: How many of them are generated.
        on_exchange: Called with every exchange; None if they are not recorded.
    """
    recorder, secrets = Recorder(on_exchange), Secrets()
    secrets.add_key(Key(KEY, "API_KEY"))
    with Caller(package, recorder) as caller:
        fuzz = Fuzz(seed=seed, effort=effort, recorder=recorder)
        yield ClientBench(Client(caller), fuzz, recorder, secrets)
