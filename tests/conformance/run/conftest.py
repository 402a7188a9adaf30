"""Runs that must be over soon, and a reference server behind a proxy that does what a test wants."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from partially_conformance.selftest.overlays.servers import Overlay
from partially_conformance.target.target import Target

BOUND = 60.0
"""Longest that any of these runs may take, in seconds. Most take less than one."""

TIMEOUT = 0.5
"""Seconds for one response, where the point is that none comes."""

FEW = ("--rules", "LIST-1", "READ-1", "CREATE-1", "SEARCH-1")

PAGE = {"customers": [], "page_number": 1, "page_size": 10, "total_pages": 1, "total_entries": 0}


@pytest.fixture
def bounded_run(commands: Any) -> Callable[..., Any]:
    """A run that must be over soon."""

    def run(url: str, *arguments: str | Path, **values: Any) -> Any:
        path = commands.target_file(base_url=f"{url}/api", **{"timeout": TIMEOUT, **values})
        begun = time.monotonic()
        ended = commands.run(path, *arguments)
        assert time.monotonic() - begun < BOUND
        assert ended.report["verdict"] == {0: "conforms", 1: "violates", 3: "no_verdict"}[ended.code]
        return ended

    return run


_OF_THE_CONNECTION = {"connection", "content-length", "transfer-encoding", "date", "server"}


class Proxy:
    """Stands in front of a reference server, and does to each request what a test wants."""

    def __init__(self, target: Target, before: Callable[[int, Any, Any], bool]) -> None:
        self.count = 0
        self._before = before
        self._origin = target.base_url.removesuffix("/api")
        self._client = httpx2.Client(timeout=10)

    def __call__(self, seen: Any, line: Any) -> None:
        self.count += 1
        if self._before(self.count, seen, line):
            return
        answer = self.forward(seen)
        kept = {name: value for name, value in answer.headers.items() if name not in _OF_THE_CONNECTION}
        line.answer(answer.status_code, answer.content, **kept)

    def forward(self, seen: Any) -> httpx2.Response:
        """Send a request to the reference server."""
        headers = {name: value for name, value in seen.headers.items() if name != "host"}
        return self._client.request(
            seen.method, self._origin + seen.target, headers=headers, content=seen.body or None
        )

    def get(self, target: str, key: str) -> Any:
        """Read something from the reference server."""
        headers = {"Authorization": f"Bearer {key}"}
        return self._client.get(self._origin + target, headers=headers).raise_for_status().json()

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def proxied(reference: Any, tiny: Any, stack: Any) -> Callable[..., tuple[Target, Any]]:
    """A reference server behind a proxy."""

    def start(
        before: Callable[[int, Any, Any], bool], *overlaid: Overlay, harness: bool = False
    ) -> tuple[Target, Any]:
        target = reference(*overlaid)
        proxy = Proxy(target, before)
        stack.callback(proxy.close)
        server = tiny(proxy)
        harness_url = f"{server.url}/harness" if harness else None
        return dataclasses.replace(target, base_url=f"{server.url}/api", harness_url=harness_url), server

    return start


def keys(target: Target) -> dict[str, str | None]:
    """The keys of a target, and its harness if it has one, for a target file."""
    return {
        "api_key": target.api_key,
        "other_api_key": target.other_api_key,
        "harness_url": target.harness_url,
    }
