"""The documents are valid and consistent, and the loader refuses a file that it cannot read."""

import copy
import re
from pathlib import Path

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from partially_spec import HARNESS, OPENAPI, RULES, Document, DocumentError, load, read_yaml

PUBLISHED_TIMES = ("2015-09-11T05:54:27.000000", "2018-11-27T20:10:19.437168")


@pytest.mark.parametrize("path", [OPENAPI, HARNESS], ids=lambda path: path.name)
def test_documents_are_valid_openapi(path: Path) -> None:
    validate(copy.deepcopy(read_yaml(path)))


def operations() -> dict[str, dict]:
    return {
        operation["operationId"]: operation
        for item in load().raw["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    }


def test_all_eight_operations_are_described() -> None:
    assert operations().keys() == {
        "listCustomers", "getCustomer", "createCustomer", "updateCustomer", "gdprRemoveCustomer",
        "loginPassword", "loginEmail", "loginToken",
    }  # fmt: skip
    for name, operation in operations().items():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"] == ["customers"], name
        assert operation["x-retry"] in {"safe", "unsent", "rejected"}, name


def media_types() -> list[tuple[str, dict]]:
    found = []
    for name, operation in operations().items():
        if "requestBody" in operation:
            found.append((f"{name} request", operation["requestBody"]["content"]["application/json"]))
        for status, response in operation["responses"].items():
            content = load().resolve(response)["content"]
            found.append((f"{name} {status}", content["application/json"]))
    return found


@pytest.mark.parametrize(("where", "media_type"), media_types(), ids=[where for where, _ in media_types()])
def test_examples_fit_their_schemas(where: str, media_type: dict) -> None:
    validator = jsonschema_rs.Draft202012Validator(
        {**media_type["schema"], "components": load().raw["components"]}
    )
    examples = [load().resolve(example)["value"] for example in media_type.get("examples", {}).values()]
    assert examples or where.endswith("4XX")
    for example in examples:
        validator.validate(example)


def test_only_create_has_defaults() -> None:
    document = load()

    def defaults(schema: str) -> dict[str, str]:
        fields = document.fields(document.schema(schema))
        return {name: field["default"] for name, field in fields.items() if "default" in field}

    assert defaults("CustomerCreate") == {
        "language": "en",
        "timezone": "America/New_York",
        "shipto_country": "US",
    }
    assert defaults("CustomerUpdate") == {}
    assert defaults("Customer") == {}


def test_requests_and_responses_differ_as_documented() -> None:
    document = load()
    sent, shown = (set(document.fields(document.schema(name))) for name in ("CustomerCreate", "Customer"))
    assert sent - shown == {"language"}
    assert shown - sent == {"id", "inserted_at"}
    assert set(document.schema("Customer")["allOf"][1]["required"]) == shown


def test_creation_times_have_no_zone() -> None:
    document = load()
    field = document.fields(document.schema("Customer"))["inserted_at"]
    assert field["format"] != "date-time"
    for time in PUBLISHED_TIMES:
        assert re.search(field["pattern"], time)
        assert not re.search(field["pattern"], time + "Z")
        assert not re.search(field["pattern"], time + "+00:00")
    assert not re.search(field["pattern"], "2018-11-27")


def test_links_lead_from_create_to_what_can_be_done_with_a_customer() -> None:
    for status in ("200", "201"):
        links = operations()["createCustomer"]["responses"][status]["links"]
        assert links.keys() == {"getCustomer", "updateCustomer", "gdprRemoveCustomer"}
        assert {link["operationId"] for link in links.values()} <= operations().keys()


def test_each_rule_has_a_title_of_its_own() -> None:
    titles = [rule["title"] for rule in read_yaml(RULES)["rules"]]
    assert len(set(titles)) == len(titles)


SECTIONS = {
    "Customers", "Practice", "Reference, General", "Reference, Payment plans",
    *(
        f"Customers, {section}"
        for section in (
            "List All Customers", "Get a Specific Customer", "Create a new customer", "Update a customer",
            "GDPR remove", "Log in with password", "Email login token", "Login with a token",
        )
    ),
}  # fmt: skip
"""The sections of the published texts, and what is no section."""


def test_rules_are_in_order() -> None:
    by_area: dict[str, list[int]] = {}
    for rule in read_yaml(RULES)["rules"]:
        area, _, number = rule["id"].partition("-")
        by_area.setdefault(area, []).append(int(number))
    assert all(numbers == sorted(set(numbers)) for numbers in by_area.values())


@pytest.mark.parametrize("rule", read_yaml(RULES)["rules"], ids=lambda rule: rule["id"])
def test_a_rule_names_the_sentence_that_it_rests_on_and_its_section(rule: dict) -> None:
    for section in rule["source"].split("; "):
        assert section in SECTIONS or re.fullmatch(r"RFC \d+, \d+(\.\d+)*", section)
    assert rule["statement"].endswith(".")
    assert rule["basis"].endswith(".")


@pytest.mark.parametrize("rule", read_yaml(RULES)["rules"], ids=lambda rule: rule["id"])
def test_what_only_practice_says_is_no_must(rule: dict) -> None:
    if rule["source"] == "Practice":
        assert rule["level"] == "should"


WORDS = {
    "password": r"\bpasswords?\b",
    "emails": r"\b(emailed|tokens?)\b",
    "payment_plans": r"\bplans?\b",
    "second_merchant": r"\banother merchant\b",
}
"""Words by which a statement speaks of something that only this need lets a check see."""

SEEN_ANYWAY = {
    "READ-7", "GDPR-1", "PASSWORD-12", "PASSWORD-13", "TOKEN-7", "TOKEN-9", "TOKEN-10", "TOKEN-11",
    "TOKEN-15", "TOKEN-19", "HTTP-1",
}  # fmt: skip
"""Rules whose statement has such a word, and whose check can see all of it without the need."""


@pytest.mark.parametrize("rule", read_yaml(RULES)["rules"], ids=lambda rule: rule["id"])
def test_a_statement_speaks_of_nothing_that_its_needs_do_not_show(rule: dict) -> None:
    if rule["id"].startswith("CLIENT") or rule["id"] in SEEN_ANYWAY:
        return
    spoken = {need for need, words in WORDS.items() if re.search(words, rule["statement"])}
    assert spoken <= set(rule.get("needs", ()))


def test_each_choice_is_accepted_by_a_rule() -> None:
    raw = read_yaml(RULES)
    accepted = {choice for rule in raw["rules"] for choice in rule.get("choices", ())}
    assert accepted == {choice["id"] for choice in raw["choices"]}
    assert all(choice["allowed"].endswith(".") for choice in raw["choices"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"a: 1\na: 2\n", "line 2, column 1: the key 'a' is written twice"),
        (b"- 1\n", "expected a mapping at the top, got a list"),
        (b"", "expected a mapping at the top, got nothing"),
        (b"a text\n", "expected a mapping at the top, got a text"),
        (b"yes: \x07\n", "not YAML: control characters are not allowed, at character 5"),
        (b"a: [1\n", "line 2, column 1"),
        (b"a: \xff\n", "not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "document.yaml"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=re.escape(complaint)) as caught:
        read_yaml(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read_yaml(tmp_path / "absent.yaml")


def test_dates_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "document.yaml"
    path.write_text("when: 2018-11-27\n")
    assert read_yaml(path) == {"when": "2018-11-27"}


def test_references_that_lead_nowhere_are_refused() -> None:
    document = Document({"components": {}}, Path("some.yaml"))
    with pytest.raises(DocumentError, match="points at nothing"):
        document.resolve({"$ref": "#/components/schemas/Absent"})
    with pytest.raises(DocumentError, match="only references within"):
        document.resolve({"$ref": "other.yaml#/x"})


def test_a_reference_to_itself_is_refused() -> None:
    document = Document({"a": {"$ref": "#/a"}}, Path("some.yaml"))
    with pytest.raises(DocumentError, match="refers to itself"):
        document.resolve(document.raw["a"])


@pytest.mark.parametrize("path", [OPENAPI, HARNESS, RULES], ids=lambda path: path.name)
def test_documents_use_no_merge_keys(path: Path) -> None:
    """YAML 1.2 has none, so tools that follow it read `<<` as a field."""
    assert "<<" not in path.read_text(encoding="utf-8")
