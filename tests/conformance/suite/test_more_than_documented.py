"""A server may offer more than the document describes, as long as it breaks none of its promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.results import Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.target.target import Target
from partially_reference.app import API_PATH, HARNESS_PATH, create_app
from partially_reference.serving import running
from partially_reference.settings import Settings

RULE = load_catalogue().select(["HTTP-3"])


class MoreMethods:
    """PATCH does what PUT does, and DELETE removes: some frameworks offer both unasked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "PATCH":
            scope["method"] = "PUT"
        elif scope["type"] == "http" and scope["method"] == "DELETE":
            scope["method"] = "PUT"
            scope["path"] = scope["path"].replace("/customer/", "/customer/gdpr_remove/", 1)
        await self._app(scope, receive, send)


@contextmanager
def more_methods(*, harness: bool) -> Iterator[Target]:
    app = create_app(Settings(api_keys=("key",), harness=True))
    app.add_middleware(MoreMethods)
    assert isinstance(app, Starlette)
    with running(app) as address:
        yield Target(
            name="more",
            base_url=address + API_PATH,
            api_key="key",
            harness_url=address + HARNESS_PATH if harness else None,
        )


@pytest.mark.parametrize("harness", [True, False], ids=["with plans", "without plans"])
def test_other_methods_may_do_what_documented_ones_do(harness: bool) -> None:
    with more_methods(harness=harness) as target:
        report = run(RunOptions(target=target, rules=RULE, effort=Effort.QUICK), Silent())
    assert [(one.rule.id, one.status, one.reason) for one in report.rules] == [
        ("HTTP-3", Status.PASSED, None)
    ]
