"""What must have been seen before a target may be called conforming.

A server that refuses everything breaks no rule about refusals, and one that keeps nothing breaks no rule
about shapes. The gate is what stands between them and a green light.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from partially_conformance.bench.api import Answer
from partially_conformance.bench.bench import Bench
from partially_conformance.rules.catalogue import Need, Rule
from partially_conformance.traffic.availability import is_no_service
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
"""The operations that a verdict about an area rests on."""

_ONLY_WITH = {"loginPassword": Need.PASSWORD, "loginToken": Need.EMAILS}
"""Operations that cannot succeed unless the harness makes it possible."""

_READS = frozenset({"listCustomers", "getCustomer"})


class NoVerdict(Exception):  # noqa: N818 - named for what comes of it
    """The target cannot be judged at all. The message says why."""


@dataclass
class Gate:
    """What has been seen of it so far."""

    wrong_key_refused: bool = False
    write_was_read: bool = False

    def missing(self, bench: Bench, rules: Iterable[Rule], *, stateful: bool, writing: bool) -> str | None:
        """What has not been seen although a verdict rests on it; None if nothing is missing.

        An operation that none of the checks had to call is tried here, so that the answer does not depend
        on which rules were selected.

        Args:
            stateful: Whether the target is expected to remember, and to know its keys.
            writing: Whether the run was allowed to write.
        """
        if stateful and not self.wrong_key_refused:
            return "a wrong key was not refused"
        if stateful and writing and not self.write_was_read:
            return "what was written was not read again"
        for operation in dict.fromkeys(name for rule in rules for name in _OPERATIONS.get(rule.area, ())):
            possible = _ONLY_WITH.get(operation) in {None, *bench.offered}
            if possible and (writing or operation in _READS) and not bench.recorder.successes[operation]:
                with suppress(CheckEnd):
                    _try(operation, bench, writing=writing)
                if not bench.recorder.successes[operation]:
                    why = "" if writing else ": there may be nothing to read, and --read-only makes nothing"
                    return f"{operation} never succeeded{why}"
        return None


def _try(operation: str, bench: Bench, *, writing: bool) -> None:
    """Call an operation so that it should succeed. The recorder sees whether it did."""
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
    """See whether the target is there and takes the key, before anything is checked.

    Raises:
        NoVerdict: It is not there, refuses a key, knows none of the documented paths, or is not available.
    """
    try:
        first = bench.api.list()
        if first.exchange.response is None:
            raise NoVerdict(f"{bench.target.base_url} gives no answer: {first.exchange.error}")
        email = bench.data.email()
        created = bench.api.create(email=email) if writing else None
        statuses = {answer.status for answer in (first, created) if answer is not None}
        if statuses <= {401, 403}:
            raise NoVerdict(f"the key is refused with status {first.status}")
        if statuses <= {404, 405, 501}:
            raise NoVerdict(f"{bench.target.base_url}/customer is not known there (status {first.status})")
        _must_serve(first, created)
        if stateful and bench.other is not None and not (listed := bench.other.list()).ok:
            raise NoVerdict(f"the key of the second merchant is answered with status {listed.status}")
        gate = Gate()
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


def _must_serve(first: Answer, created: Answer | None) -> None:
    """Refuse a target that is not available: nothing that it answers says how it behaves when it is.

    Raises:
        NoVerdict: The list is not answered with a 2xx, or a create as by something before the target.
    """
    for answer, is_available in ((first, first.ok), (created, created is None or not _is_gateway(created))):
        if answer is not None and not is_available:
            request = answer.exchange.request
            raise NoVerdict(f"{request.method} {request.url} is answered with status {answer.status}")


def _is_gateway(answer: Answer) -> bool:
    """Whether something before the target has answered. A 500 is its own."""
    return is_no_service(answer.status) and answer.status != 500


def _an_id(listed: Answer, created: Answer | None) -> str | None:
    """The id of a customer who was created, or else of one who is listed."""
    body = created.json if created is not None and created.ok else listed.json if listed.ok else None
    if isinstance(body, dict) and isinstance(body.get("customers"), list):
        body = next(iter(body["customers"]), None)
    found = body.get("id") if isinstance(body, dict) else None
    return found if isinstance(found, str) and found else None
