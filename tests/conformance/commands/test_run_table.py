"""The table `[run]` of a target file holds options of `run`; the command line wins."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from partially_conformance.commands.run_table import _NOT_IN_THE_TABLE
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Level
from partially_conformance.run.options import Profile, RunOptions
from partially_conformance.target.configuration import ConfigurationError

TARGET = 'base_url = "http://127.0.0.1:1/api"\napi_key = "file-key"\n[run]\n'


class SeenError(ConfigurationError):
    """Ends a run that is not to take place."""


@pytest.fixture
def asked(commands: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calls `run` with a table, and returns the options that the run gets."""
    seen: list[RunOptions] = []
    module = ModuleType("partially_conformance.run.runner")

    def run(options: RunOptions, _progress: object) -> None:
        seen.append(options)
        raise SeenError("seen")

    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "partially_conformance.run.runner", module)

    def call(table: str, *arguments: str) -> RunOptions:
        path = commands.folder / "acme.toml"
        path.write_text(TARGET + table)
        ended = commands("run", path, *arguments)
        assert ended.err == "partially-conformance run: seen\n"
        return seen.pop()

    return call


TABLE = """
effort = "deep"
seed = 7
rules = ["READ-1", "SEARCH-*"]
level = "must"
profile = "shape"
read_only = true
strict = true
max_time = 90
max_failures = 3
"""


def test_the_table_sets_options_of_the_run(asked: Any) -> None:
    options = asked(TABLE)
    assert (options.effort, options.seed, options.level) == (Effort.DEEP, 7, Level.MUST)
    assert (options.profile, options.read_only, options.strict) == (Profile.SHAPE, True, True)
    assert (options.max_time, options.max_failures) == (90.0, 3)
    assert options.patterns == ("READ-1", "SEARCH-*")
    assert {rule.area for rule in options.rules} == {"READ", "SEARCH"}


def test_the_command_line_wins_also_with_a_default_value(asked: Any) -> None:
    options = asked(
        TABLE, "--effort=standard", "--seed", "0", "--rules", "LIST-1", "--level", "should", "--max-time", "5"
    )
    assert (options.effort, options.seed, options.level) == (Effort.STANDARD, 0, Level.SHOULD)
    assert (options.patterns, options.max_time) == (("LIST-1",), 5.0)
    assert (options.profile, options.max_failures) == (Profile.SHAPE, 3)


def test_paths_are_relative_to_the_target_file(asked: Any, commands: Any) -> None:
    folder = commands.folder
    (folder / "lists").mkdir()
    (folder / "lists" / "known.toml").write_text('[[known]]\nrule = "READ-1"\nreason = "bug"\n')
    options = asked('known_failures = "lists/known.toml"\nrecord = "lists"\n')
    assert options.known_failures.entry("READ-1") is not None
    assert options.record == folder / "lists"


def test_reports_are_written_where_the_table_says(commands: Any, reference: Any) -> None:
    path = commands.target_file(reference())
    formats = ("json", "junit", "html", "markdown")
    lines = [f'{name} = "out.{name}"' for name in formats]
    path.write_text(path.read_text() + "\n".join(["[run]", *lines, 'rules = ["READ-1"]', "verbose = true"]))
    ended = commands("run", path)
    assert ended.code == 0, ended.err
    assert [(path.parent / f"out.{name}").exists() for name in formats] == [True] * 4
    assert "passed READ-1" in ended.out


def test_a_client_can_be_chosen(asked: Any) -> None:
    assert asked("client = true").client.package == "partially_client"
    assert asked('client = "partially_client"').client.package == "partially_client"
    assert asked('rules = ["SEARCH-1"]', "--client", "--rules", "CLIENT-1", "READ-1").client is not None


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            'efort = "deep"',
            "unknown key 'efort' in [run] (did you mean 'effort'?); the keys are rules, level, ",
        ),
        ('base_url = "x"', "unknown key 'base_url' in [run]"),
        ('rerun = "x.json"', "unknown key 'rerun' in [run]"),
        ('effort = "fast"', "[run].effort: expected quick, standard or deep, got 'fast'"),
        ("effort = true", "[run].effort: expected a string, got a boolean (true)"),
        ("seed = -1", "[run].seed: expected a whole number of 0 or above, got '-1'"),
        ("strict = 1", "[run].strict: expected a boolean, got an integer (1)"),
        ('rules = "READ-1"', "[run].rules: expected an array of strings, got a string ('READ-1')"),
        ('json = ""', "[run].json: expected the name of a file, got ''"),
        ('json = ["a"]', "[run].json: expected a string, got an array"),
    ],
)
def test_what_is_wrong_in_the_table_is_told(commands: Any, tmp_path: Path, table: str, message: str) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(TARGET + table + "\n")
    ended = commands("run", path)
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith(f"partially-conformance run: {path}: {message}")


def test_run_must_be_a_table_and_other_commands_ignore_what_is_in_it(commands: Any, closed_port: int) -> None:
    path = commands.folder / "acme.toml"
    path.write_text('base_url = "http://127.0.0.1:1/api"\napi_key = "file-key"\nrun = 1\n')
    assert "run: expected a table, got an integer (1)" in commands("run", path).err
    path.write_text(TARGET.replace(":1/", f":{closed_port}/") + 'effort = "deep"\n')
    assert "unknown key" not in commands("doctor", path).err


def test_every_option_of_run_is_allowed_or_named_as_an_exception() -> None:
    from partially_conformance.cli import _parse  # noqa: PLC0415

    parser = _parse(["run"]).parser
    names = {action.dest for action in parser.actions()}
    assert names > _NOT_IN_THE_TABLE
