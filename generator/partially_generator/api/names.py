"""Python names for the names of an API, and names that a client reserves."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection

from partially_generator.runtime import errors as runtime_errors

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W_A-Z]+|[A-Z]+")

_LONGEST = 60
"""The most characters of a name. Longer names are cut, since they also become file names."""


def words(text: str) -> list[str]:
    """The words of a name in lower case: `listHTTPThings` and `list-http things` give the same three."""
    return [word.lower() for word in _WORD.findall(unicodedata.normalize("NFKC", text))]


def identifier(text: str, taken: Collection[str] = (), *, fallback: str = "value") -> str:
    """A name for a variable, an argument or an attribute.

    A keyword or a taken name gets an underscore at its end.
    """
    name = _settled("_".join(words(text))).strip("_") or fallback
    return _free(name if name.isidentifier() else f"{fallback}_{name}", taken)


def class_name(text: str, taken: Collection[str] = (), *, fallback: str = "Value") -> str:
    """A name for a class. Abbreviations keep their capitals, unless all of the text has them."""
    normal = unicodedata.normalize("NFKC", text)
    found = _WORD.findall(normal.lower() if normal.isupper() else normal)
    name = _settled("".join(word[0].upper() + word[1:] for word in found)) or fallback
    return _free(name if name.isidentifier() else f"{fallback}{name}", taken)


def free_class_name(text: str, taken: Collection[str]) -> str:
    """A unique name for a class: with a number at its end if it is taken."""
    wish = class_name(text)
    if wish not in taken:
        return wish
    number = 2
    while f"{wish}{number}" in taken:
        number += 1
    return f"{wish}{number}"


def is_model_key(wire: str) -> bool:
    """Whether msgspec accepts the text as the name of a field in JSON."""
    return not any(c in '"\\' or ord(c) < 0x20 for c in wire)


def _settled(name: str) -> str:
    """The name, short enough for a file, and unchanged by Python's own normalisation of names."""
    name = name[:_LONGEST]
    if unicodedata.normalize("NFKC", name) != name or (name and not f"_{name}".isidentifier()):
        name = name.encode("ascii", "ignore").decode()
    return name


def _free(name: str, taken: Collection[str]) -> str:
    while keyword.iskeyword(name) or name in taken:
        name += "_"
    return name


def method_name(operation_id: str, tag: str, taken: Collection[str] = ()) -> str:
    """The name of an operation within its resource: without the words of the tag, singular or plural."""
    own = {form for word in words(tag) for form in (word, singular(word), plural(word))}
    kept = [word for word in words(operation_id) if word not in own]
    return identifier(" ".join(kept) or operation_id, taken, fallback="call")


def singular(word: str) -> str:
    """The singular of a regular English plural."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def plural(word: str) -> str:
    """The plural of a regular English word."""
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


NEEDED_CLASSES = frozenset(
    {
        "Annotated",
        "Any",
        "Arguments",
        "AsyncBaseClient",
        "AsyncPage",
        "AsyncPager",
        "AsyncRequestHook",
        "AsyncResponseHook",
        "AsyncTransport",
        "CallOptions",
        "ClassVar",
        "Decimal",
        "File",
        "Headers",
        "Literal",
        "Mapping",
        "Meta",
        "Model",
        "Operation",
        "Paging",
        "Product",
        "RawResponse",
        "RequestInfo",
        "Response",
        "Sequence",
        "SyncBaseClient",
        "SyncPage",
        "SyncRequestHook",
        "SyncResponseHook",
        "SyncTransport",
        "Timeout",
        "TypeAlias",
        "UUID",
        "UnsetType",
    }
)
"""Names that generated modules use for themselves."""

RESERVED_CLASSES = NEEDED_CLASSES | frozenset(runtime_errors.__all__)
"""Names that no model can have."""
