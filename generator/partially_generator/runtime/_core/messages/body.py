"""Collects the body of a response: decompressed, within a limit, and held once."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
"""How zlib is told which frame to expect."""

_PIECE = 256 * 1024
"""The most bytes that one step of decompression returns."""

_MOST_CODINGS = 4
"""A body that is compressed more often is refused: nobody sends one in good faith."""


class TooLargeError(Exception):
    """The body is larger than the limit."""


class UnreadableError(Exception):
    """The body cannot be decompressed."""


class Body:
    """A body that arrives in parts."""

    __slots__ = ("_decoders", "_first", "_left", "_limit", "_more", "fault")

    def __init__(self, coding: str, limit: int | None) -> None:
        """Begin a body.

        Args:
            coding: The header `Content-Encoding`; empty if there is none.
            limit: The largest size in bytes, compressed and decompressed; None for no limit.
        """
        self.fault = ""
        self._limit = limit
        self._left = limit
        self._first = b""
        self._more: io.BytesIO | None = None
        self._decoders = self._chosen(coding) if coding else ()

    def _chosen(self, coding: str) -> tuple[_Inflated, ...]:
        names = [name for part in coding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
        unknown = [name for name in names if name not in _WINDOWS]
        if unknown or len(names) > _MOST_CODINGS:
            said = f"it is encoded as {coding[:40]!r}, which was not requested"
            self.fault = f"Expected a readable body, but {said}"
            return ()
        return tuple(_Inflated(_WINDOWS[name]) for name in reversed(names))

    def add(self, part: bytes) -> None:
        """Add a part as it arrived.

        Raises:
            TooLargeError: The body is larger than the limit.
        """
        if not self._decoders:
            self._keep(part)
            return
        if self._left is not None:
            self._left -= len(part)
            if self._left < 0:
                raise TooLargeError
        if not self.fault:
            try:
                for piece in _piped(self._decoders, part):
                    self._keep(piece)
            except UnreadableError as error:
                self._fail(error)

    def end(self) -> None:
        """Note that the body is complete."""
        try:
            for decoder in self._decoders if not self.fault else ():
                decoder.end()
        except UnreadableError as error:
            self._fail(error)

    def _fail(self, error: UnreadableError) -> None:
        self.fault = f"Expected a readable body, but decompressing it failed: {error}"

    def _keep(self, piece: bytes) -> None:
        if not self._first and self._more is None:
            self._first = piece  # most bodies are one piece, which is not copied
        else:
            if self._more is None:
                # Its value is not copied either, unlike that of a bytearray.
                self._more = io.BytesIO()
                self._more.write(self._first)
                self._first = b""
            self._more.write(piece)
        if self._limit is not None and self.size > self._limit:
            raise TooLargeError

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        return len(self._first) if self._more is None else self._more.tell()

    def content(self, most: int | None = None) -> bytes:
        """The body as far as it arrived; at most the first `most` bytes of it."""
        content = self._first if self._more is None else self._more.getvalue()
        return content if most is None else content[:most]


def _piped(decoders: tuple[_Inflated, ...], part: bytes) -> Iterator[bytes]:
    first, *others = decoders
    for piece in first.decoded(part):
        if others:
            yield from _piped(tuple(others), piece)
        else:
            yield piece


class _Inflated:
    """Decompresses gzip or deflate in pieces of a bounded size."""

    __slots__ = ("_any", "_is_first", "_window", "_zlib")

    def __init__(self, window: int) -> None:
        self._window = window
        self._zlib = zlib.decompressobj(window)
        self._is_first = True
        self._any = False

    def decoded(self, part: bytes) -> Iterator[bytes]:
        left = part
        while left:
            if self._zlib.eof:
                left = left.lstrip(b"\0")  # padding between members or at the end
                if not left:
                    return
                if self._window != _WINDOWS["gzip"]:
                    raise UnreadableError("data follows its end")
                self._zlib = zlib.decompressobj(self._window)
            piece = self._step(left)
            self._is_first, self._any = False, True
            left = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
            if piece:
                yield piece
        while not self._zlib.eof and (piece := self._step(b"")):
            yield piece

    def _step(self, data: bytes) -> bytes:
        try:
            return self._zlib.decompress(data, _PIECE)
        except zlib.error as error:
            if self._is_first and self._window == zlib.MAX_WBITS:
                # Some servers send deflate without the frame that the standard asks for.
                self._window, self._is_first = -zlib.MAX_WBITS, False
                self._zlib = zlib.decompressobj(self._window)
                return self._step(data)
            raise UnreadableError(str(error)) from None

    def end(self) -> None:
        if self._any and not self._zlib.eof:
            raise UnreadableError("it is incomplete")
