"""Writing requests as commands of a shell (bash), which send exactly the same bytes."""

from __future__ import annotations

import base64
import re
import shlex
import zlib

from partially_conformance.stories.template import LONGEST_TEXT, Repeated, Template, Variable, merged, size
from partially_conformance.stories.variables import Names
from partially_conformance.traffic.exchange import Request

_SAFE = re.compile(rb"""[A-Za-z0-9 :;/.,@%&=?+*_~()<>{}'|#^-]*""")
"""What means itself in double quotes."""

_NAME = re.compile(r"[A-Za-z0-9_]")

_CASES = {"upper": "a-z A-Z", "lower": "A-Z a-z", "swap": "a-zA-Z A-Za-z"}


def word(template: Template) -> str:
    """A template as one word of a command."""
    template = merged(template)
    variables = [one for one in template if isinstance(one, Variable)]
    safe = all(_SAFE.fullmatch(_bytes_of(one)) for one in template if not isinstance(one, Variable))
    if variables and safe:
        return f'"{_in_double_quotes(template)}"'
    parts = [_value(one) if isinstance(one, Variable) else _quoted(_bytes_of(one)) for one in template]
    return "".join(parts) or "''"


def _in_double_quotes(template: Template) -> str:
    text = ""
    for one in reversed(template):
        if isinstance(one, Variable):
            text = (_bare(one) if _NAME.match(text) else _value(one)[1:-1]) + text
        else:
            text = _bytes_of(one).decode() + text
    return text


def _bytes_of(piece: bytes | Repeated) -> bytes:
    return piece.unit * piece.times if isinstance(piece, Repeated) else piece


def _quoted(raw: bytes) -> str:
    if _is_plain(raw):
        return shlex.quote(raw.decode())
    return f'"$(printf {shlex.quote(_octal(raw))})"'


def _value(variable: Variable) -> str:
    """A variable, or a part of it, in double quotes."""
    bare = _bare(variable)
    return f'"${variable.name}"' if bare == f"${{{variable.name}}}" else f'"{bare}"'


def _bare(variable: Variable) -> str:
    """A variable, or a part of it, to stand in double quotes before any character."""
    name = variable.name
    value = f"${{{name}}}"
    if variable.first is not None:
        value = f"${{{name}:0:{variable.first}}}"
    if variable.last is not None:
        value = f"${{{name}: -{variable.last}}}"
    return f'$(printf %s "{value}" | tr {_CASES[variable.case]})' if variable.case else value


def curl(request: Request, names: Names, *, body: Template | None = None) -> str:
    """A curl command that sends a request.

    Args:
        request: The request.
        names: The variables that the command may use.
        body: Another body than that of the request.
    """
    parts = ["curl", "-sS", *(["-I"] if request.method == "HEAD" else ["-X", shlex.quote(request.method)])]
    if "/." in request.target:
        parts.append("--path-as-is")
    if any(sign in request.target for sign in "[]{}"):
        parts.append("-g")
    parts.append(word(names.url(request)))
    headers = names.headers(request)
    for name, value in headers:
        # With a semicolon in place of the colon, curl sends a header without a value.
        parts += ["-H", word((f"{name}: ".encode(), *value) if value else (f"{name};".encode(),))]
    body = names.body(request) if body is None else body
    if body is None:
        return " ".join(parts)
    if "content-type" not in {name.lower() for name, _ in headers}:
        parts += ["-H", "'Content-Type:'"]  # without this, curl declares a form
    if size(body) <= LONGEST_TEXT and all(
        isinstance(one, Variable) or _is_plain(_bytes_of(one)) for one in body
    ):
        return " ".join([*parts, "--data-raw", word(body)])
    if size(body) > LONGEST_TEXT:
        parts += ["-H", "'Expect:'"]  # without this, curl asks first whether to send a long body
    return f"{_printing(body)} | {' '.join([*parts, '--data-binary', '@-'])}"


def _printing(body: Template) -> str:
    """A command that prints a body."""
    commands = [command for piece in body for command in _print_commands(piece)]
    return commands[0] if len(commands) == 1 else f"{{ {'; '.join(commands)}; }}"


def _print_commands(piece: bytes | Repeated | Variable) -> list[str]:
    match piece:
        case Variable():
            return [f"printf %s {_value(piece)}"]
        case Repeated() if len(piece.unit) == 1 and piece.unit.isalnum():
            return [f"head -c {piece.times} /dev/zero | tr '\\0' {piece.unit.decode()}"]
        case Repeated():
            unit = _octal(piece.unit) if not _is_plain(piece.unit) else _for_printf(piece.unit.decode())
            return [f"printf -- {shlex.quote(unit + '%.0s')} $(seq {piece.times})"]
        case _ if len(piece) > LONGEST_TEXT:
            packed = base64.b64encode(zlib.compress(piece, 9, wbits=31)).decode()
            return [f"printf %s {packed} | base64 -d | gunzip"]
        case _ if _is_plain(piece):
            return [f"printf %s {shlex.quote(piece.decode())}"]
        case _:
            return [f"printf {shlex.quote(_octal(piece))}"]


def _for_printf(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "%%")


def _is_plain(raw: bytes) -> bool:
    """Whether bytes can be a word of a command: UTF-8 without control characters."""
    try:
        return not _CONTROL.search(raw.decode())
    except UnicodeDecodeError:
        return False


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _octal(raw: bytes) -> str:
    """Bytes as an argument of `printf`: letters and digits as they are, all others as octal escapes."""
    return "".join(chr(one) if chr(one).isascii() and chr(one).isalnum() else f"\\{one:03o}" for one in raw)
