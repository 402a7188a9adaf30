"""The clients of documents of other people's style keep the rules about clients."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from partially_conformance.clients.choice import ClientChoice
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.exit_codes import EXIT_CONFORMS
from partially_conformance.rules.results import Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_generator.cli import main
from partially_generator.reading.config import DEFAULT

DOCUMENTS = sorted((Path(__file__).parents[2] / "generator/documents").iterdir())

BEYOND = {
    "keys": "the client needs several keys, and addresses of single operations",
    "read_write": "fields within fields that are for one direction only",
}
"""What docs/clients.md names as not to be checked yet, by the document that has it."""

NOT_FOR_ALL = {
    "CLIENT-1", "CLIENT-2", "CLIENT-3", "CLIENT-4", "CLIENT-5", "CLIENT-6", "CLIENT-7", "CLIENT-8",
    "CLIENT-10", "CLIENT-12",
}  # fmt: skip
"""Rules about what a document need not have: a key, a text in a path, something that may be repeated, ..."""


@pytest.fixture
def package(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The client of a document, under a name of its own."""
    spec: Path = request.param
    name = f"fuzzed_{spec.stem}"
    config = tmp_path / "client.toml"
    config.write_text(DEFAULT.read_text().replace('"partially_client"', f'"{name}"'))
    output = tmp_path / "out"
    assert main(["build", "--spec", str(spec), "--config", str(config), "--output", str(output)]) == 0
    sys.path.insert(0, str(output / "src"))
    importlib.invalidate_caches()
    yield name
    sys.path.remove(str(output / "src"))
    for module in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[module]


@pytest.mark.parametrize(
    ("package", "spec"),
    [pytest.param(path, path, id=path.stem) for path in DOCUMENTS if path.stem not in BEYOND],
    indirect=["package"],
)
def test_the_client_of_another_document_conforms(package: str, spec: Path) -> None:
    options = RunOptions(
        target=None,
        rules=load_catalogue().of_clients,
        effort=Effort.QUICK,
        client=ClientChoice(package, spec),
    )
    report = run(options, Silent())
    open_ = [(one.rule.id, one.reason) for one in report.rules if one.status is not Status.PASSED]
    assert report.exit_code == EXIT_CONFORMS, open_
    untested = {one.rule.id for one in report.rules if one.status is Status.NOT_TESTED}
    assert untested <= NOT_FOR_ALL
    assert len(untested) < len(report.rules) / 2
