"""Faults of HTTP: requests in other framings that are read wrongly, and malformed ones that are accepted."""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Iterator, Sequence
from typing import Any

from starlette.requests import Request

from partially_conformance.selftest.overlays.fronts import BadRequest, Field, Front
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.bodies import Bodies

# -- bodies in chunks --------------------------------------------------------------------


@fault("HTTP-15", says="An update in chunks is read as an empty object, and answered with 200.")
class ChunksReadAsNothing(Bodies):
    async def read(self, request: Request) -> dict[str, Any]:
        return {} if "transfer-encoding" in request.headers else await super().read(request)


@fault("HTTP-15", "HTTP-16", says="A request without Content-Length is answered with 500.")
class LengthTakenForGranted(Bodies):
    async def read(self, request: Request) -> dict[str, Any]:
        if int(request.headers["content-length"]) > self.max_bytes:
            raise OverflowError("too large")
        return await super().read(request)


@fault("HTTP-15", says="The fields of a trailer replace what is in the body of a create or an update.")
class TrailerReplacesFields(Front):
    def chunks(self, reader: io.BufferedReader) -> Iterator[bytes]:
        content = b"".join(self.content(reader))
        trailer = b"".join(iter(reader.readline, b"\r\n"))
        yield re.sub(rb'"first_name": "[^"]*"', b'"first_name": "yes"', content) if trailer else content

    def content(self, reader: io.BufferedReader) -> Iterator[bytes]:
        while size := self.size(reader.readline(65536).rstrip(b"\r\n").partition(b";")[0]):
            yield self.exactly(reader, size)
            reader.readline()


@fault("HTTP-16", says="Only the first chunk of a body is read.")
class FirstChunkOnly(Front):
    def chunks(self, reader: io.BufferedReader) -> Iterator[bytes]:
        yield from list(super().chunks(reader))[:1]


@fault("HTTP-16", says="The sizes of chunks are read as decimal numbers.")
class DecimalSizes(Front):
    def size(self, text: bytes) -> int:
        if not text.isdigit():
            raise BadRequest("The size of a chunk is malformed")
        return int(text)


@fault("HTTP-16", says="A chunk with an extension is refused.")
class ExtensionsUnknown(Front):
    def chunks(self, reader: io.BufferedReader) -> Iterator[bytes]:
        if b";" in reader.peek(16)[:16]:
            raise BadRequest("The size of a chunk is malformed")
        return super().chunks(reader)


# -- other framings ----------------------------------------------------------------------


@fault("HTTP-17", says="The names of headers are compared with their case.")
class HeadersInOneCase(Front):
    def values(self, fields: Sequence[Field], name: str) -> list[str]:
        return [value for one, value in fields if one == name.title()]


@fault("HTTP-17", says="Tabs around the value of a header are kept.")
class TabsKept(Front):
    def fields(self, reader: io.BufferedReader) -> list[Field]:
        fields: list[Field] = []
        while (line := reader.readline(65536)) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").rstrip("\r\n").partition(":")
            if not self.is_name(name):
                raise BadRequest("A header is malformed")
            fields.append((name, value.strip(" ")))
        return fields


@fault("HTTP-17", says="Header lines without a space after the colon are ignored.")
class ColonsNeedSpaces(Front):
    def fields(self, reader: io.BufferedReader) -> list[Field]:
        fields: list[Field] = []
        while (line := reader.readline(65536)) not in (b"\r\n", b""):
            name, found, value = line.decode("latin-1").rstrip("\r\n").partition(": ")
            if found and not self.is_name(name):
                raise BadRequest("A header is malformed")
            fields += [(name, value.strip(" \t"))] if found else []
        return fields


@fault("HTTP-17", says="A length with leading zeros is refused.")
class ZerosRefused(Front):
    def length(self, values: Sequence[str]) -> int:
        if values and values[0].startswith("0") and values[0] != "0":
            raise BadRequest("Content-Length is malformed")
        return super().length(values)


@fault("HTTP-17", says="A request whose target is a whole URL is answered with 404.")
class PathsOnly(Front):
    def target(self, target: str) -> str:
        return f"/{target}" if "://" in target else target


@fault("HTTP-17", says="A request in HTTP/1.0 is refused.")
class NewestVersionOnly(Front):
    def request_line(self, line: str) -> tuple[str, str, str]:
        if line.endswith("1.0"):
            raise BadRequest("HTTP/1.1 is needed")
        return super().request_line(line)


@fault("HTTP-17", says="A request with `Expect: 100-continue` is refused.")
class ExpectationRefused(Front):
    def expects_continue(self, fields: Sequence[Field]) -> bool:
        if super().expects_continue(fields):
            raise BadRequest("Nothing is to be expected")
        return False


@fault("HTTP-17", says="A connection stays open after a request with `Connection: close`.")
class NeverCloses(Front):
    def closes(self, fields: Sequence[Field]) -> bool:
        return False


# -- several requests on one connection --------------------------------------------------


@fault("HTTP-18", says="What was read together with a request, but comes after it, is thrown away.")
class ReadsAheadAndForgets(Front):
    def reader(self, connection: socket.socket, _before: io.BufferedReader) -> io.BufferedReader:
        return connection.makefile("rb")


@fault("HTTP-18", says="The body of a refused request is read as the next request.")
class RefusedBodiesAreLeft(Front):
    def body(self, reader: io.BufferedReader, fields: Sequence[Field]) -> bytes:
        return super().body(reader, fields) if self.values(fields, "authorization") else b""


# -- malformed framings ------------------------------------------------------------------


@fault("HTTP-19", says="Of two lengths the last one counts.")
class LastLengthCounts(Front):
    def length(self, values: Sequence[str]) -> int:
        return super().length(values[-1:])


@fault("HTTP-19", says="Of two lengths the first one counts.")
class FirstLengthCounts(Front):
    def length(self, values: Sequence[str]) -> int:
        return super().length(values[:1])


@fault("HTTP-19", says="A length with a sign is accepted.")
class SignedLengths(Front):
    def length(self, values: Sequence[str]) -> int:
        return super().length([value.removeprefix("+") for value in values])


@fault("HTTP-19", says="What follows the digits of a length is ignored.")
class DigitsOfTheLength(Front):
    def length(self, values: Sequence[str]) -> int:
        return super().length([re.match("[0-9]*", value)[0] for value in values])  # type: ignore[index]


@fault("HTTP-19", says="Blanks between the name of a header and the colon are ignored.")
class NamesTrimmed(Front):
    def is_name(self, name: str) -> bool:
        return super().is_name(name.strip())

    def name(self, name: str) -> str:
        return name.strip()


@fault("HTTP-19", says="A coding that is not known is ignored.")
class UnknownCodingsIgnored(Front):
    def body(self, reader: io.BufferedReader, fields: Sequence[Field]) -> bytes:
        if "chunked" in self.values(fields, "transfer-encoding"):
            return super().body(reader, fields)
        return self.exactly(reader, self.length(self.values(fields, "content-length")))


@fault("HTTP-19", says="A chunk whose size is malformed ends the body.")
class MalformedSizeEndsIt(Front):
    def size(self, text: bytes) -> int:
        try:
            return super().size(text)
        except BadRequest:
            return 0
