"""`run --client` and `run --rules 'CLIENT-*'`: what is checked, what needs a server, and what is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.report.to_json import read_report
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.selftest.faults.clients import all_client_faults
from partially_conformance.selftest.overlays.clients import ClientOverlay, changed_client

OF_CLIENTS = [rule.id for rule in load_catalogue().of_clients]
FAULTS = {fault.name: fault for fault in all_client_faults()}


def checked(commands: Any, folder: Path, *arguments: str) -> Any:
    """A run with its report."""
    path = folder / "report.json"
    ended = commands("run", *arguments, "--effort", "quick", "--json", path)
    if path.exists():
        ended.report = read_report(path)
    return ended


def test_the_client_of_this_project_conforms_and_no_server_is_started(
    commands: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "partially_conformance.run.target_subject.embedded_reference", lambda: pytest.fail("started")
    )
    ended = checked(commands, tmp_path, "--rules", "CLIENT-*", "--strict")
    assert (ended.code, ended.report["verdict"]) == (0, "conforms"), ended.out
    assert [rule["id"] for rule in ended.report["rules"]] == OF_CLIENTS
    assert {rule["status"] for rule in ended.report["rules"]} == {"passed"}
    assert ended.report["target"]["name"] == "partially_client"
    of_rules = sum(rule["exchanges"] for rule in ended.report["rules"])
    of_the_gate = 2 * 8  # each method of both clients once
    assert ended.report["requests"] == of_rules + of_the_gate


def broken_run(commands: Any, folder: Path, fault: ClientOverlay, *arguments: str) -> Any:
    with changed_client(fault) as name:
        return checked(commands, folder, "--client", name, "--rules", *fault.about, *arguments)


def test_a_failure_is_told_with_the_request_and_the_answer(commands: Any, tmp_path: Path) -> None:
    ended = broken_run(commands, tmp_path, FAULTS["extra-fields-are-dropped"])
    assert (ended.code, ended.report["verdict"]) == (1, "violates")
    failure = ended.report["rules"][0]["failures"][0]
    assert failure["expected"] == "every field to be given back as it was sent"
    assert "is missing, expected" in failure["observed"]
    step = failure["exchanges"][-1]
    assert step["curl"].startswith(
        f"curl -sS -X {step['request']['method']} http://api.test/base/v1/customer"
    )
    assert '-H "Authorization: Bearer $API_KEY"' in step["curl"]
    assert json.loads(step["response"]["body"])


def test_a_failure_is_the_smallest_that_shows_it(commands: Any, tmp_path: Path) -> None:
    ended = broken_run(commands, tmp_path, FAULTS["nulls-are-dropped"], "--seed", "3")
    body = ended.report["rules"][0]["failures"][0]["exchanges"][-1]["request"]["body"]
    assert len(json.loads(body)) <= 1, "nothing is there but what is required and what shows it"


def test_the_same_seed_gives_the_same_story(commands: Any, tmp_path: Path) -> None:
    stories = []
    for _ in range(2):
        ended = broken_run(commands, tmp_path, FAULTS["key-in-the-query"], "--seed", "5")
        assert ended.code == 1
        failures = ended.report["rules"][0]["failures"]
        stories.append([(one["expected"], one["observed"], len(one["exchanges"])) for one in failures])
    assert stories[0] == stories[1]


def test_no_report_holds_the_key(commands: Any, tmp_path: Path) -> None:
    from partially_conformance.clients.calling.caller import KEY  # noqa: PLC0415

    record = tmp_path / "record"
    ended = broken_run(commands, tmp_path, FAULTS["repr-shows-the-key"], "--record", str(record), "-v")
    assert ended.code == 1
    written = [path.read_text() for path in (tmp_path / "report.json", *record.iterdir())]
    assert len(written) > 1
    assert not [text for text in (*written, ended.out, ended.err) if KEY in text]


def test_a_client_that_fails_at_every_call_has_no_verdict(commands: Any, tmp_path: Path) -> None:
    def change(sources: Any) -> None:
        text = "def check_status(response, secrets):\n    raise ResponseValidationError('No', '$', response)"
        sources.add("_core/response.py", text)

    fault = ClientOverlay("useless", "It raises an error at every call.", ("CLIENT-15",), change)
    ended = broken_run(commands, tmp_path, fault)
    assert (ended.code, ended.report["verdict"]) == (3, "no_verdict")
    assert "customers.list of the blocking client never returned a response" in ended.out


def test_a_server_and_a_client_are_checked_together(commands: Any, tmp_path: Path) -> None:
    ended = checked(commands, tmp_path, "--client", "--rules", "READ-1", "CLIENT-5")
    assert ended.code == 0, ended.out
    assert [rule["id"] for rule in ended.report["rules"]] == ["READ-1", "CLIENT-5"]
    assert ended.report["target"]["name"] == "reference"


def test_without_a_client_its_rules_are_no_part_of_a_run(commands: Any, reference: Any) -> None:
    ended = commands.run(commands.target_file(reference()), "--rules", "*-5", "--effort", "quick", "--strict")
    assert "CLIENT-5" not in [rule["id"] for rule in ended.report["rules"]]
    assert "READ-5" in [rule["id"] for rule in ended.report["rules"]]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--client", "no_such_client"], "--client: the package 'no_such_client' is not installed"),
        (["--client", "json"], "--client: json has no operations.json"),
        (["--client-spec", "x.yaml"], "--client-spec: it also needs --client"),
        (["--client", "--client-spec", "/no/such.yaml"], "--client-spec: /no/such.yaml: cannot be read"),
        (["--client", "--rules", "READ-1"], "--client: --rules selects no rule about clients"),
        (["--rules", "*IENT-16"], "--rules: only rules about clients match"),
        (["--rules", "CLIENT-1", "--base-url", "http://127.0.0.1:1"], "which need no target"),
    ],
)
def test_a_wrong_use_is_one_clear_line(commands: Any, arguments: list[str], complaint: str) -> None:
    ended = commands("run", *arguments, "--effort", "quick")
    assert ended.code == 2
    assert complaint in ended.err
    assert ended.err.count("\n") == 1


def test_a_document_of_another_client_is_a_wrong_use(commands: Any, tmp_path: Path) -> None:
    spec = tmp_path / "other.json"
    responses = {"200": {"description": "Done"}}
    info = {"title": "Other", "version": "1"}
    paths = {"/things": {"get": {"operationId": "listThings", "responses": responses}}}
    spec.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    ended = commands("run", "--rules", "CLIENT-1", "--client-spec", spec)
    assert ended.code == 2
    assert "partially_client has no method for listThings" in ended.err


def test_a_rule_about_clients_is_explained(commands: Any) -> None:
    ended = commands("rules", "CLIENT-3")
    assert ended.code == 0
    assert "a client generated by partially-generate" in ended.out
    assert "only_the_given_arguments_are_sent" in ended.out
    assert "defaults-are-sent" in ended.out
