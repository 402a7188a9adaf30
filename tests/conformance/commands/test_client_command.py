"""`client -- COMMAND`, with real commands in several languages."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.clients.recorded.variables import PREFIX, VARIABLES
from partially_conformance.report.to_json import read_report
from partially_conformance.rules.contract import contract

TIMEOUT = 60.0  # seconds

RULES = ("CLIENT-1", "CLIENT-2", "CLIENT-5", "CLIENT-6", "CLIENT-7", "CLIENT-15")

ID = "53479e98-27a9-49e2-856c-bf47d0796ffc"


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., list[str]]:
    """Writes a script and gives the command that runs it."""

    def write(text: str, *command: str, name: str = "client.py") -> list[str]:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return [*(command or (sys.executable,)), str(path)]

    return write


@pytest.fixture
def client(commands: Any, tmp_path: Path) -> Callable[..., Any]:
    """Runs `client` with a JSON report on a command."""

    def run(command: list[str], *options: str | Path) -> Any:
        path = tmp_path / "report.json"
        ended = commands("client", "--json", path, *options, "--", *command)
        ended.report = read_report(path)
        return ended

    return run


def statuses(ended: Any) -> dict[str, str]:
    return {rule["id"]: rule["status"] for rule in ended.report["rules"]}


def curl(options: str) -> list[str]:
    return ["sh", "-ec", f"curl -sS {options}"]


CUSTOMERS = "'{base_url}/customer' -H 'Authorization: Bearer {api_key}' -H 'Accept: application/json'"

WELL = """
    import contextlib, os
    from partially_client import APIError, Partially

    env = {name.removeprefix("PARTIALLY_").lower(): value for name, value in os.environ.items()}
    problem = contextlib.suppress(APIError)
    with Partially() as client:
        with problem:
            assert client.customers.get(env["customer_id"]).email == env["customer_email"]
        with problem:
            assert len(list(client.customers.list())) >= 12
        with problem:
            made = client.customers.create(email="ada@example.com", first_name="Ada")
            client.customers.update(made.id, phone="+12125551212", shipto_city=None)
        with problem:
            client.customers.gdpr_remove(env["removable_customer_id"])
        with problem:
            client.customers.login_password(email=env["customer_email"], password=env["customer_password"])
        with problem:
            client.customers.login_email(email=env["customer_email"])
        with problem:
            client.customers.login_token(token=env["login_token"])
    """


def test_the_generated_client_conforms(client: Any, script: Any) -> None:
    ended = client(script(WELL))
    assert ended.code == 0
    assert statuses(ended) == dict.fromkeys(RULES[:3], "passed") | dict.fromkeys(RULES[3:], "not_tested")
    assert ended.report["target"]["name"] == f"{Path(sys.executable).name} client.py"
    assert all(ended.report["coverage"].values())
    assert ended.report["coverage"].keys() == contract().operations.keys()
    assert "operations: 8 of 8 called\n" in ended.out
    assert "it needs an upset: give --upset: CLIENT-6, CLIENT-7, CLIENT-15" in ended.out


def test_the_generated_client_takes_every_upset_well(client: Any, script: Any) -> None:
    few = WELL[: WELL.index("        with problem:\n            assert len(")]
    few += '        with problem:\n            client.customers.create(email="ada@example.com")\n'
    ended = client(script(few), "--upset", "--strict")
    assert ended.code == 0
    assert set(statuses(ended).values()) == {"passed"}
    assert "operations: 2 of 8 called; not called: listCustomers, updateCustomer, gdpr" in ended.out


def test_the_published_curl_commands_break_nothing_but_a_should_rule(client: Any, script: Any) -> None:
    lines = []
    for operation in contract().operations.values():
        line = f'curl -sS "$PARTIALLY_BASE_URL{operation.path}" -X {operation.method}'
        line += ' -H "Authorization: Bearer $PARTIALLY_API_KEY"'
        if operation.example is not None:
            line += f" --data {shlex.quote(json.dumps(operation.example))}"
        lines.append(line.replace("{id}", "$PARTIALLY_CUSTOMER_ID"))
    command = script("\n".join(["set -e", *lines]), "sh", name="client.sh")
    ended = client(command)
    assert ended.code == 0
    assert [rule for rule, status in statuses(ended).items() if status == "failed"] == ["CLIENT-5"]
    observed = {
        failure["observed"].partition(" (and")[0]
        for rule in ended.report["rules"]
        for failure in rule["failures"]
    }
    assert observed == {
        "*/* at header.Accept",
        "application/x-www-form-urlencoded at header.Content-Type",
    }
    assert all(ended.report["coverage"].values())
    assert client(command, "--strict", "--rules", "CLIENT-5").code == 1


def test_a_client_in_another_language(client: Any, script: Any) -> None:
    if shutil.which("node") is None:
        pytest.skip("NODE IS MISSING: no client in JavaScript was run")
    command = script(
        """
        const env = process.env, base = env.PARTIALLY_BASE_URL;
        const headers = {Authorization: `Bearer ${env.PARTIALLY_API_KEY}`, Accept: "application/json"};
        const read = await fetch(`${base}/customer/${env.PARTIALLY_QUIRKY_CUSTOMER_ID}`, {headers});
        if ((await read.json()).shipto_address !== "line one\\nline two\\ttabbed") process.exit(4);
        await fetch(`${base}/customer`, {
          method: "POST",
          headers: {...headers, "Content-Type": "application/json"},
          body: JSON.stringify({email: "ada@example.com", shipto_contry: "US"}),
        });
        """,
        "node",
        name="client.mjs",
    )
    ended = client(command, "--upset", "redirect")
    assert ended.code == 1
    assert statuses(ended)["CLIENT-1"] == "failed"
    assert statuses(ended)["CLIENT-15"] == "passed"  # it follows, but takes the key off
    (failure,) = next(rule["failures"] for rule in ended.report["rules"] if rule["id"] == "CLIENT-1")
    assert failure["observed"].startswith(
        "'shipto_contry' (did you mean 'shipto_country'?) at $.shipto_contry"
    )
    (exchange,) = failure["exchanges"]
    assert exchange["request"]["headers"]["Authorization"] == "Bearer $API_KEY"
    assert "shipto_contry" in exchange["curl"]


def test_variables_and_placeholders_tell_the_same(commands: Any, client: Any, tmp_path: Path) -> None:
    out = tmp_path / "told.json"
    code = (
        "import json, os, pathlib, sys; e = os.environ;"
        " pathlib.Path(sys.argv[1]).write_text(json.dumps([e['NO_PROXY'], sys.argv[2:],"
        f" {{n: v for n, v in e.items() if n.startswith('{PREFIX}')}}]))"
    )
    words = [f"{{{name}}}" for name in VARIABLES]
    ended = client([sys.executable, "-c", code, str(out), *words, "{other}", "{}", "<{api_key}>"])
    assert ended.code == 3
    no_proxy, told, environment = json.loads(out.read_text())
    values = {name: environment[PREFIX + name.upper()] for name in VARIABLES}
    assert told == [*values.values(), "{other}", "{}", f"<{values['api_key']}>"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api", values["base_url"])
    assert ended.report["target"]["base_url"] == values["base_url"]
    assert no_proxy.endswith("127.0.0.1,localhost")
    assert len(set(values.values())) == len(VARIABLES)


NOTHING = "the client sent no request to the address it was given"
UNKNOWN = CUSTOMERS.replace("/customer", f"/customer/{ID}")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["true"], NOTHING),
        (["sh", "-c", "exit 7"], f"the command ended with status 7; {NOTHING}"),
        (["sh", "-c", "kill -SEGV $$"], f"the command was ended by SIGSEGV; {NOTHING}"),
        (curl(f"{CUSTOMERS}; exit 7"), "the command ended with status 7"),
        (curl(UNKNOWN), "no request of the client got a 2xx response"),
    ],
    ids=["nothing", "failed", "crashed", "failed-late", "no-success"],
)
def test_there_is_no_verdict_without_a_good_run(client: Any, command: list[str], reason: str) -> None:
    ended = client(command)
    assert ended.code == 3
    assert ended.report["verdict"] == "no_verdict"
    assert f"reason: {reason}\n" in ended.out


def test_a_broken_rule_decides_before_a_failed_command(client: Any) -> None:
    ended = client(curl(f"{CUSTOMERS.replace('/customer', '/customers')}; exit 7"), "--upset")
    assert ended.code == 1
    assert "reason: failed: CLIENT-1\n" in ended.out
    reasons = {rule["id"]: rule["reason"] for rule in ended.report["rules"]}
    assert reasons["CLIENT-6"] == "the command ended with status 7"


def test_a_rule_that_nothing_was_sent_for_is_not_tested(client: Any) -> None:
    ended = client(curl(CUSTOMERS), "--upset", "slow", "cut")
    assert ended.code == 0
    reasons = {rule["id"]: rule["reason"] for rule in ended.report["rules"]}
    assert reasons["CLIENT-6"] == "the client sent no create, login or removal"
    assert reasons["CLIENT-15"] == "it needs an upset: give --upset"
    assert statuses(ended)["CLIENT-7"] == "failed"  # curl does not try again


def test_known_failures_are_forgiven_and_strictness_is_not(client: Any, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[[known]]\nrule = "CLIENT-1"\nreason = "to be mended"\n')
    wrong = ["sh", "-ec", f"curl -sS {CUSTOMERS}; curl -sS {CUSTOMERS.replace('/customer', '/customer?x=1')}"]
    assert client(wrong).code == 1
    assert client(wrong, "--known-failures", known).code == 0
    mended = client(curl(CUSTOMERS), "--known-failures", known)
    assert mended.code == 1
    assert "CLIENT-1 passes now; remove the entry" in mended.out
    strict = client(curl(CUSTOMERS), "--strict")
    assert strict.code == 1
    assert "not tested, which --strict does not allow: CLIENT-6, CLIENT-7, CLIENT-15" in strict.out


VISIBLE = "recorded requests can only show CLIENT-1, CLIENT-2, CLIENT-5 to CLIENT-7, CLIENT-15"
UPSETS = "cut, unavailable, limited, gateway, slow, redirect"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "expected a command after --, got none"),
        ("--", "expected a command after --, got none"),
        ("curl x", "expected -- before the command, got 'curl'"),
        ("-- no-such-command-anywhere", "no-such-command-anywhere: command not found"),
        ("-- {folder}/plain", "{folder}/plain: may not be executed"),
        ("-- {folder}", "{folder}: may not be executed"),
        ("--upset cuts -- true", f"--upset: expected one of {UPSETS}, got 'cuts' (did you mean 'cut'?)"),
        ("--timeout 0 -- true", "--timeout: expected a number of seconds above 0, got '0'"),
        ("--timeout soon -- true", "--timeout: expected a number of seconds above 0, got 'soon'"),
        ("--rules READ-1 -- true", f"--rules: {VISIBLE}"),
        ("--rules CLIENT-3 -- true", f"--rules: {VISIBLE}"),
        ("--rulez x -- true", "unknown option '--rulez' (did you mean '--rules'?)"),
        ("--record {folder}/plain -- true", "--record: {folder}/plain: expected a folder, got a file"),
        ("--json {folder}/none/x -- true", "{folder}/none/x: there is no folder {folder}/none"),
    ],
)
def test_wrong_usage_is_one_line(commands: Any, tmp_path: Path, arguments: str, message: str) -> None:
    (tmp_path / "plain").write_text("no program")
    ended = commands("client", *arguments.replace("{folder}", str(tmp_path)).split())
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err == f"partially-conformance client: {message.replace('{folder}', str(tmp_path))}\n"


def test_only_the_rules_that_were_asked_for_are_judged(client: Any) -> None:
    ended = client(curl(CUSTOMERS), "--rules", "client-1", "CLIENT-5")
    assert list(statuses(ended)) == ["CLIENT-1", "CLIENT-5"]


SECRETS = """
    import json, os, urllib.request
    env = os.environ
    key, token = env["PARTIALLY_API_KEY"], env["PARTIALLY_LOGIN_TOKEN"]
    email, password = env["PARTIALLY_CUSTOMER_EMAIL"], env["PARTIALLY_CUSTOMER_PASSWORD"]
    bearer, mine = f"Bearer {key}", "sk-live-of-mine"

    def send(path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(env["PARTIALLY_BASE_URL"] + path, body, headers)
        try:
            urllib.request.urlopen(request).read()
        except OSError:
            pass

    login = {"email": email, "password": password, "more": 1}
    send("/customer/login_password", json.dumps(login).encode(), Authorization=bearer)
    send("/customer/login_token", json.dumps({"token": token, "more": 1}).encode(), Authorization=bearer)
    send(f"/customer?api_key={key}&access_token={mine}", Authorization=f"Bearer {mine}")
    send("/customer", b"email=a%40b.co&password=hunter2", X_Api_Key=mine, Cookie=f"k={key}; s={mine}")
    send("/customers", Authorization=f"Basic {mine}", X_Other=f"the key {key}")
    with open("told.json", "w") as file:
        json.dump([key, token, password, mine, "hunter2"], file)
    """


def test_no_report_and_no_recording_holds_a_secret(
    client: Any, script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = [tmp_path / f"report.{form}" for form in ("xml", "html", "md")]
    options = ["--junit", files[0], "--html", files[1], "--markdown", files[2]]
    ended = client(script(SECRETS), "-v", *options, "--record", tmp_path / "kept")
    assert ended.code == 1
    assert statuses(ended)["CLIENT-1"] == statuses(ended)["CLIENT-2"] == "failed"
    recording = (tmp_path / "kept" / "exchanges.jsonl").read_text()
    assert [json.loads(line)["run"] for line in recording.splitlines()] == ["undisturbed"] * 5
    files.append(tmp_path / "report.json")
    texts = [ended.out, recording, *(path.read_text() for path in files)]
    for secret in json.loads((tmp_path / "told.json").read_text()):
        assert not [text for text in texts if secret in text], secret
    assert all("$API_KEY" in text for text in texts)


def test_a_recording_says_which_run_and_which_upset(client: Any, tmp_path: Path) -> None:
    ended = client(curl(CUSTOMERS), "--upset", "cut", "--record", tmp_path / "kept")
    assert ended.code == 0
    lines = [json.loads(line) for line in (tmp_path / "kept" / "exchanges.jsonl").read_text().splitlines()]
    assert [(line["run"], line["upset"]) for line in lines] == [("undisturbed", None), ("cut", "cut")]
    assert lines[0]["request"]["headers"]["Authorization"] == "Bearer $API_KEY"
    assert lines[1]["response"] == {"status": 0, "headers": {}, "body": "the connection was cut"}


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie that its new parent has not looked at."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    "script_text",
    [
        "echo $$ >> {pids}; sleep 300",
        "echo $$ >> {pids}; trap '' TERM; while :; do sleep 1; done",
        "echo $$ >> {pids}; (trap '' TERM; sh -c 'echo $$ >> {pids}; sleep 300'; sleep 300) & wait",
    ],
    ids=["hangs", "ignores-sigterm", "forks"],
)
def test_a_client_that_does_not_end_is_ended(client: Any, tmp_path: Path, script_text: str) -> None:
    pids = tmp_path / "pids"
    command = ["sh", "-c", f"curl -sS {CUSTOMERS}; " + script_text.replace("{pids}", str(pids))]
    ended = client(command, "--timeout", "1")
    assert ended.code == 3
    assert "reason: the command did not end within 1 s\n" in ended.out
    assert statuses(ended)["CLIENT-1"] == "passed"
    assert not [pid for pid in map(int, pids.read_text().split()) if alive(pid)]


def test_what_a_client_leaves_behind_is_ended_too(client: Any, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    ended = client(["sh", "-c", f"curl -sS {CUSTOMERS}; sleep 300 & echo $! > {pids}"])
    assert ended.code == 0
    assert not alive(int(pids.read_text()))


def test_the_output_of_a_client_is_not_in_the_report(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo one; echo two >&2; cat >&2"]
    done = subprocess.run(
        [sys.executable, "-m", "partially_conformance", "client", "--", *command],
        input="three\n",
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr == "client: undisturbed\none\ntwo\nthree\n"
    assert done.stdout.endswith(" seed 0)\n")
    assert "one" not in done.stdout.split()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_check_that_is_broken_off_ends_everything_and_reports(tmp_path: Path, sign: signal.Signals) -> None:
    pids, report = tmp_path / "pids", tmp_path / "out.json"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "partially_conformance", "client", "--json", report, "--"),
            *("sh", "-c", f"curl -sS {CUSTOMERS}; echo $$ > {pids}; sleep 300"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    end = time.monotonic() + TIMEOUT
    while not (pids.exists() and pids.read_text().strip()):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    process.send_signal(sign)
    out, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 3
    assert "Traceback" not in out + err
    assert "reason: the run was interrupted\n" in out
    assert not alive(int(pids.read_text()))
    found = read_report(report)
    assert found["requests"] == 1
    assert next(rule["status"] for rule in found["rules"]) == "passed"
    left = subprocess.run(["ps", "-o", "pid=", "-s", str(process.pid)], capture_output=True, check=False)
    assert left.stdout.split() == []
