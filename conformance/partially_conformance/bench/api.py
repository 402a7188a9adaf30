"""Calling the API of the target, and examining its responses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from partially_conformance.rules.contract import Contract
from partially_conformance.target.journal import Journal
from partially_conformance.traffic.check_end import Blocked, Inconclusive, NoAnswer, Violation
from partially_conformance.traffic.exchange import MISSING, Exchange, Key, Request, one_race
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.transport import Transport

NO_KEY = Key("", "NO_KEY")
"""The key to pass for a request without an Authorization header."""

_JSON_LABEL = "application/json"
Result = TypeVar("Result")


class Customer(dict[str, Any]):
    """A customer as the target showed it."""

    @property
    def id(self) -> str:
        """The id that the target gave."""
        return str(self["id"])

    @property
    def email(self) -> str:
        """The email as the target shows it."""
        return str(self["email"])


class Page(dict[str, Any]):
    """One page of a list as the target showed it."""

    @property
    def customers(self) -> list[Customer]:
        """The customers on the page, in order."""
        return [Customer(entry) for entry in self["customers"]]

    @property
    def ids(self) -> list[str]:
        """The ids of the customers on the page, in order."""
        return [entry["id"] for entry in self["customers"]]


class Answer:
    """The response to one request to the API, or its absence.

    Methods that expect something raise a `Violation` with this exchange if the response is different.
    """

    def __init__(self, exchange: Exchange, operation: str | None, contract: Contract, mark: str = "") -> None:
        self.exchange = exchange
        self._operation = operation
        self._contract = contract
        self._mark = mark

    def _response(self) -> Any:
        if self.exchange.response is None:
            raise NoAnswer("a response", self.exchange.outcome, [self.exchange])
        return self.exchange.response

    @property
    def status(self) -> int:
        """The status."""
        return int(self._response().status)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, with names in lower case."""
        return self._response().headers  # type: ignore[no-any-return]

    @property
    def text(self) -> str:
        """The body as text."""
        return str(self._response().text)

    @property
    def json(self) -> Any:
        """The body as a JSON value; `MISSING` if it is not JSON."""
        return self._response().json()

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Whether the status is 4xx."""
        return 400 <= self.status < 500

    def success(self, what: str = "a success") -> Any:
        """The body of a 2xx response that fits the schema of the operation. `what` is for the message."""
        if not self.ok:
            raise self.violation(f"{what} with status 2xx", self._shown())
        body = self.json
        if body is MISSING:
            raise self.violation(
                f"{what} with a JSON body", f"status {self.status} with a body that is not JSON"
            )
        if self._operation is not None and (mismatch := self._contract.mismatch(self._operation, body)):
            raise self.violation(f"{what} as documented", mismatch)
        return body

    def customer(self, what: str = "a customer") -> Customer:
        """The customer of a 2xx response that fits the schema of the operation."""
        return Customer(self.success(what))

    def page(self, what: str = "a page of customers") -> Page:
        """The page of a 2xx response that fits the schema of the operation."""
        return Page(self.success(what))

    def no_server_error(self, what: str = "a status other than 5xx") -> Answer:
        """This answer, if its status is not 5xx."""
        if self.status >= 500:
            raise self.violation(what, self._shown())
        return self

    def refused(
        self, why: str, *, control: Answer | None = None, hides: Sequence[Mapping[str, Any]] = ()
    ) -> Answer:
        """This answer, if it is a 4xx response that shows no customer.

        Args:
            why: What is wrong with the request, such as `without an email`.
            control: The answer to a valid request that differs in one point. Only if the target accepted
                that one, the refusal has a meaning.
            hides: Customers of whom the response must show nothing. If there are any, it must not show any
                other email that was generated for this run either.

        Raises:
            Blocked: The control request was refused too.
            Violation: The request was not refused, or the response shows data of a customer.
        """
        if control is not None and not control.ok:
            raise Blocked(f"a valid request for comparison was refused too, with status {control.status}")
        about = [str(customer[name]) for customer in hides for name in ("id", "email") if name in customer]
        if not self.is_refusal:
            raise self.violation(
                f"a request {why} to be refused with a 4xx", self._shown(), control, about=about
            )
        self.shows_nothing_of(*hides)
        if hides and self._mark:
            self._shows_no_other_email()
        if isinstance(self.json, dict) and {"id", "inserted_at"} <= self.json.keys():
            raise self.violation(
                f"a refusal {why} without customer data", self._shown(), control, about=about
            )
        return self

    def shows_nothing_of(self, *customers: Mapping[str, Any]) -> Answer:
        """This answer, if it shows no email, name, phone or address of these customers.

        Values of the request itself may be repeated.
        """
        sent = self.exchange.request
        in_request = unquote(sent.target) + (sent.body or b"").decode("utf-8", "replace")
        for customer in customers:
            for name, value in customer.items():
                if (
                    name in TELLING_FIELDS
                    and isinstance(value, str)
                    and len(value) > 3
                    and value in self.text
                    and value not in in_request
                ):
                    raise self.violation(
                        "no data of a customer in the response",
                        f"it shows the {name} {value!r}",
                        about=[str(customer[one]) for one in ("id", "email") if one in customer],
                    )
        return self

    def _shows_no_other_email(self) -> None:
        """Refuse an answer with an email that was generated for this run and is not in the request."""
        sent = self.exchange.request
        in_request = unquote(sent.target) + (sent.body or b"").decode("utf-8", "replace")
        for email in re.findall(rf"[\w.+-]*{self._mark}[\w.+-]*@[\w.-]+", self.text):
            if email not in in_request:
                raise self.violation("no data of a customer in the response", f"it shows the email {email!r}")

    def violation(
        self, expected: str, observed: str, *others: Answer | None, about: Sequence[str] = ()
    ) -> Violation:
        """A violation that this answer shows, together with other answers before it.

        Args:
            about: Ids of the customers and plans concerned, or emails where requests contain those.
        """
        before = [other.exchange for other in others if other is not None]
        return Violation(expected, observed, [*before, self.exchange], about=about)

    def _shown(self) -> str:
        text = " ".join(self.text.split())
        return (
            f"status {self.status}: {text[:300]}{'…' if len(text) > 300 else ''}"
            if text
            else f"status {self.status}"
        )


TELLING_FIELDS = frozenset(
    {"email", "first_name", "last_name", "phone", "shipto_name", "shipto_address", "shipto_address2"}
)
"""Fields whose value identifies a person. Many persons share codes and time zones."""


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
    ) -> None:
        self.base_url = base_url
        self.key = key
        self.contract = contract
        self._transport = transport
        self._recorder = recorder
        self._journal = journal
        self._mark = mark

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
                base=self.base_url,
            ),
            obey_limit=obey_limit,
        )
        answer = Answer(exchange, operation, self.contract, self._mark)
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
    with one_race(), ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return [future.result() for future in [pool.submit(copy_context().run, call) for call in calls]]


def _query(query: Mapping[str, Any]) -> str:
    pairs = [f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in query.items()]
    return "?" + "&".join(pairs) if pairs else ""
