"""Reads request bodies as JSON objects."""

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
    """Accepts JSON with the content type of JSON, without a content type, or with that of a form.

    curl sends the `--data` of the published examples with the content type of a form, although it is
    JSON. A body that really is a form is refused.
    """

    max_bytes = 1024 * 1024
    """How many bytes a body may have."""

    max_depth = 100
    """How many levels of objects and arrays a body may have."""

    async def read(self, request: Request) -> dict[str, Any]:
        """The JSON object in the body of a request.

        Raises:
            UnsupportedBody: The body has another content type.
            BodyTooLarge: The body is too large.
            InvalidInput: The body is not a JSON object.
        """
        self.check_label(request)
        return self.parse(await self.content(request))

    def check_label(self, request: Request) -> None:
        """Refuse a body whose headers say that it is not plain JSON in UTF-8.

        Raises:
            UnsupportedBody: The headers say so.
        """
        encoding = request.headers.get("content-encoding", "identity")
        if encoding.strip().lower() not in {"", "identity"}:
            raise UnsupportedBody(f"Expected a body without Content-Encoding, got {encoding!r}")
        label = request.headers.get("content-type", "application/json")
        media_type, charset = _media_type_and_charset(label)
        if not self.is_json(media_type) or charset not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsupportedBody(f"Expected Content-Type application/json in UTF-8, got {label!r}")

    def is_json(self, media_type: str) -> bool:
        """Whether a body with this media type may contain JSON."""
        main, _, sub = media_type.partition("/")
        return media_type == "application/x-www-form-urlencoded" or (
            main == "application" and (sub == "json" or sub.endswith("+json"))
        )

    async def content(self, request: Request) -> bytes:
        """The bytes of the body.

        Raises:
            BodyTooLarge: There are too many.
        """
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > self.max_bytes:
                raise BodyTooLarge(f"Expected a body of at most {self.max_bytes} bytes")
        return bytes(content)

    def parse(self, content: bytes) -> dict[str, Any]:
        """The JSON object in the bytes of a body, read strictly as RFC 8259 says.

        Raises:
            InvalidInput: There is no JSON object, or JSON readers would not agree on its content.
        """
        try:
            value = _JSON.decode(content.decode("utf-8"))
            if b"\\u" in content:
                # Only an escape can write half a surrogate pair, and no encoding can store one.
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
        if content.count(b"[") + content.count(b"{") > self.max_depth:
            self.check_depth(value)
        return value

    def check_depth(self, value: Any) -> None:
        """Refuse a value that is nested too deeply.

        Raises:
            InvalidInput: It has more than `max_depth` levels.
        """
        level = [value]
        for _ in range(self.max_depth):
            containers = [one for one in level if isinstance(one, dict | list)]
            level = [
                inner for one in containers for inner in (one.values() if isinstance(one, dict) else one)
            ]
        if any(isinstance(one, dict | list) for one in level):
            raise InvalidInput(NOT_READ, ["Body: is nested too deeply"])


@lru_cache(maxsize=16)
def _media_type_and_charset(label: str) -> tuple[str, str]:
    """The media type and the charset in a Content-Type."""
    message = Message()
    message["Content-Type"] = label
    return message.get_content_type(), message.get_content_charset("utf-8")


def _object_without_duplicate_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidInput(NOT_READ, ["Body: contains a name twice in one object"])
    return value


def _finite_number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidInput(NOT_READ, [f"Body: contains the number {text[:20]}, which is too large"])
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(NOT_READ, [f"Body: is not JSON: {name} is no number"])


_JSON = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicate_names,
    parse_float=_finite_number,
    parse_constant=_refuse_constant,
)
