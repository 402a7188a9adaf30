# Copied by partially-generate into every client. Edit it there, not here.
"""The settings of a client, checked once."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...errors import ConfigurationError
from ..observability.hooks import checked_hook
from ..observability.logs import set_up_logging
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
from .timeouts import Timeout, checked_timeout, timeout_phases

DEFAULT_MAX_RETRIES = 2
"""How often a failed call is repeated, if that is safe."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings of one client."""

    product: Product
    api_key: str = field(repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The keys other than the first, by name."""
    base_url: str
    timeout: Timeout
    max_retries: int
    extra_headers: tuple[tuple[str, str], ...] = field(repr=False)
    on_request: Any = None
    on_response: Any = None
    # Derived from the settings above, once and not for every call:
    headers: tuple[tuple[str, str], ...] = field(init=False, repr=False)
    """SentKeys with every call that needs no key."""
    headers_with_key: tuple[tuple[str, str], ...] = field(init=False, repr=False)
    usual: SentKeys | None = field(init=False, repr=False)
    """The keys that calls send by default; None if one of them is missing."""
    phases: dict[str, Any] = field(init=False, repr=False)
    """The timeout of each phase of a request."""
    origin: str = field(init=False)
    """Scheme, host and port of the base address."""

    def __post_init__(self) -> None:
        own = _own_headers(self.product)
        usual = self.choose_keys(self.product.security)
        key = () if usual is None else usual.headers
        parts = urlsplit(self.base_url)
        for name, value in {
            "headers": merge_headers(own, self.extra_headers),
            "usual": usual,
            "headers_with_key": merge_headers((*own, *key), self.extra_headers),
            "phases": timeout_phases(self.timeout),
            "origin": f"{parts.scheme}://{parts.netloc}",
        }.items():
            object.__setattr__(self, name, value)

    def choose_keys(self, alternatives: Alternatives) -> SentKeys | None:
        """The keys that a call with these alternatives sends; None if they are missing."""
        schemes = self.product.schemes
        first = {schemes[0].name: self.api_key} if schemes else {}
        return choose_keys(schemes, {**self.credentials, **first}, alternatives)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All keys. They must not be shown."""
        return tuple(key for key in (self.api_key, *self.credentials.values()) if key)


def build_settings(
    product: Product,
    *,
    api_key: str | None,
    base_url: str | None,
    timeout: Timeout,
    max_retries: int,
    extra_headers: Mapping[str, str] | None,
    on_request: Any,
    on_response: Any,
    credentials: Mapping[str, str] | None = None,
) -> Settings:
    """Fill in the environment and the defaults, and check everything.

    Raises:
        ConfigurationError: A setting is missing or invalid.
    """
    set_up_logging(product.environment)
    return Settings(
        product=product,
        api_key=_api_key(product, api_key),
        credentials=read_other_keys(product.schemes, product.environment, credentials),
        base_url=_base_url(product, base_url),
        timeout=checked_timeout(timeout),
        max_retries=checked_retries(max_retries),
        extra_headers=checked_headers(extra_headers),
        on_request=checked_hook("on_request", on_request),
        on_response=checked_hook("on_response", on_response),
    )


def changed_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """The settings with changes; a change that is `UNSET` is ignored.

    Raises:
        ConfigurationError: A new setting is invalid.
    """
    checks: dict[str, Callable[[Any], Any]] = {
        "api_key": lambda key: _api_key(settings.product, key),
        "base_url": lambda url: _base_url(settings.product, url),
        "timeout": checked_timeout,
        "max_retries": checked_retries,
        "extra_headers": lambda headers: merge_headers(settings.extra_headers, checked_headers(headers)),
        "on_request": lambda hook: checked_hook("on_request", hook),
        "on_response": lambda hook: checked_hook("on_response", hook),
    }
    found = {name: checks[name](value) for name, value in changes.items() if value is not msgspec.UNSET}
    return dataclasses.replace(settings, **found)


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
    url = (os.environ.get(variable, "") or product.base_url) if given is None else given
    if url is None:
        raise ConfigurationError(
            f"No base address: pass base_url=... or set the environment variable {variable}"
        )
    wanted = "expected an address such as https://example.com/api"
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
