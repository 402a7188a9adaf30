"""The command `diff`: what it prints, writes and exits with."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import partially_generator.diff.report
import partially_spec
from partially_generator.cli import main

Json = dict[str, Any]
Write = Callable[..., Path]

SCHEMA = json.loads((Path(partially_generator.diff.report.__file__).parent / "schema.json").read_text())
SPEC = str(partially_spec.OPENAPI)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the project's description after something was done to it."""

    def write_spec(*edits: Callable[[Json], object], name: str = "new.yaml") -> Path:
        document = copy.deepcopy(partially_spec.read_yaml(partially_spec.OPENAPI))
        for edit in edits:
            edit(document)
        path = tmp_path / name
        if path.suffix == ".json":
            path.write_text(json.dumps(document), encoding="utf-8")
        else:
            path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    return write_spec


def password(spec: Json) -> None:
    fields = spec["components"]["schemas"]["CustomerInput"]["allOf"][1]["properties"]
    fields["password"] = {"type": "string", "format": "password", "description": "Password of a new user."}


def token_and_email(spec: Json) -> None:
    schema = spec["components"]["schemas"]["TokenLogin"]
    schema["required"] = ["email", "token"]
    schema["properties"]["email"] = {"type": "string", "format": "email"}


def other_tag(spec: Json) -> None:
    spec["paths"]["/customer/{id}"]["put"]["tags"] = ["people"]


def without_phone(spec: Json) -> None:
    del spec["components"]["schemas"]["CustomerFields"]["properties"]["phone"]
    spec["components"]["schemas"]["Customer"]["allOf"][1]["required"].remove("phone")


def raised(spec: Json) -> None:
    spec["info"]["version"] = "2.0.0"


def inline_message(spec: Json) -> None:
    media = spec["paths"]["/customer/login_email"]["post"]["responses"]["200"]["content"]["application/json"]
    media["schema"] = copy.deepcopy(spec["components"]["schemas"]["Message"])


def without_message(spec: Json) -> None:
    inline_message(spec)
    path = spec["paths"]["/customer/gdpr_remove/{id}"]["put"]
    media = path["responses"]["200"]["content"]["application/json"]
    media["schema"] = copy.deepcopy(spec["components"]["schemas"].pop("Message"))


def inexpressible(spec: Json) -> None:
    spec["paths"]["/customer"]["post"]["x-retry"] = "often"


def report(old: Path | str, new: Path, tmp_path: Path, *more: str) -> tuple[int, Json]:
    path = tmp_path / "diff.json"
    code = main(["diff", str(old), str(new), "--json", str(path), *more])
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    jsonschema_rs.validate(SCHEMA, found)
    return code, found


