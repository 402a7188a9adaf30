"""The report as JSON, for programs, with whole bodies."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema_rs

from partially_conformance.report.text import cut, one_line
from partially_conformance.rules.results import Report, RuleResult
from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.traffic.records import ExchangeRecord, Failure

SCHEMA: Path = Path(__file__).with_name("schema.json")
"""The JSON Schema of the report."""

SCHEMA_VERSION = 1
"""Increased when programs that read the report have to change."""


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
        "seconds": round(report.seconds, 3),
        "requests": report.requests,
        "verdict": report.verdict.value,
        "rules": [_rule(result) for result in report.rules],
        "choices": [
            {"id": seen.choice.id, "title": seen.choice.title, "observed": seen.observed}
            for seen in report.choices
        ],
        **covered,
    }


def read_report(path: Path) -> dict[str, Any]:
    """Read a report that was written as JSON.

    Raises:
        ReportError: It cannot be read, or is not a report of this version. The message names the place.
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
        raise ReportError(f"{path}: not a report: expected an object with schema_version {SCHEMA_VERSION}")
    if version != SCHEMA_VERSION:
        raise ReportError(f"{path}: expected schema_version {SCHEMA_VERSION}, got {cut(repr(version), 60)}")
    if fault := next(_validator().iter_errors(data), None):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.instance_path)
        message = one_line(cut(fault.message, 200))
        raise ReportError(f"{path}: not a report: {message} - at {place.removeprefix('.') or 'the top'}")
    return data  # type: ignore[no-any-return]  # the schema says it is an object


@functools.cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _rule(result: RuleResult) -> dict[str, Any]:
    return {
        "id": result.rule.id,
        "area": result.rule.area,
        "level": result.rule.level.value,
        "title": result.rule.title,
        "status": result.status.value,
        "reason": result.reason,
        "exchanges": result.exchanges,
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
