"""Hiding the secrets of a run in everything that its report says."""

from __future__ import annotations

from dataclasses import replace

from partially_conformance.rules.results import Report, RuleResult
from partially_conformance.target.target import Target
from partially_conformance.traffic.exchange import Key
from partially_conformance.traffic.redaction import Secrets


def secrets_of(target: Target | None) -> Secrets:
    """The secrets that are known before a run begins: the keys of the target."""
    secrets = Secrets()
    if target is not None:
        secrets.add_key(Key(target.api_key, "API_KEY"))
        if target.other_api_key is not None:
            secrets.add_key(Key(target.other_api_key, "OTHER_API_KEY"))
    return secrets


def without_secrets(report: Report, secrets: Secrets) -> Report:
    """The report without secrets in what the run says of itself. Its stories have none from the start.

    A target may repeat a key anywhere: in the last output of its process, in a malformed status line, in an
    answer of its harness.
    """

    def hidden(text: str | None) -> str | None:
        return None if text is None else secrets.hide(text)

    def of_rule(result: RuleResult) -> RuleResult:
        return replace(result, reason=hidden(result.reason))

    return replace(
        report,
        reason=hidden(report.reason),
        rules=tuple(map(of_rule, report.rules)),
        choices=tuple(replace(choice, observed=secrets.hide(choice.observed)) for choice in report.choices),
        errors=tuple(map(secrets.hide, report.errors)),
    )
