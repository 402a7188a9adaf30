"""Deliberately broken clients, each in a few lines, and the one rule that must catch it."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from partially_conformance.clients.recorded.proxy_action import pass_through
from partially_conformance.clients.recorded.session import Session, session
from partially_conformance.clients.recorded.traffic_checks import TRAFFIC_CHECKS, Run, TrafficResult
from partially_conformance.clients.recorded.upsets import UPSETS
from partially_conformance.traffic.redaction import Secrets

LIMIT = 30.0  # seconds

MOST_RUNS = 400

PRELUDE = """
import http.client, json, os, socket, time
from urllib.parse import urlsplit

env = {name.removeprefix("PARTIALLY_").lower(): value for name, value in os.environ.items()}
base = urlsplit(env["base_url"])
KEY = env["api_key"]

def send(method, path, body=None, label="application/json", at=base.netloc, timeout=20, **headers):
    usual = {"Authorization": f"Bearer {KEY}", "Accept": "application/json"}
    if body is not None:
        usual["Content-Type"] = label
        body = body if isinstance(body, str) else json.dumps(body)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in {**usual, **headers}.items() if value is not None}
    connection = http.client.HTTPConnection(at, timeout=timeout)
    try:
        connection.request(method, base.path + path, body, sent)
        answer = connection.getresponse()
        data = answer.read()
    except (OSError, http.client.HTTPException):
        return 0, {}, None
    finally:
        connection.close()
    kind = answer.getheader("content-type") or ""
    return answer.status, answer.headers, json.loads(data) if "json" in kind else data

def patiently(method, path, body=None, tries=3, pause=2.0):
    for _ in range(tries):
        status, headers, data = send(method, path, body)
        if status not in (0, 429, 502, 503):
            break
        time.sleep(pause if "retry-after" in headers else 0.01)
    return status, headers, data

ID = env["customer_id"]
LOGIN = {"email": env["customer_email"], "password": env["customer_password"]}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Session]:
    with session(runs=MOST_RUNS, seed=0, hidden=Secrets()) as running:
        yield running


class Judge:
    """Runs a script with the prelude before it, and checks its requests by every rule."""

    def __init__(self, running: Session, folder: Path) -> None:
        self._running = running
        self._script = folder / "client.py"

    def runs(self, script: str, *upsets: str) -> list[Run]:
        self._script.write_text(PRELUDE + textwrap.dedent(script), encoding="utf-8")
        command = [sys.executable, "-I", "-S", str(self._script)]
        first = self._running.run(command, LIMIT, None, pass_through)
        assert first.failure is None
        assert first.run.ended.succeeded
        found = [first.run]
        for upset in UPSETS:
            if upset.name in upsets:
                found += [one.run for one in self._running.upset_runs(command, LIMIT, upset, first.run)]
        return found

    def __call__(self, script: str, *upsets: str) -> dict[str, TrafficResult]:
        runs = self.runs(script, *upsets)
        return {rule: check(runs) for rule, check in TRAFFIC_CHECKS.items()}

    def only(self, rule: str, script: str, *upsets: str) -> list[tuple[str, str]]:
        """The violations of a rule, and that no other rule is violated."""
        judged = self(script, *upsets)
        assert [name for name, result in judged.items() if result.violations] == [rule]
        return [(violation.expected, violation.observed) for violation in judged[rule].violations]


@pytest.fixture
def judge(running: Session, tmp_path: Path) -> Judge:
    return Judge(running, tmp_path)


WELL = """
send("GET", "/customer?q=a%20b&per_page=5")
send("GET", f"/customer/{ID}")
_, _, made = send("POST", "/customer", {"email": "ada@example.com", "shipto_country": None})
send("PUT", f"/customer/{made['id']}", {"phone": "1"})
send("PUT", f"/customer/gdpr_remove/{made['id']}")
send("POST", "/customer/login_password", LOGIN)
send("POST", "/customer/login_email", {"email": env["customer_email"]})
send("POST", "/customer/login_token", {"token": env["login_token"]})
"""


