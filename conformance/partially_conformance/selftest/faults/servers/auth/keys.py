"""Faults of AUTH: how keys are read and compared, and how requests without the right key are refused."""

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
    """Accepts a key that is similar to a right key that it has seen before."""

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


@fault("AUTH-3", says="The beginning of a key is accepted as the key.")
class StartOfTheKeyOpens(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return known.startswith(key)


@fault("AUTH-3", says="A header that has other text around the key is accepted.")
class KeyAnywhereInTheHeader(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return known in key


@fault("AUTH-18", says="Keys are compared without regard to case.")
class KeysInAnyCase(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return key.lower() == known.lower()


@fault("AUTH-18", says="A key is accepted in lower case too.")
class KeysInLowerCase(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return key in (known, known.lower())


@fault("AUTH-3", says="Only the first eight characters of a key are compared.")
class OnlyPrefixCompared(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return key[:8] == known[:8]


@fault("AUTH-3", says="The last character of a key is not compared.")
class LastCharacterIgnored(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return key[: len(known) - 1] == known[:-1]


@fault("AUTH-3", says="A key with one wrong character is accepted.")
class OneCharacterForgiven(AlikeKeys):
    def alike(self, key: str, known: str) -> bool:
        return len(key) == len(known) and sum(a != b for a, b in zip(key, known, strict=True)) == 1


@fault("AUTH-3", says="Equals signs at the end of a key are ignored.")
class KeysPadded(Authenticator):
    def merchant_with(self, key: str) -> str | None:
        return super().merchant_with(key.rstrip("="))


@fault("AUTH-4", says="Any scheme is accepted in the Authorization header.")
class AnyScheme(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return headers[0].rpartition(" ")[2] if headers else None


@fault("AUTH-4", says="A key without the word Bearer is accepted.")
class SchemeOptional(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return headers[0].removeprefix("Bearer ") if headers else None


@fault("AUTH-12", says="A 401 has no WWW-Authenticate header.")
class NoChallenge(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {} if isinstance(refusal, Unauthorized) else super().error_headers(refusal)


@fault("AUTH-13", says="The name of the scheme is accepted only as `Bearer`, not in another case.")
class SchemeAsWritten(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return headers[0].removeprefix("Bearer ") if headers and headers[0].startswith("Bearer ") else None


@fault("AUTH-14", says="The refusal of an unknown key repeats the key.")
class RefusalRepeatsTheKey(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        try:
            return super().merchant(request, operation_id)
        except Unauthorized:
            raise Unauthorized(f"Not known: {request.headers.get('authorization', '')}") from None


_MARK = "not allowed: "


class MarksInsteadOfRefusing(Authenticator):
    """Marks requests without the right key instead of refusing them."""

    def merchant(self, request: Request, operation_id: str) -> str:
        try:
            return super().merchant(request, operation_id)
        except Unauthorized:
            return _MARK + next(iter(self.merchants.values()))


class RefusesLate(CustomersApi):
    """Refuses marked requests; the operations in `too_late` are carried out first."""

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


@fault(
    "AUTH-5",
    says="A create without the right key stores the customer and is then refused.",
    also=[MarksInsteadOfRefusing],
)
class CreateBeforeTheKey(RefusesLate):
    too_late = ("createCustomer",)


@fault(
    "AUTH-5",
    says="An update without the right key changes the customer and is then refused.",
    also=[MarksInsteadOfRefusing],
)
class UpdateBeforeTheKey(RefusesLate):
    too_late = ("updateCustomer",)


@fault(
    "AUTH-5",
    says="A removal without the right key removes the customer and is then refused.",
    also=[MarksInsteadOfRefusing],
)
class RemovalBeforeTheKey(RefusesLate):
    too_late = ("gdprRemoveCustomer",)


@fault(
    "AUTH-5",
    says="A request for a login token without the right key sends the token and is then refused.",
    also=[MarksInsteadOfRefusing],
)
class TokenSentBeforeTheKey(RefusesLate):
    too_late = ("loginEmail",)

    def login_email(self, call: Call) -> Response:
        answer = super().login_email(call)
        answer.background = None  # the harness has the email already
        return answer


@fault(
    "AUTH-5",
    says="A login by token without the right key uses up the token and is then refused.",
    also=[MarksInsteadOfRefusing],
)
class TokenUsedBeforeTheKey(RefusesLate):
    too_late = ("loginToken",)


@fault(
    "AUTH-1",
    "AUTH-2",
    says="A list or a get without the right key is answered with 401 and the customers in the body.",
    also=[MarksInsteadOfRefusing],
)
class StatusOnly(RefusesLate):
    too_late = ("listCustomers", "getCustomer")

    def refuse(self, _refused: Unauthorized, done: Response) -> Response:
        done.status_code = 401
        return done


@fault(
    "AUTH-1",
    "AUTH-2",
    says="A request without the right key is answered with 200 and a message that says so.",
)
class RefusedWith200(Answers):
    def status(self, refusal: Refusal) -> int:
        return 200 if isinstance(refusal, Unauthorized) else super().status(refusal)


@fault("AUTH-1", says="A request without an Authorization header is answered with 500.")
class NoHeaderNoAnswer(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return super().bearer([headers[0]])


@fault(
    "AUTH-1",
    "AUTH-2",
    says="A cache serves lists and customers without checking the key.",
    also=[MarksInsteadOfRefusing],
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


@fault("AUTH-2", says="An empty Authorization header is accepted.")
class EmptyHeaderOpens(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        if request.headers.get("authorization") == "":
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)
