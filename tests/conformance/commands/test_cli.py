"""The command line, with a runner that only writes down what it was asked for."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from partially_conformance.cli import COMMANDS, build_parser, main
from partially_conformance.commands.rules import table
from partially_conformance.generation.effort import Effort
from partially_conformance.report.console import Progress
from partially_conformance.rules.catalogue import Level, load_catalogue
from partially_conformance.rules.needs import NEED_WORDS
from partially_conformance.rules.results import Report, RuleResult, Status, Verdict
from partially_conformance.run.options import Profile, RunOptions
from partially_conformance.target.target import Target

ALL_RULES = load_catalogue().rules
TARGET = 'base_url = "http://127.0.0.1:1/api"\napi_key = "file-key"\n'


@dataclass
class Runner:
    """In place of the real one."""

    options: RunOptions | None = None
    report: Report = field(
        default_factory=lambda: Report(
            suite_version="0.1.0",
            spec_version="1.0",
            target_name="acme",
            base_url="http://127.0.0.1:1/api",
            seed=0,
            effort="standard",
            seconds=1.0,
            requests=1,
            verdict=Verdict.CONFORMS,
            exit_code=0,
            rules=(RuleResult(ALL_RULES[0], Status.PASSED),),
        )
    )
    error: BaseException | None = None

    def run(self, options: RunOptions, progress: Progress) -> Report:
        self.options = options
        if self.error:
            raise self.error
        progress.start(len(options.rules))
        progress.stop()
        return self.report


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Runner:
    runner, module = Runner(), ModuleType("partially_conformance.run.runner")
    module.run = runner.run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "partially_conformance.run.runner", module)
    return runner


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "acme.toml"
    path.write_text(TARGET)
    return path


def asked(runner: Runner, *arguments: str | Path) -> RunOptions:
    assert main(["run", *map(str, arguments)]) == 0
    assert runner.options is not None
    return runner.options


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 2) -> str:
    capsys.readouterr()
    assert main(list(map(str, arguments))) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    return captured.err.strip()


def test_without_options_everything_is_checked_on_the_reference_server(runner: Runner) -> None:
    assert asked(runner) == RunOptions(target=None, rules=load_catalogue().of_servers)


def test_every_option_reaches_the_run(runner: Runner, target: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[[known]]\nrule = "READ-1"\nreason = "x"\n')
    options = asked(
        runner,
        *(target, "--other-api-key", "second", "--harness-url", "http://127.0.0.1:2/"),
        *("--rules", "read-*", "--level", "must", "--profile", "shape", "--read-only"),
        *(
            "--effort",
            "deep",
            "--seed",
            "42",
            "--known-failures",
            known,
            "--strict",
            "--record",
            tmp_path / "record",
        ),
    )
    assert options.target == Target(
        "acme", "http://127.0.0.1:1/api", "file-key", "second", "http://127.0.0.1:2"
    )
    assert options.known_failures is not None
    assert [entry.rule for entry in options.known_failures.entries] == ["READ-1"]
    assert replace(options, target=None, known_failures=None) == RunOptions(
        target=None,
        rules=tuple(rule for rule in ALL_RULES if rule.area == "READ" and rule.level is Level.MUST),
        level=Level.MUST,
        profile=Profile.SHAPE,
        read_only=True,
        effort=Effort.DEEP,
        seed=42,
        strict=True,
        record=tmp_path / "record",
    )


@pytest.mark.parametrize(
    "arguments", [["{}", "--rules", "READ-1", "READ-2"], ["--rules", "READ-1", "--rules", "READ-2", "{}"]]
)
def test_a_target_may_stand_before_or_after_the_rules(
    runner: Runner, target: Path, arguments: Sequence[str]
) -> None:
    options = asked(runner, *(argument.format(target) for argument in arguments))
    assert options.target == Target("acme", "http://127.0.0.1:1/api", "file-key")
    assert [rule.id for rule in options.rules] == ["READ-1", "READ-2"]


def test_a_url_and_a_key_are_a_target(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", "k")
    options = asked(runner, "--base-url", "http://[::1]:8080/api", "--api-key", "env:ACME_KEY")
    assert options.target == Target("[::1]:8080", "http://[::1]:8080/api", "k")


def test_the_exit_code_is_that_of_the_report_and_the_verdict_the_last_line(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.report = replace(runner.report, verdict=Verdict.NO_VERDICT, exit_code=3)
    assert main(["run"]) == 3
    assert capsys.readouterr().out.splitlines()[-1].startswith("verdict: no verdict — 1 passed")


def test_reports_are_written_in_every_form(runner: Runner, tmp_path: Path) -> None:
    files = {name: tmp_path / f"out.{name}" for name in ("json", "junit", "html", "markdown")}
    asked(runner, *(part for name, path in files.items() for part in (f"--{name}", path)))
    assert json.loads(files["json"].read_text())["verdict"] == "conforms"
    assert files["junit"].read_text().startswith("<?xml")
    assert files["html"].read_text().startswith("<!DOCTYPE html>")
    assert files["markdown"].read_text().startswith("## acme: conforms")


def test_a_report_that_cannot_be_written_takes_neither_the_verdict_nor_the_others(
    runner: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def full(path: Path, *arguments: Any, **options: Any) -> int:
        if path.name == "out.json":
            raise OSError(28, "No space left on device")
        return write(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    arguments = ["run", "--json", str(tmp_path / "out.json"), "--html", str(tmp_path / "out.html")]
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert "verdict: conforms" in captured.out
    assert captured.err == (
        f"partially-conformance run: {tmp_path}/out.json: cannot be written: No space left on device\n"
    )
    assert (tmp_path / "out.html").exists()
    runner.report = replace(runner.report, exit_code=1)
    assert main(arguments) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", ": expected a command: run"),
        ("rnu", ": unknown command 'rnu' (did you mean 'run'?); the commands are run"),
        ("--versio", ": unknown option '--versio' (did you mean '--version'?)"),
        ("run --rule READ-1", " run: unknown option '--rule' (did you mean '--rules'?)"),
        ("run --seeed=4", " run: unknown option '--seeed' (did you mean '--seed'?)"),
        ("run --quux", " run: unknown option '--quux'; the options are --help, --base-url,"),
        ("run a.toml b.toml", " run: unexpected argument 'b.toml'"),
        (
            "run --base-url http://a --api-key -k1",
            " run: --api-key: expected one argument; one that begins with a dash is written --api-key=VALUE",
        ),
        (
            "run --effort quik",
            " run: --effort: expected quick, standard or deep, got 'quik' (did you mean 'quick'?)",
        ),
        ("run --level may", " run: --level: expected must or should, got 'may'"),
        ("run --seed -1", " run: --seed: expected a whole number of 0 or above, got '-1'"),
        ("run --seed 1.5", " run: --seed: expected a whole number of 0 or above, got '1.5'"),
        ("run --rules", " run: --rules: expected at least one argument"),
        ("run --rules a.toml", " run: --rules: expected a pattern such as 'GDPR-*', got none"),
        ("run --rules NONE-*", " run: --rules: no rule matches 'NONE-*'; the areas are AUTH, LIST,"),
        ("run --rules HTTP-12 --level must", " run: --rules: no rule of level must matches 'HTTP-12'"),
        ("run none.toml", " run: none.toml: cannot be read: No such file or directory"),
        ("run --known-failures none", " run: none: cannot be read: No such file or directory"),
        ("run --base-url http://localhost", " run: --base-url without a target file also needs --api-key"),
        (
            "run --harness-url http://localhost",
            " run: --harness-url without a target file also needs --base-url",
        ),
        ("run --json none/out", " run: none/out: there is no folder none"),
        ("run --json .", " run: .: expected a file, got a folder"),
        ("run --json out --html ./out", " run: --html: out is written by the same run"),
        ("run --record none/out", " run: --record: none/out: there is no folder none"),
        ("run --record file", " run: --record: file: expected a folder, got a file"),
        ("rules SERCH-2", " rules: no rule matches 'SERCH-2'; the areas are AUTH"),
        ("diff one.json", " diff: the following arguments are required: B.json"),
        ("diff one.json two.json", " diff: one.json: cannot be read: No such file or directory"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_one_line(
    arguments: str,
    message: str,
    runner: Runner,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    assert complaint(capsys, *arguments.split()).startswith(f"partially-conformance{message}")
    assert runner.options is None


def test_a_report_never_overwrites_what_the_run_reads(
    runner: Runner, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([target, "--json", target], ["--json", target, "--rules", "READ-1", target]):
        assert f"--json: {target} is read by the same run" in complaint(capsys, "run", *arguments)
    assert target.read_text() == TARGET


def test_a_fault_of_the_suite_is_named_as_one(
    runner: Runner, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARTIALLY_DEBUG", raising=False)
    runner.error = KeyError("two\nlines")
    assert complaint(capsys, "run", code=3) == (
        "partially-conformance run: an error in the suite, not in the target:"
        " KeyError: 'two\\nlines' (PARTIALLY_DEBUG=1 prints the traceback)"
    )
    monkeypatch.setenv("PARTIALLY_DEBUG", "1")
    assert main(["run"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_outside_of_a_run_leaves_no_traceback(
    runner: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.error = KeyboardInterrupt()
    assert complaint(capsys, "run", code=130) == "partially-conformance run: interrupted"


@pytest.mark.parametrize("command", [[], *([module.NAME] for module in COMMANDS)])
def test_the_help_of_every_command_has_examples_and_exit_codes(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "examples:\n  partially-conformance " in text
    assert "exit codes:\n  0  " in text


def test_every_option_says_what_it_is_for() -> None:
    parsers = [build_parser()]
    for action in parsers[0]._actions:
        if isinstance(action, argparse._SubParsersAction):
            parsers += action.choices.values()
    assert len(parsers) == 1 + len(COMMANDS)
    for parser in parsers:
        for action in parser._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), action


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    version = importlib.metadata.version("partially-conformance")
    assert capsys.readouterr().out == f"partially-conformance {version}\n"


def test_the_catalogue_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(ALL_RULES)
    assert lines[0].split() == ["id", "level", "needs", "title"]
    assert [line.split()[0] for line in lines[1:]] == [rule.id for rule in ALL_RULES]
    assert main(["rules", "gdpr-*"]) == 0
    expected = table(rule for rule in ALL_RULES if rule.area == "GDPR")
    assert capsys.readouterr().out == expected + "\n"


def test_one_rule_is_explained_with_its_checks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = ModuleType("partially_conformance.suite")
    suite.checks_of = lambda rule_id: [("isolated", f"What checks {rule_id}.")]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "partially_conformance.suite", suite)
    assert main(["rules", "auth-10"]) == 0
    text = capsys.readouterr().out
    rule = load_catalogue().rule("AUTH-10")
    assert text.startswith(f"AUTH-10  {rule.title}\n")
    for wanted in (
        rule.level,
        rule.source,
        *(NEED_WORDS[need].needs for need in rule.needs),
        "isolated: What checks AUTH-10.",
    ):
        assert wanted in text
    assert rule.statement in " ".join(text.split())


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "partially_conformance", "rules", "HTTP-*"]  # fits into the buffer
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            command, stdout=closed, stderr=subprocess.PIPE, env=environment, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (141, b"")


def test_help_does_not_wait_for_the_engine() -> None:
    code = (
        "import sys\n"
        "from partially_conformance.cli import main\n"
        "main(['rules'])\n"
        "sys.exit(sorted({'pytest', 'hypothesis', 'schemathesis', 'httpx2'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_one_rule_is_explained_with_the_faults_that_prove_it() -> None:
    code = "import sys\nfrom partially_conformance.cli import main\nsys.exit(main(['rules', 'SEARCH-4']))\n"
    done = [
        subprocess.run(
            [sys.executable, "-c", before + code], capture_output=True, timeout=60, check=False, text=True
        )
        for before in ("", "import sys\nsys.modules['sqlalchemy'] = None\n")
    ]
    assert [one.returncode for one in done] == [0, 0]
    assert "\n  fault   only-last-names: Only last names are searched.\n" in done[0].stdout
    assert "\n  fault   not shown: the broken servers need the extra `reference`" in done[1].stdout