def test_a_client_that_does_all_well_breaks_nothing(judge: Judge) -> None:
    (run,) = judge.runs(WELL)
    assert [step.recorded.response.status for step in run.steps if step.recorded.response] == [200] * 8
    assert len({step.operation.id for step in run.steps if step.operation}) == 8
    judged = {rule: check([run]) for rule, check in TRAFFIC_CHECKS.items()}
    assert not [rule for rule, result in judged.items() if result.violations]
    assert {rule: result.seen for rule, result in judged.items() if result.seen} == {
        "CLIENT-1": 8,
        "CLIENT-2": 8,
        "CLIENT-5": 8,
    }


@pytest.mark.parametrize(
    ("script", "place", "observed"),
    [
        ('send("GET", "/customers")', "path", "/api/customers (did you mean '/api/customer'?)"),
        ('send("DELETE", f"/customer/{ID}")', "method", "DELETE"),
        ('send("GET", "/customer?search=a")', "query.search", "'search'"),
        (
            'send("POST", "/customer", {"email": "a@b.co", "shipto_contry": "US"})',
            "$.shipto_contry",
            "'shipto_contry' (did you mean 'shipto_country'?)",
        ),
        ('send("PUT", f"/customer/{ID}", {"phone": 5})', "$.phone", "the integer 5"),
        ('send("POST", "/customer", {"first_name": "A"})', "$.email", "no such field"),
        ('send("POST", "/customer", "email=a%40b.co")', "$", None),
        ('send("PUT", f"/customer/gdpr_remove/{ID}", {})', "$", "2 bytes"),
    ],
)
def test_a_request_that_the_document_does_not_describe(
    judge: Judge, script: str, place: str, observed: str | None
) -> None:
    ((expected, came),) = judge.only("CLIENT-1", script)
    assert expected.endswith(f" at {place}")
    assert came.endswith(f" at {place}")
    assert observed is None or came == f"{observed} at {place}"


def test_what_is_no_http_is_told_as_such(judge: Judge) -> None:
    ((expected, came),) = judge.only(
        "CLIENT-1",
        """
        with socket.create_connection((base.hostname, base.port)) as line:
            line.sendall(b"\\x16\\x03\\x01\\x00\\xa5\\x01")
            line.recv(100)
        """,
    )
    assert (expected, came) == ("an HTTP/1.1 request", "TLS was sent, but the address says http")


def test_the_same_fault_is_told_once_with_its_number(judge: Judge) -> None:
    ((_, came),) = judge.only("CLIENT-1", 'for _ in range(4): send("GET", f"/customer?limit={_}")')
    assert came == "'limit' at query.limit (and in 3 more requests)"


def test_different_faults_are_told_apart(judge: Judge) -> None:
    violations = judge.only(
        "CLIENT-1",
        """
        OTHER = env["plan_customer_id"]
        for path in (f"/customers/{ID}", f"/customers/{OTHER}", "/clients", f"/customer/{ID}/plans"):
            send("GET", path)
        send("PUT", f"/customer/{ID}", {"phone": 1, "city": "Tampa"})
        """,
    )
    observed = [came for _, came in violations]
    assert re.match(r"/api/customers/[0-9a-f-]+ .* \(and in 1 more request\)$", observed[0])
    assert observed[1].startswith("/api/clients ")
    assert re.match(r"/api/customer/[0-9a-f-]+/plans ", observed[2])
    assert observed[3:] == ["'city' at $.city", "the integer 1 at $.phone"]


@pytest.mark.parametrize(
    ("script", "place", "observed"),
    [
        ('send("GET", "/customer", Authorization=None)', "header.Authorization", "no such header"),
        (
            'send("GET", "/customer", Authorization=KEY)',
            "header.Authorization",
            "the key without Bearer before it",
        ),
        (
            'send("GET", "/customer", Authorization="Bearer mine")',
            "header.Authorization",
            "Bearer and another key",
        ),
        ('send("GET", "/customer", X_Api_Key=KEY)', "header.X-Api-Key", "the key"),
    ],
)
def test_a_key_that_is_not_a_bearer_token_alone(judge: Judge, script: str, place: str, observed: str) -> None:
    ((expected, came),) = judge.only("CLIENT-2", script)
    assert expected.endswith(f" at {place}")
    assert came == f"{observed} at {place}"


