"""What the target returned for one request, and what a check can expect of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from partially_conformance.bench.leniency import readable
from partially_conformance.bench.preconditions import Preconditions
from partially_conformance.rules.contract import Contract
from partially_conformance.traffic.check_end import Blocked, NoAnswer, Violation
from partially_conformance.traffic.exchange import MISSING, Exchange


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

    def __init__(
        self,
        exchange: Exchange,
        operation: str | None,
        contract: Contract,
        mark: str = "",
        preconditions: Preconditions | None = None,
    ) -> None:
        self.exchange = exchange
        self._operation = operation
        self._contract = contract
        self._mark = mark
        self._preconditions = preconditions

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
        """The body of a 2xx of the documented shape.

        Where another rule is about the shape and fails, a body is taken whose values are clear all the same.
        """
        if not self.ok:
            raise self.violation(f"{what}: 2xx", self._shown(), topic=self._status_topic())
        body, schema = self.json, self._contract.topic(self._operation) if self._operation else None
        if body is MISSING:
            observed = f"status {self.status} with a body that is not JSON"
            raise self.violation(f"{what} with a JSON body", observed, topic=schema)
        if self._operation is None or schema is None:
            return body
        differences = list(self._contract.mismatches(self._operation, body))
        for one in differences:
            if self._preconditions is None or not self._preconditions.tolerates(one.topic):
                raise self.violation(f"{what} of the documented shape", one.text, topic=one.topic)
        if differences and (body := readable(schema, body)) is None:
            first = differences[0]
            raise self.violation(f"{what} of the documented shape", first.text, topic=first.topic)
        return body

    def _status_topic(self) -> str | None:
        """What a wrong status may be about other than the rule under check: the operation."""
        return None if self._operation is None else f"{self._operation}.{self.status // 100}xx"

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
            reason = f"a valid request for comparison was refused too, with status {control.status}"
            raise Blocked(reason) from control.violation(
                "a valid request to be accepted", control._shown(), topic=control._status_topic()
            )
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
        self,
        expected: str,
        observed: str,
        *others: Answer | None,
        about: Sequence[str] = (),
        topic: str | None = None,
    ) -> Violation:
        """A violation that this answer shows, together with other answers before it.

        Args:
            about: Ids of the customers and plans concerned, or emails where requests contain those.
            topic: What else the violation may be about; after a 5xx that is the operation.
        """
        if topic is None and self._response().status >= 500:
            topic = self._status_topic()  # the rule about the operation tells whether it works at all
        before = [other.exchange for other in others if other is not None]
        return Violation(expected, observed, [*before, self.exchange], about=about, topic=topic)

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
