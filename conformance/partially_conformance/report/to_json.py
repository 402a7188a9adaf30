"""The report as JSON, for programs, with whole bodies."""

from __future__ import annotations

import functools
import json
from collections.abc import Set
from pathlib import Path
from typing import Any

import jsonschema_rs

from partially_conformance.report.text import cut, one_line, started_at
from partially_conformance.rules.results import Report, RuleResult, Selection
from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.traffic.records import ExchangeRecord, Failure

SCHEMA: Path = Path(__file__).with_name("schema.json")
"""The JSON Schema of the report."""

SCHEMA_VERSION = 2
"""Increased when programs that read the report have to change."""


_READABLE = f"1 or {SCHEMA_VERSION}"

_NEW_IN_2 = frozenset(
    {"started_at", "workers", "selection", "reason", "exit_code", "broken_off", "warnings", "causes"}
)
"""The keys of a report that version 1 does not have; its rules have no `seconds`."""


class ReportError(ConfigurationError):
    """A file is not a report, or cannot be read."""


def render(report: Report) -> str:
    """The report as JSON text."""
    return json.dumps(to_data(report), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def to_data(report: Report) -> dict[str, Any]:
    """The report as a JSON value. `schema.json` describes it."""
    covered = {} if report.coverage is None else {"coverage": dict(report.coverage)}
    return {
        "schema_version": SCHEMA_VERSION,
        "suite_version": report.suite_version,
        "spec_version": report.spec_version,
        "target": {"name": report.target_name, "base_url": report.base_url},
        "seed": report.seed,
        "effort": str(report.effort),
        "started_at": started_at(report),
        "seconds": round(report.seconds, 3),
        "requests": report.requests,
        "workers": report.workers,
        "selection": _selection(report.selection),
        "verdict": report.verdict.value,
        "reason": report.reason,
        "exit_code": report.exit_code,
        "broken_off": report.broken_off,
        "warnings": list(report.warnings),
        "causes": [
            {"expected": cause.expected, "observed": cause.observed, "rules": list(cause.rules)}
            for cause in report.causes
        ],
        "rules": [_rule(result) for result in report.rules],
        "choices": [
            {"id": seen.choice.id, "title": seen.choice.title, "observed": seen.observed}
            for seen in report.choices
        ],
        **covered,
    }


def read_report(path: Path) -> dict[str, Any]:
    """Read a report that was written as JSON, by this version of the suite or an earlier one.

    Returns:
        The report as it is: version 1 has fewer keys.

    Raises:
        ReportError: It cannot be read, or is not a report of a known version. The message names the place.
    """
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise ReportError(
            f"{path}: not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"{path}: not JSON: {error}") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version is None:
        raise ReportError(f"{path}: not a report: expected an object with schema_version {_READABLE}")
    if version not in (1, SCHEMA_VERSION) or isinstance(version, bool):
        raise ReportError(f"{path}: expected schema_version {_READABLE}, got {cut(repr(version), 60)}")
    if fault := next(_validator(version).iter_errors(data), None):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.instance_path)
        message = one_line(cut(fault.message, 200))
        raise ReportError(f"{path}: not a report: {message} - at {place.removeprefix('.') or 'the top'}")
    return data  # type: ignore[no-any-return]  # the schema says it is an object


@functools.cache
def _validator(version: int) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    if version == 1:
        schema["properties"]["schema_version"] = {"const": 1}
        _leave_out(schema, _NEW_IN_2)
        _leave_out(schema["$defs"]["rule"], {"seconds"})
    return jsonschema_rs.Draft202012Validator(schema)


def _leave_out(schema: dict[str, Any], keys: Set[str]) -> None:
    schema["required"] = [key for key in schema["required"] if key not in keys]
    for key in keys:
        del schema["properties"][key]


def _selection(selection: Selection) -> dict[str, Any]:
    return {
        "profile": selection.profile,
        "level": selection.level.value,
        "rules": list(selection.rules),
        "read_only": selection.read_only,
        "strict": selection.strict,
        "left_out": selection.left_out,
    }


def _rule(result: RuleResult) -> dict[str, Any]:
    return {
        "id": result.rule.id,
        "area": result.rule.area,
        "level": result.rule.level.value,
        "title": result.rule.title,
        "status": result.status.value,
        "reason": result.reason,
        "exchanges": result.exchanges,
        "seconds": round(result.seconds, 3),
        "failures": [_failure(failure) for failure in result.failures],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "expected": failure.expected,
        "observed": failure.observed,
        "exchanges": [_exchange(exchange) for exchange in failure.exchanges],
    }


def _exchange(exchange: ExchangeRecord) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": request.body,
        },
        "response": {"status": response.status, "headers": dict(response.headers), "body": response.body},
        "curl": exchange.curl,
    }
