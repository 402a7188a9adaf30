"""The settings of a client, checked once."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from ...errors import ConfigurationError
from ..observability.hooks import checked_hook
from ..observability.logs import set_up_logging
from ..observability.secrets import Hidden, Secrets, sealed
from .credentials import (
    Alternatives,
    Scheme,
    SentKeys,
    checked_key,
    choose_keys,
    missing_key_message,
    read_other_keys,
)
from .headers import checked_headers, merge_headers
from .timeouts import (
    DEFAULT_POOL_TIMEOUT,
    DEFAULT_TIMEOUT,
    Timeout,
    checked_seconds,
    checked_timeout,
    timeout_phases,
    whole_timeout,
)

DEFAULT_MAX_RETRIES = 2
"""How often a failed call is repeated, if that is safe."""

DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024 * 1024
"""The largest body of a response in bytes, after decompression. A larger one is an error."""

DEFAULT_MAX_CONNECTIONS = 1000
"""How many connections may be open at the same time. Further calls wait for a free one."""


_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(
    rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.?|[0-9a-f:.]*:[0-9a-f:.]*(%[a-z0-9._~-]+)?", re.IGNORECASE
)
"""A host name or an IP address that a resolver accepts, or refuses with a connection error."""

_PATH = re.compile(r"([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a generated client knows about itself."""

    distribution: str
    version: str
    environment: str
    """Prefix of the environment variables."""
    base_url: str | None
    """The first address in the API description, if it has one."""
    schemes: tuple[Scheme, ...] = ()
    """The keys of the API. The first is `api_key`."""
    security: Alternatives = ()
    """The keys that calls use by default."""
    key_needed: bool = False
    """Whether all calls need `api_key`."""


class Given(NamedTuple):
    """The settings as they were passed. It is kept in a `Hidden`."""

    api_key: str | None = None
    base_url: str | None = None
    timeout: Timeout = DEFAULT_TIMEOUT
    total_timeout: float | msgspec.UnsetType | None = msgspec.UNSET
    max_retries: int = DEFAULT_MAX_RETRIES
    max_response_bytes: int | None = DEFAULT_MAX_RESPONSE_BYTES
    max_connections: int | None = DEFAULT_MAX_CONNECTIONS
    pool_timeout: float | None = DEFAULT_POOL_TIMEOUT
    extra_headers: Mapping[str, str] | None = None
    http_client: Any = None
    transport: Any = None
    on_request: Any = None
    on_response: Any = None
    credentials: Mapping[str, str] | None = None


class Private(NamedTuple):
    """The settings that must not be shown. It is kept in a `Hidden`."""

    api_key: str
    credentials: Mapping[str, str]
    """The keys other than the first, by name."""
    extra_headers: tuple[tuple[str, str], ...]


class Prepared(NamedTuple):
    """What follows from the settings, once and not for every call. It is kept in a `Hidden`."""

    headers: tuple[tuple[str, str], ...]
    """Sent with every call that needs no key."""
    headers_with_key: tuple[tuple[str, str], ...]
    usual: SentKeys | None
    """The keys that calls send by default; None if one of them is missing."""
    extra_headers: tuple[tuple[str, str], ...]
    keys: Mapping[str, str]
    """All keys, by name."""

    def choose_keys(self, product: Product, alternatives: Alternatives) -> SentKeys | None:
        """The keys that a call with these alternatives sends; None if they are missing."""
        return choose_keys(product.schemes, self.keys, alternatives)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings of one client."""

    product: Product
    private: Hidden[Private]
    base_url: str
    timeout: Timeout
    total_timeout: float | msgspec.UnsetType | None
    max_retries: int
    max_response_bytes: int | None
    max_connections: int | None
    pool_timeout: float | None
    on_request: Any = None
    on_response: Any = None
    # Derived from the settings above, once and not for every call:
    prepared: Hidden[Prepared] = field(init=False)
    secrets: Secrets = field(init=False)
    """All keys. They must not be shown."""
    phases: dict[str, Any] = field(init=False, repr=False)
    """The timeout of each phase of a request."""
    total: float | None = field(init=False)
    """The seconds that a whole try may take."""
    origin: str = field(init=False)
    """Scheme, host and port of the base address."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        prepared = _prepared(self.product, self.private)
        for name, value in {
            "prepared": prepared,
            "secrets": Hidden(tuple(key for key in prepared.reveal().keys.values() if key)),
            "phases": timeout_phases(self.timeout, self.pool_timeout),
            "total": total_of(self.timeout, self.total_timeout),
            "origin": f"{parts.scheme}://{parts.netloc}",
        }.items():
            object.__setattr__(self, name, value)


def _prepared(product: Product, private: Hidden[Private]) -> Hidden[Prepared]:
    api_key, credentials, extra = private.reveal()
    own = _own_headers(product)
    first = {product.schemes[0].name: api_key} if product.schemes else {}
    keys = {**credentials, **first}
    usual = choose_keys(product.schemes, keys, product.security)
    key = () if usual is None else usual.headers
    headers, with_key = merge_headers(own, extra), merge_headers((*own, *key), extra)
    return Hidden(Prepared(headers, with_key, usual, extra, keys))


def total_of(timeout: Timeout, total_timeout: float | msgspec.UnsetType | None) -> float | None:
    """The seconds that a whole try may take; None for no limit."""
    return whole_timeout(timeout) if isinstance(total_timeout, msgspec.UnsetType) else total_timeout


