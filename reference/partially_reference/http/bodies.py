"""Reading request bodies as JSON objects."""

from __future__ import annotations

import json
import math
from email.message import Message
from functools import lru_cache
from typing import Any, NoReturn

from starlette.requests import Request

from partially_reference.http.refusals import BodyTooLarge, UnsupportedBody
from partially_reference.rules.refusals import InvalidInput

NOT_READ = "The body could not be read"


class Bodies:
    """Takes JSON labelled as JSON, not labelled, or labelled as a form.

    The last is how curl labels the `--data` of the published examples. What it holds is JSON all
    the same; a real form is refused.
    """

    largest = 1024 * 1024
    """Bytes a body may have."""

    deepest = 100
    """Levels of objects and arrays a body may have."""

    async def read(self, request: Request) -> dict[str, Any]:
        """The JSON object in the body of a request.

        Raises:
            UnsupportedBody: The body is labelled as something else.
            BodyTooLarge: It is too long.
            InvalidInput: It is no JSON object.
        """
        self.check_label(request)
        return self.parse(await self.content(request))

    def check_label(self, request: Request) -> None:
        """Refuse what is labelled as something else than JSON in UTF-8.

        Raises:
            UnsupportedBody: It is.
        """
        encoding = request.headers.get("content-encoding", "identity")
        if encoding.strip().lower() not in {"", "identity"}:
            raise UnsupportedBody(f"Expected a body without Content-Encoding, got {encoding!r}")
        label = request.headers.get("content-type", "application/json")
        media_type, charset = _parts(label)
        if not self.is_json(media_type) or charset not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsupportedBody(f"Expected Content-Type application/json in UTF-8, got {label!r}")

    def is_json(self, media_type: str) -> bool:
        """Whether a body with this label may hold JSON."""
        main, _, sub = media_type.partition("/")
        return media_type == "application/x-www-form-urlencoded" or (
            main == "application" and (sub == "json" or sub.endswith("+json"))
        )

    async def content(self, request: Request) -> bytes:
        """The body, as long as it is not too long.

        Raises:
            BodyTooLarge: It is.
        """
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > self.largest:
                raise BodyTooLarge(f"Expected a body of at most {self.largest} bytes")
        return bytes(content)

    def parse(self, content: bytes) -> dict[str, Any]:
        """The JSON object in some bytes, in the strict sense of RFC 8259.

        Raises:
            InvalidInput: They hold no JSON object, or one with a text or number no JSON reader agrees on.
        """
        try:
            value = _JSON.decode(content.decode("utf-8"))
            if b"\\u" in content:
                # The one way to write half a surrogate pair, which no encoding can store.
                json.dumps(value, ensure_ascii=False).encode("utf-8")
        except RecursionError:
            raise InvalidInput(NOT_READ, ["Body: is nested too deeply"]) from None
        except UnicodeEncodeError:
            raise InvalidInput(NOT_READ, ["Body: contains half a surrogate pair"]) from None
        except UnicodeDecodeError as error:
            raise InvalidInput(NOT_READ, [f"Body: is not UTF-8, at byte {error.start}"]) from None
        except json.JSONDecodeError as error:
            raise InvalidInput(NOT_READ, [f"Body: is not JSON: {error}"]) from None
        except ValueError:
            raise InvalidInput(NOT_READ, ["Body: contains a number that is too long"]) from None
        if not isinstance(value, dict):
            raise InvalidInput(NOT_READ, ["Body: must be a JSON object"])
        if content.count(b"[") + content.count(b"{") > self.deepest:
            self.check_depth(value)
        return value

    def check_depth(self, value: Any) -> None:
        """Refuse a value that is nested deeper than whatever reads it can follow.

        Raises:
            InvalidInput: It is.
        """
        level = [value]
        for _ in range(self.deepest):
            containers = [one for one in level if isinstance(one, dict | list)]
            level = [
                inner for one in containers for inner in (one.values() if isinstance(one, dict) else one)
            ]
        if any(isinstance(one, dict | list) for one in level):
            raise InvalidInput(NOT_READ, ["Body: is nested too deeply"])


@lru_cache(maxsize=16)
def _parts(label: str) -> tuple[str, str]:
    """The media type and the charset in a Content-Type."""
    message = Message()
    message["Content-Type"] = label
    return message.get_content_type(), message.get_content_charset("utf-8")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidInput(NOT_READ, ["Body: contains a name twice"])
    return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidInput(NOT_READ, [f"Body: contains the number {text[:20]}, which is too large"])
    return number


def _no_constant(name: str) -> NoReturn:
    raise InvalidInput(NOT_READ, [f"Body: is not JSON: {name} is no number"])


_JSON = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
