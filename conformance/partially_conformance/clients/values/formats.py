"""The formats of texts, by their names in OpenAPI."""

from __future__ import annotations

import base64
import datetime as dt
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

_ZONES = (
    dt.UTC,
    dt.timezone(dt.timedelta(hours=2)),
    dt.timezone(-dt.timedelta(hours=9, minutes=30)),
)
_FIRST, _LAST = dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)  # noqa: DTZ001 - a day from the limits: zones

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A format of texts.

    Attributes:
        texts: Generates texts of the format.
        holds: Whether a text has the format.
    """

    texts: st.SearchStrategy[str]
    holds: Callable[[str], bool]


def _moments(zones: tuple[dt.tzinfo | None, ...]) -> st.SearchStrategy[str]:
    times = st.datetimes(_FIRST, _LAST)
    digits = st.sampled_from((6, 0, 3))
    return st.builds(_moment, times, digits, st.sampled_from(zones))


def _moment(time: dt.datetime, digits: int, zone: dt.tzinfo | None) -> str:
    text = time.replace(tzinfo=zone).isoformat(
        timespec={6: "microseconds", 3: "milliseconds", 0: "seconds"}[digits]
    )
    return text.replace("+00:00", "Z")


def _is_moment(form: re.Pattern[str]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        return form.fullmatch(text) is not None and _parses(dt.datetime.fromisoformat, text)

    return holds


def _parses(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _is_uuid(text: str) -> bool:
    return _parses(uuid.UUID, text) and str(uuid.UUID(text)) == text.lower()


def _is_decimal(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and _parses(dt.date.fromisoformat, text)


def _some(*texts: str) -> TextFormat:
    """A format with these texts. It does not check other texts."""
    return TextFormat(st.sampled_from(texts), lambda _: True)


_WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)

FORMATS: dict[str, TextFormat] = {
    "uuid": TextFormat(st.uuids().map(str), _is_uuid),
    "date-time": TextFormat(_moments(_ZONES), _is_moment(_DATE_TIME)),
    "local-date-time": TextFormat(_moments((None,)), _is_moment(_LOCAL)),
    "date": TextFormat(st.dates().map(str), _is_date),
    "byte": TextFormat(
        st.binary(max_size=20).map(lambda content: base64.b64encode(content).decode()),
        lambda text: _parses(lambda one: base64.b64decode(one, validate=True), text),
    ),
    "email": TextFormat(st.builds("{}+{}@{}.example".format, _WORDS, _WORDS, _WORDS), lambda _: True),
    "decimal": TextFormat(
        st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9).map(
            str
        ),
        _is_decimal,
    ),
    "uri": _some("https://example.com/a?b=c#d", "urn:x:1"),
    "hostname": _some("example.com", "localhost"),
    "ipv4": _some("127.0.0.1", "10.0.0.255"),
    "ipv6": _some("::1", "2001:db8::7"),
    "time": _some("20:10:19Z", "00:00:00+01:00"),
    "duration": _some("P1D", "PT5M"),
}
"""The formats that a client may convert from text or refuse. A text of any other format is any text."""
