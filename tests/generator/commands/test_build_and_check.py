"""The command: what it writes, compares and refuses."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import partially_spec
from partially_generator.cli import main

Spec = dict[str, Any]
Write = Callable[[Spec], Path]


@pytest.fixture
def spec() -> Spec:
    return copy.deepcopy(partially_spec.read_yaml(partially_spec.OPENAPI))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_spec(document: Spec) -> Path:
        path = tmp_path / "spec.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    return write_spec


def build(spec: Path, output: Path, *more: str) -> int:
    return main(["build", "--spec", str(spec), "--output", str(output), *more])


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def committed() -> Path:
    return Path(__file__).parents[3] / "generated"


def test_the_committed_client_is_what_the_spec_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output", str(committed())]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_build_says_where_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--output", str(tmp_path / "out")]) == 0
    assert str(tmp_path / "out") in capsys.readouterr().out


def test_the_same_spec_gives_the_same_bytes_whatever_lies_around(tmp_path: Path) -> None:
    first = tmp_path / "first"
    assert main(["build", "--output", str(first)]) == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ruff.toml").write_text('line-length = 40\n[format]\nquote-style = "single"\n')
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PATH": ""}
    command = [sys.executable, "-m", "partially_generator.cli", "build", "--output", "out"]
    subprocess.run(command, cwd=elsewhere, env=environment, check=True, capture_output=True)
    assert content(elsewhere / "out") == content(first)


def test_check_tells_changed_missing_and_extra_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["build", "--output", str(out)])
    package = out / "src" / "partially_client"
    (package / "models.py").write_bytes((package / "models.py").read_bytes().replace(b"phone", b"fax"))
    (package / "py.typed").unlink()
    (package / "left_over.py").write_text("x = 1\n")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "models.cpython-311.pyc").write_bytes(b"")
    before = content(out)
    capsys.readouterr()
    assert main(["check", "--output", str(out)]) == 1
    shown = capsys.readouterr().out
    assert "-    fax: str | None" in shown
    assert "+    phone: str | None" in shown
    assert "+++ generated/src/partially_client/py.typed" in shown
    assert "--- committed/src/partially_client/left_over.py" in shown
    assert "pycache" not in shown
    assert content(out) == before

    assert main(["build", "--output", str(out)]) == 0
    assert main(["check", "--output", str(out)]) == 0


def test_pages_are_compared_and_removed_like_modules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["build", "--output", str(out)])
    page = out / "docs" / "customers" / "get.md"
    left_over = page.with_name("find.md")
    left_over.write_bytes(page.read_bytes())
    page.write_bytes(page.read_bytes().replace(b"Get a customer", b"Fetch a customer"))
    capsys.readouterr()
    assert main(["check", "--output", str(out)]) == 1
    shown = capsys.readouterr().out
    assert "-Fetch a customer." in shown
    assert "--- committed/docs/customers/find.md" in shown
    assert main(["build", "--output", str(out)]) == 0
    assert not left_over.exists()
    left_over.write_text("# How we find customers\n")
    assert main(["build", "--output", str(out)]) == 2
    assert "find.md: not part of a generated client" in capsys.readouterr().err
    assert left_over.read_text() == "# How we find customers\n"


@pytest.mark.parametrize("path", ["thesis.txt", "src/thesis.py", "pyproject.toml"])
def test_build_refuses_a_folder_that_holds_something_else(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("years of work")
    assert main(["build", "--output", str(tmp_path)]) == 2
    assert path in capsys.readouterr().err
    assert content(tmp_path) == {path: b"years of work"}


def test_build_says_when_the_folder_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("")
    assert main(["build", "--output", str(tmp_path / "out")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_password_in_the_spec_is_a_password_in_the_client(spec: Spec, write: Write, tmp_path: Path) -> None:
    fields = spec["components"]["schemas"]["CustomerCreate"]["allOf"][1]["properties"]
    fields["password"] = {"type": "string", "format": "password", "description": "Password of a new user."}
    assert build(write(spec), tmp_path / "out") == 0
    program = """
import httpx2, inspect
from partially_client import Partially, PartiallyError
seen = []
def server(request):
    seen.append(request.content)
    return httpx2.Response(400, json={"message": "hunter22 is too short"})
client = Partially("key", transport=httpx2.MockTransport(server))
try:
    client.customers.create(email="a@b.co", password="hunter22")
except PartiallyError as error:
    print(seen[0].decode(), error)
