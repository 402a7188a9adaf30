"""Which version comes next, and what a type annotation allows."""

from __future__ import annotations

import pytest

from partially_generator.diff.changes.versions import check_version, next_version
from partially_generator.diff.client.type_annotations import is_narrowed


@pytest.mark.parametrize(
    ("version", "major", "minor", "patch"),
    [
        ("1.2.3", "2.0.0", "1.3.0", "1.2.4"),
        ("v1.2.3", "v2.0.0", "v1.3.0", "v1.2.4"),
        ("1", "2.0.0", "1.1.0", "1.0.1"),
        ("0.3.1", "0.4.0", "0.3.2", "0.3.2"),
        ("0.0.3", "0.0.4", "0.0.4", "0.0.4"),
        ("2026-01-01", None, None, None),
        ("1.0.0-beta", None, None, None),
        ("latest", None, None, None),
    ],
)
def test_the_next_version(version: str, major: str | None, minor: str | None, patch: str | None) -> None:
    assert [next_version(version, step) for step in ("major", "minor", "patch")] == [major, minor, patch]


def test_no_step_keeps_the_version() -> None:
    assert next_version("1.2.3", "none") == "1.2.3"


@pytest.mark.parametrize(
    ("given", "enough"), [("1.1.0", False), ("2.0.0", True), ("2.1", True), ("3.0.0", True), ("next", None)]
)
def test_whether_a_version_was_raised_enough(given: str, enough: bool | None) -> None:
    assert check_version("1.0.0", given, "major").enough is enough


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("str", "str | None"),
        ("int", "float"),
        ("int", "Any"),
        ("str | UnsetType", "UnsetType | str"),
        ("Literal['a']", "Literal['a', 'b']"),
        ("Literal['a', 'b | c']", "str"),
        ("Annotated[str, Meta(min_length=1)]", "str"),
        ("builtins.list[int]", "builtins.list[int | None]"),
    ],
)
def test_types_that_allow_more(old: str, new: str) -> None:
    assert not is_narrowed(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("str | None", "str"),
        ("float", "int"),
        ("Literal['a', 'b']", "Literal['a']"),
        ("str", "Literal['a']"),
        ("Literal[1]", "str"),
        ("builtins.list[int | None]", "builtins.list[int]"),
        ("Message", "Note"),
    ],
)
def test_types_that_allow_less(old: str, new: str) -> None:
    assert is_narrowed(old, new)


def test_classes_that_are_the_same_by_another_name() -> None:
    assert not is_narrowed("Message | None", "Note | None", {("Message", "Note")})
    assert not is_narrowed("Sequence[Message]", "Sequence[Note]", {("Message", "Note")})
