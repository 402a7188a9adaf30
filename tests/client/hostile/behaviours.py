"""A list of hostile servers: what each sends, and how a call of the client has to end.

A behaviour is the same for all forms of the client, and so is its end.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import partially_client as pc

LIMIT = 200_000
"""The largest body that the client of these tests takes, in bytes."""

SILENCE, WHOLE = 0.6, 1.5
"""Its timeouts, in seconds: for the next part of a response, and for a whole try."""

CUSTOMER: dict[str, Any] = {
    "id": "53479e98-27a9-49e2-856c-bf47d0796ffc",
    "email": "testing@aol.com",
    "first_name": "John",
    "last_name": "Doe",
    "phone": None,
    "timezone": "America/New_York",
    "shipto_name": None,
    "shipto_address": None,
    "shipto_address2": None,
    "shipto_city": None,
    "shipto_state": None,
    "shipto_country": "US",
    "shipto_postal_code": None,
    "inserted_at": "2018-11-27T20:10:19.437168",
}
JSON = json.dumps(CUSTOMER).encode()

OK = pc.Customer
"""The end of a call that succeeds."""


@dataclass(frozen=True)
class Behaviour:
    """What a server does with a request.

    Attributes:
        name: What it is.
        sends: The bytes it sends, one after the other; a number is a pause in seconds.
        ends: The type of the result or of the error.
        endless: What it then sends again and again.
        pause: Seconds between two of those.
        says: A part of the text of the error.
    """

    name: str
    sends: Sequence[bytes | float]
    ends: type
    endless: bytes = b""
    pause: float = 0.0
    says: str = ""


def head(status: int = 200, *lines: str, phrase: str = "Said", length: int | None = None) -> bytes:
    """The head of a response."""
    lines = (*lines, *(() if length is None else (f"Content-Length: {length}",)))
    return "\r\n".join([f"HTTP/1.1 {status} {phrase}", *lines, "", ""]).encode("latin-1")


def whole(body: bytes, status: int = 200, *lines: str) -> list[bytes | float]:
    """A whole response."""
    return [head(status, *lines, length=len(body)) + body]


def with_field(**fields: Any) -> bytes:
    """A customer with other fields."""
    return json.dumps({**CUSTOMER, **fields}).encode()


def chunked(*chunks: bytes) -> bytes:
    """A body in chunks, with its end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def raw_deflate(body: bytes) -> bytes:
    """Deflate without its frame, as some servers send it."""
    maker = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return maker.compress(body) + maker.flush()


GZIP, DEFLATE, CHUNKED = "Content-Encoding: gzip", "Content-Encoding: deflate", "Transfer-Encoding: chunked"
BOMB = gzip.compress(b" " * 20_000_000)
CONNECTION, LATE, LARGE = pc.APIConnectionError, pc.APITimeoutError, pc.ResponseTooLargeError
INVALID, SERVER, STATUS = pc.ResponseValidationError, pc.InternalServerError, pc.APIError


def _connections() -> Iterator[Behaviour]:
    yield Behaviour("ends at once", [], CONNECTION)
    yield Behaviour("ends after half a status line", [b"HTTP/1.1 20"], CONNECTION)
    yield Behaviour("ends within a header", [b"HTTP/1.1 200 OK\r\nContent-Le"], CONNECTION)
    yield Behaviour("ends before its body", [head(length=500)], CONNECTION)
    yield Behaviour("ends within its body", [head(length=500), JSON[:40]], CONNECTION)
    yield Behaviour("ends within a chunk", [head(200, CHUNKED), b"ff\r\nabc"], CONNECTION)
    yield Behaviour("ends between two chunks", [head(200, CHUNKED), b"3\r\nabc\r\n"], CONNECTION)
    yield Behaviour("never says anything", [9.0], LATE)
    yield Behaviour("stops within its head", [b"HTTP/1.1 200 OK\r\nA: b", 9.0], LATE)
    yield Behaviour("stops before its body", [head(length=500), 9.0], LATE, says="cut off")
    yield Behaviour("stops within its body", [head(length=500), b"{", 9.0], LATE, says="cut off")
    yield Behaviour("stops within a chunk", [head(200, CHUNKED), b"ff\r\nabc", 9.0], LATE)
    yield Behaviour("stops after a last chunk", [head(200, CHUNKED), b"0\r\n", 9.0], LATE)
    yield Behaviour("drips a status line", [b"HTTP/1.1 200 "], LATE, b"a", 0.2)
    yield Behaviour("drips a header", [b"HTTP/1.1 200 OK\r\nA: "], LATE, b"b", 0.2)
    yield Behaviour("drips headers", [b"HTTP/1.1 200 OK\r\n"], LATE, b"A: b\r\n", 0.2)
    yield Behaviour("drips its body", [head(length=10_000)], LATE, b"{", 0.2, says="longer than 1.5 s")
    yield Behaviour("drips a body without a length", [head()], LATE, b" ", 0.2)
    yield Behaviour("drips chunks", [head(200, CHUNKED)], LATE, b"1\r\n \r\n", 0.2)
    yield Behaviour("drips a size of a chunk", [head(200, CHUNKED)], LATE, b"0", 0.4)
    yield Behaviour("drips the body of an error", [head(500, length=10_000)], LATE, b"{", 0.2)


