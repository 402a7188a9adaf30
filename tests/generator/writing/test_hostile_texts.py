"""Documents that mean harm: nothing of them is run, nothing leaves the folder, nothing ends in a traceback.

Every text of a document that touches all features is replaced by hostile text, one at a time and all at once.
The output is looked at as a syntax tree, and run with a trap that any injected code would spring.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import string
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.generator.writing.hostile_document import (
    CODE,
    PAYLOADS,
    TRAP,
    places,
    poisoned,
)

from partially_generator.api.reader import read_api
from partially_generator.cli import main
from partially_generator.reading.config import read_config
from partially_generator.reading.document import read_document
from partially_generator.reading.errors import GeneratorError
from partially_generator.writing.render import sources


def generated(document: dict[str, Any], folder: Path) -> dict[str, str]:
    """The sources of a client, not formatted.

    Raises:
        GeneratorError: The document cannot be used, and one line says so.
    """
    path = folder / "spec.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return sources(read_api(read_document(path)), read_config())


def one_line(error: GeneratorError) -> bool:
    """Whether an error is what a person can read: one line without tricks."""
    return len(str(error).splitlines()) == 1 and str(error).isprintable()


def calls_and_imports(files: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """What the modules call and import, by name."""
    calls: set[str] = set()
    imports: set[str] = set()
    for path, text in files.items():
        if not path.endswith(".py") or "/_core/" in path or "/_fake/" in path:
            continue
        for node in ast.walk(ast.parse(text, path)):
            if isinstance(node, ast.Call):
                calls.add(ast.unparse(node.func).rpartition(".")[2])
            elif isinstance(node, ast.ImportFrom):
                imports |= {f"{node.module}"}
            elif isinstance(node, ast.Import):
                imports |= {alias.name for alias in node.names}
    return calls, imports


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    return calls_and_imports(generated(poisoned({}), tmp_path_factory.mktemp("harmless")))


def check(files: Mapping[str, str], harmless: tuple[set[str], set[str]]) -> None:
    """Hold the output against that of a harmless document: no other calls, imports or places."""
    names = r"\w[\w .-]*"
    for path in files:
        assert re.fullmatch(rf"(?:{names}/)*\.?{names}", path), path
        assert ".." not in path
        assert all(len(part.encode()) <= 255 for part in path.split("/"))
    calls, imports = calls_and_imports(files)
    classes = {
        node.name
        for path, text in files.items()
        if path.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    }
    assert calls - classes <= harmless[0]
    own = {module for module in imports if module.startswith("partially_client.")}
    assert imports - own <= harmless[1]
    assert tomllib.loads(files["pyproject.toml"]).keys() == {"build-system", "project", "tool"}
    json.loads(files["src/partially_client/operations.json"])


@pytest.mark.parametrize("place", places())
def test_hostile_text_at_one_place(place: str, harmless: tuple[set[str], set[str]], tmp_path: Path) -> None:
    at = places().index(place)
    # Each place gets a few of them, and all have their turn: every pair would take minutes.
    for payload in [*sorted(PAYLOADS.values())[at % 9 :: 9], PAYLOADS["triple"]]:
        try:
            files = generated(poisoned({place: payload}), tmp_path)
        except GeneratorError as error:
            assert one_line(error)  # noqa: PT017 - a refusal is as good
            continue
        check(files, harmless)


hostile = st.one_of(
    st.sampled_from(sorted(PAYLOADS.values())),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text(
        alphabet=string.punctuation + string.whitespace + "aN0_\u202e\u2028\u0131\u017f\uff21", max_size=20
    ),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["'", '"', '"""', "\\", "\n", "{{"]),
        st.just(CODE),
        st.text(max_size=5),
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.dictionaries(st.sampled_from(places()), hostile, min_size=1, max_size=4))
def test_hostile_text_at_any_places(
    texts: dict[str, str], harmless: tuple[set[str], set[str]], tmp_path: Path
) -> None:
    try:
        files = generated(poisoned(texts), tmp_path)
    except GeneratorError as error:
        assert one_line(error)  # noqa: PT017 - a refusal is as good
        assume(False)
    check(files, harmless)


PROGRAM = """
import importlib, inspect, os, pkgutil, sys
import httpx2, partially_client
for module in pkgutil.walk_packages(partially_client.__path__, "partially_client."):
    importlib.import_module(module.name)
transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json={}))
client = partially_client.Partially("key", "https://example.com", transport=transport)
repr(client)
called = 0
for name, found in inspect.getmembers(type(client), lambda member: isinstance(member, property)):
    resource = getattr(client, name)
    for method in (m for n, m in inspect.getmembers(resource, inspect.ismethod) if not n.startswith("_")):
        required = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
        given = [p for p in required if p.kind is p.POSITIONAL_OR_KEYWORD]
        named = {p.name: "x" for p in required if p.kind is p.KEYWORD_ONLY}
        try:
            repr(method(*["x" for _ in given], **named))
        except partially_client.PartiallyError as error:
            repr(error)
        called += 1
assert called
assert TRAP not in os.environ, "code of the document was run"
print("calm")
""".replace("TRAP", repr(TRAP))


def usable(texts: dict[str, str], folder: Path) -> dict[str, str]:
    """Those texts that a document can have, each at its place: the others are refused with one line."""
    try:
        generated(poisoned(texts), folder)
    except GeneratorError:
        if len(texts) == 1:
            return {}
        names = sorted(texts)
        half = len(names) // 2
        found = {
            **usable({name: texts[name] for name in names[:half]}, folder),
            **usable({name: texts[name] for name in names[half:]}, folder),
        }
        return found if len(found) == len(texts) or not found else usable(found, folder)
    return texts


@pytest.mark.parametrize("turn", range(8))
def test_hostile_text_at_every_place_is_never_run(turn: int, tmp_path: Path) -> None:
    payloads = list(PAYLOADS.values())
    texts = {place: payloads[(5 * turn + at) % len(payloads)] for at, place in enumerate(places())}
    taken = usable(texts, tmp_path)
    assert len(taken) > len(texts) / 2
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(poisoned(taken)), encoding="utf-8")
    out = tmp_path / "deep" / "down" / "out"
    assert main(["build", "--spec", str(spec), "--output", str(out)]) == 0
    environment = {key: value for key, value in os.environ.items() if key != TRAP}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**environment, "PYTHONPATH": str(out / "src")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "calm"), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "spec.json"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["down"]
    assert [path.name for path in (tmp_path / "deep" / "down").iterdir()] == ["out"]
    assert not Path("/tmp/escaped").exists()


def test_the_trap_springs(tmp_path: Path) -> None:
    # The proof above is worth nothing if code could run unseen.
    module = tmp_path / "sprung.py"
    module.write_text(f'x = ""+{CODE} if False else {CODE}\n')
    spec = importlib.util.spec_from_file_location("sprung", module)
    assert spec is not None
    assert spec.loader is not None
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        assert os.environ.pop(TRAP) == "yes"
    finally:
        os.environ.pop(TRAP, None)


def test_an_injected_call_is_seen(harmless: tuple[set[str], set[str]], tmp_path: Path) -> None:
    files = generated(poisoned({}), tmp_path)
    models = "src/partially_client/models.py"
    with pytest.raises(AssertionError):
        check({**files, models: files[models] + f"\n{CODE}\n"}, harmless)
