"""Faults of AUTH: operations that forget to ask for the key."""

from __future__ import annotations

from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.authentication import Authenticator
from partially_reference.http.refusals import Unauthorized


class WithoutKey(Authenticator):
    """Takes a request to one operation without a key for one of the first merchant."""

    forgotten: str

    def merchant(self, request: Request, operation_id: str) -> str:
        if operation_id == self.forgotten and self.is_forgiven(request):
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)

    def is_forgiven(self, request: Request) -> bool:
        return "authorization" not in request.headers


class AnyKey(WithoutKey):
    """Takes a request to one operation with any key for one of the first merchant."""

    def is_forgiven(self, request: Request) -> bool:
        try:
            super(WithoutKey, self).merchant(request, self.forgotten)
        except Unauthorized:
            return "authorization" in request.headers
        return False


@fault("AUTH-1", says="The list is given to everybody.")
class ListForgetsTheKey(WithoutKey):
    forgotten = "listCustomers"


@fault("AUTH-1", says="A customer is read without a key by whoever knows the id.")
class GetForgetsTheKey(WithoutKey):
    forgotten = "getCustomer"


@fault("AUTH-1", says="Customers are created without a key, as a sign-up form would want it.")
class CreateForgetsTheKey(WithoutKey):
    forgotten = "createCustomer"


@fault("AUTH-1", says="Customers are updated without a key.")
class UpdateForgetsTheKey(WithoutKey):
    forgotten = "updateCustomer"


@fault("AUTH-1", says="The removal was added outside of the block that asks for the key.")
class RemovalForgetsTheKey(WithoutKey):
    forgotten = "gdprRemoveCustomer"


@fault("AUTH-1", says="A login with a password is thought to be proof enough without a key.")
class PasswordLoginForgetsTheKey(WithoutKey):
    forgotten = "loginPassword"


@fault("AUTH-1", says="Login tokens are sent without a key.")
class LoginEmailForgetsTheKey(WithoutKey):
    forgotten = "loginEmail"


@fault("AUTH-1", says="A login with a token is thought to be proof enough without a key.")
class TokenLoginForgetsTheKey(WithoutKey):
    forgotten = "loginToken"


@fault("AUTH-2", says="The list asks for a key but does not look it up.")
class ListTakesAnyKey(AnyKey):
    forgotten = "listCustomers"


@fault("AUTH-2", says="Reading a customer asks for a key but does not look it up.")
class GetTakesAnyKey(AnyKey):
    forgotten = "getCustomer"


@fault("AUTH-2", says="A create asks for a key but does not look it up.")
class CreateTakesAnyKey(AnyKey):
    forgotten = "createCustomer"


@fault("AUTH-2", says="An update asks for a key but does not look it up.")
class UpdateTakesAnyKey(AnyKey):
    forgotten = "updateCustomer"


@fault("AUTH-2", says="A removal asks for a key but does not look it up.")
class RemovalTakesAnyKey(AnyKey):
    forgotten = "gdprRemoveCustomer"


@fault("AUTH-2", says="A login with a password asks for a key but does not look it up.")
class PasswordLoginTakesAnyKey(AnyKey):
    forgotten = "loginPassword"


@fault("AUTH-2", says="Asking for a login token asks for a key but does not look it up.")
class LoginEmailTakesAnyKey(AnyKey):
    forgotten = "loginEmail"


@fault("AUTH-2", says="A login with a token asks for a key but does not look it up.")
class TokenLoginTakesAnyKey(AnyKey):
    forgotten = "loginToken"


@fault("AUTH-1", "AUTH-2", says="Where no merchant is found, the first one of the table is taken.")
class FirstMerchantIfNone(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        try:
            return super().merchant(request, operation_id)
        except Unauthorized:
            return next(iter(self.merchants.values()))


@fault("AUTH-2", says="An empty key is that of the first merchant, whose key in the settings is empty.")
class EmptyKeyOpens(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        key = super().bearer(headers)
        return " " if key is not None and not key.strip() else key

    def merchant_with(self, key: str) -> str | None:
        return next(iter(self.merchants.values())) if key == " " else super().merchant_with(key)


@fault("AUTH-2", says="Keys are looked up with LIKE, so that a percent sign is every key.")
class KeyWithLike(Authenticator):
    def merchant_with(self, key: str) -> str | None:
        return next(iter(self.merchants.values())) if key == "%" else super().merchant_with(key)
