"""Text of a description as Markdown: it cannot end what it stands in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from partially_generator.cli import main
from partially_generator.writing.text import markdown

ODD = st.text(st.sampled_from("ab |`<>&\\\n\r\t-!#[]\u2028\x00"), max_size=30) | st.text(max_size=30)


@given(ODD)
def test_a_cell_is_one_line_with_no_bare_pipe_and_no_tag(text: str) -> None:
    for made in (markdown.cell(text), markdown.span(text)):
        assert len(made.splitlines()) <= 1
        assert not re.search(r"(?<!\\)\|", made)
    outside = re.sub(r"`[^`]*`", "", markdown.cell(text))
    assert "<" not in outside
    assert "`" not in outside


@given(st.lists(st.text(st.sampled_from("ab` \\"), max_size=12), max_size=4))
def test_a_fence_is_longer_than_what_is_in_it(lines: list[str]) -> None:
    first, *within, last = markdown.fenced("python", lines)
    assert within == lines
    assert first == f"{last}python"
    assert not any(last in line for line in within)


@given(ODD)
@example("--->")
def test_a_comment_ends_where_it_ends(text: str) -> None:
    made = markdown.comment(text)
    assert made.startswith("<!-- ")
    assert "--" not in made[4:-3]
    assert ">" not in made[:-3]


def test_code_stays_code_and_paragraphs_stay_apart() -> None:
    assert markdown.prose("Say `a < b`, or <b>.\n\n- one\n- two") == (
        "Say `a < b`, or &lt;b>.\n\n- one\n- two"
    )
    assert markdown.cell("an `odd tick") == "an 'odd tick"
    assert markdown.span("str | None") == "`str \\| None`"


HOSTILE = "x | y\n\n```\n<script>alert(1)</script> --> `tick"


@pytest.fixture
def hostile() -> dict[str, Any]:
    text = {"type": "string", "description": HOSTILE, "example": HOSTILE, "default": HOSTILE}
    schema = {"type": "object", "description": HOSTILE, "required": ["a"], "properties": {"a": text}}
    content = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"a": HOSTILE}}
    }
    operation = {
        "operationId": "go",
        "summary": HOSTILE,
        "description": HOSTILE,
        "requestBody": {"content": content, "description": HOSTILE},
        "responses": {"200": {"description": HOSTILE, "content": content}, "400": {"description": HOSTILE}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": HOSTILE, "version": HOSTILE, "summary": HOSTILE},
        "paths": {"/x": {"post": operation}},
        "components": {"schemas": {"Thing": schema}},
    }


def test_hostile_text_breaks_no_page(hostile: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(yaml.safe_dump(hostile))
    out = tmp_path / "out"
    assert main(["build", "--spec", str(tmp_path / "spec.yaml"), "--output", str(out)]) == 0
    for page in (out / "README.md", *sorted((out / "docs").rglob("*.md"))):
        text = page.read_text(encoding="utf-8")
        prose = re.sub(r"^<!-- .* -->$|^(`{3,}).*?^\1$|`[^`\n]+`", "", text, flags=re.DOTALL | re.MULTILINE)
        assert "script>alert" not in prose.replace("&lt;script>alert", "")
        assert prose.count("`") == 0, page
        for table in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table
        for code in re.findall(r"^(`{3,})python\n(.*?)^\1$", text, re.DOTALL | re.MULTILINE):
            compile(code[1], page.name, "exec", flags=0x2000)  # with `await` at the top, as in a README
