"""Each benchmark runs, in a tiny size, and prints all its rows. How long things take is not looked at."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of the benchmarks."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


def run(script: str, folder: Path, *options: str) -> tuple[str, Any, str]:
    """What a script prints, and the JSON and the Markdown it writes."""
    files = [folder / "found.json", folder / "found.md"]
    command = [sys.executable, BENCHMARKS / script, "--json", files[0], "--markdown", files[1], *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(files[0].read_text()), files[1].read_text()


def rows_of(printed: str, title: str) -> list[str]:
    """The first words of the rows of a table, its header left out."""
    table = printed.partition(f"{title}\n")[2].partition("\n\n")[0]
    return [line.partition("  ")[0] for line in table.splitlines()[1:]]


def test_the_suite_and_schemathesis_judge_the_same_servers(tmp_path: Path) -> None:
    printed, found, markdown = run(
        "conformance.py", tmp_path, "--tiny", "--rounds", "1", "--faults", "1", "--jobs", "1"
    )
    checkers = ["schemathesis", "suite (standard)", "suite (quick)"]
    assert rows_of(printed, "On the correct server") == checkers
    assert rows_of(printed, "Broken servers caught") == ["AUTH", "all"]
    assert all(f"| {row} |" in markdown for row in [*checkers, "AUTH", "all"])
    correct = {name: rounds[0] for name, rounds in found["correct_server"].items()}
    assert all(one["requests"] > 0 for one in correct.values())
    # It accuses the correct server too: its exit code could not tell a broken one.
    assert correct["schemathesis"]["ended"]["exit_code"] == 1
    assert correct["suite (quick)"]["ended"]["findings"] == []
    assert [(one["area"], one["caught_by"]) for one in found["faults"]] == [
        ("AUTH", ["schemathesis", "suite (quick)"])
    ]


def test_the_client_is_measured_beside_its_peers(tmp_path: Path) -> None:
    printed, found, markdown = run("client.py", tmp_path, "--rounds", "1", "--calls", "20")
    libraries = ["httpx2", "httpx", "partially_client", "openapi-python-client"]
    wanted = {
        "One call, in process": libraries,
        "One call, over loopback": libraries,
        "One of 16 asynchronous calls at the same time, over loopback": [
            "httpx2",
            "httpx",
            "aiohttp",
            "partially_client",
            "partially_client on aiohttp",
        ],
        "A page of 100 customers, decoded": ["json.loads", "partially_client", "openapi-python-client"],
        "Import": libraries,
        "Import, and a first call over loopback": libraries,
        "Whole regeneration": ["openapi-python-client", "partially-generate"],
    }
    assert {title: rows_of(printed, title) for title in wanted} == wanted
    assert {title: list(costs) for title, costs in found.items()} == wanted
    assert all(f"\n## {title}\n" in markdown for title in wanted)


def test_what_is_said_of_the_correct_server_catches_nothing(module: Any) -> None:
    conformance, checkers = module("conformance"), module("checkers")
    known = frozenset({"POST /customer: RejectedPositiveData"})
    assert not conformance.is_caught(checkers.Ended(1.0, 1, "failures", known), known)
    more = known | {"GET /customer: IgnoredAuth"}
    assert conformance.is_caught(checkers.Ended(1.0, 1, "failures", more), known)


@pytest.mark.parametrize("wanted", [0, 1, 4, 5, 6])
def test_a_sample_is_spread_over_all_faults(module: Any, wanted: int) -> None:
    order = ["a", "b", "c", "d", "e"]
    chosen = module("conformance").sample(order, wanted)
    assert chosen == {0: [], 1: ["a"], 4: ["a", "b", "c", "d"], 5: order, 6: order}[wanted]


def test_contenders_take_turns_at_going_first(module: Any) -> None:
    common = module("common")
    went: list[str] = []

    def contender(name: str) -> Any:
        def measure() -> Any:
            went.append(name)
            return common.Cost(1.0, 1.0)

        return measure

    costs = common.interleaved({"a": contender("a"), "b": contender("b")}, 3)
    assert "".join(went) == "ab" + "ab" + "ba" + "ab"
    assert [len(own) for own in costs.values()] == [3, 3]


def test_a_round_in_which_all_were_slow_does_not_change_a_ratio(module: Any) -> None:
    assert module("common").ratio([2.0, 20.0, 2.0, 20.0], [1.0, 10.0, 1.0, 10.0]) == 2.0


@pytest.mark.parametrize("script", ["client.py", "conformance.py"])
def test_a_wrong_option_is_told_in_one_line(script: str) -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / script, "--rounds", "none"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("expected a whole number of at least 1, got 'none'")