def test_a_key_in_the_query_breaks_two_rules(judge: Judge) -> None:
    judged = judge('send("GET", f"/customer?api_key={KEY}")')
    assert [rule for rule, result in judged.items() if result.violations] == ["CLIENT-1", "CLIENT-2"]
    (violations,) = judged["CLIENT-2"].violations
    assert violations.observed == "the key at query.api_key"


@pytest.mark.parametrize(
    ("script", "observed"),
    [
        ('send("GET", "/customer", Accept=None)', "no Accept at header.Accept"),
        ('send("GET", "/customer", Accept="*/*")', "*/* at header.Accept"),
        (
            'send("PUT", f"/customer/{ID}", {}, label="application/x-www-form-urlencoded")',
            "application/x-www-form-urlencoded at header.Content-Type",
        ),
        ('send("GET", "/customer", Content_Type="text/html")', "text/html at header.Content-Type"),
    ],
)
def test_a_label_that_is_missing_or_wrong(judge: Judge, script: str, observed: str) -> None:
    ((_, came),) = judge.only("CLIENT-5", script)
    assert came == observed


HARMFUL = """
TRY("PUT", f"/customer/gdpr_remove/{env['removable_customer_id']}")
TRY("POST", "/customer", {"email": "ada@example.com"})
TRY("POST", "/customer/login_password", LOGIN)
TRY("POST", "/customer/login_email", {"email": LOGIN["email"]})
TRY("POST", "/customer/login_token", {"token": env["login_token"]})
"""


@pytest.mark.parametrize("upset", ["cut", "unavailable", "gateway"])
def test_what_may_do_harm_is_repeated(judge: Judge, upset: str) -> None:
    violations = judge.only("CLIENT-6", HARMFUL.replace("TRY", "patiently"), upset)
    assert [expected.partition(":")[0] for expected, _ in violations] == [
        "gdprRemoveCustomer is sent once",
        "createCustomer is sent once",
        "loginPassword is sent once",
        "loginEmail is sent once",
        "loginToken is sent once",
    ]
    assert all(came.startswith("it was sent again ") for _, came in violations)


def test_what_is_repeated_before_a_slow_answer_came_is_told(judge: Judge) -> None:
    create = '"POST", "/customer", {"email": "ada@example.com"}'
    ((_, came),) = judge.only("CLIENT-6", f"send({create}, timeout=0.5)[0] or send({create})", "slow")
    assert came.startswith("it was sent again ")


def test_what_may_do_harm_is_done_once(judge: Judge) -> None:
    judged = judge(HARMFUL.replace("TRY", "send"), "cut", "unavailable", "gateway", "limited")
    assert not [rule for rule, result in judged.items() if result.violations]
    assert judged["CLIENT-6"].seen == 3 * 5  # after 429 there is nothing to see


def test_a_slow_answer_is_waited_for(judge: Judge) -> None:
    judged = judge('send("POST", "/customer", {"email": "ada@example.com"})', "slow")
    assert not [rule for rule, result in judged.items() if result.violations]
    assert judged["CLIENT-6"].seen == 1


def test_after_too_many_requests_anything_may_be_repeated(judge: Judge) -> None:
    judged = judge(HARMFUL.replace("TRY", "patiently"), "limited")
    assert not [rule for rule, result in judged.items() if result.violations]


def test_logging_in_twice_on_purpose_is_no_repetition(judge: Judge) -> None:
    login = 'send("POST", "/customer/login_password", LOGIN)'
    judged = judge(f"{login}; {login}", "cut", "unavailable")
    assert judged["CLIENT-6"].violations == []
    assert judged["CLIENT-6"].seen == 2
    repeated = judge(f"patiently{login.removeprefix('send')}; {login}", "cut")
    assert len(repeated["CLIENT-6"].violations) == 1


