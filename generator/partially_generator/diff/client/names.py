"""The names of a client that programs use, and how they changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["method", "class", "attribute", "union", "other"]

_LONG = 100
"""The most columns of a signature that is shown whole."""


@dataclass(frozen=True, slots=True)
class Named:
    """A method, class, attribute or union of one of the two clients.

    Attributes:
        arguments: The source of each argument of a method; empty for anything else.
        returns: The type that a method returns, or the type of an attribute.
    """

    kind: Kind
    arguments: dict[str, str]
    returns: str

    def signature(self, name: str, others: Named | None = None) -> str:
        """The signature on one line; if it is long, without the arguments that `others` also has."""
        if self.kind == "class":
            return f"class {name}"
        if self.kind == "union":
            return f"{name} = {self.returns}"
        if self.kind != "method":
            return f"{name}: {self.returns}"
        own = list(self.arguments.values())
        line = _line(name, own, self.returns)
        if others is None or len(line) <= _LONG:
            return line
        kept = [text.removeprefix("*, ") for text in own if text not in others.arguments.values()]
        return _line(name, ["…", *kept] if len(kept) < len(own) else own, self.returns)


@dataclass(frozen=True, slots=True)
class NameChange:
    """A name of the client that is new, removed or changed.

    Attributes:
        name: The name in a program, such as `customers.login_token` or `Customer.phone`.
        renamed: Its new name, if it was renamed.
        reasons: Why programs for the old client fail to type-check or to run; empty if they do not.
    """

    name: str
    kind: Kind
    before: Named | None
    after: Named | None
    reasons: tuple[str, ...]
    renamed: str | None = None

    @property
    def signatures(self) -> tuple[str | None, str | None]:
        """The whole signatures, before and after."""
        after_name = self.renamed or self.name
        return (
            self.before.signature(self.name) if self.before else None,
            self.after.signature(after_name) if self.after else None,
        )

    @property
    def short_signatures(self) -> tuple[str | None, str | None]:
        """The same; in a long signature, an ellipsis replaces the arguments that both have."""
        after_name = self.renamed or self.name
        return (
            self.before.signature(self.name, self.after) if self.before else None,
            self.after.signature(after_name, self.before) if self.after else None,
        )


@dataclass(frozen=True, slots=True)
class ClientChanges:
    """The changes of the client.

    Attributes:
        names: The names that changed, sorted; breaking ones first.
        unknown: Why the clients could not be compared, if they could not.
    """

    names: tuple[NameChange, ...] = ()
    unknown: str | None = None

    @property
    def breaking(self) -> tuple[NameChange, ...]:
        """The names that break programs."""
        return tuple(change for change in self.names if change.reasons)


def _line(name: str, arguments: list[str], returns: str) -> str:
    """The signature, with one `*` before the first keyword argument."""
    shown: list[str] = []
    for text in arguments:
        bare = text.removeprefix("*, ")
        shown.append(text if "*" not in "".join(t[:1] for t in shown) else bare)
    return f"{name}({', '.join(shown)}) -> {returns}"
