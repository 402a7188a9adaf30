"""The bench: everything that the checks of a target use, created once for a run."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.bench.lockout import Lockout
from partially_conformance.bench.preconditions import Preconditions
from partially_conformance.generation.effort import Effort
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.generation.requests import GeneratedRequests
from partially_conformance.rules.catalogue import Need, load_catalogue
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract, contract
from partially_conformance.target.harness import Harness
from partially_conformance.target.journal import Journal
from partially_conformance.target.smtp import Inbox, receiving
from partially_conformance.target.target import Target
from partially_conformance.traffic.cases import Cases
from partially_conformance.traffic.check_end import CheckEnd
from partially_conformance.traffic.exchange import Exchange, Key
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.redaction import Secrets
from partially_conformance.traffic.transport import Transport

_TAG_LENGTH = 8  # letters that only the emails of one run have

_LOGIN_LIMITS_LAST = 24 * 60 * 60  # seconds after which limits on guessing should have ended


@dataclass
class Bench:
    """Everything that the checks of a target use.

    Attributes:
        target: The target.
        api: The API with the key of the first merchant.
        other: The API with the key of the second merchant; None without such a key.
        harness: The harness; None if the target has none.
        given: Creates prepared customers, plans, passwords and tokens.
        data: Generates fresh values.
        choices: The choices observed so far.
        fuzz: Tries generated examples.
        generated: The generated requests of the run.
        recorder: Collects the exchanges.
        cases: Collects the violations of a check with several cases.
        transport: Sends all requests to the target and to its harness.
        secrets: The secrets that no output may show.
        journal: The customers of the run.
        lockout: Recognises a target that refuses all logins for a while.
        inbox: The emails that the target sends to the suite by SMTP; None if it does not.
        offered: The needs that this target meets.
        harness_faults: Why capabilities that the harness reports are not used.
    """

    target: Target
    api: Api
    other: Api | None
    harness: Harness | None
    given: Given
    data: Data
    choices: Choices
    fuzz: Fuzz
    generated: GeneratedRequests
    recorder: Recorder
    transport: Transport
    secrets: Secrets
    journal: Journal
    lockout: Lockout
    preconditions: Preconditions
    inbox: Inbox | None = None
    offered: frozenset[Need] = frozenset()
    harness_faults: list[str] = field(default_factory=list)
    cases: Cases = field(default_factory=Cases)

    @property
    def contract(self) -> Contract:
        """The described API."""
        return self.api.contract

    def let_login_limits_pass(self) -> None:
        """Move the clock past limits that refused logins may have reached, if the clock can be moved."""
        if not self.recorder.refused_logins:
            return
        self.recorder.refused_logins = 0
        if self.harness is not None and Need.CLOCK in self.offered:
            self.harness.advance(_LOGIN_LIMITS_LAST)

    def inspect_harness(self) -> None:
        """Find out which needs the target meets, and whether its harness keeps its contract."""
        offered = {Need.SECOND_MERCHANT} if self.other is not None else set()
        if self.inbox is not None:
            offered.add(Need.EMAILS)
        if self.harness is not None:
            try:
                claimed = self.harness.capabilities()
            except CheckEnd as fault:
                claimed = frozenset()
                self.harness_faults.append(str(fault))
            for need in sorted(claimed - offered):
                try:
                    self.harness.check(need)
                except CheckEnd as fault:
                    self.harness_faults.append(str(fault))
                else:
                    offered.add(need)
        self.offered = frozenset(offered)


@contextmanager
def bench_for(
    target: Target,
    *,
    seed: int = 0,
    effort: Effort = Effort.STANDARD,
    journal: Journal | None = None,
    on_exchange: Callable[[Exchange], None] | None = None,
    hidden: Secrets | None = None,
) -> Iterator[Bench]:
    """Create the bench for a block, with the mail server of the suite if the target wants it.

    Args:
        target: The target to check.
        seed: The same seed gives the same generated values.
        effort: How many examples the generated checks try.
        journal: Where customers are noted; in memory unless given.
        on_exchange: Called with every exchange, for example to record it.
        hidden: Takes in the secrets of the run.

    Raises:
        SmtpError: The mail server cannot listen at the address in the target file.
    """
    hidden = hidden or Secrets()
    journal = journal or Journal(None, target.base_url)
    recorder = Recorder(on_exchange)
    keys = [Key(target.api_key, "API_KEY")]
    if target.other_api_key is not None:
        keys.append(Key(target.other_api_key, "OTHER_API_KEY"))
    for key in keys:
        hidden.add_key(key)
    described = contract()
    tag = "".join(secrets.choice(string.ascii_lowercase) for _ in range(_TAG_LENGTH))
    with ExitStack() as stack:
        transport = stack.enter_context(
            Transport(timeout=target.timeout, rate=target.rate, on_exchange=recorder.add)
        )
        inbox = stack.enter_context(receiving(target.smtp_listen)) if target.smtp_listen else None
        preconditions = Preconditions(load_catalogue())
        apis = [
            Api(target.base_url, key, transport, recorder, described, journal, tag, preconditions)
            for key in keys
        ]
        harness = Harness(target.harness_url, transport, hidden, journal) if target.harness_url else None
        data = Data(described, seed=seed, tag=tag, domain=target.email_domain)
        fuzz = Fuzz(seed=seed, effort=effort, recorder=recorder)
        generated = GeneratedRequests(described, data.values_with_format(), fuzz)
        stack.callback(generated.close)
        yield Bench(
            target=target,
            api=apis[0],
            other=apis[1] if len(apis) > 1 else None,
            harness=harness,
            given=Given(apis[0], harness, data, hidden, inbox),
            data=data,
            choices=Choices(load_catalogue()),
            fuzz=fuzz,
            generated=generated,
            recorder=recorder,
            transport=transport,
            secrets=hidden,
            journal=journal,
            lockout=Lockout(apis[0], data),
            preconditions=preconditions,
            inbox=inbox,
        )
