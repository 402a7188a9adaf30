"""The report as JSON. `schema.json` beside this module describes its form."""

from __future__ import annotations

import json
from typing import Any

from partially_generator.diff.changes.findings import Change
from partially_generator.diff.changes.rules import Level
from partially_generator.diff.changes.versions import Suggestion
from partially_generator.diff.client.names import NameChange
from partially_generator.diff.difference import Difference
from partially_spec import Document

SCHEMA_VERSION = 1
"""Raised when programs that read the report must change."""


def json_report(difference: Difference) -> str:
    """The whole report as text: the same for the same documents."""
    return json.dumps(report_data(difference), indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def report_data(difference: Difference) -> dict[str, Any]:
    """The whole report as data."""
    changes = difference.changes
    return {
        "schema_version": SCHEMA_VERSION,
        "old": _document(difference.old),
        "new": _document(difference.new),
        "outcome": difference.outcome,
        "breaks_callers": difference.breaks_callers,
        "breaks_servers": bool(difference.for_servers),
        "counts": {
            side: {level.value: sum(getattr(c.rule, side) is level for c in changes) for level in Level}
            for side in ("callers", "servers")
        },
        "changes": [_change(change) for change in changes],
        "client": {
            "compared": difference.client.unknown is None,
            "reason": difference.client.unknown,
            "names": [_name(change) for change in difference.client.names],
        },
        "version": {
            "step": difference.step,
            "client": _version(difference.client_version),
            "description": _version(difference.document_version),
        },
    }


def _document(document: Document) -> dict[str, Any]:
    raw = document.raw
    return {
        "file": str(document.path),
        "title": str(raw["info"]["title"]),
        "version": document.version,
        "openapi": str(raw["openapi"]),
    }


def _change(change: Change) -> dict[str, Any]:
    rule = change.rule
    return {
        "rule": rule.id,
        "callers": rule.callers.value,
        "servers": rule.servers.value,
        "when": rule.when,
        "step": rule.step,
        "text": change.text,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "places": [
            {"operation": p.operation, "part": p.part, "before": p.before, "after": p.after}
            for p in change.places
        ],
    }


def _name(change: NameChange) -> dict[str, Any]:
    before, after = change.signatures
    return {
        "name": change.name,
        "kind": change.kind,
        "renamed": change.renamed,
        "breaking": bool(change.reasons),
        "reasons": list(change.reasons),
        "before": before,
        "after": after,
    }


def _version(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "current": suggestion.current,
        "suggested": suggestion.suggested,
        "given": suggestion.given,
        "enough": suggestion.enough,
    }
