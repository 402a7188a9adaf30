"""The story of a failure contains no secrets, and its commands show the failure again."""

from __future__ import annotations

import functools
import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest

from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.servers import Overlay
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.exchange import Exchange, Key, Request, Response
from partially_conformance.traffic.records import Failure
from partially_conformance.traffic.redaction import Secrets
from partially_conformance.traffic.story import exchange_record, failure_with_story

CURL = shutil.which("curl")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+")


@functools.cache
def faults() -> tuple[Overlay, ...]:
    return all_faults()


def fault_of(rule: str) -> Overlay:
    """The first fault that is about this rule only."""
    return next(fault for fault in faults() if fault.about == (rule,))


class Eavesdropper:
    """A proxy that notes every secret that passes."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._client = httpx2.Client(timeout=10)
        self.secrets: set[str] = set()

    def __call__(self, seen: Any, line: Any) -> None:
        answer = self._client.request(
            seen.method,
            self._origin + seen.target,
            headers={name: value for name, value in seen.headers.items() if name != "host"},
            content=seen.body or None,
        )
        self._note(seen, answer)
        line.answer(answer.status_code, answer.content, content_type="application/json")

    def _note(self, seen: Any, answer: httpx2.Response) -> None:
        if answer.is_success and seen.target.endswith("/password") and seen.method == "PUT":
            self.secrets.add(seen.json["password"])
        if seen.target.endswith("/login_token") and answer.is_success:
            self.secrets.add(seen.json["token"])
        if seen.target.startswith("/harness/emails"):
            for email in answer.json()["emails"]:
                self.secrets.add(max(email["body"].split(), key=len))

    def close(self) -> None:
        self._client.close()


@pytest.mark.parametrize(
    "rules", [("PASSWORD-1", "PASSWORD-2", "AUTH-1"), ("TOKEN-1", "TOKEN-3", "CREATE-1")]
)
def test_no_secret_is_in_any_output(
    commands: Any, reference: Any, tiny: Any, stack: Any, tmp_path: Path, rules: tuple[str, ...]
) -> None:
    target = reference(*map(fault_of, rules))
    origin = target.base_url.removesuffix("/api")
    spy = Eavesdropper(origin)
    stack.callback(spy.close)
    address = tiny(spy).url
    path = commands.target_file(target, base_url=f"{address}/api", harness_url=f"{address}/harness")
    outputs = {name: tmp_path / f"out.{name}" for name in ("junit", "html", "markdown")}
    options = [part for name, file in outputs.items() for part in (f"--{name}", file)]
    ended = commands.run(path, *options, "-v", "--record", tmp_path / "kept", "--rules", *rules)
    assert ended.code == 1
    failed = [rule for rule in ended.report["rules"] if rule["status"] == "failed"]
    assert any(
        exchange["request"]["body"] for rule in failed for exchange in rule["failures"][0]["exchanges"]
    )
    written = {
        "console": ended.out + ended.err,
        "json": (tmp_path / "report.json").read_text(),
        "recording": (tmp_path / "kept" / "exchanges.jsonl").read_text(),
        **{name: file.read_text() for name, file in outputs.items()},
    }
    secrets = {one for one in spy.secrets if len(one) >= 8} | {target.api_key, target.other_api_key}
    assert len(secrets) > 3
    for secret in secrets:
        shown = {json.dumps(secret)[1:-1], secret}
        assert [name for name, text in written.items() if any(form in text for form in shown)] == [], secret


@pytest.mark.parametrize("rule", ["SEARCH-1", "SEARCH-4", "READ-1", "CREATE-1", "UPDATE-1", "GDPR-1"])
def test_the_commands_of_a_story_show_the_failure_again(commands: Any, reference: Any, rule: str) -> None:
    if CURL is None:
        pytest.skip("curl is not installed: the commands of a story are NOT checked")
    fault = fault_of(rule)
    first, second = reference(fault), reference(fault)
    ended = commands.run(commands.target_file(first), "--rules", rule)
    assert ended.status(rule) == "failed", ended.out
    story = next(one for one in ended.report["rules"] if one["id"] == rule)["failures"][0]
    lines = [exchange["curl"] for exchange in story["exchanges"]]
    script = "\n".join(
        ["curl() { command curl -w '\\n%{http_code}\\n' \"$@\"; }", *lines[:-1], 'echo "last:"', lines[-1]]
    )
    for before, after in ((first.base_url, second.base_url), (first.harness_url, second.harness_url)):
        script = script.replace(before, after)
    done = subprocess.run(
        ["bash", "-eu", "-c", f"exec 2>&1\n{script}"],
        env={**os.environ, "API_KEY": second.api_key, "OTHER_API_KEY": second.other_api_key or ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    *body, status = done.stdout.rpartition("last:\n")[2].strip().splitlines()
    response = story["exchanges"][-1]["response"]
    assert status == str(response["status"])
    assert alike("\n".join(body)) == alike(response["body"])


def alike(text: str) -> str:
    """A body without the ids and times, which differ from server to server."""
    return TIME.sub("TIME", UUID.sub("ID", text))


def story_of(*exchanges: Exchange, secrets: Secrets | None = None) -> Failure:
    return failure_with_story(Violation("this", "that", exchanges), exchanges, secrets or Secrets())


def exchange(method: str, path: str, body: bytes | None = None, **headers: str) -> Exchange:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(method, f"http://127.0.0.1:1{path}", path, sent, Key("the-key", "API_KEY"), body)
    made = b'{"payments": [], "id": "0f1e2d3c-aaaa", "customer_id": "x", "more": [{"id": "other-id-9"}]}'
    return Exchange(request, Response(201, {}, made), None, 0.0)


def printed(command: str, **variables: str) -> str:
    """The arguments that a shell passes to curl, one per line."""
    script = 'curl() { printf "<%s>\\n" "$@"; [ "${!#}" != "@-" ] || od -An -tx1; }\n'
    done = subprocess.run(
        ["bash", "-eu", "-c", script + command],
        env={"PATH": os.environ["PATH"], "API_KEY": "the-key", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    "text", ["it's", '"', "$HOME `id` \\", "@file", "ünï", "a\nb", "'; id #", "%s\\n", "!x"]
)
def test_a_shell_sends_exactly_the_body(text: str) -> None:
    body = json.dumps({"first_name": text}, ensure_ascii=False)
    (shown,) = story_of(exchange("PUT", "/api/customer/x", body.encode())).exchanges
    assert f"<{body}>" in printed(shown.curl)


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"a": "\x00"}', b"%d \\ ' \xe9\n"])
def test_a_body_that_is_not_text_goes_through_a_pipe(body: bytes) -> None:
    (shown,) = story_of(exchange("PUT", "/api/customer/x", body)).exchanges
    assert "".join(printed(shown.curl).partition("<@->\n")[2].split()) == body.hex()


def test_without_a_content_type_curl_adds_none() -> None:
    (shown,) = story_of(exchange("PUT", "/api/customer/x", b"{}")).exchanges
    assert "<Content-Type:>" in printed(shown.curl)
    (shown,) = story_of(exchange("PUT", "/api/customer/x", b"{}", content_type="application/json")).exchanges
    assert "<Content-Type:>" not in printed(shown.curl)


def test_each_secret_is_a_variable_of_its_own() -> None:
    secrets = Secrets()
    for password in ("first-secret", "second'secret", "third-secret"):
        secrets.add(password, "PASSWORD")
    body = json.dumps({"password": "second'secret", "note": "first-secret"}).encode()
    (shown,) = story_of(exchange("PUT", "/api/x", body), secrets=secrets).exchanges
    assert "secret" not in shown.curl + str(shown.request.body)
    arguments = printed(shown.curl, PASSWORD="first-secret", PASSWORD_2="second'secret")
    assert f"<{body.decode()}>" in arguments
    assert "<Authorization: Bearer the-key>" in arguments


def test_ids_that_a_story_creates_are_variables_with_the_first_id_of_the_body() -> None:
    made = exchange("POST", "/api/customer", b"{}", content_type="application/json")
    used = exchange("PUT", "/api/customer/0f1e2d3c-aaaa", b'{"note": "0f1e2d3c-aaaa"}')
    first, second = story_of(made, used).exchanges
    assert first.curl.startswith("ID1=$(curl ")
    assert made.response is not None
    answering = f"curl() {{ printf '%s' '{made.response.text}'; }}\n"
    arguments = printed(f'{answering}{first.curl}\nprintf "<%s>" "$ID1"')
    assert arguments.endswith("<0f1e2d3c-aaaa>")
    assert '<{"note": "new"}>' in printed(second.curl, ID1="new")
    assert "<http://127.0.0.1:1/api/customer/new>" in printed(second.curl, ID1="new")


def test_a_long_body_is_printed_from_what_is_repeated_in_it() -> None:
    body = b'{"a": "' + b"x%\\" * 9_000 + b'", "b": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    request = Request("POST", "http://127.0.0.1:1/api/customer", "/api/customer", {}, None, body)
    command = exchange_record(Exchange(request, None, "no answer", 0.0), Secrets()).curl
    assert len(command) < 1_000
    printing = command.partition(" | curl ")[0]
    printed = subprocess.run(["bash", "-c", printing], capture_output=True, check=True, timeout=30)
    assert printed.stdout == body


def test_a_long_body_without_repetitions_is_not_printed() -> None:
    body = json.dumps({"a": " ".join(map(str, range(10_000)))}).encode()
    request = Request("POST", "http://127.0.0.1:1/api/customer", "/api/customer", {}, None, body)
    assert (
        f"…{len(body)} characters…"
        in exchange_record(Exchange(request, None, "no answer", 0.0), Secrets()).curl
    )


@pytest.mark.parametrize(
    ("body", "shown"),
    [(gzip.compress(b'{"id": "1"}', mtime=0), '{"id": "1"}'), (b"no gzip", "no gzip")],
    ids=["gzip", "wrongly labelled"],
)
def test_a_compressed_body_is_shown_decompressed(body: bytes, shown: str) -> None:
    request = Request("GET", "http://127.0.0.1/api/customer", "/api/customer")
    response = Response(200, {"content-encoding": "gzip"}, body)
    assert exchange_record(Exchange(request, response, None, 0.0), Secrets()).response.body == shown
