"""Faults of AUTH: operations that need no key or accept any key."""

from __future__ import annotations

from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.authentication import Authenticator
from partially_reference.http.refusals import Unauthorized


class NeedsNoKey(Authenticator):
    """Treats a request to one operation without a key as one of the first merchant."""

    operation: str

    def merchant(self, request: Request, operation_id: str) -> str:
        if operation_id == self.operation and self.is_accepted(request):
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)

    def is_accepted(self, request: Request) -> bool:
        return "authorization" not in request.headers


class AcceptsAnyKey(NeedsNoKey):
    """Treats a request to one operation with an unknown key as one of the first merchant."""

    def is_accepted(self, request: Request) -> bool:
        try:
            super(NeedsNoKey, self).merchant(request, self.operation)
        except Unauthorized:
            return "authorization" in request.headers
        return False


@fault("AUTH-1", says="The list needs no key.")
class ListForgetsTheKey(NeedsNoKey):
    operation = "listCustomers"


@fault("AUTH-1", says="A get needs no key.")
class GetForgetsTheKey(NeedsNoKey):
    operation = "getCustomer"


@fault("AUTH-1", says="A create needs no key.")
class CreateForgetsTheKey(NeedsNoKey):
    operation = "createCustomer"


@fault("AUTH-1", says="An update needs no key.")
class UpdateForgetsTheKey(NeedsNoKey):
    operation = "updateCustomer"


@fault("AUTH-1", says="A removal needs no key.")
class RemovalForgetsTheKey(NeedsNoKey):
    operation = "gdprRemoveCustomer"


@fault("AUTH-1", says="A login by password needs no key.")
class PasswordLoginForgetsTheKey(NeedsNoKey):
    operation = "loginPassword"


@fault("AUTH-1", says="A request for a login token needs no key.")
class LoginEmailForgetsTheKey(NeedsNoKey):
    operation = "loginEmail"


@fault("AUTH-1", says="A login by token needs no key.")
class TokenLoginForgetsTheKey(NeedsNoKey):
    operation = "loginToken"


@fault("AUTH-2", says="The list accepts any key.")
class ListTakesAnyKey(AcceptsAnyKey):
    operation = "listCustomers"


@fault("AUTH-2", says="A get accepts any key.")
class GetTakesAnyKey(AcceptsAnyKey):
    operation = "getCustomer"


@fault("AUTH-2", says="A create accepts any key.")
class CreateTakesAnyKey(AcceptsAnyKey):
    operation = "createCustomer"


@fault("AUTH-2", says="An update accepts any key.")
class UpdateTakesAnyKey(AcceptsAnyKey):
    operation = "updateCustomer"


@fault("AUTH-2", says="A removal accepts any key.")
class RemovalTakesAnyKey(AcceptsAnyKey):
    operation = "gdprRemoveCustomer"


@fault("AUTH-2", says="A login by password accepts any key.")
class PasswordLoginTakesAnyKey(AcceptsAnyKey):
    operation = "loginPassword"


@fault("AUTH-2", says="A request for a login token accepts any key.")
class LoginEmailTakesAnyKey(AcceptsAnyKey):
    operation = "loginEmail"


@fault("AUTH-2", says="A login by token accepts any key.")
class TokenLoginTakesAnyKey(AcceptsAnyKey):
    operation = "loginToken"


@fault("AUTH-1", "AUTH-2", says="A request without a valid key is treated as one of the first merchant.")
class FirstMerchantIfNone(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        try:
            return super().merchant(request, operation_id)
        except Unauthorized:
            return next(iter(self.merchants.values()))


@fault("AUTH-2", says="An empty key is accepted as the key of the first merchant.")
class EmptyKeyOpens(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        key = super().bearer(headers)
        return " " if key is not None and not key.strip() else key

    def merchant_with(self, key: str) -> str | None:
        return next(iter(self.merchants.values())) if key == " " else super().merchant_with(key)


@fault("AUTH-2", says="Keys are looked up with LIKE, so a percent sign matches every key.")
class KeyWithLike(Authenticator):
    def merchant_with(self, key: str) -> str | None:
        return next(iter(self.merchants.values())) if key == "%" else super().merchant_with(key)


@fault("AUTH-1", says="HEAD needs no key.")
class HeadsForEverybody(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        if request.method == "HEAD":
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)


@fault("AUTH-1", says="A list request with a page number needs no key.")
class FurtherPagesForEverybody(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        if "page" in request.query_params and "authorization" not in request.headers:
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)