def _interim() -> Iterator[Behaviour]:
    yield Behaviour("one 103", [head(103, "Link: </a>"), *whole(JSON)], OK)
    yield Behaviour("one 100", [head(100), *whole(JSON)], OK)
    yield Behaviour("twenty 102", [head(102) * 20, *whole(JSON)], OK)
    yield Behaviour("endless 100", [], CONNECTION, head(100) * 50, says="interim")
    yield Behaviour("endless 103", [], CONNECTION, head(103, "Link: </a>") * 50, says="interim")
    yield Behaviour("drips 102", [], LATE, head(102), 0.2)
    yield Behaviour("ends after a 100", [head(100)], CONNECTION)
    yield Behaviour("stops after a 103", [head(103), 9.0], LATE)


def _sizes() -> Iterator[Behaviour]:
    large = b" " * (LIMIT + 1)
    yield Behaviour("a body of the limit", whole(JSON + b" " * (LIMIT - len(JSON))), OK)
    yield Behaviour("a body above the limit", whole(large), LARGE, says="200000 bytes")
    yield Behaviour("an endless body", [head()], LARGE, large)
    yield Behaviour("endless chunks", [head(200, CHUNKED)], LARGE, b"1000\r\n" + b" " * 4096 + b"\r\n")
    yield Behaviour("a length of 9 EB", [head(length=9 * 10**18)], LARGE, large)
    yield Behaviour("an error above the limit", whole(large, 500), LARGE)
    yield Behaviour("a bomb of gzip", whole(BOMB, 200, GZIP), LARGE)
    yield Behaviour("a bomb in an error", whole(BOMB, 503, GZIP), LARGE)
    yield Behaviour("a bomb of deflate", whole(zlib.compress(b" " * 20_000_000), 200, DEFLATE), LARGE)
    twice = gzip.compress(BOMB)
    yield Behaviour("a bomb in a bomb", whole(twice, 200, "Content-Encoding: gzip, gzip"), LARGE)
    members = gzip.compress(b" " * 1000) * 300
    yield Behaviour("a bomb of many members", whole(members, 200, GZIP), LARGE)
    yield Behaviour("a header of 1 MB", [b"HTTP/1.1 200 OK\r\nA: " + b"b" * 1_000_000], CONNECTION)
    yield Behaviour("endless headers", [b"HTTP/1.1 200 OK\r\n"], CONNECTION, b"A: b\r\n" * 1000)
    yield Behaviour("an endless header", [b"HTTP/1.1 200 OK\r\nA: "], CONNECTION, b"b" * 10_000)
    yield Behaviour("an endless status line", [b"HTTP/1.1 200 "], CONNECTION, b"b" * 10_000)


