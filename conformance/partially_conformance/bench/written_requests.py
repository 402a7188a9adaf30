"""Writing requests byte by byte, for framings that HTTP/1.1 allows or forbids."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from partially_conformance.bench.api import Answer, Api
from partially_conformance.target.journal import Journal
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.exchange import MISSING, Request
from partially_conformance.traffic.transport import Transport


@dataclass(frozen=True)
class Answered:
    """The answers to the requests of one connection.

    Attributes:
        answers: One for each request; one without a response has no status.
        closed: Whether the target closed the connection.
    """

    answers: tuple[Answer, ...]
    closed: bool

    @property
    def last(self) -> Answer:
        """The answer to the last request."""
        return self.answers[-1]

    def violation(self, expected: str, observed: str) -> Violation:
        """A violation that all requests of the connection show together, as one exchange."""
        exchanges = [answer.exchange for answer in self.answers]
        last = next((one for one in reversed(exchanges) if one.response is not None), exchanges[-1])
        raw = b"".join(one.request.raw or b"" for one in exchanges)
        return Violation(expected, observed, [replace(last, request=replace(last.request, raw=raw))])


@dataclass(frozen=True)
class WrittenRequest:
    """A request as it is written on the connection.

    Attributes:
        operation: The operationId.
        request_line: The first line, without its end.
        lines: The header lines, without their ends.
        content: The JSON text that is sent; None without a body.
        body: The bytes after the empty line, which frame the content.
    """

    operation: str
    request_line: str
    lines: tuple[str, ...]
    content: bytes | None = None
    body: bytes = b""

    @property
    def method(self) -> str:
        """The method."""
        return self.request_line.split()[0]

    def with_lines(self, *lines: str, without: str = "") -> WrittenRequest:
        """The request with more header lines at the end, and without the header of this name."""
        left_out = without.lower()
        kept = [line for line in self.lines if line.partition(":")[0].lower() != left_out]
        return replace(self, lines=(*kept, *lines))

    def with_body(self, body: bytes, *lines: str) -> WrittenRequest:
        """The request with other bytes after the empty line, and these lines in place of Content-Length."""
        return replace(self.with_lines(*lines, without="Content-Length"), body=body)

    @property
    def raw(self) -> bytes:
        """The bytes of the request. The name of the key stands in place of the key."""
        head = "\r\n".join([self.request_line, *self.lines, "", ""])
        return head.encode() + self.body


class WrittenRequests:
    """Writes and sends requests with the key of the first merchant.

    Args:
        api: The API of the target.
        transport: Sends the requests.
        journal: Takes in the customers that are created.
    """

    def __init__(self, api: Api, transport: Transport, journal: Journal) -> None:
        self._api = api
        self._transport = transport
        self._journal = journal

    @property
    def host(self) -> str:
        """Host and port of the target, as in the base URL."""
        return urlsplit(self._api.base_url).netloc

    @property
    def origin(self) -> str:
        """Scheme, host and port of the target."""
        address = urlsplit(self._api.base_url)
        return f"{address.scheme}://{address.netloc}"

    def request(
        self, operation: str, customer_id: str | None = None, *, query: str = "", body: Any = MISSING
    ) -> WrittenRequest:
        """A request as the suite writes it everywhere else.

        Args:
            query: The query, percent-encoded, without the question mark.
            body: A JSON value.
        """
        described = self._api.contract.operations[operation]
        path = described.path.replace("{id}", quote(customer_id or "", safe=""))
        target = urlsplit(self._api.base_url).path + path + (f"?{query}" if query else "")
        lines = [
            f"Host: {self.host}",
            f"Authorization: Bearer ${self._api.key.name}",
            "Accept: application/json",
        ]
        content = None if body is MISSING else json.dumps(body).encode()
        if content is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return WrittenRequest(
            operation, f"{described.method} {target} HTTP/1.1", tuple(lines), content, content or b""
        )

    def send(
        self, *requests: WrittenRequest, continue_after_head: bool = False, until_closed: bool = False
    ) -> Answered:
        """Send requests at once on one connection, and read their responses.

        Args:
            continue_after_head: Send the body of the last request only after a `100 Continue`.
            until_closed: Wait until the target closes the connection, a few seconds at most.
        """
        sent = [self._request(request) for request in requests]
        for request in requests:
            self._note_create(request)
        exchanges, closed = self._transport.converse(
            sent, continue_after_head=continue_after_head, until_closed=until_closed
        )
        answers = [
            Answer(exchange, request.operation, self._api.contract)
            for exchange, request in zip(exchanges, requests, strict=True)
        ]
        for request, answer in zip(requests, answers, strict=True):
            self._note_outcome(request, answer)
        return Answered(tuple(answers), closed)

    def _request(self, written: WrittenRequest) -> Request:
        target = written.request_line.split()[1]
        headers: Mapping[str, str] = {
            name.strip(): value.strip()
            for name, found, value in (line.partition(":") for line in written.lines)
            if found and name.strip().lower() != "authorization"
        }
        url = target if "://" in target else self.origin + target
        return Request(written.method, url, target, headers, self._api.key, written.content, raw=written.raw)

    def _note_create(self, written: WrittenRequest) -> None:
        """Note the email of a create before it is sent: the clean-up must not depend on a response."""
        if written.operation == "createCustomer" and written.content is not None:
            self._journal.create_requested(json.loads(written.content)["email"], self._api.key.name)

    def _note_outcome(self, written: WrittenRequest, answer: Answer) -> None:
        if written.operation != "createCustomer" or answer.exchange.response is None:
            return
        body = answer.json
        if answer.ok and isinstance(body, dict) and isinstance(body.get("id"), str):
            self._journal.created(body["id"], self._api.key.name)
        if written.content is not None and answer.status < 500:
            self._journal.create_answered(json.loads(written.content)["email"])
