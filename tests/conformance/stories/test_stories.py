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
from partially_conformance.stories.story import exchange_record, failure_with_story
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.exchange import Exchange, Key, Request, Response, one_race
from partially_conformance.traffic.records import Failure
from partially_conformance.traffic.redaction import Mail, Secrets

CURL = shutil.which("curl")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+")
API = "http://127.0.0.1:1/api"
HARNESS = "http://127.0.0.1:1/harness"


@functools.cache
def faults() -> tuple[Overlay, ...]:
    return all_faults()


def fault_of(rule: str) -> Overlay:
    """The first fault that is about this rule only."""
    return next(fault for fault in faults() if fault.about == (rule,))


class Eavesdropper:
    """A proxy that notes every mailed token, and every password that is set."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._client = httpx2.Client(timeout=10)
        self.tokens: set[str] = set()
        self.passwords: set[str] = set()

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
            self.passwords.add(seen.json["password"])
        if seen.target.endswith("/login_token") and answer.is_success:
            self.tokens.add(seen.json["token"])
        if seen.target.startswith("/harness/emails"):
            for email in answer.json()["emails"]:
                self.tokens.add(max(email["body"].split(), key=len))

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
    secrets = {one for one in spy.tokens if len(one) >= 8} | {target.api_key, target.other_api_key}
    assert len(secrets) > 3
    for secret in secrets:
        shown = {json.dumps(secret)[1:-1], secret}
        assert [name for name, text in written.items() if any(form in text for form in shown)] == [], secret
    if "PASSWORD-1" in rules:  # the suite has generated them: a story is of no use without them
        assert any(json.dumps(one)[1:-1] in written["recording"] for one in spy.passwords)


@pytest.mark.parametrize("rule", ["SEARCH-1", "SEARCH-4", "READ-1", "CREATE-1", "UPDATE-1", "GDPR-1"])
def test_the_script_of_a_story_shows_the_failure_again(commands: Any, reference: Any, rule: str) -> None:
    if CURL is None:
        pytest.skip("curl is not installed: the commands of a story are NOT checked")
    fault = fault_of(rule)
    first, second = reference(fault), reference(fault)
    ended = commands.run(commands.target_file(first), "--rules", rule)
    assert ended.status(rule) == "failed", ended.out
    story = next(one for one in ended.report["rules"] if one["id"] == rule)["failures"][0]
    lines = [exchange["curl"] for exchange in story["exchanges"]]
    assert story["script"].endswith("\n".join(lines))
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


def keys() -> Secrets:
    secrets = Secrets()
    secrets.add_key(Key("the-key", "API_KEY"))
    return secrets


def printed(command: str, **variables: str) -> str:
    """The arguments that a shell passes to curl, one per line."""
    script = 'curl() { printf "<%s>\\n" "$@"; [ "${!#}" != "@-" ] || od -An -v -tx1; }\n'
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


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        (Key("the-key", "API_KEY"), "<Authorization: Bearer the-key>"),
        (Key("the-ke", "CHANGED_KEY"), "<Authorization: Bearer the-ke>"),
        (Key("THE-KEY", "CHANGED_KEY"), "<Authorization: Bearer THE-KEY>"),
        (Key("the-keythe-key", "CHANGED_KEY"), "<Authorization: Bearer the-keythe-key>"),
        (Key("it's $HOME", "INVALID_KEY"), "<Authorization: Bearer it's $HOME>"),
        (Key("", "INVALID_KEY"), "<Authorization: Bearer>"),
        (Key("", "INVALID_KEY", scheme=""), "<Authorization;>"),
        (Key("the-key", "API_KEY", scheme=""), "<Authorization: the-key>"),
    ],
    ids=lambda value: value.value or "empty" if isinstance(value, Key) else "",
)
def test_a_shell_sends_exactly_the_key(key: Key, sent: str) -> None:
    request = Request("GET", f"{API}/customer", "/api/customer", {}, key)
    (shown,) = story_of(Exchange(request, None, "no answer", 0.0), secrets=keys()).exchanges
    assert "the-ke" not in shown.curl.lower()
    assert sent in printed(shown.curl)


def test_without_a_content_type_curl_adds_none() -> None:
    (shown,) = story_of(exchange("PUT", "/api/customer/x", b"{}")).exchanges
    assert "<Content-Type:>" in printed(shown.curl)
    (shown,) = story_of(exchange("PUT", "/api/customer/x", b"{}", content_type="application/json")).exchanges
    assert "<Content-Type:>" not in printed(shown.curl)


def mail_exchange(*bodies: str) -> Exchange:
    emails = [{"to": "a@b.co", "subject": "Your token", "body": body} for body in bodies]
    request = Request(
        "GET", f"{HARNESS}/emails?to=a%40b.co", "/harness/emails?to=a%40b.co", purpose="harness"
    )
    return Exchange(request, Response(200, {}, json.dumps({"emails": emails}).encode()), None, 0.0)


def login(token: Any) -> Exchange:
    body = json.dumps({"token": token}).encode()
    return exchange("POST", "/api/customer/login_token", body, content_type="application/json")


@pytest.mark.parametrize("used", ["N5E9gL", "N5E9g", "xN5E9gL", "n5e9gl", "N5E0gL", ["N5E9gL"]])
def test_a_token_is_read_from_its_email_and_what_is_made_from_it_is_made_anew(used: Any) -> None:
    secrets = keys()
    secrets.add_token("N5E9gL", Mail("a@b.co", "Your token\nIt is N5E9gL.", 2))
    story = story_of(mail_exchange("It is 111111.", "It is N5E9gL."), login(used), secrets=secrets)
    assert "N5E9" not in json.dumps([one.curl for one in story.exchanges])
    fresh = mail_exchange("It is 111111.", "It is Wq7rTz.").response
    assert fresh is not None
    answer = f"printf '%s' '{fresh.text}'"
    answering = f'curl() {{ case "$*" in *emails*) {answer};; *) printf \'<%s>\\n\' "$@";; esac; }}\n'
    script = answering + story.script
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        env={"PATH": os.environ["PATH"], "API_KEY": "the-key"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    made = {
        "N5E9gL": "Wq7rTz", "N5E9g": "Wq7rT", "xN5E9gL": "xWq7rTz", "n5e9gl": "wq7rtz", "N5E0gL": "Wq70Tz",
    }  # fmt: skip
    sent = [made[used[0]]] if isinstance(used, list) else made[used]
    assert f"<{json.dumps({'token': sent})}>" in done.stdout


def test_a_token_that_came_by_smtp_is_asked_for() -> None:
    secrets = keys()
    secrets.add_token("N5E9gL", Mail("a@b.co", "Your token\nIt is N5E9gL.", 1))
    (shown,) = story_of(login("N5E9gL"), secrets=secrets).exchanges
    question, command = shown.curl.splitlines()
    assert question == "read -r -p 'the token in email 1 to a@b.co: ' TOKEN_1 < /dev/tty"
    assert '<{"token": "Wq7rTz"}>' in printed(command, TOKEN_1="Wq7rTz")


def test_a_password_that_the_suite_generated_is_shown() -> None:
    body = json.dumps({"password": "Qwrtz-123456-xQ"}).encode()
    (shown,) = story_of(exchange("PUT", "/api/x", body)).exchanges
    assert shown.request.body == body.decode()
    assert f"<{body.decode()}>" in printed(shown.curl)


def test_ids_that_a_story_creates_are_variables() -> None:
    made = exchange("POST", "/api/customer", b"{}", content_type="application/json")
    used = exchange("PUT", "/api/customer/0f1e2d3c-aaaa", b'{"note": "0f1e2d3c-aaaa"}')
    story = story_of(made, used)
    first, second = story.exchanges
    assert made.response is not None
    answering = f"curl() {{ printf '%s' '{made.response.text}'; }}\n"
    arguments = printed(f'{answering}{first.curl}\nprintf "<%s>" "$ID1"')
    assert arguments.endswith("<0f1e2d3c-aaaa>")
    assert '<{"note": "new"}>' in printed(second.curl, ID1="new")
    assert "<http://127.0.0.1:1/api/customer/new>" in printed(second.curl, ID1="new")
    assert story.script.count("id() {") == 1


def test_an_id_that_no_later_request_uses_is_no_variable() -> None:
    made = exchange("POST", "/api/customer", b"{}", content_type="application/json")
    (shown,) = story_of(made).exchanges
    assert shown.curl.startswith("curl ")


def test_the_right_one_of_several_ids_is_taken() -> None:
    made = exchange("POST", "/api/customer", b"{}", content_type="application/json")
    text = '{"owner": {"id": "another-id"}, "id": "0f1e2d3c-aaaa"}'
    made = Exchange(made.request, Response(201, {}, text.encode()), None, 0.0)
    first, _ = story_of(made, exchange("GET", "/api/customer/0f1e2d3c-aaaa")).exchanges
    arguments = printed(f"curl() {{ printf '%s' '{text}'; }}\n{first.curl}\nprintf '<%s>' \"$ID1\"")
    assert arguments.endswith("<0f1e2d3c-aaaa>")


def test_requests_of_one_moment_are_sent_at_one_moment() -> None:
    with one_race():
        race = [exchange("PUT", f"/api/customer/{number}", b"{}") for number in range(3)]
    story = story_of(*race)
    assert story.script.count(" &\n") == 3
    assert story.script.count("\nwait\n") == 1
    assert printed(story.script, TMPDIR=os.environ.get("TMPDIR", "/var/tmp")).count("<PUT>") == 3


def test_a_long_body_is_printed_from_what_is_repeated_in_it() -> None:
    body = b'{"a": "' + b"x%\\" * 9_000 + b'", "b": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    request = Request("POST", f"{API}/customer", "/api/customer", {}, None, body)
    command = exchange_record(Exchange(request, None, "no answer", 0.0), Secrets()).curl
    assert len(command) < 1_000
    printing = command.partition(" | curl ")[0]
    printed = subprocess.run(["bash", "-c", printing], capture_output=True, check=True, timeout=30)
    assert printed.stdout == body


@pytest.mark.parametrize("length", [5_000, 60_000])
def test_a_long_body_without_repetitions_is_sent_too(length: int) -> None:
    body = json.dumps({"a": " ".join(map(str, range(length)))}).encode()
    request = Request("POST", f"{API}/customer", "/api/customer", {}, None, body)
    command = exchange_record(Exchange(request, None, "no answer", 0.0), Secrets()).curl
    assert len(command) < len(body)
    printing = command.partition(" | curl ")[0]
    printed = subprocess.run(["bash", "-c", printing], capture_output=True, check=True, timeout=30)
    assert printed.stdout == body


@pytest.mark.parametrize(
    ("body", "shown"),
    [(gzip.compress(b'{"id": "1"}', mtime=0), '{"id": "1"}'), (b"no gzip", "no gzip")],
    ids=["gzip", "wrongly labelled"],
)
def test_a_compressed_body_is_shown_decompressed(body: bytes, shown: str) -> None:
    request = Request("GET", "http://127.0.0.1/api/customer", "/api/customer")
    response = Response(200, {"content-encoding": "gzip"}, body)
    assert exchange_record(Exchange(request, response, None, 0.0), Secrets()).response.body == shown
