"""The generated client beside the HTTP library that it uses, and the generator beside the stock one.

    python benchmarks/client.py [--rounds N] [--calls N] [--with-openapi-generator] [--json F] [--markdown F]

docs/benchmarks.md says what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import httpx2
from common import (
    BenchmarkError,
    Cost,
    Measure,
    as_process,
    cost_table,
    environment,
    finished,
    interleaved,
    measured_on,
    published,
    repeated,
    whole_number,
)
from peers import OPENAPI_GENERATOR, TOGETHER, JavaPeer, at_once, stock_command

from partially_client import Headers, Partially, Response
from partially_client._core.observability.secrets import NO_SECRETS
from partially_client._core.responses.reading import read
from partially_client.resources.customers import _LIST
from partially_conformance.target.launch import embedded_reference
from partially_conformance.target.target import Target
from partially_spec import OPENAPI

_STOCK = "stock_client"
"""The package that the stock generator writes from the same document."""

_CUSTOMERS = 100
"""How many customers the decoded page has: the largest page that the server returns."""

_DECODES_FOR_CALLS = 5
"""A page is decoded once for this many calls, since it takes longer than one call."""

_IN_FRESH_INTERPRETER = """\
import time
wall, cpu = time.perf_counter(), time.process_time()
{statement}
print(time.perf_counter() - wall, time.process_time() - cpu)
"""

_HOW_TO_READ = (
    "A ratio is the median of the ratios within each round, so it can differ from the ratio of the two"
    " medians beside it. Below 1 is cheaper than the peer."
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One table: contenders that are measured together.

    Attributes:
        title: The title of the table.
        contenders: What is measured, by name.
        peers: The names of the contenders that the others are compared with.
        rounds: How often each is measured.
    """

    title: str
    contenders: Mapping[str, Measure]
    peers: tuple[str, ...]
    rounds: int


@dataclass(frozen=True, slots=True)
class Samples:
    """Response bodies of the reference server.

    Attributes:
        customer_id: The id of the customer.
        customer: The body of `GET /customer/{id}`.
        page: The body of `GET /customer` with a full page.
    """

    customer_id: str
    customer: bytes
    page: bytes


def samples_of(target: Target) -> Samples:
    """Create customers on a server and read them."""
    key = {"Authorization": f"Bearer {target.api_key}"}
    with httpx2.Client(base_url=target.base_url, headers=key) as http:
        for number in range(_CUSTOMERS):
            body = {
                "email": f"ada{number}@example.com",
                "first_name": "Ada",
                "last_name": f"Lovelace {number}",
            }
            customer_id = http.post("/customer", json=body).raise_for_status().json()["id"]
        page = http.get("/customer", params={"per_page": _CUSTOMERS}).raise_for_status()
        customer = http.get(f"/customer/{customer_id}").raise_for_status()
    if len(page.json()["customers"]) != _CUSTOMERS:
        raise BenchmarkError(
            f"expected a page of {_CUSTOMERS} customers, got {len(page.json()['customers'])} of them"
        )
    return Samples(customer_id, customer.content, page.content)


def one_call(
    stack: ExitStack, stock: ModuleType, target: Target, customer_id: str, answer: bytes | None = None
) -> dict[str, Callable[[], object]]:
    """Reading one customer with each client.

    Args:
        stack: Closes the clients.
        stock: The client of the stock generator.
        target: The server.
        customer_id: The id of the customer.
        answer: The body that a transport in this process returns; None asks the server.
    """
    headers = {"Authorization": f"Bearer {target.api_key}"}
    own: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    if answer is not None:
        kind = {"Content-Type": "application/json"}
        own["transport"] = httpx2.MockTransport(lambda _: httpx2.Response(200, content=answer, headers=kind))
        theirs["transport"] = httpx.MockTransport(lambda _: httpx.Response(200, content=answer, headers=kind))
    bare2 = stack.enter_context(httpx2.Client(base_url=target.base_url, headers=headers, **own))
    bare = stack.enter_context(httpx.Client(base_url=target.base_url, headers=headers, **theirs))
    client = stack.enter_context(Partially(target.api_key, target.base_url, **own))
    generated = stack.enter_context(
        stock.AuthenticatedClient(base_url=target.base_url, token=target.api_key, httpx_args=theirs)
    )
    get = importlib.import_module(f"{_STOCK}.api.customers.get_customer").sync
    path, id_ = f"/customer/{customer_id}", UUID(customer_id)
    return {
        "httpx2": lambda: bare2.get(path).json(),
        "httpx": lambda: bare.get(path).json(),
        "partially_client": lambda: client.customers.get(customer_id),
        "openapi-python-client": lambda: get(id_, client=generated),
    }