print("password" in inspect.signature(client.customers.update).parameters)
print("Password of a new user." in inspect.getdoc(client.customers.create))
"""
    assert run(program, tmp_path / "out") == [
        '{"email":"a@b.co","password":"hunter22"} 400: [hidden] is too short',
        "False",
        "True",
    ]


def run(program: str, client: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(client / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def customers_post(spec: Spec) -> Any:
    return spec["paths"]["/customer"]["post"]


def remove_schema(spec: Spec) -> None:
    del spec["components"]["schemas"]["Message"]


def unknown_retry(spec: Spec) -> None:
    customers_post(spec)["x-retry"] = "often"


def no_such_page_field(spec: Spec) -> None:
    spec["paths"]["/customer"]["get"]["x-pagination"]["items"] = "clients"


def reference_to_a_file(spec: Spec) -> None:
    spec["components"]["schemas"]["Message"] = {"$ref": "other.yaml#/Message"}


def quote_in_a_field(spec: Spec) -> None:
    spec["components"]["schemas"]["Message"]["properties"]['say "hi"'] = {"type": "string"}


def all_of_a_text(spec: Spec) -> None:
    spec["components"]["schemas"]["Message"]["allOf"] = [{"$ref": "#/components/schemas/Word"}]
    spec["components"]["schemas"]["Word"] = {"type": "string"}


def circle(spec: Spec) -> None:
    spec["components"]["schemas"]["Message"] = {"allOf": [{"$ref": "#/components/schemas/Message"}]}


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda s: s.update(openapi="2.0"), "openapi: expected"),
        (lambda s: s["info"].pop("title"), 'info: "title" is a required'),
        (remove_schema, "reference"),
        (unknown_retry, "paths./customer.post.x-retry: expected safe, unsent or rejected, got 'often'"),
        (
            no_such_page_field,
            "paths./customer.get.x-pagination.items: expected one of customers,",
        ),
        (reference_to_a_file, "components.schemas.Message.$ref: expected a reference within the document"),
        (quote_in_a_field, "components.schemas.Message.properties"),
        (
            all_of_a_text,
            "components.schemas.Message: its parts under allOf are a JSON string and a JSON object",
        ),
        (circle, "components.schemas.Message: contains itself"),
        (lambda s: s.update(paths={}), "paths: there is no operation"),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_the_place(
    damage: Callable[[Spec], object],
    place: str,
    spec: Spec,
    write: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damage(spec)
    assert build(write(spec), tmp_path / "out") == 2
    message = capsys.readouterr().err
    assert len(message.splitlines()) == 1
    assert place in message
    assert "spec.yaml" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("openapi: [", "line 2"),
        ("- a list", "expected a mapping"),
        ("\udcff", "not UTF-8"),
        ("a: 1\na: 2", "written twice"),
    ],
)
def test_a_file_that_is_no_document_is_one_line(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert build(path, tmp_path / "out") == 2
    message = capsys.readouterr().err
    assert said in message
    assert "broken.yaml" in message
    assert len(message.splitlines()) == 1


def test_a_missing_spec_and_a_wrong_option_are_usage_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path / "none.yaml", tmp_path / "out") == 2
    assert "none.yaml: cannot be read" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["build", "--speck", "x"])
    assert stopped.value.code == 2


def test_without_its_libraries_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rooms = ("partially_generator.commands", "partially_generator.writing")
    for module in [name for name in sys.modules if name.startswith(rooms)]:
        monkeypatch.delitem(sys.modules, module)
    for room in rooms:
        monkeypatch.delattr(room, raising=False)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert main(["check"]) == 2
    assert "jinja2 is missing: install partially-conformance[generator]" in capsys.readouterr().err


CONFIG = """
package = "acme"
distribution = "acme-sdk"
version = "2.0.0"
client_class = "Acme"
async_client_class = "AsyncAcme"
error_class = "AcmeError"
environment = "ACME"
copyright = "2026 Acme"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'version = "2.0.0"',
            'verzion = "2.0.0"',
            "verzion: unknown key; did you mean version?",
        ),
        ('package = "acme"', 'package = "../acme"', "package: expected a package name in lower case"),
        ('package = "acme"', 'package = "class"', "package: expected"),
        ('version = "2.0.0"', "version = 2", "version: expected a version such as 1.2.0, got 2"),
        ('version = "2.0.0"', "", "version: missing"),
        ('error_class = "AcmeError"', 'error_class = "Acme"', "must differ"),
        ('error_class = "AcmeError"', 'error_class = "APIError"', "APIError is taken twice"),
        ("package", "package = [", "not TOML"),
    ],
)
def test_a_configuration_that_cannot_be_used(
    old: str, new: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(CONFIG.replace(old, new, 1))
    assert main(["build", "--config", str(path), "--output", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert len(message.splitlines()) == 1


def test_names_come_from_the_configuration_alone(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(CONFIG)
    assert main(["build", "--config", str(path), "--output", str(tmp_path / "out")]) == 0
    text = b"".join(content(tmp_path / "out").values()).decode().lower()
    assert "partially_client" not in text
    assert "partiallyerror" not in text
    program = """
import acme
try:
    acme.Acme()
except acme.AcmeError as error:
    print(error)
print(acme.__version__)
"""
    assert run(program, tmp_path / "out") == [
        "No API key: pass api_key=... or set the environment variable ACME_API_KEY",
        "2.0.0",
    ]