def _encodings() -> Iterator[Behaviour]:
    packed = gzip.compress(JSON)
    half = len(JSON) // 2
    yield Behaviour("gzip", whole(packed, 200, GZIP), OK)
    yield Behaviour("gzip in capitals", whole(packed, 200, "Content-Encoding: GZip"), OK)
    yield Behaviour("x-gzip", whole(packed, 200, "Content-Encoding: x-gzip"), OK)
    yield Behaviour(
        "gzip byte by byte",
        [head(200, GZIP, CHUNKED), chunked(*[packed[i : i + 1] for i in range(len(packed))])],
        OK,
    )
    yield Behaviour(
        "gzip in two members", whole(gzip.compress(JSON[:half]) + gzip.compress(JSON[half:]), 200, GZIP), OK
    )
    yield Behaviour("gzip with padding", whole(packed + b"\0" * 20, 200, GZIP), OK)
    yield Behaviour("gzip with something behind it", whole(packed + b"more", 200, GZIP), INVALID)
    yield Behaviour("gzip without its trailer", whole(packed[:-8], 200, GZIP), INVALID, says="incomplete")
    yield Behaviour("gzip with half a trailer", whole(packed[:-3], 200, GZIP), INVALID, says="incomplete")
    yield Behaviour("gzip with a wrong sum", whole(packed[:-8] + b"\1" * 8, 200, GZIP), INVALID)
    yield Behaviour("gzip that is cut off", whole(packed[:30], 200, GZIP), INVALID, says="incomplete")
    yield Behaviour("gzip that is none", whole(JSON, 200, GZIP), INVALID, says="decompressing")
    yield Behaviour("gzip that is none, in an error", whole(JSON, 500, GZIP), SERVER)
    yield Behaviour("gzip of nothing", whole(gzip.compress(b""), 200, GZIP), INVALID, says="empty")
    yield Behaviour("gzip without a body", whole(b"", 200, GZIP), INVALID, says="empty")
    yield Behaviour("gzip twice", whole(gzip.compress(packed), 200, "Content-Encoding: gzip, gzip"), OK)
    yield Behaviour(
        "gzip ten times", whole(packed, 200, "Content-Encoding: " + ", ".join(["gzip"] * 10)), INVALID
    )
    yield Behaviour("deflate", whole(zlib.compress(JSON), 200, DEFLATE), OK)
    yield Behaviour("deflate without its frame", whole(raw_deflate(JSON), 200, DEFLATE), OK)
    yield Behaviour("deflate that is cut off", whole(zlib.compress(JSON)[:30], 200, DEFLATE), INVALID)
    yield Behaviour("deflate that is none", whole(b"\xff" * 50, 200, DEFLATE), INVALID)
    yield Behaviour("identity", whole(JSON, 200, "Content-Encoding: identity"), OK)
    yield Behaviour("br", whole(b"\x8b\x05\x80{}\x03", 200, "Content-Encoding: br"), INVALID, says="'br'")
    yield Behaviour("zstd", whole(b"\x28\xb5\x2f\xfd", 200, "Content-Encoding: zstd"), INVALID, says="'zstd'")
    yield Behaviour("an unknown encoding", whole(JSON, 200, "Content-Encoding: rot13"), INVALID, says="rot13")
    yield Behaviour(
        "an unknown encoding of an error", whole(JSON, 404, "Content-Encoding: br"), pc.NotFoundError
    )


