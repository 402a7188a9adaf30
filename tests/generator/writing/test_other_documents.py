"""Documents of other people's style: each generated, imported, type-checked and called, blocking and not.

A document lies in `documents/`, what is expected of its client in `expected/` under the same name:

    calls:                       in order; `call` is Python, after `client.`
      - call: things.get("a")
        sends:                   optional; what must be on the wire
          {method: GET, path: /things/a?x=1, headers: {...}, json: ... | form: ... | parts: ... | body: text}
        answers:                 {status: 200, headers: {...}, json: ... | text: ... | base64: ...}, or a list
        gives: result.id == "a"  one or more expressions that must hold
        raises: NotFoundError    instead of `gives`, with `at` (a path) and `says` (a part of the text)
    client: {...}                optional; arguments of the client, as Python
    source: {file: [texts]}      optional; what must stand in a file of the package

JSON that is sent or answered is held against the schemas of the document: an answer that is taken must be
valid, one that raises a ResponseValidationError must not. `checked: false` lets a call do without, where a
document means what its words do not quite say; `stricter: true` says that the client refuses what is valid.
"""

from __future__ import annotations

import ast
import asyncio
import base64
import datetime as dt
import decimal
import email
import email.policy
import importlib
import inspect
import json
import re
import subprocess
import sys
import types
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import openapi_schema_validator
import pytest

from partially_generator.cli import main
from partially_spec import read_yaml

HERE = Path(__file__).parents[1]
DOCUMENTS = {path.stem: path for path in sorted((HERE / "documents").iterdir()) if path.is_file()}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

pytestmark = pytest.mark.xdist_group("other-documents")


