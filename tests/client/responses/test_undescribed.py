"""What a server sends beyond the description is kept, and odd values in it are no trap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx2
import pytest

from partially_client import Message, ResponseValidationError


def sent(call: Any, extra: bytes) -> Any:
    """The message that comes back when a field `x` is sent with this JSON text."""
    body = b'{"message": "Token sent", "x": ' + extra + b"}"
    return call(lambda _: httpx2.Response(200, content=body), "login_email", email="a@b.co")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e999", Decimal("1e999")),
        ("-1e999", Decimal("-1e999")),
        ("9" * 5000, Decimal("9" * 5000)),
        ("[1, 2.5, 1e999]", [1, 2.5, Decimal("1e999")]),
        ("12345678901234567890123", 12345678901234567890123),
    ],
    ids=["large", "small", "long", "nested", "beyond 64 bits"],
)
def test_a_number_beyond_those_of_python_is_kept_as_a_decimal(call: Any, text: str, value: Any) -> None:
    message = sent(call, text.encode())
    assert isinstance(message, Message)
    assert message.extra == {"x": value}
    assert message.to_dict() == {"message": "Token sent", "x": value}


def test_bytes_that_are_no_text_are_refused_wherever_they_are(call: Any) -> None:
    with pytest.raises(ResponseValidationError, match="UTF-8"):
        sent(call, b'"\xff"')