def _heads() -> Iterator[Behaviour]:
    yield Behaviour("no HTTP", [b"SSH-2.0-OpenSSH_9.6\r\n"], CONNECTION)
    yield Behaviour("binary garbage", [bytes(range(256)) * 4], CONNECTION)
    yield Behaviour("HTTP/9.9", [b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"], CONNECTION)
    yield Behaviour("a status of letters", [b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"], CONNECTION)
    yield Behaviour("a status of two digits", [b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"], CONNECTION)
    yield Behaviour("a header without a colon", [b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"], CONNECTION)
    yield Behaviour("a negative length", [b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"], CONNECTION)
    yield Behaviour("a length of letters", [b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"], CONNECTION)
    yield Behaviour(
        "two lengths", [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"], CONNECTION
    )
    yield Behaviour("a chunk of a size that is none", [head(200, CHUNKED), b"xyz\r\n{}\r\n"], CONNECTION)
    yield Behaviour("a body without a length", [head(), JSON], OK)
    yield Behaviour("HTTP/1.0", [b"HTTP/1.0 200 OK\r\n\r\n" + JSON], OK)
    yield Behaviour("no phrase", [b"HTTP/1.1 200\r\nContent-Length: %d\r\n\r\n" % len(JSON) + JSON], OK)
    yield Behaviour("another media type", whole(JSON, 200, "Content-Type: image/png"), OK)
    yield Behaviour(
        "an upgrade that nobody asked for", [head(101, "Upgrade: x", "Connection: upgrade")], CONNECTION
    )
    yield Behaviour(
        "a redirect to itself", whole(b"", 307, "Location: /v1/customer/a"), STATUS, says="redirect"
    )
    yield Behaviour("a redirect to nowhere", whole(b"", 302, "Location: \\\\"), STATUS)
    yield Behaviour("a status of 999", whole(JSON, 999), SERVER)
    yield Behaviour("a 204", [head(204)], INVALID, says="empty")
    yield Behaviour("a 304", [head(304)], STATUS)
    yield Behaviour("a Retry-After of a year", whole(b"", 503, "Retry-After: 31536000"), SERVER)
    yield Behaviour("a Retry-After of nonsense", whole(b"", 503, "Retry-After: soon"), SERVER)
    yield Behaviour("a cookie of nonsense", whole(JSON, 200, "Set-Cookie: ;;==;\x01"), OK)


def _bodies() -> Iterator[Behaviour]:
    yield Behaviour("an empty body", whole(b""), INVALID, says="empty")
    yield Behaviour("blanks", whole(b" \n\t "), INVALID, says="empty")
    yield Behaviour("HTML", whole(b"<html>502</html>"), INVALID)
    yield Behaviour("half of the JSON", whole(JSON[:50]), INVALID)
    yield Behaviour("JSON twice", whole(JSON * 2), INVALID)
    yield Behaviour("a list", whole(b"[" + JSON + b"]"), INVALID)
    yield Behaviour("null", whole(b"null"), INVALID)
    yield Behaviour("a byte order mark", whole(b"\xef\xbb\xbf" + JSON), INVALID)
    yield Behaviour("UTF-16", whole(JSON.decode().encode("utf-16")), INVALID)
    yield Behaviour("Latin-1", whole(with_field(first_name="X").replace(b"X", b"\xe9")), INVALID)
    yield Behaviour("NaN", whole(with_field(more=float("nan"))), INVALID)
    yield Behaviour("Infinity", whole(with_field(more=float("inf"))), INVALID)
    yield Behaviour("a lone surrogate in an unknown field", whole(with_field(more="\ud800")), OK)
    yield Behaviour("a lone surrogate in a known field", whole(with_field(phone="\ud800")), INVALID)
    yield Behaviour("a zero byte in a text", whole(with_field(phone="a\0b")), OK)
    yield Behaviour("a field twice", whole(JSON[:-1] + b', "phone": "1"}'), OK)
    yield Behaviour("nested too deeply", whole(b'{"x":' * 30_000), INVALID, says="deeply")
    yield Behaviour(
        "nested too deeply, unknown",
        whole(JSON[:-1] + b', "x": ' + b"[" * 90_000 + b"]" * 90_000 + b"}"),
        INVALID,
    )
    yield Behaviour("a number of 50000 digits", whole(JSON[:-1] + b', "x": ' + b"9" * 50_000 + b"}"), OK)
    yield Behaviour("1e999", whole(JSON[:-1] + b', "x": 1e999}'), OK)
    yield Behaviour("a wrong type", whole(with_field(phone=7)), INVALID, says="$.phone")
    yield Behaviour("a missing field", whole(b'{"id": "a"}'), INVALID)
    yield Behaviour("an error that is nested too deeply", whole(b'{"x":' * 30_000, 400), pc.BadRequestError)
    yield Behaviour("an error of bytes", whole(bytes(range(128, 256)), 422), pc.UnprocessableEntityError)
    yield Behaviour("an error of a list", whole(b"[1, 2]", 409), pc.ConflictError)
    yield Behaviour(
        "an error with control characters", whole(b'{"message": "a\\nb\\u001b[31m"}', 400), pc.BadRequestError
    )
    yield Behaviour(
        "an error of 100 KB", whole(b'{"message": "' + b"x" * 100_000 + b'"}', 400), pc.BadRequestError
    )
    yield Behaviour(
        "errors of numbers", whole(b'{"message": "m", "errors": [1, {"a": 2}]}', 400), pc.BadRequestError
    )


BEHAVIOURS = [
    *_connections(),
    *_interim(),
    *_sizes(),
    *_encodings(),
    *_heads(),
    *_bodies(),
]
