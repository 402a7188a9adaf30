"""What users may rely on: names, signatures, and what importing costs."""

from __future__ import annotations

import inspect
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import partially_client
from partially_client import AsyncPartially, Partially, resources

PUBLIC = """
APIConnectionError APIError APITimeoutError AsyncPartially AuthenticationError BadRequestError
ConfigurationError ConflictError Customer CustomerPage Headers InternalServerError InvalidRequestError
Message NotFoundError Partially PartiallyError PermissionDeniedError PoolTimeoutError RateLimitError
RawResponse RequestInfo Response ResponseTooLargeError ResponseValidationError UNSET UnprocessableEntityError
UnsetType __version__
"""
METHODS = "create gdpr_remove get list login_email login_password login_token update"
OPTIONS = ["timeout", "total_timeout", "max_retries", "max_response_bytes", "extra_headers", "extra_query"]


def test_the_public_names() -> None:
    assert sorted(partially_client.__all__) == sorted(PUBLIC.split())
    assert all(hasattr(partially_client, name) for name in partially_client.__all__)


def methods(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(function)
        for name, function in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    blocking = methods(resources.Customers)
    asynchronous = methods(resources.AsyncCustomers)
    assert sorted(blocking) == METHODS.split()
    assert {name: s.parameters for name, s in blocking.items()} == {
        name: s.parameters for name, s in asynchronous.items()
    }
    assert methods(Partially).keys() == methods(AsyncPartially).keys()
    assert list(inspect.signature(Partially).parameters) == list(inspect.signature(AsyncPartially).parameters)
    assert list(inspect.signature(Partially.with_options).parameters) == list(
        inspect.signature(AsyncPartially.with_options).parameters
    )


# Where the two forms differ in what a user writes, their docstrings may differ, and nowhere else.
FORMS = [
    ("asynchronous", "blocking"),
    ("AsyncPartially", "Partially"),
    (
        "Await it for one page, or iterate over all items with `async for`.",
        "Iterate over it to get its items and those of all following pages.",
    ),
    ("async for", "for"),
    ("async with", "with"),
    ("await ", ""),
]


def plain(text: str | None) -> str:
    """A docstring on one line, as that of the blocking form would be."""
    line = " ".join((text or "").split())
    for asynchronous, blocking in FORMS:
        line = line.replace(asynchronous, blocking)
    return line


@pytest.mark.parametrize(
    ("blocking", "asynchronous"),
    [
        (Partially, AsyncPartially),
        *(
            (getattr(resources, name), getattr(resources, f"Async{name}"))
            for name in resources.__all__
            if not name.startswith("Async")
        ),
        (resources.customers.CustomersWithRawResponse, resources.customers.AsyncCustomersWithRawResponse),
    ],
)
def test_both_forms_say_the_same(blocking: type, asynchronous: type) -> None:
    assert inspect.getdoc(blocking)
    assert plain(blocking.__doc__) == plain(asynchronous.__doc__)
    public = {name for name in dir(blocking) if not name.startswith("_")}
    assert public == {name for name in dir(asynchronous) if not name.startswith("_")}
    for name in (*public, "__init__"):
        ours, theirs = getattr(blocking, name), getattr(asynchronous, name)
        assert plain(ours.__doc__) == plain(theirs.__doc__), name
        if not isinstance(ours, property) and name != "__init__":
            assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_the_signatures() -> None:
    found = methods(resources.Customers)
    assert list(found["get"].parameters) == ["self", "id", *OPTIONS]
    assert list(found["list"].parameters) == ["self", "q", "page", "per_page", *OPTIONS]
    assert found["get"].parameters["id"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    create = found["create"].parameters
    assert [name for name, p in create.items() if p.default is p.empty] == ["self", "email"]
    assert all(p.kind is p.KEYWORD_ONLY for name, p in create.items() if name != "self")
    assert set(create) - {"self"} == set(found["update"].parameters) - {"self", "id"}
    assert [p.default for p in list(found["login_password"].parameters.values())[1:3]] == [
        inspect.Parameter.empty
    ] * 2


def test_every_method_documents_every_argument_and_when_it_is_repeated() -> None:
    for kind in (resources.Customers, resources.AsyncCustomers):
        for name, signature in methods(kind).items():
            text = inspect.getdoc(getattr(kind, name)) or ""
            undocumented = [a for a in signature.parameters if a != "self" and f"{a}: " not in text]
            assert undocumented == [], name
            assert "is repeated" in text, name
            assert f"client.customers.{name}(" in text, name


def test_documented_defaults_are_in_the_docstring_and_nowhere_else() -> None:
    assert 'the server uses "America/New_York"' in " ".join(
        (resources.Customers.create.__doc__ or "").split()
    )
    assert "the server uses" not in (resources.Customers.update.__doc__ or "")


def test_it_imports_only_what_it_declares_and_http_only_when_needed() -> None:
    program = """
import sys
import partially_client
assert "httpx2" not in sys.modules
partially_client.Partially("key").close()
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1].split())))
"""
    unwanted = (
        "partially_spec partially_generator partially_reference partially_conformance yaml attr pydantic "
        "jinja2 schemathesis sqlalchemy starlette httpx requests"
    )
    command = [sys.executable, "-c", program, f"httpx2 msgspec {unwanted}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["httpx2", "msgspec"]
    project = tomllib.loads((Path(__file__).parents[3] / "generated" / "pyproject.toml").read_text("utf-8"))
    assert [d.partition(">")[0] for d in project["project"]["dependencies"]] == ["httpx2", "msgspec"]
    assert project["project"]["version"] == partially_client.__version__
