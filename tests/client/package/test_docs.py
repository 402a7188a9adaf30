"""Every example in the docs of the client runs: against the fake, and against the reference server."""

from __future__ import annotations

import ast
import asyncio
import functools
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.client.conftest import need_aiohttp

import partially_client
from partially_client import AsyncPartially, Customer, Partially
from partially_client.testing import FakePartially
from partially_reference.app import API_PATH, HARNESS_PATH, Components, create_app
from partially_reference.rules.tokens import Tokens
from partially_reference.serving import running
from partially_reference.settings import Settings
from partially_spec import load

ROOT = Path(__file__).parents[3] / "generated"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*/*.md"))
OPERATIONS = [
    operation
    for item in load().raw["paths"].values()
    for method, operation in item.items()
    if method != "parameters"
]

# What the published examples take for granted.
WHO, PASSWORD, TOKEN = "aaa@y.co", "test", "N5E9gL"
NAMES = {"first_name": "Testing", "last_name": "Appleseed"}


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


EXAMPLES = [
    pytest.param(page, code, id=f"{page.stem}-{kind}")
    for page in PAGES
    for code, kind in zip(blocks(page.read_text(encoding="utf-8")), ("blocking", "asynchronous"), strict=True)
]


class PublishedToken(Tokens):
    def make(self) -> str:
        return TOKEN


def run(code: str) -> None:
    exec(compile(code, "example", "exec"), {"__name__": "__main__"})


@pytest.fixture(scope="module")
def reference() -> Iterator[tuple[str, Iterator[str]]]:
    """The address of a reference server, and keys of merchants that nobody has used."""
    keys = [f"key-of-example-{number}" for number in range(len(EXAMPLES))]
    app = create_app(Settings(api_keys=tuple(keys), harness=True), Components(tokens=PublishedToken))
    with running(app) as address:
        yield address, iter(keys)


@pytest.fixture(params=["fake", "reference"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An API in which the published examples hold, where clients look for one."""
    if request.param == "fake":
        fake = FakePartially(new_token=lambda: TOKEN)
        for kind in (Partially, AsyncPartially):
            monkeypatch.setattr(
                partially_client, kind.__name__, functools.partial(kind, transport=fake.transport)
            )
        monkeypatch.setenv("PARTIALLY_API_KEY", fake.api_key)
        fake.set_password(fake.add(Customer, email=WHO, **NAMES).id, PASSWORD)
    else:
        address, keys = request.getfixturevalue("reference")
        key = next(keys)
        monkeypatch.setenv("PARTIALLY_API_KEY", key)
        monkeypatch.setenv("PARTIALLY_BASE_URL", address + API_PATH)
        with Partially() as client:
            known = client.customers.create(email=WHO, **NAMES)
        httpx2.put(
            f"{address}{HARNESS_PATH}/customers/{known.id}/password", json={"password": PASSWORD}
        ).raise_for_status()
    with partially_client.Partially() as client:
        client.customers.login_email(email=WHO)
    return str(request.param)


@pytest.mark.parametrize(("page", "code"), EXAMPLES)
def test_the_example_of_every_operation_runs(
    page: Path, code: str, world: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(code)
    said = capsys.readouterr().out
    assert f"customers.{page.stem}(" in code
    assert said.startswith(("Customer(", "Message("))
    if page.stem == "list":
        assert said.count("Customer(") == 1
        assert "Appleseed" in said


def test_every_operation_has_a_page_with_its_description_and_arguments() -> None:
    assert len(PAGES) == len(OPERATIONS)
    texts = {page.stem: " ".join(page.read_text(encoding="utf-8").split()) for page in PAGES}
    for operation in OPERATIONS:
        assert [text for text in texts.values() if " ".join(operation["description"].split()) in text]
    for name, text in texts.items():
        for argument in inspect.signature(getattr(partially_client.resources.Customers, name)).parameters:
            assert argument == "self" or f"| `{argument}` |" in text, name
    assert '| `timezone` | `str \\| None` | | body | `"America/New_York"` |' in texts["create"]
    assert "America/New_York" not in texts["update"].partition("## Result")[0]
    assert "is repeated only on 429" in texts["gdpr_remove"]
    assert "404: There is no such customer." in texts["get"]


@pytest.mark.parametrize(
    "document", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.stem
)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
    for link in links:
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.is_file(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert not anchor or anchor in [heading.lower().replace(" ", "-") for heading in headings], link


def readme_block(number: int) -> Any:
    code = blocks(README)[number]
    return compile(code, f"README, example {number}", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("number", range(len(blocks(README))))
def test_the_examples_of_the_readme_run(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if "aiohttp" in blocks(README)[number]:
        need_aiohttp()
    fake = FakePartially(keys=("your_api_key",))
    for kind in (Partially, AsyncPartially):
        monkeypatch.setattr(
            partially_client, kind.__name__, functools.partial(kind, transport=fake.transport)
        )
    with Partially("your_api_key", transport=fake.transport) as client:
        namespace = {"client": client, "customer": fake.add(Customer, email="ada@example.com")}
        done = eval(readme_block(number), namespace)
        if inspect.iscoroutine(done):
            asyncio.run(done)
        if isinstance(namespace["client"], Partially):
            namespace["client"].close()


def test_the_example_of_the_fake_in_the_readme_of_the_project_runs() -> None:
    readme = (ROOT.parent / "README.md").read_text(encoding="utf-8")
    [example] = [code for code in blocks(readme) if "testing" in code]
    run(example)


def test_the_quickstart_is_short() -> None:
    assert len(blocks(README)[0].strip().splitlines()) <= 12
