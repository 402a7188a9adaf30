"""Whatever comes back, or does not: one of the documented errors."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

import partially_client as pc

TREE = {
    400: pc.BadRequestError,
    401: pc.AuthenticationError,
    403: pc.PermissionDeniedError,
    404: pc.NotFoundError,
    409: pc.ConflictError,
    422: pc.UnprocessableEntityError,
    429: pc.RateLimitError,
    500: pc.InternalServerError,
    503: pc.InternalServerError,
    599: pc.InternalServerError,
    999: pc.InternalServerError,
    418: pc.APIError,
    302: pc.APIError,
}


@pytest.mark.parametrize("status", TREE)
def test_a_status_has_its_error(call: Caller, status: int) -> None:
    body = {"message": "No luck", "errors": ["Email: can't be blank", 7]}
    with pytest.raises(pc.APIError) as raised:
        call(lambda _: httpx2.Response(status, json=body, headers={"X-Id": "7"}), "login_email", email="a")
    error = raised.value
    assert type(error) is TREE[status]
    assert (error.status_code, error.message, error.errors) == (
        status,
        "No luck",
        ["Email: can't be blank", 7],
    )
    assert error.response.headers["x-ID"] == "7"
    assert b"No luck" in error.response.content
    assert str(error) == f"{status}: No luck (Email: can't be blank; 7)"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad Gateway</html>",
        b'"text"',
        b"[1]",
        b"null",
        b"{}",
        b'{"message": 7}',
        b"\xff",
        b'{"mess',
    ],
)
def test_an_error_without_a_message_says_its_status(call: Caller, body: bytes) -> None:
    with pytest.raises(pc.InternalServerError) as raised:
        call(lambda _: httpx2.Response(500, content=body), "login_email", email="a")
    assert str(raised.value) == "500: Internal Server Error"
    assert raised.value.errors == []
    assert raised.value.response.content == body


def test_a_redirect_is_never_followed(call: Caller) -> None:
    with pytest.raises(pc.APIError, match="sent a redirect"):
        call(lambda _: httpx2.Response(302, headers={"Location": "https://evil.test/"}), "get", "a")
    assert len(call.requests) == 1


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (b"", "$", "empty"),
        (b" \n", "$", "empty"),
        (b"<html>", "$", "malformed"),
        (b'{"id": "1"', "$", "truncated"),
        (b"{}", "$", "missing required field"),
        (b"[]", "$", "Expected `object`, got `array`"),
        (b"null", "$", "Expected `object`, got `null`"),
        (b"\xff\xfe", "$", "Expected JSON in UTF-8, got other bytes from position 0 on"),
        (b'{"x":' * 100_000, "$", "nested too deeply"),
        ({"phone": 42}, "$.phone", "Expected `str | null`, got `int`"),
        ({"id": ""}, "$.id", "length >= 1"),
        ({"id": None}, "$.id", "got `null`"),
        ({"inserted_at": "yesterday"}, "$.inserted_at", "datetime"),
        ({"inserted_at": "2018-11-27T20:10:19Z"}, "$.inserted_at", "no timezone"),
    ],
)
def test_a_body_that_is_not_what_was_described(
    call: Caller, customer: dict[str, Any], body: Any, path: str, said: str
) -> None:
    answer = {"content": body} if isinstance(body, bytes) else {"json": {**customer, **body}}
    with pytest.raises(pc.ResponseValidationError) as raised:
        call(lambda _: httpx2.Response(200, **answer), "get", "a")
    assert raised.value.path == path
    assert said in raised.value.message
    assert raised.value.response.status_code == 200


def test_the_path_of_a_fault_inside_a_list(call: Caller, page: Any, customer: dict[str, Any]) -> None:
    body = page(1, [], customers=[customer, {**customer, "phone": 7}])
    with pytest.raises(pc.ResponseValidationError) as raised:
        call(lambda _: httpx2.Response(200, json=body), "list")
    assert raised.value.path == "$.customers[1].phone"
    assert "$.customers[1].phone" in str(raised.value)


def test_an_undocumented_success_is_checked_like_any(call: Caller, customer: dict[str, Any]) -> None:
    assert call(lambda _: httpx2.Response(206, json=customer), "get", "a").email == customer["email"]
    with pytest.raises(pc.ResponseValidationError):
        call(lambda _: httpx2.Response(204), "get", "a")


def test_a_body_that_cannot_be_decompressed(call: Caller) -> None:
    def broken(status: int) -> httpx2.Response:
        return httpx2.Response(status, headers={"Content-Encoding": "gzip"}, stream=Chunks(b"no gzip at all"))

    with pytest.raises(pc.ResponseValidationError, match="decompressing"):
        call(lambda _: broken(200), "get", "a")
    with pytest.raises(pc.NotFoundError):
        call(lambda _: broken(404), "get", "a")


class Chunks(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that both transports can read, which may break off."""

    def __init__(self, content: bytes, fault: Exception | None = None) -> None:
        self.content = content
        self.fault = fault

    def __iter__(self) -> Any:
        yield self.content
        if self.fault is not None:
            raise self.fault

    async def __aiter__(self) -> Any:
        for chunk in self:
            yield chunk


