"""Runs the reference server on each kind of database, and calls it.

Every test uses its own merchant, so tests share a server and do not see each other's customers.
"""

import itertools
import os
import secrets
from contextlib import contextmanager

import httpx2
import psycopg
import pytest

from partially_reference.app import create_app
from partially_reference.serving import running
from partially_reference.settings import Settings, database_url

POSTGRES = os.environ.get("PARTIALLY_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
MERCHANTS = 400


class Caller:
    """Calls one server with the API key of one merchant."""

    def __init__(self, address, key, client):
        self.address = address
        self.key = key
        self.client = client
        self.headers = {"Authorization": f"Bearer {key}"}

    def call(self, method, path, **options):
        headers = {**self.headers, **options.pop("headers", {})}
        return self.client.request(method, f"{self.address}/api{path}", headers=headers, **options)

    def harness(self, method, path, **options):
        return self.client.request(method, f"{self.address}/harness{path}", **options)

    def create(self, **fields):
        fields.setdefault("email", f"{secrets.token_hex(6)}@example.com")
        return must_be_ok(self.call("POST", "/customer", json=fields))

    def get(self, customer_id):
        return self.call("GET", f"/customer/{customer_id}")

    def update(self, customer_id, **fields):
        return self.call("PUT", f"/customer/{customer_id}", json=fields)

    def remove(self, customer_id):
        return self.call("PUT", f"/customer/gdpr_remove/{customer_id}")

    def list(self, **query):
        return must_be_ok(self.call("GET", "/customer", params=query))

    def found(self, q):
        return [customer["id"] for customer in self.list(q=q, per_page=100)["customers"]]

    def set_password(self, customer_id, password):
        answer = self.harness("PUT", f"/customers/{customer_id}/password", json={"password": password})
        assert answer.status_code == 204

    def open_plan(self, customer_id, status="open"):
        answer = self.harness("POST", f"/customers/{customer_id}/payment_plans", json={"status": status})
        assert answer.status_code == 201
        return answer.json()

    def plan(self, plan_id):
        return self.harness("GET", f"/payment_plans/{plan_id}")

    def login(self, email, password):
        return self.call("POST", "/customer/login_password", json={"email": email, "password": password})

    def login_token(self, token):
        return self.call("POST", "/customer/login_token", json={"token": token})

    def emails(self, to):
        return must_be_ok(self.harness("GET", "/emails", params={"to": to}))["emails"]

    def mailed_token(self, email):
        """Request a token and read it from the email, where it is on a line of its own."""
        assert must_be_ok(self.call("POST", "/customer/login_email", json={"email": email})) == {
            "message": "Token sent"
        }
        lines = self.emails(email)[-1]["body"].splitlines()
        (token,) = [line for line in lines if line and " " not in line]
        return token

    def advance(self, seconds):
        assert self.harness("POST", "/clock/advance", json={"seconds": seconds}).status_code == 204


def must_be_ok(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def postgres_database():
    """A new database on the PostgreSQL for tests. It is dropped at the end."""
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        reason = f"NOT TESTED ON POSTGRESQL: {POSTGRES} cannot be reached ({str(error).splitlines()[0]})"
        if os.environ.get("PARTIALLY_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    name = f"partially_test_{secrets.token_hex(8)}"
    with admin:
        admin.execute(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
        try:
            yield database_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        finally:
            admin.execute(f'DROP DATABASE "{name}"')


@pytest.fixture(scope="session")
def postgres():
    with postgres_database() as url:
        yield url


@pytest.fixture(scope="session", params=["memory", "file", "postgresql"])
def database(request, tmp_path_factory):
    """The URL of an empty database."""
    match request.param:
        case "memory":
            return "sqlite://"
        case "file":
            return f"sqlite:///{tmp_path_factory.mktemp('database')}/customers.sqlite"
        case _:
            return request.getfixturevalue("postgres")


@pytest.fixture(scope="session")
def client():
    with httpx2.Client(timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def callers(database, client):
    """Merchants without customers, one for each test."""
    keys = tuple(f"key-{number}-{secrets.token_hex(4)}" for number in range(MERCHANTS))
    app = create_app(Settings(keys, database_url(database), harness=True))
    with running(app) as address:
        yield (Caller(address, key, client) for key in itertools.chain(keys))


@pytest.fixture
def shop(callers):
    """A merchant."""
    return next(callers)


@pytest.fixture
def other_shop(callers):
    """A second merchant of the same server."""
    return next(callers)


@pytest.fixture
def server_with(client):
    """Starts a server with the components and settings of the test, for one merchant."""

    @contextmanager
    def serve(components=None, database="sqlite://", **options):
        app = create_app(Settings(("only",), database_url(database), harness=True, **options), components)
        with running(app) as address:
            yield Caller(address, "only", client)

    return serve
