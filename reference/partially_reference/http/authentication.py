"""API keys, and the merchants that they belong to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from starlette.requests import Request

from partially_reference.http.refusals import Unauthorized


def key_digest(key: str) -> str:
    """The digest of an API key, which is stored in place of the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class Authenticator:
    """Finds the merchant of a request from its header `Authorization: Bearer <api key>`.

    Args:
        merchants: The id of each merchant by the digest of its API key.
    """

    def __init__(self, merchants: Mapping[str, str]) -> None:
        self.merchants = merchants

    def merchant(self, request: Request, operation_id: str) -> str:  # noqa: ARG002 - alike for all operations
        """The id of the merchant who calls this operation.

        Raises:
            Unauthorized: There is no API key, or no merchant has it.
        """
        key = self.bearer(request.headers.getlist("authorization"))
        merchant_id = self.merchant_with(key) if key else None
        if merchant_id is None:
            raise Unauthorized("The API key is missing or not known")
        return merchant_id

    def bearer(self, headers: list[str]) -> str | None:
        """The key in the header. None unless there is exactly one header and its scheme is Bearer."""
        if len(headers) != 1:
            return None
        # Not every HTTP library removes the tabs around the value of a header.
        scheme, _, key = headers[0].strip(" \t").partition(" ")
        return key.strip(" \t") if scheme.lower() == "bearer" else None

    def merchant_with(self, key: str) -> str | None:
        """The merchant with this key. All known keys are compared, so that the time reveals nothing."""
        digest = key_digest(key)
        found = None
        for known, merchant_id in self.merchants.items():
            if hmac.compare_digest(known, digest):
                found = merchant_id
        return found