def decoding(page: bytes) -> dict[str, Callable[[], object]]:
    """Decoding the body of a page to objects."""
    page_of_stock = importlib.import_module(f"{_STOCK}.models").CustomerPage
    response = Response(200, Headers([("content-type", "application/json")]), page)
    return {
        "json.loads": lambda: json.loads(page),
        "partially_client": lambda: read(_LIST, response, NO_SECRETS),
        "openapi-python-client": lambda: page_of_stock.from_dict(json.loads(page)),
    }


def first_calls(target: Target, customer_id: str) -> dict[str, str]:
    """A program for each library that creates a client, reads a customer and closes the client."""
    url, key = target.base_url, target.api_key
    bare = f"Client(base_url={url!r}, headers={{'Authorization': 'Bearer {key}'}})"
    programs = {
        name: f"import {name}\nwith {name}.{bare} as c: c.get('/customer/{customer_id}').json()"
        for name in ("httpx2", "httpx")
    }
    programs["partially_client"] = (
        f"from partially_client import Partially\n"
        f"with Partially({key!r}, {url!r}) as c: c.customers.get({customer_id!r})"
    )
    programs["openapi-python-client"] = (
        f"import uuid, {_STOCK}\nfrom {_STOCK}.api.customers.get_customer import sync\n"
        f"with {_STOCK}.AuthenticatedClient({url!r}, token={key!r}) as c:"
        f" sync(uuid.UUID({customer_id!r}), client=c)"
    )
    return programs


def in_fresh_interpreter(statement: str, folder: Path) -> Measure:
    """Measure a statement in a new interpreter; the start of the interpreter is not counted."""
    command = [sys.executable, "-c", _IN_FRESH_INTERPRETER.format(statement=statement)]

    def measure() -> Cost:
        wall, cpu = finished(command, folder).stdout.split()
        return Cost(float(wall), float(cpu))

    return measure


def generating(folder: Path, java: JavaPeer | None) -> dict[str, Measure]:
    """The generators, each of which writes to a new folder every time."""
    numbers = itertools.count()

    def stock() -> list[str]:
        # For openapi-python-client a missing ruff is only a warning.
        return [*stock_command(folder / f"stock{next(numbers)}"), "--fail-on-warning"]

    def own() -> list[str]:
        output = f"--output={folder / f'own{next(numbers)}'}"
        return [sys.executable, "-m", "partially_generator.cli", "build", f"--spec={OPENAPI}", output]

    measures = {
        "openapi-python-client": as_process(stock, folder),
        "partially-generate": as_process(own, folder),
    }
    if java is not None:
        measures[OPENAPI_GENERATOR] = as_process(
            lambda: java.command(folder / f"java{next(numbers)}"), folder
        )
    return measures


