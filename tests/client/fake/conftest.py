"""A fake, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from partially_client import Partially
from partially_client.testing import FakePartially


@pytest.fixture
def fake() -> FakePartially:
    return FakePartially()


@pytest.fixture
def client(fake: FakePartially) -> Iterator[Partially]:
    with fake.client() as client:
        yield client


def emails(client: Partially, **options: Any) -> list[str | None]:
    return [customer.email for customer in client.customers.list(**options)]
