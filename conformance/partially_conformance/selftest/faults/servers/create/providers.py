"""Faults of CREATE: emails of well-known providers, and logins with shared emails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.rules.fields import Fields
from partially_reference.rules.logins import Logins
from partially_reference.storage.stores import Record


class _RewritesEmails(Fields):
    """Rewrites the email of a body."""

    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        picked = super().pick(body)
        email = picked.get("email")
        if not isinstance(email, str) or "@" not in email:
            return picked
        local, _, domain = email.rpartition("@")
        return {**picked, "email": self.rewritten(local, domain.lower())}

    def rewritten(self, local: str, domain: str) -> str:
        raise NotImplementedError


@fault("CREATE-25", says="Dots and tags are removed from emails at gmail.com.")
class DotsOfGmailRemoved(_RewritesEmails):
    def rewritten(self, local: str, domain: str) -> str:
        if domain == "gmail.com":
            local = local.partition("+")[0].replace(".", "")
        return f"{local}@{domain}"


@fault("CREATE-25", says="googlemail.com is replaced by gmail.com.")
class GooglemailIsGmail(_RewritesEmails):
    def rewritten(self, local: str, domain: str) -> str:
        return f"{local}@{domain.replace('googlemail.com', 'gmail.com')}"


@fault("CREATE-25", says="Tags are removed from emails at outlook.com, yahoo.com and icloud.com.")
class TagsOfProvidersRemoved(_RewritesEmails):
    def rewritten(self, local: str, domain: str) -> str:
        if domain in ("outlook.com", "icloud.com"):
            local = local.partition("+")[0]
        return f"{local.partition('-')[0] if domain == 'yahoo.com' else local}@{domain}"


@fault("CREATE-25", says="Emails at gmail.com that differ only in dots count as the same.")
class DotsOfGmailDoNotCount(Fields):
    def claim(self, email_folded: str | None) -> str | None:
        if not email_folded or not email_folded.endswith("@gmail.com"):
            return email_folded
        local, _, domain = email_folded.rpartition("@")
        return f"{local.replace('.', '')}@{domain}"


class _EmailsShared(Fields):
    def claim(self, _email_folded: str | None) -> str | None:
        return None


@fault(
    "CREATE-18",
    "UPDATE-16",
    says="The password of any customer with an email logs in the newest customer with it.",
    also=[_EmailsShared],
)
class NewestOfSeveral(Logins):
    def verified(self, candidates: Sequence[Record], password: str) -> Record | None:
        found = super().verified(candidates, password)
        return candidates[-1] if found is not None else None