@pytest.mark.parametrize(
    ("fault", "kind", "maybe_sent"),
    [
        (httpx2.ConnectError("refused"), pc.APIConnectionError, False),
        (httpx2.ConnectTimeout("slow"), pc.APITimeoutError, False),
        (httpx2.PoolTimeout("full"), pc.PoolTimeoutError, False),
        (httpx2.ReadTimeout("slow"), pc.APITimeoutError, True),
        (httpx2.WriteTimeout("slow"), pc.APITimeoutError, True),
        (httpx2.ReadError("reset"), pc.APIConnectionError, True),
        (httpx2.RemoteProtocolError("garbage"), pc.APIConnectionError, True),
        (httpx2.UnsupportedProtocol("ftp"), pc.APIConnectionError, False),
        (httpx2.InvalidURL("bad"), pc.APIConnectionError, False),
    ],
)
def test_a_connection_fault(
    faked: Caller, fault: Exception, kind: type[pc.APIConnectionError], maybe_sent: bool
) -> None:
    def server(_: httpx2.Request) -> httpx2.Response:
        raise fault

    with pytest.raises(pc.APIConnectionError) as raised:
        faked(server, "get", "a")
    assert type(raised.value) is kind
    assert raised.value.maybe_sent is maybe_sent
    assert str(raised.value).startswith("GET /customer/{id}: ")


def test_a_body_that_breaks_off(faked: Caller) -> None:
    fault = httpx2.RemoteProtocolError("peer closed connection")
    with pytest.raises(pc.APIConnectionError, match="peer closed"):
        faked(lambda _: httpx2.Response(200, stream=Chunks(b'{"id"', fault)), "login_email", email="a")
    assert len(faked.requests) == 1


def errors() -> list[pc.PartiallyError]:
    response = pc.Response(400, pc.Headers([("A", "1"), ("a", "2")]), b"body")
    return [
        pc.BadRequestError(400, "m", ["e"], response),
        pc.ResponseValidationError("m", "$.a", response),
        pc.APITimeoutError("m", False),
        pc.InvalidRequestError("m"),
        pc.ConfigurationError("m"),
    ]


@pytest.mark.parametrize("error", errors(), ids=lambda e: type(e).__name__)
def test_errors_can_be_copied_and_pickled(error: pc.PartiallyError) -> None:
    for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        if isinstance(twin, pc.BadRequestError):
            assert twin.errors == ["e"]
            assert twin.response.headers == {"a": "1, 2"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"api_key": ""}, "No API key: pass api_key=... or set the environment variable PARTIALLY_API_KEY"),
        ({"api_key": "two words"}, "character"),
        ({"api_key": "k\r\nX: y"}, "character"),
        ({"base_url": "partial.ly/api"}, "base_url: expected an address"),
        ({"base_url": "ftp://x"}, "base_url: expected"),
        ({"base_url": "https://user:pw@x"}, "user name or password"),
        ({"base_url": "https://x/?a=b"}, "without a query"),
        ({"base_url": "https://x:99999"}, "base_url: expected"),
        *(
            ({"base_url": f"https://{host}"}, "base_url: expected")
            for host in (
                "a..b",
                ".",
                "-a.test",
                "a-.test",
                "a" * 64,
                "a\\b",
                "%",
                "a,b",
                "{a}",
                "ü.test",
            )
        ),
        ({"base_url": "https://x/a b"}, "without blanks"),
        ({"base_url": "https://x/a\\b"}, "unusual characters"),
        ({"base_url": "https://x/%zz"}, "unusual characters"),
        ({"timeout": 0}, "timeout: expected a positive number of seconds, got 0"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": "5"}, "timeout: expected seconds as a number, got str"),
        ({"max_retries": -1}, "max_retries: expected a whole number from 0 on, got -1"),
        ({"extra_headers": {"a b": "c"}}, "not a valid header name"),
        ({"http_client": "both"}, "not both"),
        ({"on_request": "print"}, "on_request: expected a function, got str"),
        ({"extra_headers": {"Content-Length": "0"}}, "only the client can set it"),
    ],
)
def test_a_client_that_cannot_be(
    call: Caller, settings: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARTIALLY_API_KEY", raising=False)
    with pytest.raises(pc.ConfigurationError) as raised:
        call.use(lambda _: httpx2.Response(200), lambda client: client, **settings)
    assert said in str(raised.value)
    assert "pw@" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://my_api:8080",
        "http://127.0.0.1:1",
        "http://[::1]:1/x",
        "http://[fe80::1%25lo]",
        "https://a-b.test.",
    ],
)
def test_an_address_that_can_be(url: str) -> None:
    assert pc.Partially("key", f"{url}/").base_url == url


def test_an_error_that_was_raised_is_pickled_without_the_key(faked: Caller) -> None:
    with pytest.raises(pc.NotFoundError) as raised:
        faked(lambda _: httpx2.Response(404, json={}), "get", "a", extra_headers={"X-Copy": KEY})
    stored = pickle.dumps(raised.value)
    assert KEY.encode() not in stored
    twin = pickle.loads(stored)
    assert twin.response.request == raised.value.response.request
    assert twin.response.elapsed == raised.value.response.elapsed


@pytest.mark.parametrize("kind", [pc.Partially, pc.AsyncPartially])
def test_what_is_not_known_as_a_transport_is_not_ignored(kind: Any) -> None:
    for name in ("transport", "http_client"):
        with pytest.raises(
            pc.ConfigurationError, match=f"{name}: expected a httpx2.*, got a builtins.object"
        ):
            kind("key", **{name: object()})


def test_a_closed_client_says_so() -> None:
    client = pc.Partially("key", transport=httpx2.MockTransport(lambda _: httpx2.Response(200)))
    client.close()
    with pytest.raises(pc.ConfigurationError, match="closed"):
        client.customers.get("a")
