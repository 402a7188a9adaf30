# Copied by partially-generate into every client. Edit it there, not here.
"""The fake itself: an API in the memory of a test."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec

from .._core.values.unions import decode_union
from .answers import Answer, FakeError, Refused, json_answer, status_text
from .arguments import ArgumentReader
from .behaviours import Behaviours, Call, FakeEmail
from .failures import Failure, Failures, Kind, transport_error
from .generated_values import ValueGenerator
from .operation_table import Collection, Entry, OperationTable
from .recorded_requests import SeenRequest, record_request
from .routing import Routes, split_target
from .store import Account, FakePlan, Thing

M = TypeVar("M")

Handler = Callable[[SeenRequest], tuple[int, Any]]
"""Returns the status and the JSON body of the response to a request."""

_HOME = "https://fake.test"


class FakeApi:
    """An API in memory. Requests reach it through `transport`; nothing leaves the process.

    Attributes:
        requests: The requests so far, without the secrets in them.
        pauses: The seconds that clients of this fake would have waited before each retry.
        transport: The transport for a client that you create yourself, blocking or asynchronous.
        base_url: The address of the fake.
    """

    def __init__(
        self,
        table: OperationTable,
        models: ModuleType | None,
        *,
        keys: Sequence[str],
        base_url: str | None,
        seed: int,
        clock: Callable[[], dt.datetime] | None,
        new_id: Callable[[], Any] | None,
        new_token: Callable[[], str] | None,
    ) -> None:
        if not keys:
            raise FakeError("The fake needs at least one key")
        self.requests: list[SeenRequest] = []
        self.pauses: list[float] = []
        self.transport = httpx2.MockTransport(self.handle)
        self.base_url = base_url or table.base_url or _HOME
        self._table = table
        self._accounts = {key: Account() for key in keys}
        self._collections = {collection.path: collection for collection in table.collections}
        self._values = ArgumentReader(models)
        self._behaviours = Behaviours(
            self._collections, vars(models) if models else {}, ValueGenerator(seed, clock, new_id, new_token)
        )
        self._routes = Routes(table, urlsplit(self.base_url).path.rstrip("/"))
        self._handlers: dict[str, Handler] = {}
        self._faults = Failures()
        self._lock = threading.RLock()

    @property
    def api_key(self) -> str:
        """The first key that it accepts."""
        return next(iter(self._accounts))

    def add(self, model: type[M], *, api_key: str | None = None, **values: Any) -> M:
        """Add an object to the fake, without a request.

        Args:
            model: Its class.
            api_key: The key that it belongs to; by default the first one.
            values: Its fields by their names in the API. Values for other fields are generated.

        Returns:
            The object, as the API returns it.

        Raises:
            FakeError: The API has no collection of this class, or a value does not match the description.
        """
        collection = self._of(model)
        if unknown := values.keys() - set(collection.fields):
            raise FakeError(f"{collection.model} has no field {', '.join(sorted(unknown))}")
        with self._lock:
            record = self._behaviours.add(collection, self._account(api_key), values)
        return msgspec.convert(record, model, dec_hook=decode_union)

    def all(self, model: type[M], *, api_key: str | None = None) -> list[M]:
        """All objects of a class, oldest first.

        Args:
            model: Their class.
            api_key: The key that they belong to; by default the first one.
        """
        path = self._of(model).path
        with self._lock:
            stored = self._account(api_key).things.items()
            records = [t.record for place, things in stored if place[0] == path for t in things.values()]
        return [msgspec.convert(record, model, dec_hook=decode_union) for record in records]

    def on(self, call: str, handler: Handler) -> None:
        """Write the responses of an operation yourself, from now on.

        Args:
            call: The method of the client, such as `things.get`.
            handler: Gets the request, without the secrets in it; returns a status and a JSON body.

        Raises:
            FakeError: There is no such method.
        """
        self._check(call)
        self._handlers[call] = handler

    def fail_next(
        self,
        status: int = 503,
        *,
        times: int = 1,
        retry_after: int | None = None,
        message: str = "",
        html: str | None = None,
        call: str | None = None,
    ) -> None:
        """Respond to the next requests with an error. The fake does not carry them out.

        Args:
            status: The HTTP status.
            times: For how many requests.
            retry_after: Seconds for the header `Retry-After`.
            message: The message in the body; by default the standard phrase of the status.
            html: An HTML page to send instead of JSON, as a proxy does.
            call: Only for requests of this method of the client, such as `things.get`.
        """
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if html is None:
            answer = json_answer(status, {"message": message or status_text(status)}, headers)
        else:
            answer = Answer(status, html.encode(), {"Content-Type": "text/html; charset=utf-8", **headers})
        self._script(Failure("answer", times, call, answer))

    def disconnect_next(
        self,
        *,
        times: int = 1,
        sent: bool = True,
        carried_out: bool = False,
        timed_out: bool = False,
        call: str | None = None,
    ) -> None:
        """Break the connection of the next requests.

        Args:
            times: For how many requests.
            sent: False if no connection is made at all, so that the request certainly did not arrive.
            carried_out: True if the request is carried out, and only the response gets lost.
            timed_out: True for a timeout instead of a broken connection.
            call: Only for requests of this method of the client, such as `things.get`.

        Raises:
            FakeError: A request that is not sent cannot be carried out.
        """
        if carried_out and not sent:
            raise FakeError(
                "sent=False and carried_out=True: a request that is not sent cannot be carried out"
            )
        kind: Kind = "lost" if sent else "unsent"
        self._script(Failure(kind, times, call, None, timed_out, carried_out))

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """Respond to a request.

        Raises:
            httpx2.TransportError: A scripted connection error.
            FakeError: The fake does not know what the operation does.
        """
        path, query = split_target(request.url.raw_path)
        with self._lock:
            entry, arguments, refused = self._routed(request.method, path)
            key_header = self._table.key.header if self._table.key else ""
            record = record_request(request, path, query, entry, key_header)
            self.requests.append(record)
            fault = self._faults.take(record.call)
            if fault is not None and not fault.carried_out:
                answer = fault.answer
            else:
                answer = self._answer(request, entry, arguments, query, record, refused)
            if fault is not None and fault.kind != "answer":
                raise transport_error(fault, request)
            assert answer is not None
            record.status = answer.status
        return httpx2.Response(
            answer.status, headers=dict(answer.headers), content=answer.content, request=request
        )

    def _script(self, fault: Failure) -> None:
        if fault.left < 1:
            raise FakeError(f"times: expected 1 or more, got {fault.left}")
        if fault.call is not None:
            self._check(fault.call)
        with self._lock:
            self._faults.add(fault)

    def _check(self, call: str) -> None:
        known = [entry.call for entry in self._table.operations]
        if call not in known:
            raise FakeError(f"{call!r}: expected one of {', '.join(known)}")

    def _routed(self, method: str, path: str) -> tuple[Entry | None, dict[str, str], Refused | None]:
        try:
            entry, arguments = self._routes.find(method, path)
        except Refused as refused:
            return None, {}, refused
        return entry, arguments, None

    def _answer(
        self,
        request: httpx2.Request,
        entry: Entry | None,
        arguments: Mapping[str, str],
        query: dict[str, list[str]],
        record: SeenRequest,
        refused: Refused | None,
    ) -> Answer:
        try:
            account = self._opened(request, entry)
            if refused is not None or entry is None:
                raise refused or Refused(404)
            if entry.call in self._handlers:
                return json_answer(*self._handlers[entry.call](record))
            call = Call(
                entry=entry,
                account=account,
                path=arguments,
                path_values=self._values.path(entry, arguments),
                query=self._values.query(entry, query),
                body=self._values.body(entry, request.content, request.headers.get("content-type", "")),
                given=query,
            )
            return self._behaviours.answer(call)
        except Refused as refusal:
            return refusal.answer(entry)

    def _opened(self, request: httpx2.Request, entry: Entry | None) -> Account:
        """The account of the key in a request.

        Raises:
            Refused: The key is missing or unknown.
        """
        key = self._table.key
        if key is None or (entry is not None and not entry.authenticated):
            return self._account(None)
        scheme = key.prefix.strip()
        given = request.headers.get(key.header, "")
        if given[: len(key.prefix)].lower() == key.prefix.lower():
            account = self._accounts.get(given[len(key.prefix) :])
            if account is not None:
                return account
        raise Refused(401, headers={"WWW-Authenticate": scheme} if scheme else {})

    def _account(self, api_key: str | None) -> Account:
        try:
            return self._accounts[self.api_key if api_key is None else api_key]
        except KeyError:
            raise FakeError("The fake does not know this key; it knows those it was created with") from None

    def _of(self, model: type[Any]) -> Collection:
        for collection in self._collections.values():
            if collection.model == model.__name__:
                return collection
        known = ", ".join(c.model for c in self._collections.values()) or "none"
        raise FakeError(f"{model.__name__}: the fake has no collection of these; it has {known}")

    def _thing(self, thing_id: Any) -> Thing:
        for account in self._accounts.values():
            for things in account.things.values():
                if str(thing_id) in things:
                    return things[str(thing_id)]
        raise FakeError(f"The fake has nothing with the id {str(thing_id)!r}")


class Plans(FakeApi):
    """For an API that does not remove objects with an open plan."""

    def add_plan(self, owner_id: Any, status: str = "open") -> FakePlan:
        """Give an object a plan, which can prevent its removal.

        Args:
            owner_id: The id of the object.
            status: The status of the plan. It can be changed later: `plan.status = "paid"`.

        Raises:
            FakeError: There is no object with this id.
        """
        with self._lock:
            return self._behaviours.give_plan(self._thing(owner_id), str(owner_id), status)


class Logins(FakeApi):
    """For an API with logins."""

    @property
    def outbox(self) -> list[FakeEmail]:
        """The tokens that were sent, oldest first."""
        return self._behaviours.outbox

    def set_password(self, owner_id: Any, password: str | None) -> None:
        """Set the password of an object that can log in.

        Args:
            owner_id: Its id.
            password: The password; None removes it.

        Raises:
            FakeError: There is no object with this id.
        """
        with self._lock:
            self._thing(owner_id).password = password

    def last_token(self, address: str) -> str:
        """The newest token that was sent to an address.

        Raises:
            FakeError: No token was sent to it.
        """
        for email in reversed(self.outbox):
            if email.to.casefold() == address.casefold():
                return email.token
        raise FakeError(f"No token was sent to {address}")
