"""`doctor` against servers that can be checked, and against all kinds that cannot."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx2
import pytest

from partially_conformance.rules.needs import NEED_WORDS


def lines(out: str, mark: str) -> list[str]:
    return [line.removeprefix(f"{mark}  ") for line in out.splitlines() if line.startswith(f"{mark}  ")]


def test_the_reference_server_can_be_checked_with_nothing_left_out(commands: Any, reference: Any) -> None:
    target = reference()
    ended = commands("doctor", commands.target_file(target))
    assert ended.code == 0
    assert lines(ended.out, "no") == []
    assert lines(ended.out, "ok") == [
        f"{target.base_url} responds and accepts the key",
        "a wrong key is refused",
        "the key of the second merchant is accepted",
        "the harness offers clock, emails, password, payment_plans",
    ]
    tested, _, total = ended.out.splitlines()[-1].split()[:3]
    assert tested == total != "0"


def test_without_a_second_key_and_a_harness_it_says_what_stays_untested(
    commands: Any, reference: Any
) -> None:
    target = dataclasses.replace(reference(), other_api_key=None, harness_url=None)
    ended = commands("doctor", commands.target_file(target))
    assert ended.code == 0
    text = " ".join(ended.out.partition("rules can be tested.")[2].split())
    assert text.startswith(
        "no second key: AUTH-6 to AUTH-11, AUTH-15, AUTH-16 are not tested"
        " (--other-api-key, or other_api_key in the target file) no passwords: AUTH-10, GDPR-17, "
    )
    assert text.count("not tested") == len(NEED_WORDS)
    assert [text.count(words.remedy) for words in NEED_WORDS.values()] == [1] * len(NEED_WORDS)


def test_nothing_is_created(commands: Any, reference: Any) -> None:
    target = reference()
    assert commands("doctor", commands.target_file(target)).code == 0
    for key in (target.api_key, target.other_api_key):
        page = httpx2.get(f"{target.base_url}/customer", headers={"Authorization": f"Bearer {key}"}).json()
        assert page["total_entries"] == 0


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"api_key": "not-a-key"}, "the key is refused with status 401"),
        ({"other_api_key": "not-a-key"}, "the key of the second merchant is answered with status 401"),
    ],
)
def test_a_key_that_is_refused_is_named(
    commands: Any, reference: Any, change: dict[str, str], finding: str
) -> None:
    ended = commands("doctor", commands.target_file(dataclasses.replace(reference(), **change)))
    assert ended.code == 3
    assert lines(ended.out, "no") == [finding]
    assert "not-a-key" not in ended.out


def test_a_closed_port_is_one_finding(commands: Any, closed_port: int) -> None:
    ended = commands("doctor", commands.target_file(base_url=f"http://127.0.0.1:{closed_port}/api"))
    assert ended.code == 3
    assert ended.err == ""
    (finding,) = ended.out.splitlines()
    assert finding.startswith(f"no  http://127.0.0.1:{closed_port}/api does not respond: ")


def test_a_wrong_key_that_is_taken_is_found(commands: Any, tiny: Any) -> None:
    page = {
        "customers": [], "page_number": 1, "page_size": 10, "total_pages": 1, "total_entries": 0
    }  # fmt: skip
    server = tiny(lambda _seen, line: line.json(200, page))
    ended = commands("doctor", commands.target_file(base_url=f"{server.url}/api"))
    assert ended.code == 3
    assert lines(ended.out, "no") == ["a wrong key is accepted"]


@pytest.mark.parametrize("body", [b"", b'{"capabilities": ["password", "payment_plans", "emails", "clock"]}'])
def test_a_harness_that_answers_everything_with_a_success_is_not_believed(
    commands: Any, reference: Any, tiny: Any, body: bytes
) -> None:
    status = 200 if body else 204
    server = tiny(lambda _seen, line: line.answer(status, body))
    target = dataclasses.replace(reference(), harness_url=f"{server.url}/harness")
    ended = commands("doctor", commands.target_file(target))
    assert ended.code == 3
    wrong = lines(ended.out, "no")
    assert wrong
    assert all("harness" in finding for finding in wrong)
    assert "PASSWORD-1" in ended.out.partition("rules can be tested.")[2]


def test_a_server_that_does_not_start_is_told_with_its_last_words(commands: Any, closed_port: int) -> None:
    path = commands.target_file(base_url=f"http://127.0.0.1:{closed_port}/api")
    path.write_text(path.read_text() + '[start]\ncommand = ["sh", "-c", "echo no disk; exit 7"]\n')
    ended = commands("doctor", path)
    assert (ended.code, ended.out) == (
        3,
        "no  the target ended with exit code 7 before it answered; it printed: no disk\n",
    )
