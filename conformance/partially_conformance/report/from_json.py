"""From the JSON value of a report back to the report, to show it beside others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from partially_conformance.report.to_json import SCHEMA_VERSION, ReportError
from partially_conformance.rules.catalogue import Catalogue, Choice, Level, Rule, load_catalogue
from partially_conformance.rules.results import (
    Cause,
    ObservedChoice,
    Report,
    RuleResult,
    Selection,
    Status,
    Verdict,
)
from partially_conformance.traffic.records import ExchangeRecord, Failure, RequestRecord, ResponseRecord


def report_of(data: Mapping[str, Any], name: str) -> Report:
    """The report that a JSON value holds.

    Rules that the catalogue of this suite does not have keep the id, level and title of the report.

    Args:
        data: What `read_report` has read.
        name: The name of its file, for the message.

    Raises:
        ReportError: It has version 1, which does not say what its verdict covers.
    """
    if data["schema_version"] != SCHEMA_VERSION:
        raise ReportError(
            f"{name}: schema_version {data['schema_version']} does not say what the verdict covers;"
            f" write the report again with this version of the suite ({SCHEMA_VERSION})"
        )
    catalogue = load_catalogue()
    return Report(
        suite_version=data["suite_version"],
        spec_version=data["spec_version"],
        target_name=data["target"]["name"],
        base_url=data["target"]["base_url"],
        seed=data["seed"],
        effort=data["effort"],
        started_at=datetime.fromisoformat(data["started_at"]),
        seconds=data["seconds"],
        requests=data["requests"],
        selection=selection_of(data),
        verdict=Verdict(data["verdict"]),
        exit_code=data["exit_code"],
        reason=data["reason"],
        rules=tuple(_result(entry, catalogue) for entry in data["rules"]),
        causes=tuple(
            Cause(entry["expected"], entry["observed"], tuple(entry["rules"])) for entry in data["causes"]
        ),
        choices=tuple(
            ObservedChoice(Choice(entry["id"], entry["title"]), entry["observed"])
            for entry in data["choices"]
        ),
        warnings=tuple(data["warnings"]),
        broken_off=data["broken_off"],
        workers=data["workers"],
        coverage=data.get("coverage"),
    )


def selection_of(data: Mapping[str, Any]) -> Selection:
    """The selection of a report of version 2."""
    found = data["selection"]
    return Selection(**{**found, "level": Level(found["level"]), "rules": tuple(found["rules"])})


def _result(entry: Mapping[str, Any], catalogue: Catalogue) -> RuleResult:
    known = {rule.id: rule for rule in catalogue.rules}
    rule = known.get(entry["id"]) or Rule(
        entry["id"], Level(entry["level"]), entry["title"], statement="", source="", needs=frozenset()
    )
    return RuleResult(
        rule,
        Status(entry["status"]),
        entry["reason"],
        entry["exchanges"],
        tuple(map(_failure, entry["failures"])),
        entry["seconds"],
    )


def _failure(entry: Mapping[str, Any]) -> Failure:
    return Failure(entry["expected"], entry["observed"], tuple(map(_exchange, entry["exchanges"])))


def _exchange(entry: Mapping[str, Any]) -> ExchangeRecord:
    request, response = RequestRecord(**entry["request"]), ResponseRecord(**entry["response"])
    return ExchangeRecord(request, response, entry["curl"])
