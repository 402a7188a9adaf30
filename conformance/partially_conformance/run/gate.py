"""The gate: what must be seen of a target before it may conform.

A server that refuses everything breaks no rule about refusals, and a server that stores nothing breaks no
rule about shapes. The gate keeps such a server from conforming.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from partially_conformance.bench.api import Answer
from partially_conformance.bench.bench import Bench
from partially_conformance.rules.catalogue import Need, Rule
from partially_conformance.traffic.check_end import CheckEnd, NoAnswer
from partially_conformance.traffic.exchange import Key

_ALL = (
    "listCustomers", "getCustomer", "createCustomer", "updateCustomer", "gdprRemoveCustomer",
    "loginPassword", "loginEmail", "loginToken",
)  # fmt: skip

_OPERATIONS = {
    "AUTH": _ALL[:5],
    "LIST": _ALL[:1],
    "SEARCH": _ALL[:1],
    "READ": _ALL[1:2],
    "CREATE": _ALL[2:3],
    "UPDATE": _ALL[3:4],
    "GDPR": _ALL[4:5],
    "PASSWORD": _ALL[5:6],
    "TOKEN": _ALL[6:],
    "HTTP": _ALL[:5],
}
"""The operations that must succeed before a target may conform to the rules of an area."""

_ONLY_WITH = {"loginPassword": Need.PASSWORD, "loginToken": Need.EMAILS}
"""The operations that can only succeed with the help of the harness."""

_READS = frozenset({"listCustomers", "getCustomer"})


class NoVerdict(Exception):  # noqa: N818 - it is a reason, not an error
    """No verdict is possible about the target. The message says why."""


@dataclass
class Gate:
    """What was seen of a target before the checks.

    Attributes:
        first_status: The status of the response to the first list.
        wrong_key_refused: Whether a wrong key was refused.
        write_was_read: Whether a created customer could be read.
    """

    first_status: int = 0
    wrong_key_refused: bool = False
    write_was_read: bool = False

    def missing(self, bench: Bench, rules: Iterable[Rule], *, stateful: bool, writing: bool) -> str | None:
        """What was not seen although a verdict needs it; None if nothing is missing.

        An operation that no check has called successfully is tried here, so that the result does not depend
        on which rules were selected.

        Args:
            bench: The bench of the target.
            rules: The rules of the run.
            stateful: Whether the target is expected to keep state, and to know its keys.
            writing: Whether the run may write.
        """
        if stateful and not self.wrong_key_refused:
            return "the target does not refuse a wrong key"
        if stateful and writing and not self.write_was_read:
            return "a customer that was created could not be read"
        for operation in dict.fromkeys(name for rule in rules for name in _OPERATIONS.get(rule.area, ())):
            possible = _ONLY_WITH.get(operation) in {None, *bench.offered}
            if possible and (writing or operation in _READS) and not bench.recorder.successes[operation]:
                with suppress(CheckEnd):
                    _try(operation, bench, writing=writing)
                if not bench.recorder.successes[operation]:
                    why = (
                        "" if writing else ": the target may have no customers, and --read-only creates none"
                    )
                    return f"{operation} never succeeded{why}"
        return None


def _try(operation: str, bench: Bench, *, writing: bool) -> None:
    """Call an operation in a way that should succeed. The recorder counts the success."""
    api, given, data = bench.api, bench.given, bench.data
    if not writing:
        for customer in api.list().page().customers[:1]:
            api.get(customer.id)
        return
    customer = given.customer()
    match operation:
        case "listCustomers":
            api.list()
        case "getCustomer":
            api.get(customer.id)
        case "updateCustomer":
            api.update(customer.id, first_name=data.word())
        case "gdprRemoveCustomer":
            api.gdpr_remove(customer.id)
        case "loginEmail":
            api.login_email(email=customer.email)
        case "loginPassword":
            api.login_password(email=customer.email, password=given.password(customer))
        case "loginToken":
            api.login_token(token=given.token(customer))


def preflight(bench: Bench, *, stateful: bool, writing: bool) -> Gate:
    """See whether the target responds and accepts the key, before anything is checked.

    Args:
        bench: The bench of the target.
        stateful: Whether the target is expected to keep state, and to know its keys.
        writing: Whether the run may write.

    Raises:
        NoVerdict: It does not respond, refuses the key, or does not know the documented paths.
    """
    try:
        first = bench.api.list()
        if first.exchange.response is None:
            raise NoVerdict(f"{bench.target.base_url} does not respond: {first.exchange.error}")
        email = bench.data.email()
        created = bench.api.create(email=email) if writing else None
        statuses = {answer.status for answer in (first, created) if answer is not None}
        if statuses <= {401, 403}:
            raise NoVerdict(f"the key is refused with status {first.status}")
        if statuses <= {404, 405, 501}:
            raise NoVerdict(
                f"{bench.target.base_url}/customer does not exist (status {first.status}): check the base URL"
            )
        gate = Gate(first_status=first.status)
        if stateful:
            wrong = bench.api.call("listCustomers", key=Key(bench.data.password(), "WRONG_KEY"))
            gate.wrong_key_refused = wrong.is_refusal
        if (known := _an_id(first, created)) is not None:
            bench.data.note_id_form(known)
        if created is not None and created.ok and isinstance(created.json, dict):
            seen = bench.api.get(str(created.json.get("id")))
            gate.write_was_read = (
                seen.ok
                and isinstance(seen.json, dict)
                and str(seen.json.get("email")).lower() == email.lower()
            )
    except NoAnswer as silence:
        raise NoVerdict(f"{bench.target.base_url} stopped answering: {silence.observed}") from silence
    except CheckEnd as end:
        raise NoVerdict(f"{bench.target.base_url}: {end}") from end
    return gate


def _an_id(listed: Answer, created: Answer | None) -> str | None:
    """The id of the created customer, or else of a listed one."""
    body = created.json if created is not None and created.ok else listed.json if listed.ok else None
    if isinstance(body, dict) and isinstance(body.get("customers"), list):
        body = next(iter(body["customers"]), None)
    found = body.get("id") if isinstance(body, dict) else None
    return found if isinstance(found, str) and found else None
