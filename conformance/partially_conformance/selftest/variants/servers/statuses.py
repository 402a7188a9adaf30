"""Variants: statuses of creates and refusals, and the scheme of the key."""

from __future__ import annotations

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.http.answers import Answers
from partially_reference.http.authentication import Authenticator
from partially_reference.http.refusals import Unauthorized
from partially_reference.rules.refusals import InvalidInput, Refusal


@variant("create-status", says="A create is answered with 201.")
class CreateAnswers201(Answers):
    created_status = 201


@variant("bad-input-status", says="Invalid input is answered with 422.")
class BadInput422(Answers):
    def status(self, refusal: Refusal) -> int:
        return 422 if isinstance(refusal, InvalidInput) else super().status(refusal)


@variant("missing-key-status", says="A request without a valid key is answered with 403.")
class Keyless403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, Unauthorized) else super().status(refusal)

    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {} if isinstance(refusal, Unauthorized) else super().error_headers(refusal)


@variant(says="The scheme in the Authorization header is accepted only as `Bearer`.")
class SchemeInOneCase(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return super().bearer([one for one in headers if one.startswith("Bearer ")])