def build_settings(product: Product, given: Hidden[Given]) -> Settings:
    """Fill in the environment and the defaults, and check everything.

    Raises:
        ConfigurationError: A setting is missing or invalid.
    """
    set_up_logging(product.environment)
    return sealed(_built, product, given)


def _built(product: Product, hidden: Hidden[Given]) -> Settings:
    given = hidden.reveal()
    return Settings(
        product=product,
        private=Hidden(
            Private(
                _api_key(product, given.api_key),
                read_other_keys(product.schemes, product.environment, given.credentials),
                checked_headers(given.extra_headers),
            )
        ),
        base_url=_base_url(product, given.base_url),
        timeout=checked_timeout(given.timeout),
        total_timeout=checked_total(given.total_timeout),
        max_retries=checked_retries(given.max_retries),
        max_response_bytes=checked_size("max_response_bytes", given.max_response_bytes),
        max_connections=checked_size("max_connections", given.max_connections),
        pool_timeout=checked_seconds("pool_timeout", given.pool_timeout),
        on_request=checked_hook("on_request", given.on_request),
        on_response=checked_hook("on_response", given.on_response),
    )


def changed_settings(settings: Settings, changes: Hidden[Mapping[str, Any]]) -> Settings:
    """The settings with changes; a change that is `UNSET` is ignored.

    Raises:
        ConfigurationError: A new setting is invalid.
    """
    return sealed(_changed, settings, changes)


def _changed(settings: Settings, hidden: Hidden[Mapping[str, Any]]) -> Settings:
    changes = {name: value for name, value in hidden.reveal().items() if value is not msgspec.UNSET}
    private = settings.private.reveal()
    if "api_key" in changes:
        private = private._replace(api_key=_api_key(settings.product, changes.pop("api_key")))
    if "extra_headers" in changes:
        added = checked_headers(changes.pop("extra_headers"))
        private = private._replace(extra_headers=merge_headers(private.extra_headers, added))
    checks: dict[str, Callable[[Any], Any]] = {
        "base_url": lambda url: _base_url(settings.product, url),
        "timeout": checked_timeout,
        "total_timeout": checked_total,
        "max_retries": checked_retries,
        "max_response_bytes": lambda size: checked_size("max_response_bytes", size),
        "on_request": lambda hook: checked_hook("on_request", hook),
        "on_response": lambda hook: checked_hook("on_response", hook),
    }
    found = {name: checks[name](value) for name, value in changes.items()}
    return dataclasses.replace(settings, private=Hidden(private), **found)


def _own_headers(product: Product) -> tuple[tuple[str, str], ...]:
    agent = f"{product.distribution}/{product.version} python/{platform.python_version()}"
    return (("Accept", "application/json"), ("Accept-Encoding", "gzip"), ("User-Agent", agent))


def _api_key(product: Product, given: str | None) -> str:
    if not product.schemes:
        return ""
    scheme = product.schemes[0]
    key = os.environ.get(f"{product.environment}_{scheme.variable}", "") if given is None else given
    if key == "" and product.key_needed:
        raise ConfigurationError(missing_key_message(product.environment, product.schemes, ((scheme.name,),)))
    return key if key == "" else checked_key(scheme, key, "api_key")


def _base_url(product: Product, given: str | None) -> str:
    variable = f"{product.environment}_BASE_URL"
    url = (os.environ.get(variable, "").strip() or product.base_url) if given is None else given
    if url is None:
        raise ConfigurationError(
            f"No base address: pass base_url=... or set the environment variable {variable}"
        )
    wanted = "expected an address such as https://example.com/api"
    if not isinstance(url, str) or not url.isprintable() or any(map(str.isspace, url)):
        # Python removes line breaks and tabs from an address without a word.
        raise ConfigurationError(f"base_url: {wanted}, without blanks or control characters")
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except (ValueError, AttributeError, TypeError) as error:
        raise ConfigurationError(f"base_url: {wanted}, got {url!r}") from error
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("base_url: a user name or password in the address would replace the API key")
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.hostname or "") or not port_is_fine:
        raise ConfigurationError(f"base_url: {wanted}, got {url!r}")
    if parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise ConfigurationError(
            f"base_url: {wanted}, without a query, a fragment or unusual characters, got {url!r}"
        )
    return url.rstrip("/")


def checked_retries(max_retries: int) -> int:
    """The number of retries, if it is valid.

    Raises:
        ConfigurationError: It is not a whole number, or is below 0.
    """
    if isinstance(max_retries, bool) or not isinstance(max_retries, int) or max_retries < 0:
        raise ConfigurationError(f"max_retries: expected a whole number from 0 on, got {max_retries!r}")
    return max_retries


def checked_size(name: str, size: int | None) -> int | None:
    """A limit, if it is valid; None for no limit.

    Raises:
        ConfigurationError: It is not a whole number from 1 on.
    """
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
        raise ConfigurationError(f"{name}: expected a whole number from 1 on, got {size!r}")
    return size


def checked_total(total_timeout: float | msgspec.UnsetType | None) -> float | msgspec.UnsetType | None:
    """The limit for a whole try, if it is valid.

    Raises:
        ConfigurationError: It is not a positive number of seconds or None.
    """
    if isinstance(total_timeout, msgspec.UnsetType):
        return total_timeout
    return checked_seconds("total_timeout", total_timeout)
