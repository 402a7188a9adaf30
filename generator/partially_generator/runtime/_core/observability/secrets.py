"""Keeps secrets out of the variables of frames, which crash reporters send with each error.

A crash reporter reads the variables of every frame that an error passes. It walks into tuples, lists,
mappings, slots and `__dict__`, and it does not ask a tuple for its `repr`. Two things keep secrets away from
it. Values that frames hold for long are `Hidden`. Functions that need them in the clear are called by
`sealed`, and an error leaves those without their frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from ...errors import SdkError

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

HIDDEN = "[hidden]"
"""What is shown instead of a secret."""

_LIBRARIES = frozenset(
    {__name__.partition(".")[0], "httpx2", "httpcore2", "h11", "h2", "anyio", "trio", "aiohttp"}
)
"""Packages whose frames hold requests with their headers. None of them is code of the user."""


class Hidden(Generic[T]):
    """Holds a value. No `repr`, no `vars`, and no walk through containers, slots and attributes shows it."""

    __slots__ = ("_open",)

    def __init__(self, value: T) -> None:
        self._open: Callable[[], T] = lambda: value

    def reveal(self) -> T:
        """The value. Keep it in frames that raise no error."""
        return self._open()

    def __repr__(self) -> str:
        return HIDDEN

    def __copy__(self) -> Hidden[T]:
        return self

    def __deepcopy__(self, _: Any) -> Hidden[T]:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("a secret cannot be pickled")


Secrets = Hidden[tuple[str, ...]]
"""Texts that must not be shown."""

NO_SECRETS: Secrets = Hidden(())


def sealed(function: Callable[..., T], *arguments: Any) -> T:
    """The result of a function whose frames may hold secrets. Its errors leave without those frames.

    Args:
        function: The function.
        arguments: Its arguments, with the secrets in them hidden.
    """
    try:
        return function(*arguments)
    except Exception as error:
        found = without_frames(error)
    raise found


def without_frames(error: E) -> E:
    """The error without the frames of the client and of HTTP libraries; those of the user's code stay."""
    if isinstance(error, SdkError) or not isinstance(error, Exception):
        # Its message says everything. What caused it may hold the value that could not be sent.
        error.__traceback__ = error.__context__ = None
        if isinstance(error, SdkError):
            error.__cause__ = None
        return error
    for one in _chain(error):
        one.__traceback__ = _of_the_user(one.__traceback__)
    return error


def presentable(error: BaseException, secrets: Secrets) -> BaseException | None:
    """The error of an HTTP library without frames and requests; None if it still shows a secret."""
    for one in _chain(error):
        one.__traceback__ = None
        if getattr(one, "request_info", None) is not None:
            return None  # holds all headers
        if "_request" in vars(one):
            vars(one)["_request"] = None
    shown = " ".join(f"{one!r} {vars(one)!r}" for one in _chain(error))
    return None if any(secret in shown for secret in secrets.reveal()) else error


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all errors that led to it."""
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [cause for cause in (one.__cause__, one.__context__) if cause is not None]
            left += one.exceptions if isinstance(one, BaseExceptionGroup) else ()


def _of_the_user(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and _package(trace) in _LIBRARIES:
        trace = trace.tb_next
    return trace


def _package(trace: TracebackType) -> str:
    return str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
