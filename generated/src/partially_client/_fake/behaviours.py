# Copied by partially-generate into every client. Edit it there, not here.
"""What the fake does for each kind of operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from .._core.values.unions import decode_union
from .answers import Answer, FakeError, Refused, bad_input, documented_answer, json_answer
from .generated_values import ValueGenerator
from .operation_table import Collection, Entry
from .store import Account, CollectionId, FakePlan, Thing, Token

DEFAULT_PAGE_SIZE = 10
"""The size of a page if neither the request nor the API description says it."""

WRONG_LOGIN = "The login data is wrong"


@dataclass(frozen=True, slots=True)
class FakeEmail:
    """A token that was sent.

    Attributes:
        to: The address.
        token: The token, exactly as it must be sent back.
    """

    to: str
    token: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its decoded arguments."""

    entry: Entry
    account: Account
    path: Mapping[str, str]
    """The parameters of the path as strings, in their order."""
    path_values: Mapping[str, Any]
    """The same with their types."""
    query: Mapping[str, Any]
    body: Any
    given: Mapping[str, list[str]]
    """The query as it was sent."""


class Behaviours:
    """Carries out calls on the objects of the fake.

    Args:
        collections: The collections of the API, by their paths.
        models: The classes of the objects, by their names.
        maker: Generates ids, times and tokens.
    """

    def __init__(
        self, collections: Mapping[str, Collection], models: Mapping[str, type[Any]], maker: ValueGenerator
    ) -> None:
        self._collections = collections
        self._models = models
        self._maker = maker
        self.outbox: list[FakeEmail] = []
        self._does: dict[str, Callable[[Call], Answer]] = {
            "create": self._create,
            "list": self._list,
            "get": self._get,
            "update": self._update,
            "delete": self._delete,
            "remove": self._remove,
            "log-in": self._log_in,
            "send-token": self._send_token,
            "example": lambda call: documented_answer(call.entry),
        }

    def answer(self, call: Call) -> Answer:
        """Carry out the operation.

        Raises:
            Refused: The API would refuse it.
            FakeError: The fake does not know what the operation does.
        """
        return self._does[call.entry.behaviour.does](call)

    def add(self, collection: Collection, account: Account, values: Mapping[str, Any]) -> dict[str, Any]:
        """Store an object.

        Raises:
            FakeError: It does not match the API description.
        """
        record = self._maker.record(collection, values, {})
        return self._stored(collection, account.within((collection.path, ())), record)

    def _stored(
        self, collection: Collection, things: dict[str, Thing], record: dict[str, Any]
    ) -> dict[str, Any]:
        try:
            msgspec.convert(record, self._models[collection.model], dec_hook=decode_union)
        except msgspec.ValidationError as error:
            raise FakeError(f"The fake cannot create this {collection.model}: {error}") from error
        things[str(record[collection.key])] = Thing(record)
        return record

    def _collection(self, call: Call) -> Collection:
        return self._collections[call.entry.behaviour.collection]

    def _place(self, call: Call) -> CollectionId:
        """The collection of a call. The parents in the path must exist.

        Raises:
            Refused: A parent does not exist.
        """
        path = call.entry.behaviour.collection
        parents = tuple(value for name, value in call.path.items() if f"{{{name}}}" in path)
        for collection in self._collections.values():
            above = f"{collection.path}/{{"
            if path.startswith(above):
                depth = collection.path.count("{")
                if parents[depth] not in call.account.within((collection.path, parents[:depth])):
                    raise Refused(404)
        return path, parents

    def _thing(self, call: Call) -> Thing:
        key = list(call.path.values())[-1]
        thing = call.account.within(self._place(call)).get(key)
        if thing is None:
            raise Refused(404)
        return thing

    def _fields(self, call: Call) -> dict[str, Any]:
        known = self._collection(call).fields
        return {name: value for name, value in call.body.items() if name in known}

    def _answered(self, call: Call, record: Mapping[str, Any]) -> Answer:
        if call.entry.answer == "none":
            return Answer(call.entry.status)
        return json_answer(call.entry.status, record)

    def _create(self, call: Call) -> Answer:
        collection = self._collection(call)
        defaults = {a.wire: a.default for a in call.entry.arguments if a.default is not msgspec.UNSET}
        parents = {name: value for name, value in call.path_values.items() if name in collection.fields}
        place = self._place(call)
        record = self._maker.record(
            collection, {**parents, **self._fields(call)}, {n: v for n, v in defaults.items() if n}
        )
        return self._answered(call, self._stored(collection, call.account.within(place), record))

    def _get(self, call: Call) -> Answer:
        return self._answered(call, self._thing(call).record)

    def _update(self, call: Call) -> Answer:
        thing = self._thing(call)
        if thing.removed:
            raise bad_input(call.entry, [], "It was removed and cannot be changed")
        thing.record.update(self._fields(call))
        return self._answered(call, thing.record)

    def _delete(self, call: Call) -> Answer:
        thing = self._thing(call)
        del call.account.within(self._place(call))[list(call.path.values())[-1]]
        own = call.entry.returns.get("$ref") == self._collection(call).model
        return self._answered(call, thing.record) if own else documented_answer(call.entry)

    def _list(self, call: Call) -> Answer:
        self._check_query(call)
        things = call.account.within(self._place(call)).values()
        found = [thing.record for thing in things if self._matches(call, thing.record)]
        paging = call.entry.paging
        if paging is None:
            return json_answer(call.entry.status, found)
        number = call.query.get(paging.page, 1)
        size = call.query.get(paging.size, self._page_size(call.entry)) if paging.size else DEFAULT_PAGE_SIZE
        envelope = {
            paging.envelope.number: number,
            paging.envelope.size: size,
            paging.envelope.entries: len(found),
            # There is always a first page, even if it is empty.
            paging.envelope.pages: max(1, -(-len(found) // size)),
            call.entry.behaviour.items: found[(number - 1) * size : number * size],
        }
        return json_answer(call.entry.status, {name: v for name, v in envelope.items() if name is not None})

    def _page_size(self, entry: Entry) -> int:
        for argument in entry.arguments:
            if entry.paging and argument.wire == entry.paging.size and argument.default is not msgspec.UNSET:
                return int(argument.default)
        return DEFAULT_PAGE_SIZE

    def _filters(self, call: Call) -> list[str]:
        """The query parameters that are neither about pages nor a search."""
        search, paging = call.entry.behaviour.search, call.entry.paging
        known = {paging.page, paging.size} if paging else set()
        return [name for name in call.query if name not in known | ({search.parameter} if search else set())]

    def _check_query(self, call: Call) -> None:
        written = [a.wire for a in call.entry.arguments if a.styled and a.wire in call.given]
        for name in [*self._filters(call), *written]:
            if name in written or name not in self._collection(call).fields:
                raise FakeError(
                    f"The fake does not know what {name!r} does in {call.entry.call}. Write the response "
                    f"yourself: fake.on({call.entry.call!r}, lambda request: (200, ...))"
                )

    def _matches(self, call: Call, record: Mapping[str, Any]) -> bool:
        search = call.entry.behaviour.search
        if search is not None and search.parameter in call.query:
            text = str(call.query[search.parameter])
            fields = next((names for sign, names in search.signs.items() if sign in text), search.otherwise)
            if not any(text.casefold() in (_folded(record.get(name)) or "") for name in fields):
                return False
        return all(_in_query(record.get(name)) in call.given[name] for name in self._filters(call))

    def _remove(self, call: Call) -> Answer:
        collection, thing = self._collection(call), self._thing(call)
        if any(plan.status in call.entry.behaviour.refused_while for plan in thing.plans):
            raise bad_input(call.entry, [], "There is an open plan, so it cannot be removed")
        if thing.plans:
            thing.record.update(dict.fromkeys(collection.nullable))
            thing.removed, thing.password = True, None
        else:
            del call.account.within(self._place(call))[str(thing.record[collection.key])]
        self._void_tokens(call.account, thing)
        return documented_answer(call.entry)

    def _void_tokens(self, account: Account, thing: Thing) -> None:
        for token in [text for text, sent in account.tokens.items() if sent.thing is thing]:
            del account.tokens[token]

    def _with_address(self, call: Call, field: str, address: str) -> Iterator[Thing]:
        for thing in call.account.within(self._place(call)).values():
            if _folded(thing.record.get(field)) == _folded(address):
                yield thing

    def _log_in(self, call: Call) -> Answer:
        behaviour = call.entry.behaviour
        thing = (
            self._by_token(call.account, call.body.get(behaviour.token))
            if behaviour.token
            else self._by_password(call, call.body.get(behaviour.field), call.body.get(behaviour.password))
        )
        if thing is None:
            raise bad_input(call.entry, [], WRONG_LOGIN)
        return self._answered(call, thing.record)

    def _by_password(self, call: Call, address: Any, password: Any) -> Thing | None:
        things = self._with_address(call, call.entry.behaviour.field, str(address))
        return next((t for t in things if t.password is not None and t.password == password), None)

    def _by_token(self, account: Account, text: Any) -> Thing | None:
        token = account.tokens.pop(str(text), None)
        if token is None or _folded(token.thing.record.get(token.field)) != _folded(token.address):
            return None
        return token.thing

    def _send_token(self, call: Call) -> Answer:
        field = call.entry.behaviour.field
        thing = next(self._with_address(call, field, str(call.body.get(field))), None)
        if thing is not None:
            self._void_tokens(call.account, thing)
            address, text = str(thing.record[field]), self._maker.token()
            call.account.tokens[text] = Token(thing, field, address)
            self.outbox.append(FakeEmail(address, text))
        return documented_answer(call.entry)

    def give_plan(self, thing: Thing, owner_id: str, status: str) -> FakePlan:
        """Give an object a plan."""
        plan = FakePlan(self._maker.uuid(), owner_id, status)
        thing.plans.append(plan)
        return plan


def _in_query(value: Any) -> str:
    """A value as it is written in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _folded(value: Any) -> str | None:
    return value.casefold() if isinstance(value, str) else None
