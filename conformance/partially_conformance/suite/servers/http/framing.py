"""HTTP: requests in the other framings that HTTP/1.1 allows, and in framings that it forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.bench.written_requests import Answered, WrittenRequest, WrittenRequests
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_have_stored_nothing,
    must_match,
    must_store,
)
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import Blocked, NotObservable

_NOT_IMPLEMENTED = 501


@check("HTTP-15")
def a_body_in_chunks_is_stored_whole_or_refused(
    api: Api, given: Given, data: Data, written: WrittenRequests
) -> None:
    """Update and create with one chunk, chunks of one byte, extensions, a trailer and unusual sizes."""
    customer = given.read(given.full_customer().id)
    for how in _CHUNKINGS:
        sent = {"first_name": data.word(), "shipto_city": f"{data.word()} Ñuñez"}
        request = _in_chunks(written.request("updateCustomer", customer.id, body=sent), how)
        answer = _answer_or_end(written.send(request), f"an update {how}")
        if _is_refused(answer, f"an update {how}"):
            must_be_unchanged(customer, api, answer)
            continue
        customer = must_store(sent, api, answer, what=f"the customer after an update {how}")
    new = data.fields()
    request = _in_chunks(written.request("createCustomer", body=new), _SEVERAL)
    answer = _answer_or_end(written.send(request), f"a create {_SEVERAL}")
    if _is_refused(answer, f"a create {_SEVERAL}"):
        must_have_stored_nothing(api, new["email"], answer)
    else:
        must_store(new, api, answer, what=f"the customer created {_SEVERAL}")


@check("HTTP-16")
def a_body_in_chunks_is_accepted(given: Given, data: Data, written: WrittenRequests) -> None:
    """Send the same update with Content-Length and in several kinds of chunks."""
    request = written.request("updateCustomer", given.customer().id, body={"first_name": data.word()})
    control = _accepted(written, request)
    for how in (_SEVERAL, _EXTENDED, _CAPITALS):
        answer = written.send(_in_chunks(request, how)).last
        if answer.exchange.response is None or not answer.ok:
            raise answer.violation(
                f"a body {how} to be accepted like the same body with Content-Length",
                answer.exchange.outcome,
                control,
            )


@check("HTTP-17")
def other_framings_are_understood(given: Given, data: Data, written: WrittenRequests) -> None:
    """Update with other spellings of the headers, and read with other request lines."""
    customer = given.customer()
    _accepted(written, written.request("updateCustomer", customer.id, body={"first_name": data.word()}))
    for how, change in _SPELLINGS.items():
        sent = {"first_name": data.word()}
        request = written.request("updateCustomer", customer.id, body=sent)
        answer = written.send(change(request)).last
        _must_be_accepted(answer, f"an update {how}")
        must_match(sent, answer, what=f"the customer after an update {how}")
    read = written.request("getCustomer", customer.id)
    path = read.request_line.split(" ")[1]
    for how, line in (
        ("whose target is a whole URL", f"GET {written.origin}{path} HTTP/1.1"),
        ("after an empty line", f"\r\nGET {path} HTTP/1.1"),
        ("in HTTP/1.0", f"GET {path} HTTP/1.0"),
    ):
        answer = written.send(replace(read, request_line=line)).last
        _must_be_accepted(answer, f"a read {how}")
        must_match({"id": customer.id}, answer, what=f"the customer of a read {how}")


@check("HTTP-17")
def a_body_after_100_continue_is_read(given: Given, data: Data, written: WrittenRequests) -> None:
    """Update with `Expect: 100-continue`, and send the body after the interim response or after a second."""
    customer = given.customer()
    sent = {"first_name": data.word()}
    request = written.request("updateCustomer", customer.id, body=sent)
    _accepted(written, request)
    answer = written.send(request.with_lines("Expect: 100-continue"), continue_after_head=True).last
    _must_be_accepted(answer, "an update that expects `100 Continue`")
    must_match(sent, answer, what="the customer after an update that expects `100 Continue`")


@check("HTTP-17")
def a_connection_is_closed_on_request(given: Given, written: WrittenRequests) -> None:
    """Read with `Connection: close`, and wait a few seconds for the end of the connection."""
    read = written.request("getCustomer", given.customer().id)
    _accepted(written, read)
    got = written.send(read.with_lines("Connection: close"), until_closed=True)
    _must_be_accepted(got.last, "a read with `Connection: close`")
    if not got.closed:
        raise got.last.violation(
            "the connection to be closed after a request with `Connection: close`", "it stays open"
        )


@check("HTTP-18")
def requests_on_one_connection_are_answered_in_order(
    given: Given, data: Data, written: WrittenRequests
) -> None:
    """Send three reads at once, an update and a read at once, and reads after refused bodies.

    A target may close the connection after any response.
    """
    customers = [given.full_customer() for _ in range(3)]
    reads = [written.request("getCustomer", customer.id) for customer in customers]
    _accepted(written, reads[0])
    _must_be_answered_in_order(written, reads, customers)
    update = written.request("updateCustomer", customers[0].id, body={"phone": data.other("phone", {})})
    _must_be_answered_in_order(written, [update, reads[1], reads[2]], customers)
    unread = written.request("updateCustomer", data.unknown_id(), body={"first_name": data.word()})
    for refused in (unread.with_lines(without="Authorization"), unread):
        for request in (refused, _in_chunks(refused, _SEVERAL)):
            _must_be_answered_in_order(written, [request, reads[1]], [None, customers[1]])


@check("HTTP-19")
def contradictory_framings_are_refused(
    api: Api, given: Given, data: Data, written: WrittenRequests, target: Target
) -> None:
    """Update with lengths that contradict each other, malformed lengths and chunks, and folded headers.

    Not on a live target: servers in front of it may take the rest of such a request for one of another user.
    """
    if target.live:
        raise NotObservable("malformed framings are not sent to a live target")
    customer = given.read(given.full_customer().id)
    control = written.request("updateCustomer", customer.id, body={"phone": customer["phone"]})
    _accepted(written, control)
    answers = []
    for how, request in _malformed(written, customer, data):
        answer = _answer_or_end(written.send(request), f"an update {how}")
        if not _is_refused(answer, f"an update {how}"):
            raise answer.violation(f"an update {how} to be refused with a 4xx", answer.exchange.outcome)
        answers.append(answer)
    must_be_unchanged(customer, api, *answers)


@check("HTTP-19")
def a_folded_header_is_refused_or_unfolded(
    api: Api, given: Given, data: Data, written: WrittenRequests, target: Target
) -> None:
    """Update with a header whose value goes on in the next line."""
    if target.live:
        raise NotObservable("malformed framings are not sent to a live target")
    customer = given.read(given.full_customer().id)
    sent = {"first_name": data.word()}
    request = written.request("updateCustomer", customer.id, body=sent)
    _accepted(written, written.request("updateCustomer", customer.id, body={"phone": customer["phone"]}))
    folded = replace(request, lines=("X-Note: one", " Content-Length: 2", *request.lines))
    answer = _answer_or_end(written.send(folded), "an update with a folded header")
    if _is_refused(answer, "an update with a folded header"):
        must_be_unchanged(customer, api, answer)
    else:
        must_store(sent, api, answer, what="the customer after an update with a folded header")


# -- framings ------------------------------------------------------------------------

_CHUNKED = "Transfer-Encoding: chunked"

_SEVERAL = "in several chunks"
_EXTENDED = "in chunks with extensions and a trailer"
_CAPITALS = "in chunks whose sizes have capitals and leading zeros"

_CHUNKINGS = {"in one chunk": 10_000, _SEVERAL: 7, "in chunks of one byte": 1, _EXTENDED: 16, _CAPITALS: 11}
"""How a body is cut into chunks, by the name that messages give it; with the size of a chunk in bytes."""


def _in_chunks(request: WrittenRequest, how: str) -> WrittenRequest:
    """The request with its content in chunks."""
    content, size = request.content or b"", _CHUNKINGS[how]
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    size_of, extension = ("{:06X}" if how == _CAPITALS else "{:x}"), ""
    lines, end = [_CHUNKED], "0\r\n\r\n"
    if how == _EXTENDED:
        extension, end = ';part="a;b"', "0;last\r\nX-Checked: yes\r\n\r\n"
        lines.append("Trailer: X-Checked")
    chunks = [f"{size_of.format(len(piece))}{extension}\r\n".encode() + piece + b"\r\n" for piece in pieces]
    return request.with_body(b"".join(chunks) + end.encode(), *lines)


def _respelled(
    request: WrittenRequest, colon: str, end: str = "", *, upper: bool | None = None
) -> WrittenRequest:
    """The request with another text between names and values, after values, and names in another case."""
    lines = []
    for line in request.lines:
        name, _, value = line.partition(": ")
        spelled = name if upper is None else name.upper() if upper else name.lower()
        lines.append(f"{spelled}{colon}{value}{end}")
    return replace(request, lines=tuple(lines))


_SPELLINGS: dict[str, Callable[[WrittenRequest], WrittenRequest]] = {
    "with header names in capitals": lambda request: _respelled(request, ": ", upper=True),
    "with header names in lower case": lambda request: _respelled(request, ": ", upper=False),
    "without spaces after colons": lambda request: _respelled(request, ":"),
    "with spaces and tabs around header values": lambda request: _respelled(request, ": \t ", " \t"),
    "with leading zeros in Content-Length": lambda request: request.with_body(
        request.body, f"Content-Length: 000{len(request.body)}"
    ),
}


def _malformed(
    written: WrittenRequests, customer: Customer, data: Data
) -> Iterator[tuple[str, WrittenRequest]]:
    """Updates that RFC 9112 tells every server to refuse, by what is wrong with each."""

    def update() -> WrittenRequest:
        return written.request("updateCustomer", customer.id, body={"first_name": data.word()})

    for first, last in (("right", "wrong"), ("wrong", "right")):
        request = update()
        lengths = {"right": len(request.body), "wrong": 2}
        both = [f"Content-Length: {lengths[which]}" for which in (first, last)]
        yield f"with two lengths, the {first} one first", request.with_body(request.body, *both)
    for spelled in ("+{}", "{}.0", "0x{:x}", "{}, 2", "{}x"):
        request = update()
        length = spelled.format(len(request.body))
        yield f"with the length {length!r}", request.with_body(request.body, f"Content-Length: {length}")
    request = update()
    spaced = f"Content-Length : {len(request.body)}"
    yield "with a space before a colon", request.with_body(request.body, spaced)
    request = update()
    lines = ("Transfer-Encoding: x-unknown", f"Content-Length: {len(request.body)}")
    yield "in an unknown coding", request.with_body(request.body, *lines)
    for size in ("0x{:x}", "+{:x}", "{:x} 0"):
        request = update()
        shown = size.format(len(request.body))
        chunked = shown.encode() + b"\r\n" + request.body + b"\r\n0\r\n\r\n"
        yield f"in a chunk of the size {shown!r}", request.with_body(chunked, _CHUNKED)
    for shown in ("zz", "-1", ""):
        request = update()
        whole = f"{len(request.body):x}\r\n".encode() + request.body + b"\r\n"
        chunked = whole + shown.encode() + b"\r\nx\r\n0\r\n\r\n"
        yield f"with a second chunk of the size {shown!r}", request.with_body(chunked, _CHUNKED)


# -- steps ---------------------------------------------------------------------------


def _accepted(written: WrittenRequests, request: WrittenRequest) -> Answer:
    """Send a request as the suite usually writes it, and return the answer.

    Raises:
        Blocked: It is not accepted.
    """
    answer = written.send(request).last
    if answer.exchange.response is None or not answer.ok:
        raise Blocked(f"the same request in the usual framing was not accepted: {answer.exchange.outcome}")
    return answer


def _must_be_accepted(answer: Answer, what: str) -> None:
    """Require that there is a response and that it is a 2xx."""
    if answer.exchange.response is None or not answer.ok:
        raise answer.violation(f"{what} to be accepted", answer.exchange.outcome)


def _answer_or_end(got: Answered, what: str) -> Answer:
    """The answer to the last request. It may be missing only if the target closed the connection."""
    if got.last.exchange.response is None and not got.closed:
        raise got.violation(f"{what} to be answered, or the connection to be closed", "neither in time")
    return got.last


def _is_refused(answer: Answer, what: str) -> bool:
    """Whether a request was refused: with a 4xx, with 501, or by closing the connection.

    Raises:
        Violation: It was answered with another 5xx.
    """
    if answer.exchange.response is None or answer.status == _NOT_IMPLEMENTED:
        return True
    return answer.no_server_error(f"{what} not to be answered with a 5xx").is_refusal


def _must_be_answered_in_order(
    written: WrittenRequests, requests: Sequence[WrittenRequest], customers: Sequence[Customer | None]
) -> None:
    """Send requests at once: each must be answered with its customer, as long as the connection is open.

    Args:
        customers: The customer of each answer; None for a request that is refused.
    """
    got = written.send(*requests)
    for place, (answer, customer) in enumerate(zip(got.answers, customers, strict=True)):
        if answer.exchange.response is None and got.closed and place:
            return
        shown = answer.exchange.outcome
        if answer.exchange.response is None:
            right = False
        elif customer is None:
            right = answer.is_refusal
        else:
            right = answer.ok and answer.customer().id == customer.id
            shown += " with another customer" if answer.ok else ""
        if not right:
            wanted = "refused" if customer is None else "answered with its customer"
            raise got.violation(
                f"request {place + 1} of {len(requests)} on one connection to be {wanted}", shown
            )