@dataclass(frozen=True)
class Built:
    """A generated package, imported."""

    document: dict[str, Any]
    module: types.ModuleType
    folder: Path
    said: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where all packages lie beside each other."""
    path = tmp_path_factory.mktemp("packages")
    sys.path.append(str(path))
    yield path
    sys.path.remove(str(path))


_BUILT: dict[str, Built] = {}


def built(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Built:
    """The client of a document, generated once."""
    if name not in _BUILT:
        package = f"client_of_{name}"
        config = folder / f"{name}.toml"
        config.write_text(
            f'package = "{package}"\ndistribution = "{package}"\nversion = "1.0"\nclient_class = "Client"\n'
            'async_client_class = "AsyncClient"\nerror_class = "ClientError"\nenvironment = "OTHER"\n'
            'copyright = "2026 Nobody"\n'
        )
        output = folder / f"{name}.out"
        arguments = [
            "build",
            "--spec",
            str(DOCUMENTS[name]),
            "--config",
            str(config),
            "--output",
            str(output),
        ]
        done = main(arguments)
        said = capsys.readouterr()
        assert done == 0, said.err
        (output / "src" / package).rename(folder / package)
        importlib.invalidate_caches()
        module = importlib.import_module(package)
        document = read_yaml(DOCUMENTS[name])
        components = document.get("components", {}).get("pathItems", {})
        document["paths"] = {
            path: components[item["$ref"].rpartition("/")[2]] if "$ref" in item else item
            for path, item in document["paths"].items()
        }
        _BUILT[name] = Built(document, module, folder / package, said.out)
    return _BUILT[name]


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(HERE / "expected" / f"{name}.yaml")
    return found


def cases() -> list[tuple[str, int]]:
    return [(name, index) for name in DOCUMENTS for index in range(len(expected(name)["calls"]))]


class Server:
    """Stands for the server that a document describes."""

    def __init__(self, document: dict[str, Any], call: dict[str, Any]) -> None:
        self._document = document
        self._call = call
        self._checked = call.get("checked", True)
        answers = call.get("answers", {})
        self._answers = list(answers) if isinstance(answers, list) else [answers]
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        operation = self._operation(request)
        self._check_request(operation, request)
        answer = self._answers.pop(0)
        self._check_answer(operation, answer)
        content, kind = _content(answer)
        headers = {**({"content-type": kind} if kind else {}), **answer.get("headers", {})}
        return httpx2.Response(answer.get("status", 200), content=content, headers=headers)

    def _operation(self, request: httpx2.Request) -> dict[str, Any]:
        found = []
        for template, item in self._document["paths"].items():
            pattern = "[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", template))
            path = request.url.raw_path.decode().partition("?")[0]
            if re.search(rf"{pattern}$", path) and request.method.lower() in item:
                found.append((len(template), item[request.method.lower()]))
        assert found, f"the document has no {request.method} {request.url}"
        operation: dict[str, Any] = max(found, key=lambda pair: pair[0])[1]
        return operation

    def _check_request(self, operation: dict[str, Any], request: httpx2.Request) -> None:
        if (
            self._checked
            and request.content
            and request.headers["content-type"].partition(";")[0].endswith("json")
        ):
            content = self._resolve(operation["requestBody"])["content"]
            media = next(media for kind, media in content.items() if kind.partition(";")[0].endswith("json"))
            errors = self.errors(media.get("schema", {}), json.loads(request.content), "write")
            assert not errors, f"the body is not what the document says: {errors}"

    def _check_answer(self, operation: dict[str, Any], answer: dict[str, Any]) -> None:
        if "json" not in answer or not self._checked:
            return
        status = str(answer.get("status", 200))
        responses = operation["responses"]
        described = next((s for s in (status, f"{status[0]}XX", "default") if s in responses), None)
        assert described, f"the document has no {status}"
        content = self._resolve(responses[described]).get("content", {})
        media = next((media for kind, media in content.items() if "json" in kind), None)
        assert media is not None, "the document has no JSON here"
        errors = self.errors(media.get("schema", {}), answer["json"], "read")
        wanted = self._call.get("raises") == "ResponseValidationError" and not self._answers
        assert bool(errors) == (wanted and not self._call.get("stricter")), (
            f"the answer: {errors or 'is valid'}"
        )

    def _resolve(self, node: Any) -> Any:
        while "$ref" in node:
            target: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def errors(self, schema: Any, value: Any, direction: str) -> list[str]:
        """What is wrong with a value by the schema of the document."""
        if self._document["openapi"].startswith("3.0"):
            read, write = (
                openapi_schema_validator.OAS30ReadValidator,
                openapi_schema_validator.OAS30WriteValidator,
            )
            kind = read if direction == "read" else write
        else:
            kind = openapi_schema_validator.OAS31Validator
        # The schema becomes the root, with the document beside it for its references.
        root = {**{key: self._document[key] for key in ("components",) if key in self._document}, **schema}
        checker = kind(root, format_checker=kind.FORMAT_CHECKER)
        return [error.message for error in checker.iter_errors(value)]


def _content(answer: dict[str, Any]) -> tuple[bytes, str]:
    if "json" in answer:
        return json.dumps(answer["json"]).encode(), "application/json"
    if "base64" in answer:
        return base64.b64decode(answer["base64"]), "application/octet-stream"
    return answer.get("text", "").encode(), "text/plain" if "text" in answer else ""


def namespace(module: types.ModuleType) -> dict[str, Any]:
    """The names that calls and expectations may use."""
    return {
        **{name: getattr(module, name) for name in module.__all__},
        "dt": dt,
        "Decimal": decimal.Decimal,
        "UUID": uuid.UUID,
    }


def outcome(client: Any, call: dict[str, Any], names: dict[str, Any]) -> Any:
    """What the call gives, or an awaitable of it; an error of the client is the outcome too."""
    return eval(f"client.{call['call']}", {**names, "client": client})


async def awaited(client: Any, call: dict[str, Any], names: dict[str, Any]) -> Any:
    async with client:
        value = outcome(client, call, names)
        if call.get("walk"):
            return [item async for item in value]
        return await value if inspect.isawaitable(value) else value


def perform(package: Built, name: str, call: dict[str, Any], server: Server, is_async: bool) -> Any:
    names = namespace(package.module)
    settings = {
        "api_key": "key",
        **{key: eval(value, names) for key, value in {**expected(name), **call}.get("client", {}).items()},
        "transport": httpx2.MockTransport(server),
        "max_retries": 0,
    }
    try:
        if is_async:
            return asyncio.run(awaited(package.module.AsyncClient(**settings), call, names))
        with package.module.Client(**settings) as client:
            value = outcome(client, call, names)
            return list(value) if call.get("walk") else value
    except package.module.ClientError as error:
        return error


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("name", "index"), cases())
def test_a_call(
    name: str, index: int, is_async: bool, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = built(name, folder, capsys)
    call = expected(name)["calls"][index]
    server = Server(package.document, call)
    result = perform(package, name, call, server, is_async)
    sends = call.get("sends", [])
    for request, wanted in zip(server.requests, sends if isinstance(sends, list) else [sends], strict=False):
        check_sent(request, wanted)
    if "raises" in call:
        assert type(result).__name__ == call["raises"], repr(result)
        assert call.get("says", "") in str(result)
        if "at" in call:
            assert result.path == call["at"], result
        return
    if isinstance(result, Exception):
        raise result
    gives = call["gives"]
    for expression in [gives] if isinstance(gives, str) else gives:
        assert eval(expression, {**namespace(package.module), "result": result}), f"{expression}: {result!r}"


def check_sent(request: httpx2.Request, wanted: dict[str, Any]) -> None:
    """Hold a request against what was to be sent."""
    assert request.method == wanted["method"]
    assert request.url.raw_path.decode() == wanted["path"]
    assert request.url.host == wanted.get("host", request.url.host)
    for header, value in wanted.get("headers", {}).items():
        assert request.headers.get(header) == value, header
    if "json" in wanted:
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == wanted["json"]
    if "form" in wanted:
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert urllib.parse.parse_qsl(request.content.decode(), keep_blank_values=True) == [
            tuple(pair) for pair in wanted["form"]
        ]
    if "parts" in wanted:
        check_parts(request, wanted["parts"])
    if "base64" in wanted:
        assert request.content == base64.b64decode(wanted["base64"])
    if "body" in wanted:
        assert request.content.decode() == wanted["body"]


def check_parts(request: httpx2.Request, wanted: list[dict[str, str]]) -> None:
    """Hold a body of parts against what was to be sent, read by the standard library."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.content, policy=email.policy.HTTP)
    parts = list(message.iter_parts())
    assert len(parts) == len(wanted)
    for part, own in zip(parts, wanted, strict=True):
        assert part.get_param("name", header="content-disposition") == own["name"]
        assert part.get_filename() == own.get("filename")
        assert part.get("content-type") == own.get("type")
        content = base64.b64decode(own["base64"]) if "base64" in own else own["text"].encode()
        assert part.get_payload(decode=True) == content


