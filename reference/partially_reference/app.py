"""Builds the server from its components.

Every documented promise is a small method of one of the components below. To build a server that
behaves differently, subclass one component and pass it to `create_app`:

    class NamesOnly(Search):
        def is_for_email(self, q: str) -> bool:
            return False

    app = create_app(settings, Components(search=NamesOnly))

The components, in the order in which a request reaches them:

    Reader          the order of the checks of a request; ids in paths; the query string
    Authenticator   the Authorization header and its scheme; the merchant of an API key
    Bodies          content type, size and strict JSON of a request body
    Validation      checks of bodies and queries against the document; emails; lengths; error messages
    Answers         customers, pages and refusals as JSON; statuses; headers
    CustomersApi    one method for each operation of the customers API
    HarnessApi      one method for each operation of the harness
    Customers       list, read, create and update
    Fields          which fields of a body are used; defaults of a create; derived columns
    Search          which customers a query finds
    Paging          page numbers, page sizes, totals and the envelope
    Removal         which plans are open; deletion; anonymisation of customers and their plans
    Logins          logins by password and by token; who gets a token
    Passwords       hashing and verifying passwords
    Tokens          creating, storing, expiring, voiding and redeeming login tokens
    Limits          how many attempts are allowed in which time
    EmailComposer   the text and the address of an email
    Mailer          sending emails
    Outbox          the emails that are kept for the harness
    Clock           the wall clock, and the clock for expiry and limits
    MerchantStore, CustomerStore, TokenStore, PlanStore
                    the queries of each table; the order of lists

No component creates another one. Only `_build_routes` does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp

from partially_reference.clock import Clock
from partially_reference.contract import API, HARNESS_API, operations
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
    """The classes that a server is built from. The top of this module explains each."""

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
    """Build the server as an ASGI application. It closes its database when it shuts down.

    Args:
        settings: The settings of the server.
        components: The classes to build it from. Without them it behaves as documented.

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

    return _App(routes=[_build_routes(settings, components, database)], lifespan=lifespan)


def _needs_threads(settings: Settings, components: Components) -> bool:
    """Whether a request may have to wait for something, so that other requests must run meanwhile.

    The documented behaviour does not wait if the database is in memory and passwords are hashed for tests.
    Then a thread for each request would take as long as the request itself.
    """
    return components != Components() or not settings.harness or not is_in_memory(settings.database)


class _App(Starlette):
    """Has none of Starlette's error handlers, because `Endpoint` answers errors itself."""

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = self.router
        for factory, arguments, options in reversed(self.user_middleware):
            app = factory(app, *arguments, **options)
        return app


def _build_routes(settings: Settings, components: Components, database: Database) -> Paths:
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
    authenticator = components.authenticator(_merchants_by_key_digest(settings, storage))
    reader = components.reader(authenticator.merchant, components.bodies(), components.validation())
    in_threads = _needs_threads(settings, components)
    table = endpoints(API_PATH, operations(API), api.handlers(), reader, answers, in_threads)
    if settings.harness:
        harness = components.harness_api(storage, passwords, outbox, clock, Answers())
        # The harness needs no API key. It reads and answers in the same way, no matter which components
        # the customers API is built from.
        open_reader = _ReaderOfAnyId(_no_merchant, Bodies(), Validation())
        table |= endpoints(
            HARNESS_PATH, operations(HARNESS_API), harness.handlers(), open_reader, Answers(), in_threads
        )
    return Paths(table, answers)


class _ReaderOfAnyId(Reader):
    """Accepts ids of any form, because the components of the customers API decide what an id looks like."""

    def identifier(self, text: str) -> str:
        return text


def _no_merchant(_request: Request, _operation_id: str) -> str:
    return ""


def _merchants_by_key_digest(settings: Settings, storage: Storage) -> dict[str, str]:
    """The id of the merchant of each API key in the settings. A key that is not in them is unknown."""
    with storage.writing() as connection:
        return {
            digest: storage.merchants.get_or_create(connection, digest)
            for digest in map(key_digest, settings.api_keys)
        }
