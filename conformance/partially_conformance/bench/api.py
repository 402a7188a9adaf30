"""Calling the API of the target, and examining its responses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from partially_conformance.bench.answer import Answer
from partially_conformance.bench.preconditions import Preconditions
from partially_conformance.rules.contract import Contract
from partially_conformance.target.journal import Journal
from partially_conformance.traffic.check_end import Inconclusive
from partially_conformance.traffic.exchange import MISSING, Key, Request
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.transport import Transport

NO_KEY = Key("", "NO_KEY")
"""The key to pass for a request without an Authorization header."""

_JSON_LABEL = "application/json"
Result = TypeVar("Result")


class Api:
    """The API of the target with the key of one merchant.

    Args:
        mark: Lower-case letters that only emails generated for this run contain.
    """

    def __init__(
        self,
        base_url: str,
        key: Key,
        transport: Transport,
        recorder: Recorder,
        contract: Contract,
        journal: Journal,
        mark: str,
        preconditions: Preconditions | None = None,
    ) -> None:
        self.base_url = base_url
        self.key = key
        self.contract = contract
        self._transport = transport
        self._recorder = recorder
        self._journal = journal
        self._mark = mark
        self._preconditions = preconditions

    # -- the eight operations -------------------------------------------------

    def list(self, **query: Any) -> Answer:
        """List customers. The keyword arguments are the query parameters."""
        return self.call("listCustomers", query=query)

    def get(self, customer_id: str) -> Answer:
        """Get a customer."""
        return self.call("getCustomer", customer_id)

    def create(self, body: Mapping[str, Any] | None = None, /, **fields: Any) -> Answer:
        """Create a customer from these fields."""
        return self.call("createCustomer", json_body={**(body or {}), **fields})

    def update(self, customer_id: str, body: Mapping[str, Any] | None = None, /, **fields: Any) -> Answer:
        """Update a customer with these fields."""
        return self.call("updateCustomer", customer_id, json_body={**(body or {}), **fields})

    def gdpr_remove(self, customer_id: str) -> Answer:
        """Remove a customer."""
        return self.call("gdprRemoveCustomer", customer_id)

    def login_password(self, **fields: Any) -> Answer:
        """Log in with a password."""
        return self.call("loginPassword", json_body=fields)

    def login_email(self, **fields: Any) -> Answer:
        """Request a login token by email."""
        return self.call("loginEmail", json_body=fields)

    def login_token(self, **fields: Any) -> Answer:
        """Log in with a token."""
        return self.call("loginToken", json_body=fields)

    # -- any request -----------------------------------------------------------

    def call(
        self,
        operation: str,
        customer_id: str | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        json_body: Any = MISSING,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        key: Key | None = None,
        obey_limit: bool = True,
    ) -> Answer:
        """Call an operation by its operationId.

        Args:
            customer_id: The id in the path, which is percent-encoded here.
            json_body: A JSON value, sent in UTF-8. `body` sends bytes instead.
            headers: These replace the usual ones. A header with an empty value is left out.
            key: Another key than that of the merchant; `NO_KEY` sends none.
            obey_limit: Whether to wait and repeat the request after a 429.

        Raises:
            Inconclusive: The target kept answering with status 429.
            TargetGone: The target has stopped answering.
        """
        described = self.contract.operations[operation]
        path = described.path
        if described.takes_id:
            path = path.replace("{id}", quote(customer_id or "", safe=""))
        return self.send(
            described.method,
            path + _query(query or {}),
            json_body=json_body,
            body=body,
            headers=headers,
            key=key,
            operation=operation,
            obey_limit=obey_limit,
        )

    def send(
        self,
        method: str,
        target: str,
        *,
        json_body: Any = MISSING,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        key: Key | None = None,
        operation: str | None = None,
        obey_limit: bool = True,
    ) -> Answer:
        """Send any request. `target` is path and query below the base URL, already percent-encoded."""
        if json_body is not MISSING:
            body = json.dumps(json_body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        sent = {"Content-Type": _JSON_LABEL} if body is not None else {}
        sent.update(headers or {})
        key = key or self.key
        url = self.base_url + target
        noted_email = self._note_create(method, target, body)
        exchange = self._transport.send(
            Request(
                method,
                url,
                urlsplit(self.base_url).path + target,
                {name: value for name, value in sent.items() if value},
                None if key is NO_KEY else key,
                body,
            ),
            obey_limit=obey_limit,
        )
        answer = Answer(exchange, operation, self.contract, self._mark, self._preconditions)
        if exchange.response is not None:
            self._note_outcome(answer, operation, obey_limit)
            if noted_email is not None and answer.status < 500:
                self._journal.create_answered(noted_email)
        return answer

    def _note_create(self, method: str, target: str, body: bytes | None) -> str | None:
        """Note the email of a create before it is sent: the clean-up must not depend on a response."""
        if method != "POST" or body is None or target != self.contract.operations["createCustomer"].path:
            return None
        found = re.search(rf'"([^"\\\s@]*{self._mark}[^"\\\s@]*@[^"\\\s@]+)"'.encode(), body)
        if found is None:
            return None
        email = found.group(1).decode("utf-8", "replace")
        self._journal.create_requested(email, self.key.name)
        return email

    def _note_outcome(self, answer: Answer, operation: str | None, obey_limit: bool) -> None:
        if answer.status == 429 and obey_limit:
            raise Inconclusive("the target kept answering with status 429")
        if not answer.ok:
            return
        key = answer.exchange.request.key
        if operation is not None and key is self.key:
            self._recorder.count_success(operation)
        if operation == "gdprRemoveCustomer" and key is self.key:
            customer_id = unquote(answer.exchange.request.target.rpartition("/")[2])
            if self._journal.key_of(customer_id) == self.key.name:
                self._journal.removed(customer_id)  # a target may refuse to remove it again at the end
        body = answer.json
        is_post = answer.exchange.request.method == "POST" and "/login_" not in answer.exchange.request.target
        if is_post and isinstance(body, dict) and isinstance(body.get("id"), str):
            # Whatever key the target accepted, it is most likely a customer of this merchant.
            self._journal.created(body["id"], self.key.name)


def together(*calls: Callable[[], Result]) -> list[Result]:
    """Make calls at the same time; returns their results in the order of the calls."""
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def _query(query: Mapping[str, Any]) -> str:
    pairs = [f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in query.items()]
    return "?" + "&".join(pairs) if pairs else ""
