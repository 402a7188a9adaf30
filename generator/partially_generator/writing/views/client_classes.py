"""What the template of the two client classes prints."""

from __future__ import annotations

from dataclasses import dataclass

from partially_generator.api import ir
from partially_generator.reading.config import Config
from partially_generator.writing.text import python_code
from partially_generator.writing.views.class_names import resource_class


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """One of the two client classes."""

    name: str
    base: str
    native: str
    transport: str
    request_hook: str
    response_hook: str
    docstring: str
    init_docstring: str
    resources: list[dict[str, str]]


def client_views(api: ir.Api, config: Config) -> list[ClientView]:
    """The two client classes."""
    return [_client(api, config, is_async) for is_async in (False, True)]


def _client(api: ir.Api, config: Config, is_async: bool) -> ClientView:
    resources: dict[str, str] = {}  # by the first of the tags that give it
    for operation in api.operations:
        resources.setdefault(operation.resource, operation.tag)
    descriptions = dict(api.tags)
    kind = "asynchronous" if is_async else "blocking"
    with_ = "async with" if is_async else "with"
    name = config.async_client_class if is_async else config.client_class
    return ClientView(
        name=name,
        base="AsyncBaseClient" if is_async else "SyncBaseClient",
        native="httpx2.AsyncClient" if is_async else "httpx2.Client",
        transport="httpx2.AsyncBaseTransport | AsyncTransport"
        if is_async
        else "httpx2.BaseTransport | SyncTransport",
        request_hook="AsyncRequestHook" if is_async else "SyncRequestHook",
        response_hook="AsyncResponseHook" if is_async else "SyncResponseHook",
        docstring=python_code.docstring(
            f"The {kind} client of the {api.title}".removesuffix("."),
            python_code.paragraphs(
                f"Use it with `{with_}`, or call `close()` at the end. One client can make many calls at "
                "the same time, and keeps its connections open between them.",
                python_code.WIDTH - 4,
            ),
            4,
        ),
        init_docstring=_init_docstring(api, config),
        resources=[
            {
                "name": resource,
                "class_name": resource_class(api, resource, is_async),
                "docstring": python_code.docstring(descriptions[tag] or f"The operations on {tag}", [], 8),
            }
            for resource, tag in resources.items()
        ],
    )


def _init_docstring(api: ir.Api, config: Config) -> str:
    prefix = config.environment
    base = api.servers[0].url if api.servers else ""
    fallback = f" or else {base}" if default_base_url(api) else ""
    others = ", ".join(
        f"{server.url} ({server.description})" if server.description else server.url
        for server in api.servers[1:]
    )
    also = f". Others are {others}" if others else ""
    entries = [
        *_key_texts(api, prefix),
        ("base_url", f"The address of the API; by default that of {prefix}_BASE_URL{fallback}{also}"),
        (
            "timeout",
            "Seconds to wait for the next part of a response, at most 5 to connect; None waits without limit",
        ),
        (
            "total_timeout",
            "Seconds that one try may take as a whole; by default ten times `timeout`. None for no limit",
        ),
        ("max_retries", "How often a failed call is repeated, if that is safe. Each method says when it is"),
        (
            "max_response_bytes",
            "The largest body of a response in bytes, after decompression. None for no limit",
        ),
        (
            "max_connections",
            "How many connections may be open at the same time; further calls wait. None for no limit",
        ),
        ("pool_timeout", "Seconds to wait for a free connection. None waits without limit"),
        ("extra_headers", "Headers sent with every call"),
        (
            "http_client",
            "An httpx2 client that sends the requests: for proxies, certificates, limits. Not closed here",
        ),
        (
            "transport",
            "Sends the requests instead of a pool, such as an `httpx2.MockTransport`. Closed with the client",
        ),
        (
            "on_request",
            "Called with a `RequestInfo` before each try. The headers it returns are sent with that try",
        ),
        ("on_response", "Called with the `Response` to each try, before its status is checked"),
    ]
    return python_code.docstring(
        "Set up a client; no request is sent yet",
        [
            *python_code.section("Args", entries, 8)[1:],
            *python_code.section(
                "Raises", [("ConfigurationError", "There is no key, or a setting is invalid")], 8
            ),
        ],
        8,
    )


def key_arguments(api: ir.Api) -> dict[str, str]:
    """The arguments about keys for the runtime's `Product`."""
    schemes = [_scheme(key, is_first=key is api.keys[0]) for key in api.keys]
    always = all(operation.authenticated and () not in operation.security for operation in api.operations)
    return {
        "schemes": f"({', '.join(schemes)},)" if schemes else "()",
        "security": repr(api.security),
        "key_needed": repr(len(api.keys) == 1 and always),
    }


def _scheme(key: ir.Key, *, is_first: bool) -> str:
    parts = [f"name={key.name!r}", f"parameter={key.parameter!r}"]
    parts += [f"place={key.place!r}"] if key.place != "header" else []
    parts += [f"prefix={key.prefix!r}"] if key.prefix else []
    parts += ["is_basic=True"] if key.is_basic else []
    parts += [] if is_first else [f"variable={key.variable!r}"]
    return f"Scheme({', '.join(parts)})"


def _key_texts(api: ir.Api, prefix: str) -> list[tuple[str, str]]:
    if not api.keys:
        return [("api_key", "Not needed: the API has no key")]
    first, *others = api.keys
    basic = ", a user name and a password as `name:password`" if first.is_basic else ""
    texts = [("api_key", f"The key{basic}; by default that of the environment variable {prefix}_API_KEY")]
    if others:
        forms = {True: ", name:password", False: ""}
        listed = ", ".join(
            f"{python_code.literal(key.name)} ({prefix}_{key.variable}{forms[key.is_basic]})"
            for key in others
        )
        texts.append(("credentials", f"The other keys by name, with their environment variables: {listed}"))
    return texts


def default_base_url(api: ir.Api) -> str | None:
    """The first server, if it is an absolute address."""
    url = api.servers[0].url if api.servers else ""
    return url if url.startswith(("http://", "https://")) else None
