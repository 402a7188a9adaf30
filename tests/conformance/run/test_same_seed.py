"""The same seed gives the same run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

TAG = "qxvwzkpb"
OTHER_TAGS = ("aaaaaaaa", "estodeit")
PART = ("SEARCH-7", "SEARCH-10", "UPDATE-2", "PASSWORD-7", "TOKEN-4", "CREATE-3")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
WITH_PARTS = re.compile(r"[0-9a-f]{6,8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{10,12}", re.IGNORECASE)


def recorded(folder: Path, tag: str, hash_seed: int, *options: str) -> list[dict[str, Any]]:
    """The recording of a run on a fresh embedded server."""
    command = [sys.executable, "-m", "partially_conformance", "run", "--seed", "3", "--run-tag", tag]
    subprocess.run(
        [*command, "--effort", "quick", "--record", str(folder), *options],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        check=True,
        capture_output=True,
        timeout=600,
    )
    with (folder / "exchanges.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    wanted: dict[str, tuple[str, int, tuple[str, ...]]] = {
        "first": (TAG, 1, ()),
        "second": (TAG, 2, ()),
        "part": (TAG, 3, ("--rules", *PART)),
        **{tag: (tag, 4, ()) for tag in OTHER_TAGS},
    }
    folders = {name: tmp_path_factory.mktemp(name) for name in wanted}
    with ThreadPoolExecutor(2) as pool:
        running = {
            name: pool.submit(recorded, folders[name], tag, seed, *options)
            for name, (tag, seed, options) in wanted.items()
        }
        return {name: future.result() for name, future in running.items()}


def requests(run: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What was sent in each scope, without ids, tokens and ports.

    Requests of one moment come in any order.
    """
    by_scope: dict[str, list[tuple[Any, str]]] = {}
    for number, line in enumerate(run):
        request = line["request"]
        text = json.dumps([request["method"], request["url"], request["headers"], request["body"]])
        text = re.sub(r"127\.0\.0\.1:\d+", "HOST", WITH_PARTS.sub("ID", UUID.sub("ID", text)))
        text = re.sub(r"\$(TOKEN|CHANGED_KEY)\w*", "$SECRET", text)
        if "/login_token" in text:  # a changed token is made from the one that the target mailed
            text = re.sub(r'(\\"token\\": \[?\\").*?\\"', r"\1TOKEN", text)
        moment = (line["race"], "") if line.get("race") is not None else (number, "")
        by_scope.setdefault(line["scope"], []).append((moment, text))
    return {scope: _in_order(sent) for scope, sent in by_scope.items()}


def _in_order(sent: list[tuple[Any, str]]) -> list[str]:
    ordered: list[str] = []
    moments: dict[Any, list[str]] = {}
    for moment, text in sent:
        moments.setdefault(moment, []).append(text)
    for texts in moments.values():
        ordered += sorted(texts)
    return ordered


def test_two_runs_with_one_tag_send_the_same_requests(runs: dict[str, list[dict[str, Any]]]) -> None:
    first, second = requests(runs["first"]), requests(runs["second"])
    assert list(first) == list(second)
    different = {scope for scope in first if first[scope] != second[scope]}
    assert different == set()


def test_a_selected_rule_sends_what_it_sends_in_the_whole_run(runs: dict[str, list[dict[str, Any]]]) -> None:
    whole, part = requests(runs["first"]), requests(runs["part"])
    own = {scope for scope in part if scope.partition("/")[0] in PART}
    assert {scope.partition("/")[0] for scope in own} == set(PART)
    assert {scope for scope in own if whole[scope] != part[scope]} == set()


def test_another_tag_changes_no_number_of_requests(runs: dict[str, list[dict[str, Any]]]) -> None:
    counts = [Counter(line["scope"] for line in runs[name]) for name in ("first", *OTHER_TAGS)]
    assert counts[1:] == counts[:1] * len(OTHER_TAGS)


def test_another_tag_gives_other_emails_and_names(runs: dict[str, list[dict[str, Any]]]) -> None:
    names = [
        {
            body[field]
            for line in runs[run]
            if line["request"]["body"] and line["request"]["url"].endswith("/customer")
            for body in [_parsed(line["request"]["body"])]
            for field in ("email", "last_name")
            if isinstance(body.get(field), str)
            and re.fullmatch(r"[A-Z][a-z]{11}|.*@example\.com", body[field])
        }
        for run in ("first", *OTHER_TAGS)
    ]
    assert all(len(found) > 100 for found in names)
    assert [names[0] & found for found in names[1:]] == [set(), set()]


def _parsed(body: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@pytest.mark.parametrize("tag", ["", "abc", "ABCDEFGH", "abcdefg1", "abcdefghi"])
def test_a_tag_that_is_no_tag_is_refused(commands: Any, tag: str) -> None:
    ended = commands("run", f"--run-tag={tag}")
    assert ended.code == 2
    assert "expected 8 lower-case letters" in ended.err
