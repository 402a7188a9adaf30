"""`init`: names for a client, from the title of a description."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from partially_generator.cli import main
from partially_generator.reading.config import KEYS, Config, read_config


def document(title: str, tag: str = "things", **info: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    responses = {"200": {"description": "Done", "content": content}}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", **info},
        "paths": {"/things": {"get": {"operationId": "getThing", "tags": [tag], "responses": responses}}},
        "components": {"schemas": {"Thing": schema}},
    }


def init(tmp_path: Path, spec: dict[str, Any], *more: str) -> Config:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    assert main(["init", str(tmp_path / "acme.toml"), "--spec", str(path), *more]) == 0
    return read_config(tmp_path / "acme.toml")


@pytest.mark.parametrize(
    ("title", "package", "client", "environment"),
    [
        ("Acme API", "acme_client", "Acme", "ACME"),
        ("The Pet Store", "pet_store_client", "PetStore", "PET_STORE"),
        ("Müller & Söhne", "muller_sohne_client", "MullerSohne", "MULLER_SOHNE"),
        ("3scale", "api_3scale_client", "Api3scale", "API_3SCALE"),
        ("REST API", "rest_api_client", "RestApi", "REST_API"),
        ("日本", "api_client", "Api", "API"),
        ("class", "class_client", "Class", "CLASS"),
        ('"; import os', "import_os_client", "ImportOs", "IMPORT_OS"),
    ],
)
def test_names_come_from_the_title(
    title: str, package: str, client: str, environment: str, tmp_path: Path
) -> None:
    config = init(tmp_path, document(title))
    assert (config.package, config.client_class, config.environment) == (package, client, environment)
    assert config.async_client_class == f"Async{client}"


def test_the_client_can_be_built(tmp_path: Path) -> None:
    config = init(tmp_path, document("Acme API", contact={"name": 'Acme "Inc"'}))
    arguments = ["--spec", str(tmp_path / "spec.json"), "--config", str(tmp_path / "acme.toml")]
    assert main(["build", *arguments, "--output", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "src" / "acme_client" / "__init__.py").is_file()
    assert config.copyright.endswith('Acme "Inc"')


@pytest.mark.parametrize(("title", "tag"), [("Thing API", "other"), ("Others", "others")])
def test_a_class_the_client_has_already_gets_another_name(title: str, tag: str, tmp_path: Path) -> None:
    config = init(tmp_path, document(title, tag))
    assert config.client_class == f"{title.split(maxsplit=1)[0]}Client"


def test_every_key_is_written_with_what_it_is_for(tmp_path: Path) -> None:
    assert list(KEYS) == [field.name for field in fields(Config)]
    init(tmp_path, document("Acme"))
    lines = (tmp_path / "acme.toml").read_text(encoding="utf-8").splitlines()
    for key, about in KEYS.items():
        position = next(index for index, line in enumerate(lines) if line.startswith(f"{key} = "))
        assert lines[position - 1] == f"# {about.about}"


def test_a_file_that_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "acme.toml"
    path.write_text("mine")
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document("Acme")))
    assert main(["init", str(path), "--spec", str(spec)]) == 2
    assert "exists already; --force overwrites it" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main(["init", str(path), "--spec", str(spec), "--force"]) == 0
    assert read_config(path).package == "acme_client"


def test_a_description_that_gives_no_client_yet_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = document("Acme")
    spec["paths"]["/things"]["get"]["x-retry"] = "often"
    init(tmp_path, spec)
    assert "cannot use the description yet" in capsys.readouterr().err


def test_what_cannot_be_used_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document("Acme")))
    for file, source in ((tmp_path / "a.toml", tmp_path / "none.json"), (tmp_path / "none" / "a.toml", spec)):
        assert main(["init", str(file), "--spec", str(source)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(SystemExit) as stopped:
        main(["init"])
    assert stopped.value.code == 2
