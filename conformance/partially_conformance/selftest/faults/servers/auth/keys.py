"""Faults of AUTH: how keys are read and compared, and what becomes of a request without the right one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.answers import Answers
from partially_reference.http.authentication import Authenticator
from partially_reference.http.customers import CustomersApi
from partially_reference.http.refusals import Unauthorized
from partially_reference.http.routing import Call, Handler
from partially_reference.rules.refusals import Refusal


class AlikeKeys(Authenticator):
    """Takes a key for another that it has seen before, if the two are alike."""

    def __init__(self, merchants: Mapping[str, str]) -> None:
        super().__init__(merchants)
        self.seen: dict[str, str] = {}

    def merchant_with(self, key: str) -> str | None:
        found = super().merchant_with(key)
        if found is not None:
            self.seen[key] = found
            return found
        return next((merchant for known, merchant in self.seen.items() if self.alike(key, known)), None)

    def alike(self, key: str, known: str) -> bool:
        raise NotImplementedError


@fault("AUTH-3", says="The key is compared as far as it was sent.")
class StartOfTheKeyOpens(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return known.startswith(key)


@fault("AUTH-3", says="The key is looked for in the header, which may hold more.")
class KeyAnywhereInTheHeader(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return known in key


@fault("AUTH-3", says="The column of keys compares without regard to case.")
class KeysInAnyCase(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return key.lower() == known.lower()


@fault("AUTH-3", says="Only a prefix of eight characters is compared, by which keys are looked up.")
class OnlyPrefixCompared(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return key[:8] == known[:8]


@fault("AUTH-3", says="The comparison stops one character too early.")
class LastCharacterIgnored(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return key[: len(known) - 1] == known[:-1]


@fault("AUTH-3", says="The comparison counts equal characters and forgives one that differs.")
class OneCharacterForgiven(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return len(key) == len(known) and sum(a != b for a, b in zip(key, known, strict=True)) == 1


@fault("AUTH-4", says="The header is split at the blank, and the first part is not looked at.")
class AnyScheme(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return headers[0].rpartition(" ")[2] if headers else None


@fault("AUTH-4", says="`Bearer ` is cut off where it is there, and nothing is missed where it is not.")
class SchemeOptional(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return headers[0].removeprefix("Bearer ") if headers else None


@fault("AUTH-12", says="A 401 does not say which scheme it wants.")
class NoChallenge(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {} if isinstance(refusal, Unauthorized) else super().error_headers(refusal)


@fault("AUTH-13", says="The name of the scheme is compared as it is written in the documentation.")
class SchemeAsWritten(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return headers[0].removeprefix("Bearer ") if headers and headers[0].startswith("Bearer ") else None


@fault("AUTH-14", says="The refusal says which key it does not know.")
class RefusalRepeatsTheKey(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        try:
            return super().merchant(request, operation_id)
        except Unauthorized:
            raise Unauthorized(f"Not known: {request.headers.get('authorization', '')}") from None


_MARK = "not allowed: "


class Marking(Authenticator):
    """Lets requests without the right key pass, marked as such, for others to refuse."""

    def merchant(self, request: Request, operation_id: str) -> str:
        try:
            return super().merchant(request, operation_id)
        except Unauthorized:
            return _MARK + next(iter(self.merchants.values()))


class RefusesLate(CustomersApi):
    """Refuses marked requests before it does what they ask for, unless told otherwise."""

    too_late: tuple[str, ...] = ()

    def handlers(self) -> dict[str, Handler]:
        return {name: self.guarded(name, handler) for name, handler in super().handlers().items()}

    def guarded(self, name: str, handler: Handler) -> Handler:
        def handle(call: Call) -> Response:
            if not call.merchant_id.startswith(_MARK):
                return handler(call)
            refused = Unauthorized("The API key is missing or not known")
            if name not in self.too_late:
                raise refused
            done = handler(replace(call, merchant_id=call.merchant_id.removeprefix(_MARK)))
            return self.refuse(refused, done)

        return handle

    def refuse(self, refused: Unauthorized, _done: Response) -> Response:
        raise refused


@fault("AUTH-5", says="A create stores the customer and looks at the key when it answers.", also=[Marking])
class CreateBeforeTheKey(RefusesLate):
    too_late = ("createCustomer",)


@fault("AUTH-5", says="An update writes and looks at the key when it answers.", also=[Marking])
class UpdateBeforeTheKey(RefusesLate):
    too_late = ("updateCustomer",)


@fault("AUTH-5", says="A removal removes and looks at the key when it answers.", also=[Marking])
class RemovalBeforeTheKey(RefusesLate):
    too_late = ("gdprRemoveCustomer",)


@fault("AUTH-5", says="A login token is sent before the key is looked at.", also=[Marking])
class TokenSentBeforeTheKey(RefusesLate):
    too_late = ("loginEmail",)

    def login_email(self, call: Call) -> Response:
        answer = super().login_email(call)
        answer.background = None  # the harness has the email already
        return answer


@fault("AUTH-5", says="A login token is used up before the key is looked at.", also=[Marking])
class TokenUsedBeforeTheKey(RefusesLate):
    too_late = ("loginToken",)


@fault(
    "AUTH-1",
    "AUTH-2",
    says="Without the right key the status is 401, but the answer is sent all the same.",
    also=[Marking],
)
class StatusOnly(RefusesLate):
    too_late = ("listCustomers", "getCustomer")

    def refuse(self, _refused: Unauthorized, done: Response) -> Response:
        done.status_code = 401
        return done


@fault("AUTH-1", "AUTH-2", says="Without the right key the answer is 200 with a message that says so.")
class RefusedWith200(Answers):
    def status(self, refusal: Refusal) -> int:
        return 200 if isinstance(refusal, Unauthorized) else super().status(refusal)


@fault("AUTH-1", says="A missing Authorization header is not reckoned with: 500.")
class NoHeaderNoAnswer(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return super().bearer([headers[0]])


@fault(
    "AUTH-1",
    "AUTH-2",
    says="A cache before the server keeps answers and does not look at the key.",
    also=[Marking],
)
class CacheBeforeTheKey(CustomersApi):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.kept: dict[str, Response] = {}

    def handlers(self) -> dict[str, Handler]:
        return {name: self.cached(name, handler) for name, handler in super().handlers().items()}

    def cached(self, name: str, handler: Handler) -> Handler:
        def handle(call: Call) -> Response:
            asked = f"{name} {sorted(call.path.items())} {sorted(call.query.items())}"
            if call.merchant_id.startswith(_MARK):
                if name in {"listCustomers", "getCustomer"} and asked in self.kept:
                    return self.kept[asked]
                raise Unauthorized("The API key is missing or not known")
            self.kept[asked] = handler(call)
            return self.kept[asked]

        return handle


@fault("AUTH-2", says="An Authorization header without anything in it is let in.")
class EmptyHeaderOpens(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        if request.headers.get("authorization") == "":
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)