def test_an_optional_password_breaks_no_caller(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = report(SPEC, write(password), tmp_path, "--fail-on", "breaking")
    assert code == 0
    assert (found["breaks_callers"], found["breaks_servers"]) == (False, True)
    assert found["version"]["step"] == "minor"
    names = {change["name"]: change for change in found["client"]["names"]}
    assert names.keys() == {"customers.create", "customers.update"}
    assert not any(change["breaking"] for change in names.values())
    assert "password: str | UnsetType = UNSET" in names["customers.create"]["after"]
    assert "password" not in names["customers.create"]["before"]
    shown = capsys.readouterr().out
    assert "Breaks callers" not in shown
    assert "+ customers.create(…, password: str | UnsetType = UNSET) -> Customer" in shown


def test_a_login_that_also_requires_the_email_breaks_callers(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = write(token_and_email)
    code, found = report(SPEC, new, tmp_path, "--fail-on", "breaking")
    assert code == 1
    (change,) = found["changes"]
    assert change["rule"] == "request-property-added-required"
    assert (change["callers"], change["servers"], change["when"]) == ("breaking", "breaking", "compile")
    assert change["places"] == [
        {
            "operation": "POST /customer/login_token",
            "part": "request body",
            "before": None,
            "after": "/components/schemas/TokenLogin/properties/email",
        }
    ]
    assert found["client"]["names"] == [
        {
            "name": "customers.login_token",
            "kind": "method",
            "renamed": None,
            "breaking": True,
            "reasons": ["the argument `email` is new and must be given"],
            "before": "customers.login_token(*, token: str) -> Customer",
            "after": "customers.login_token(*, email: str, token: str) -> Customer",
        }
    ]
    assert found["version"] == {
        "step": "major",
        "client": {"current": "0.1.0", "suggested": "0.2.0", "given": None, "enough": None},
        "description": {"current": "1.0.0", "suggested": "2.0.0", "given": "1.0.0", "enough": False},
    }
    shown = capsys.readouterr().out
    assert shown.splitlines()[-1] == "1 change: 1 breaks callers, 1 asks servers to change, 0 neither."
    assert "in POST /customer/login_token (request body)" in shown
    assert main(["diff", SPEC, str(new)]) == 0


def test_the_readme_shows_what_is_printed(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    def as_in_the_readme(spec: Json) -> None:
        token_and_email(spec)
        spec["components"]["schemas"]["TokenLogin"]["required"] = ["token", "email"]

    main(["diff", SPEC, str(write(as_in_the_readme))])
    assert f"```\n{capsys.readouterr().out}```\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_documented_json_follows_the_schema() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs/spec-changes.md").read_text("utf-8"), re.DOTALL)
    example = json.loads(text)
    example["outcome"] = "changed"  # the page lists all there are
    jsonschema_rs.validate(SCHEMA, example)


def test_the_same_document_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = report(SPEC, partially_spec.OPENAPI, tmp_path, "--fail-on", "breaking")
    assert code == 0
    assert capsys.readouterr().out == "Nothing changed.\n"
    assert (found["outcome"], found["changes"], found["client"]["names"]) == ("same", [], [])
    assert found["version"]["client"]["suggested"] == "0.1.0"


def test_yaml_json_and_another_order_are_the_same(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("sorted.yaml", "new.json"):
        assert main(["diff", SPEC, str(write(name=name)), "--fail-on", "breaking"]) == 0
        assert capsys.readouterr().out == "Nothing changed.\n"


def test_a_schema_written_out_in_its_place_is_only_layout(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = report(SPEC, write(inline_message), tmp_path, "--fail-on", "breaking")
    assert code == 0
    assert (found["outcome"], found["changes"]) == ("layout", [])
    assert "Only the layout differs: the API is the same." in capsys.readouterr().out


def test_a_class_that_the_layout_removes_from_the_client_is_told(write: Write, tmp_path: Path) -> None:
    """The API is the same, and programs that import the class break all the same."""
    code, found = report(SPEC, write(without_message), tmp_path, "--fail-on", "breaking")
    assert code == 1
    assert (found["outcome"], found["changes"]) == ("layout", [])
    assert [c["name"] for c in found["client"]["names"] if c["breaking"]] == ["Message"]
    assert found["version"]["description"]["enough"] is True


def test_a_method_that_moves_to_another_resource_is_renamed(write: Write, tmp_path: Path) -> None:
    _, found = report(SPEC, write(other_tag), tmp_path)
    (change,) = found["client"]["names"]
    assert (change["name"], change["renamed"]) == ("customers.update", "people.update_customer")
    assert change["reasons"] == ["it is called `people.update_customer` now"]


def test_a_field_that_is_gone_is_gone_from_models_and_methods(write: Write, tmp_path: Path) -> None:
    _, found = report(SPEC, write(without_phone), tmp_path)
    broken = {c["name"]: c["reasons"] for c in found["client"]["names"] if c["breaking"]}
    assert broken["Customer.phone"] == ["it is gone"]
    assert broken["customers.create"] == ["the argument `phone` is gone"]


def test_a_version_raised_far_enough_is_enough(write: Write, tmp_path: Path) -> None:
    _, found = report(SPEC, write(token_and_email, raised), tmp_path)
    assert found["version"]["description"]["enough"] is True


def test_a_document_no_client_can_be_made_from_is_compared_all_the_same(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = report(SPEC, write(token_and_email, inexpressible), tmp_path, "--fail-on", "breaking")
    assert code == 1
    assert found["client"]["compared"] is False
    assert "x-retry" in found["client"]["reason"]
    assert {c["rule"] for c in found["changes"]} == {"request-property-added-required", "extension-changed"}
    assert "The signatures could not be compared" in capsys.readouterr().out


def test_the_markdown_shows_what_the_console_shows(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "diff.md"
    assert main(["diff", SPEC, str(write(token_and_email)), "--markdown", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Partial.ly customers API: 1.0.0 → 1.0.0\n")
    assert "| `email` is new and must be sent. | POST /customer/login_token (request body)" in text
    assert "- customers.login_token(*, token: str) -> Customer\n+ customers.login_token(" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6, 4}


def test_foreign_text_cannot_break_out_of_the_markdown(write: Write, tmp_path: Path) -> None:
    def odd(spec: Json) -> None:
        name = "a|b`<script>\n# c"
        spec["components"]["schemas"]["Message"]["properties"][name] = {"type": "string"}

    path = tmp_path / "diff.md"
    main(["diff", SPEC, str(write(odd)), "--markdown", str(path)])
    text = path.read_text(encoding="utf-8")
    assert "<script>" not in re.sub(r"`[^`]*`", "", text)
    assert not [line for line in text.splitlines() if line.startswith("# c")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["diff", SPEC, "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["diff", "nowhere.yaml", SPEC], "nowhere.yaml: cannot be read"),
        (["diff", SPEC, SPEC, "--json", "/nowhere/diff.json"], "/nowhere/diff.json: cannot be written"),
        (["diff", SPEC, SPEC, "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    message = capsys.readouterr().err
    assert said in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("text", ["openapi: 3.1.0", "openapi: 2.0", "[]", "a: [", "openapi: 3.1.0\ninfo: 1"])
def test_a_document_that_is_not_valid_is_a_usage_error(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    assert main(["diff", SPEC, str(path)]) == 2
    assert main(["diff", str(path), SPEC]) == 2
    assert "broken.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["diff", SPEC], ["diff", SPEC, SPEC, "--fail-on", "anything"], ["diff"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_a_fault_of_the_generator_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("what")

    monkeypatch.setattr("partially_generator.commands.diff.difference", fail)
    assert main(["diff", SPEC, SPEC]) == 3
    message = capsys.readouterr().err
    assert message.startswith("partially-generate: an internal error of the generator: KeyError: 'what'")
    assert len(message.splitlines()) == 1


def test_unions_and_their_members_are_compared(tmp_path: Path) -> None:
    path = ROOT / "tests/generator/documents/unions.yaml"
    document = partially_spec.read_yaml(path)
    pet = document["components"]["schemas"]["Pet"]
    pet["oneOf"].append({"$ref": "#/components/schemas/Bird"})
    bird = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "bird"}}}
    document["components"]["schemas"]["Bird"] = bird
    new = tmp_path / "new.yaml"
    new.write_text(yaml.safe_dump(document))
    _, found = report(path, new, tmp_path)
    rules = {change["rule"] for change in found["changes"]}
    assert rules == {"request-alternative-added", "response-alternative-added"}
    names = {change["name"]: change for change in found["client"]["names"]}
    assert names["Pet"]["before"] == "Pet = Cat | Dog | Fish"
    assert names["Pet"]["after"] == "Pet = Cat | Dog | Fish | Bird"
    assert names["Pet"]["breaking"]
    assert (names["Bird"]["before"], names["Bird"]["after"]) == (None, "class Bird")


def test_the_rules_are_listed_without_documents(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["diff", "--rules"])
    assert stopped.value.code == 0
    assert "request-property-added-required" in capsys.readouterr().out


def test_the_output_is_the_same_in_every_process(write: Write, tmp_path: Path) -> None:
    new = write(token_and_email, password, without_phone, other_tag)
    outputs = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.json"
        command = [
            sys.executable,
            "-m",
            "partially_generator.cli",
            "diff",
            SPEC,
            str(new),
            "--json",
            str(path),
        ]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        outputs.append((done.stdout, path.read_bytes()))
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["diff", "--help"], ["init", "--help"], ["build", "--help"]]
)
def test_help_loads_none_of_the_heavy_libraries(arguments: list[str]) -> None:
    program = """
import sys
from partially_generator.cli import main
try:
    main(sys.argv[1:])
except SystemExit as stopped:
    heavy = {"griffe", "jinja2", "openapi_python_client", "openapi_spec_validator"} & set(sys.modules)
    sys.exit(f"loaded {sorted(heavy)}" if heavy else stopped.code)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "exit codes:" in done.stdout
