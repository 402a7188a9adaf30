"""The promises of the suite to every target, checked on all requests of a whole run."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partially_conformance.bench.run_folder import RECORDING
from partially_conformance.generation.effort import Effort
from partially_conformance.report.files import FORMATS
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.results import Report
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.target.target import Live, Target
from partially_reference.app import API_PATH, HARNESS_PATH, create_app
from partially_reference.serving import running
from partially_reference.settings import Settings

DOMAIN = "mail.acme.test"
KEYS = ("key-of-the-first-merchant", "key-of-the-second-merchant")
OTHERS = 15


@dataclass
class Sent:
    """A request as the server received it, and the response."""

    method: str
    path: str
    query: str
    key: str
    body: bytes
    status: int = 0
    answer: bytearray = field(default_factory=bytearray)


class Recording:
    """Records every exchange."""

    log: list[Sent]

    def __init__(self, app: ASGIApp, log: list[Sent]) -> None:
        self._app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        key = request.headers.get("authorization", "")
        sent = Sent(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), key, body)
        self.log.append(sent)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent.status = message["status"]
            elif message["type"] == "http.response.body":
                sent.answer += message.get("body", b"")
            await send(message)

        await self._app(scope, again, noting)


@dataclass
class Run:
    """A whole run against a server that had other customers before."""

    report: Report
    log: list[Sent]
    others: dict[str, dict[str, Any]]
    after: dict[str, list[dict[str, Any]]]
    """All customers of each merchant after the run."""
    record: Path


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def all_customers(url: str, key: str) -> Iterator[dict[str, Any]]:
    with httpx2.Client(headers={"Authorization": f"Bearer {key}"}) as client:
        number, last = 1, 1
        while number <= last:
            page = client.get(f"{url}/customer", params={"page": number, "per_page": 100}).json()
            yield from page["customers"]
            number, last = number + 1, page["total_pages"]


@contextmanager
def recorded() -> Iterator[tuple[Target, list[Sent]]]:
    log: list[Sent] = []
    app = create_app(Settings(api_keys=KEYS, harness=True))
    app.add_middleware(Recording, log=log)
    with running(app) as address:
        url = address + API_PATH
        target = Target("live", url, KEYS[0], other_api_key=KEYS[1], harness_url=address + HARNESS_PATH)
        yield dataclasses.replace(target, live=Live(confirm=True, email_domain=DOMAIN)), log


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with recorded() as (target, log):
        others = {}
        for key in KEYS:
            for number in range(OTHERS):
                fields = {"email": f"other{number}@elsewhere.test", "first_name": f"Other{number}"}
                made = httpx2.post(
                    f"{target.base_url}/customer", headers={"Authorization": f"Bearer {key}"}, json=fields
                ).json()
                others[made["id"]] = made
        log.clear()
        folder = tmp_path_factory.mktemp("live") / "kept"
        options = RunOptions(
            target=target, rules=load_catalogue().of_servers, effort=Effort.QUICK, record=folder
        )
        report = run(options, Silent())
        seen = list(log)
        after = {key: list(all_customers(target.base_url, key)) for key in KEYS}
    return Run(report, seen, others, after, folder / RECORDING)


def test_the_run_conforms_and_covers_everything(whole_run: Run) -> None:
    assert whole_run.report.exit_code == 0, whole_run.report.reason
    assert whole_run.report.warnings == ()
    assert {sent.method for sent in whole_run.log} > {"GET", "POST", "PUT", "DELETE"}


def test_other_customers_are_unchanged(whole_run: Run) -> None:
    now = {one["id"]: one for customers in whole_run.after.values() for one in customers}
    assert {one: now.get(one) for one in whole_run.others} == whole_run.others


def test_writes_contain_no_id_of_other_customers(whole_run: Run) -> None:
    named = [
        sent
        for sent in whole_run.log
        if sent.method != "GET"
        and any(one in sent.path or one.encode() in sent.body for one in whole_run.others)
    ]
    assert [(sent.method, sent.path) for sent in named] == []


def test_all_own_customers_are_removed_at_the_end(whole_run: Run) -> None:
    left = [one for customers in whole_run.after.values() for one in customers]
    personal = [one for one in left if one["id"] not in whole_run.others and "@" in str(one["email"])]
    assert [one for one in personal if DOMAIN in one["email"]] == []


def test_every_email_is_in_the_domain_of_the_target(whole_run: Run) -> None:
    emails = [
        str(body["email"])
        for body in (parsed(sent.body) for sent in whole_run.log)
        if isinstance(body, dict) and "email" in body
    ]
    assert len(emails) > 100
    domains = {found for email in emails for found in re.findall(r"@\.?([\w-]+(?:\.[\w-]+)+)", email)}
    assert {one.lower() for one in domains} == {DOMAIN}


def test_no_secret_is_in_the_report_or_the_recording(whole_run: Run) -> None:
    used = {
        str(body[name])
        for name, path in (("token", "/login_token"), ("password", "/password"))
        for body in (
            parsed(sent.body) for sent in whole_run.log if sent.path.endswith(path) and sent.status < 300
        )
    }
    assert len(used) > 50
    kept = whole_run.record.read_text(encoding="utf-8")
    shown = [render(whole_run.report) for render in FORMATS.values()] + [kept]
    secrets = {*KEYS, *(one for one in used if len(one) > 5 and one.isascii() and one.isprintable())}
    for text in shown:
        assert [one for one in secrets if one in text] == []