def test_every_document_says_what_is_expected_of_it() -> None:
    assert sorted(path.stem for path in (HERE / "expected").iterdir()) == sorted(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_is_called_and_a_wrong_answer_tried(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = built(name, folder, capsys)
    table = json.loads((package.folder / "operations.json").read_text(encoding="utf-8"))
    calls = expected(name)["calls"]
    called = {call["call"].partition("(")[0] for call in calls}
    assert {operation["call"] for operation in table["operations"]} == called
    assert len(table["operations"]) == sum(
        method in item for item in package.document["paths"].values() for method in METHODS
    )
    assert any("raises" in call for call in calls)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_source_says_what_it_must(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = built(name, folder, capsys)
    for file, texts in expected(name).get("source", {}).items():
        text = " ".join((package.folder / file).read_text(encoding="utf-8").split())
        assert not [wanted for wanted in texts if wanted not in text], text
    for wanted in expected(name).get("said", []):
        assert wanted in package.said


def test_all_packages_are_strictly_typed_and_clean(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packages = [str(built(name, folder, capsys).folder) for name in DOCUMENTS]
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={folder / 'cache'}"]
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--target-version=py311"]
    style = ["--line-length=110", "--select=F,E4,E7,E9,I,UP,B,W,PIE,RUF022,SIM,C4"]
    for command in ([*mypy, *packages], [*ruff, *style, *packages]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_fake_answers_every_call_or_says_why_it_cannot(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = built(name, folder, capsys)
    testing = importlib.import_module(f"{package.module.__name__}.testing")
    names = namespace(package.module)
    fake = testing.FakeClient()
    with fake.client(max_retries=0) as client:
        for call in expected(name)["calls"]:
            try:
                value = outcome(client, call, names)
            except (package.module.ClientError, testing.FakeError) as error:
                value = error
            # An answer of the fake is one that the document allows.
            assert not isinstance(value, package.module.ResponseValidationError), call["call"]
    table = json.loads((package.folder / "operations.json").read_text("utf-8"))
    known = {operation["call"] for operation in table["operations"]}
    if any("servers" in item for item in package.document["paths"].values()):
        known.add(None)  # an address of its own is none of the fake's
    assert {request.call for request in fake.requests} <= known


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_pages_hold_python_and_lead_somewhere(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built(name, folder, capsys)
    root = folder / f"{name}.out"
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for code in re.findall(r"^`{3,}python\n(.*?)^`{3,}$", text, re.DOTALL | re.MULTILINE):
            compile(code, page.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        prose = re.sub(r"^(`{3,}).*?^\1$|`[^`\n]+`", "", text, flags=re.DOTALL | re.MULTILINE)
        for path, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", text):
            target = (page.parent / path).resolve() if path else page
            assert target.is_file(), path
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert not anchor or anchor in [heading.lower().replace(" ", "-") for heading in headings]
        assert "<" not in prose.replace("<!--", ""), page
        for table in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table
