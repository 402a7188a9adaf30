"""The server, put together from its components.

Every documented promise lives in a small method of one of the components below, so a server that
behaves differently is made by subclassing one component and passing it to `create_app`:

    class CaseMatters(Search):
        def is_for_email(self, q: str) -> bool:
            return False

    app = create_app(settings, Components(search=CaseMatters))

The seams, from the outside in:

    Reader          the order of checks on a request; ids in paths; the query string
    Authenticator   the header and its scheme; which merchant a key belongs to; operations one by one
    Bodies          content types, size, strict JSON
    Validation      bodies and queries against the document; emails; lengths; wording of problems
    Answers         a customer, a page, a refusal as JSON; statuses; headers
    CustomersApi    one method for each operation of the API
    HarnessApi      one method for each operation of the harness
    Customers       list, read, create, update
    Fields          which fields count; defaults on create; what an update changes; derived columns
    Search          which customers a query finds
    Paging          page numbers, sizes, totals, the envelope
    Removal         what is open; deletion, anonymisation, copies on plans, tokens, emails
    Logins          by password, by token; who gets a token
    Passwords       hashing and verifying
    Tokens          making, digesting, expiring, voiding, redeeming
    Limits          how often one may try
    EmailComposer   what the email says and to whom it goes
    Mailer          sending
    Outbox          the emails kept for the harness
    Clock           the wall clock, and the clock of expiry and limits
    MerchantStore, CustomerStore, TokenStore, PlanStore
                    what is written to the tables and read from them, the order of lists

The components know nothing of each other's construction: `_build` is the one place that does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp

from partially_reference.clock import Clock
from partially_reference.contract import API, SIDE_API, operations
from partially_reference.http.answers import Answers
from partially_reference.http.authentication import Authenticator, key_digest
from partially_reference.http.bodies import Bodies
from partially_reference.http.customers import CustomersApi
from partially_reference.http.harness import HarnessApi
from partially_reference.http.routing import Paths, Reader, endpoints
from partially_reference.http.validation import Validation
from partially_reference.mail import EmailComposer, Mailer, Outbox
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.limits import Limits
from partially_reference.rules.logins import Logins
from partially_reference.rules.paging import Paging
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.removal import Removal
from partially_reference.rules.search import Search
from partially_reference.rules.tokens import Tokens
from partially_reference.settings import Settings
from partially_reference.storage.database import Database, is_in_memory
from partially_reference.storage.stores import CustomerStore, MerchantStore, PlanStore, Storage, TokenStore

API_PATH = "/api"
HARNESS_PATH = "/harness"


@dataclass(frozen=True)
class Components:
    """The classes a server is built from; see the top of this module."""

    reader: type[Reader] = Reader
    authenticator: type[Authenticator] = Authenticator
    bodies: type[Bodies] = Bodies
    validation: type[Validation] = Validation
    answers: type[Answers] = Answers
    customers_api: type[CustomersApi] = CustomersApi
    harness_api: type[HarnessApi] = HarnessApi
    customers: type[Customers] = Customers
    fields: type[Fields] = Fields
    search: type[Search] = Search
    paging: type[Paging] = Paging
    removal: type[Removal] = Removal
    logins: type[Logins] = Logins
    passwords: type[Passwords] = Passwords
    tokens: type[Tokens] = Tokens
    limits: type[Limits] = Limits
    composer: type[EmailComposer] = EmailComposer
    mailer: type[Mailer] = Mailer
    outbox: type[Outbox] = Outbox
    clock: type[Clock] = Clock
    merchant_store: type[MerchantStore] = MerchantStore
    customer_store: type[CustomerStore] = CustomerStore
    token_store: type[TokenStore] = TokenStore
    plan_store: type[PlanStore] = PlanStore


def create_app(settings: Settings, components: Components | None = None) -> Starlette:
    """Build the server as an ASGI application. It closes its database when it is shut down.

    Args:
        settings: How it is set up.
        components: What it is built from; the documented behaviour when left out.

    Raises:
        DatabaseError: The database cannot be used.
    """
    components = components or Components()
    database = Database(settings.database)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            database.close()

    return _App(routes=[_build(settings, components, database)], lifespan=lifespan)


def _may_wait(settings: Settings, components: Components) -> bool:
    """Whether requests may have to wait for something, so that others go on meanwhile.

    With the one connection of a database in memory, and passwords hashed for tests, none of the documented
    behaviour does. Handing a request to a thread and back would take as long as the request.
    """
    return components != Components() or not settings.harness or not is_in_memory(settings.database)


class _App(Starlette):
    """Without Starlette's own layers for what goes wrong, since `Endpoint` answers that."""

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = self.router
        for factory, arguments, options in reversed(self.user_middleware):
            app = factory(app, *arguments, **options)
        return app


def _build(settings: Settings, components: Components, database: Database) -> Paths:
    storage = Storage(
        database,
        components.merchant_store(),
        components.customer_store(),
        components.token_store(),
        components.plan_store(),
    )
    answers, clock, outbox = components.answers(), components.clock(), components.outbox()
    fields, composer = components.fields(), components.composer()
    passwords = components.passwords(for_tests=settings.harness)
    logins = components.logins(
        storage, passwords, components.tokens(storage, clock), composer, components.limits(clock)
    )
    api = components.customers_api(
        components.customers(storage, fields, components.search(), components.paging(), clock),
        components.removal(storage, fields, outbox, clock),
        logins,
        components.mailer(settings.mail_server, outbox if settings.harness else None, composer.sender),
        answers,
    )
    authenticator = components.authenticator(_merchants(settings, storage))
    reader = components.reader(authenticator.merchant, components.bodies(), components.validation())
    in_threads = _may_wait(settings, components)
    table = endpoints(API_PATH, operations(API), api.handlers(), reader, answers, in_threads)
    if settings.harness:
        harness = components.harness_api(storage, passwords, outbox, clock, Answers())
        # Nobody has to say who is calling, and the harness reads and answers in the same way
        # whatever the API is built from.
        open_reader = _AnyIds(_nobody, Bodies(), Validation())
        table |= endpoints(
            HARNESS_PATH, operations(SIDE_API), harness.handlers(), open_reader, Answers(), in_threads
        )
    return Paths(table, answers)


class _AnyIds(Reader):
    """Looks an id up whatever it looks like: what ids look like is for the API to say."""

    def identifier(self, text: str) -> str:
        return text


def _nobody(_request: Request, _operation_id: str) -> str:
    return ""


def _merchants(settings: Settings, storage: Storage) -> dict[str, str]:
    """The merchant of each key of this run. Keys of earlier runs open nothing until given again."""
    with storage.writing() as connection:
        return {
            digest: storage.merchants.get_or_create(connection, digest)
            for digest in map(key_digest, settings.api_keys)
        }