def comparisons(stack: ExitStack, options: argparse.Namespace) -> list[Comparison]:
    """Prepare everything that is measured."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    finished([*stock_command(folder / _STOCK), "--meta=none", "--fail-on-warning"], folder)
    sys.path.insert(0, str(folder))
    stack.callback(sys.path.remove, str(folder))
    stock = importlib.import_module(_STOCK)
    target = stack.enter_context(embedded_reference())
    samples = samples_of(target)
    calls, rounds = options.calls, options.rounds
    java = JavaPeer(folder) if options.with_openapi_generator else None

    def each(actions: Mapping[str, Callable[[], object]], times: int) -> dict[str, Measure]:
        return {name: repeated(action, times) for name, action in actions.items()}

    in_process = one_call(stack, stock, target, samples.customer_id, samples.customer)
    over_loopback = one_call(stack, stock, target, samples.customer_id)
    together = at_once(stack, target, samples.customer_id, calls)
    decoded = decoding(samples.page)
    if java is not None:
        over_loopback[OPENAPI_GENERATOR] = java.one_call(stack, target, samples.customer_id)
        decoded[OPENAPI_GENERATOR] = java.decoding(samples.page)
    imports = {name: f"import {name}" for name in ("httpx2", "httpx", "partially_client")}
    imports["openapi-python-client"] = f"import {_STOCK}"
    first = first_calls(target, samples.customer_id)
    if java is not None:
        imports[OPENAPI_GENERATOR] = java.imported
        first[OPENAPI_GENERATOR] = java.first_call(target, samples.customer_id)

    def fresh(statements: Mapping[str, str]) -> dict[str, Measure]:
        return {name: in_fresh_interpreter(statement, folder) for name, statement in statements.items()}

    libraries = ("httpx2", "httpx")
    return [
        Comparison("One call, in process", each(in_process, calls), libraries, rounds),
        Comparison("One call, over loopback", each(over_loopback, calls), libraries, rounds),
        Comparison(TOGETHER, together, ("httpx2",), rounds),
        Comparison(
            f"A page of {_CUSTOMERS} customers, decoded",
            each(decoded, -(-calls // _DECODES_FOR_CALLS)),
            ("json.loads",),
            rounds,
        ),
        Comparison("Import", fresh(imports), libraries, rounds),
        Comparison("Import, and a first call over loopback", fresh(first), libraries, rounds),
        Comparison("Whole regeneration", generating(folder, java), ("openapi-python-client",), rounds),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    options = _parser().parse_args(arguments)
    os.environ.update(environment())  # so that the clients of this process use no proxy either
    try:
        _benchmark(options)
    except BenchmarkError as error:
        print(f"client: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("client: interrupted", file=sys.stderr)
        return 130
    return 0


def _benchmark(options: argparse.Namespace) -> None:
    found: dict[str, dict[str, list[Cost]]] = {}
    tables = []
    with ExitStack() as stack:
        for comparison in comparisons(stack, options):
            print(f"measuring: {comparison.title}", file=sys.stderr, flush=True)
            costs = interleaved(comparison.contenders, comparison.rounds)
            found[comparison.title] = costs
            tables.append(cost_table(comparison.title, costs, comparison.peers))
    peers = ["httpx2", "httpx", "aiohttp", "msgspec", "openapi-python-client", "ruff"]
    if options.with_openapi_generator:
        peers.append("openapi-generator-cli")
    machine = measured_on("partially-client", *peers)
    lead = f"{machine} Medians of {options.rounds} interleaved rounds."
    print("\n".join([lead, "", *(table.as_text() for table in tables), _HOW_TO_READ]))
    if options.json:
        plain = {
            title: {name: [dataclasses.asdict(cost) for cost in own] for name, own in costs.items()}
            for title, costs in found.items()
        }
        options.json.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    if options.markdown:
        page = published(["# The client beside its peers", lead, _HOW_TO_READ], tables)
        options.markdown.write_text(page, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Measures the generated client against bare httpx2 and httpx and against the client of"
        " the stock openapi-python-client, and this project's generator against that one.",
        epilog="Progress goes to stderr. Run it on a quiet machine: it measures time.",
    )
    parser.add_argument(
        "--rounds",
        type=whole_number,
        default=11,
        metavar="N",
        help="how often each is measured, interleaved (default: 11)",
    )
    parser.add_argument(
        "--calls",
        type=whole_number,
        default=300,
        metavar="N",
        help="calls in a row within a round (default: 300)",
    )
    parser.add_argument(
        "--with-openapi-generator",
        action="store_true",
        help="measure the Python client of openapi-generator too; needs Java 11 or newer and"
        " `pip install openapi-generator-cli python-dateutil`",
    )
    parser.add_argument(
        "--json", type=Path, metavar="F", help="write the costs of every round, in seconds, to this file"
    )
    parser.add_argument("--markdown", type=Path, metavar="F", help="write the tables to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