READS = """
TRY("GET", "/customer")
TRY("GET", f"/customer/{ID}")
TRY("PUT", f"/customer/{ID}", {"phone": "1"})
"""


@pytest.mark.parametrize("upset", ["cut", "unavailable", "limited", "gateway"])
def test_reads_and_updates_are_repeated(judge: Judge, upset: str) -> None:
    judged = judge(READS.replace("TRY", "patiently"), upset)
    assert not [rule for rule, result in judged.items() if result.violations]
    assert judged["CLIENT-7"].seen == 3


@pytest.mark.parametrize("upset", ["cut", "unavailable", "limited", "gateway"])
def test_reads_and_updates_that_are_given_up_are_told(judge: Judge, upset: str) -> None:
    violations = judge.only("CLIENT-7", READS.replace("TRY", "send"), upset)
    assert [expected.split()[0] for expected, _ in violations] == [
        "listCustomers",
        "getCustomer",
        "updateCustomer",
    ]
    assert {came for _, came in violations} == {"it was not sent again"}


@pytest.mark.parametrize("upset", ["unavailable", "limited"])
def test_a_repetition_before_the_time_is_told(judge: Judge, upset: str) -> None:
    ((expected, came),) = judge.only("CLIENT-7", 'patiently("GET", "/customer", pause=0.2)', upset)
    assert expected == "listCustomers is sent again after 1 s or more, as Retry-After asks"
    assert came.startswith("it was sent again 0.")


FOLLOW = """
status, headers, _ = send("GET", "/customer")
if status == 307:
    send("GET", "/customer", at=urlsplit(headers["location"]).netloc, Authorization=AUTHORIZATION)
"""


def test_a_redirect_is_followed_with_the_key(judge: Judge) -> None:
    ((expected, came),) = judge.only(
        "CLIENT-15", FOLLOW.replace("AUTHORIZATION", 'f"Bearer {KEY}"'), "redirect"
    )
    assert (expected, came) == ("no key at another host", "the key, in header.Authorization")


@pytest.mark.parametrize("script", [FOLLOW.replace("AUTHORIZATION", "None"), 'send("GET", "/customer")'])
def test_a_redirect_that_is_followed_without_the_key_or_not_at_all_is_fine(judge: Judge, script: str) -> None:
    judged = judge(script, "redirect")
    assert not [rule for rule, result in judged.items() if result.violations]
    assert judged["CLIENT-15"].seen == 1


def test_a_client_that_gives_up_is_run_until_each_operation_was_upset(judge: Judge) -> None:
    script = """
    for call in (("PUT", f"/customer/gdpr_remove/{env['removable_customer_id']}"),
                 ("POST", "/customer", {"email": "ada@example.com"}),
                 ("POST", "/customer/login_password", LOGIN)):
        status, _, _ = send(*call)
        if status != 200:
            raise SystemExit(1)
    """
    runs = judge.runs(script, "cut")
    injected = [[step.operation.id for step in run.disturbed_steps if step.operation] for run in runs]
    assert injected == [[], ["gdprRemoveCustomer"], ["createCustomer"], ["loginPassword"]]
    assert [run.ended.status for run in runs] == [0, 1, 1, 1]
    assert TRAFFIC_CHECKS["CLIENT-6"](runs).seen == 3


def test_every_run_is_a_merchant_of_its_own_with_the_same_customers(judge: Judge) -> None:
    runs = judge.runs('send("GET", "/customer?per_page=100"); send("GET", f"/customer/{ID}")', "cut")
    assert len({run.key for run in runs}) == len(runs) == 2
    totals = [
        step.recorded.response.json()["total_entries"]
        for run in runs
        for step in run.steps
        if step.operation and step.operation.id == "listCustomers" and step.recorded.response
    ]
    assert len(totals) == 1  # the list of the second run was cut
    assert totals[0] >= 12
