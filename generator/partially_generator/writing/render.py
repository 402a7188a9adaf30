"""Renders the files of a client distribution in memory: the same input gives the same bytes everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jinja2

from partially_generator.api import ir
from partially_generator.reading.config import Config
from partially_generator.reading.errors import GeneratorError
from partially_generator.runtime import errors as runtime_errors
from partially_generator.writing.text import header, markdown, python_code
from partially_generator.writing.unasync import unasync
from partially_generator.writing.views import (
    class_names,
    client_classes,
    fake_class,
    method_pages,
    model_classes,
    operation_table,
    readme,
    resource_classes,
)

Files = dict[str, bytes]
"""Content by path within the distribution, with forward slashes."""

_RUNTIME = Path(runtime_errors.__file__).parent
_FOLDER_OF_TEMPLATES = Path(__file__).parent / "templates"
_BASE_ERROR = runtime_errors.SdkError.__name__

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER_OF_TEMPLATES),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - prints Python; `code` escapes what comes from outside
)

_RUNTIME_HEADER = "# Copied by partially-generate into every client. Edit it there, not here.\n"

_FIXES = "I,F401,RUF022,UP028"
"""Sorts imports and exports, removes unused imports, and cleans up what `unasync` leaves behind."""

_STYLE = ["--isolated", "--no-cache", "--line-length=110", "--target-version=py311"]


def render(api: ir.Api, config: Config) -> Files:
    """All files of the client.

    Raises:
        GeneratorError: Names collide, or the output cannot be formatted.
    """
    return _formatted(sources(api, config), config)


def sources(api: ir.Api, config: Config) -> dict[str, str]:
    """All files before they are formatted.

    Raises:
        GeneratorError: Names collide.
    """
    class_names.check_names(api, config)
    package = f"src/{config.package}"
    texts = {f"{package}/{path}": text for path, text in _runtime(config, _unneeded(api))}
    texts |= {f"{package}/{path}": text for path, text in _modules(api, config)}
    texts |= {**dict(_pages(api, config)), "LICENSE": _print("LICENSE", config=config)}
    texts["pyproject.toml"] = _print(
        "pyproject.toml",
        header=header.header(api),
        config=config,
        description=_toml(python_code.sentence(api.summary or api.title)),
    )
    return texts


def _print(template: str, **values: object) -> str:
    return _TEMPLATES.get_template(f"{template}.jinja").render(values)


def _unneeded(api: ir.Api) -> set[str]:
    """The modules of the runtime that this API does not need."""
    bodies = any(o.body is not None and o.body.kind != "json" for o in api.operations)
    styles = bodies or any(p.style for o in api.operations for p in o.parameters)
    wanted = {"_core/requests/bodies.py": bodies, "_core/requests/styles.py": styles}
    return {path for path, is_wanted in wanted.items() if not is_wanted}


def _runtime(config: Config, unneeded: set[str]) -> Iterator[tuple[str, str]]:
    """The hand-written files with the base error renamed, and the blocking twins of the asynchronous ones."""
    for path in sorted(_RUNTIME.rglob("*.py")):
        relative = path.relative_to(_RUNTIME)
        if relative.as_posix() in {"__init__.py", *unneeded}:
            continue
        source = re.sub(rf"\b{_BASE_ERROR}\b", config.error_class, path.read_text(encoding="utf-8"))
        source = _RUNTIME_HEADER + source
        yield relative.as_posix(), source
        if relative.name.startswith("async_"):
            twin = relative.with_name(relative.name.replace("async_", "sync_", 1))
            yield twin.as_posix(), unasync(source)
    yield "py.typed", ""


def _modules(api: ir.Api, config: Config) -> Iterator[tuple[str, str]]:
    common = {"header": header.header(api), "package": config.package}
    models = model_classes.model_views(api)
    resources = resource_classes.resource_views(api, config)
    clients = client_classes.client_views(api, config)
    unions = model_classes.union_views(api)
    model_names = [*(model.name for model in models), *(union.name for union in unions)]
    if model_names:
        yield (
            "models.py",
            _print("models.py", models=models, unions=unions, model_names=sorted(model_names), **common),
        )
    for resource in resources:
        yield f"resources/{resource.module}.py", _print("resource.py", resource=resource, **common)
    classes = [twin.name for resource in resources for twin in resource.twins]
    pages = [page.name for resource in resources for twin in resource.twins for page in twin.pages]
    yield (
        "resources/__init__.py",
        _print("resources_init.py", resources=resources, resource_names=sorted([*classes, *pages]), **common),
    )
    yield (
        "_client.py",
        _print(
            "client.py",
            clients=clients,
            has_credentials=len(api.keys) > 1,
            resource_class_names=classes,
            product={
                "distribution": repr(config.distribution),
                "environment": repr(config.environment),
                "base_url": repr(client_classes.default_base_url(api)),
                **client_classes.key_arguments(api),
            },
            **common,
        ),
    )
    yield operation_table.FILE_NAME, operation_table.operation_table(api, config)
    yield "testing.py", _print("testing.py", fake=fake_class.fake_view(api, config), **common)
    yield "_version.py", _print("version.py", version=repr(config.version), **common)
    yield "__init__.py", _package_init(api, config, sorted(model_names), common)


def _package_init(api: ir.Api, config: Config, models: list[str], common: dict[str, str]) -> str:
    error_names = [
        config.error_class if name == _BASE_ERROR else name
        for name in runtime_errors.__all__
        if isinstance(getattr(runtime_errors, name), type)
    ]
    client_names = [config.client_class, config.async_client_class]
    has_files = any(o.body is not None and o.body.kind == "multipart" for o in api.operations)
    others = ["File"] if has_files else []
    others += ["Headers", "RawResponse", "RequestInfo", "Response", "UNSET", "UnsetType", "__version__"]
    return _print(
        "package_init.py",
        docstring=python_code.docstring(api.summary or api.title, [], 0),
        client_names=client_names,
        has_files=has_files,
        error_names=error_names,
        model_names=models,
        exported=sorted([*client_names, *error_names, *models, *others]),
        **common,
    )


def _pages(api: ir.Api, config: Config) -> Iterator[tuple[str, str]]:
    common = {"comment": markdown.comment(header.header(api).removeprefix("# ")), "config": config}
    yield "README.md", _print("README.md", **readme.template_values(api, config))
    for page in method_pages.operation_pages(api, config):
        yield page.path, _print("operation.md", page=page, **common)
    if api.models or api.unions:
        yield method_pages.MODELS, _print("models_page.md", models=method_pages.model_sections(api), **common)


def _toml(text: str) -> str:
    """A basic string of TOML; `clean` has removed the control characters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _formatted(texts: dict[str, str], config: Config) -> Files:
    """The texts after ruff, which runs in a temporary folder without any other configuration."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in texts.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        settings = [f'lint.isort.known-first-party=["{config.package}"]', 'lint.extend-safe-fixes=["UP028"]']
        fixes = [f"--select={_FIXES}", *(f"--config={setting}" for setting in settings)]
        _ruff(root, "check", "--quiet", "--fix", *fixes, *_STYLE, "src")
        _ruff(root, "format", "--quiet", *_STYLE, "src")
        return {path: (root / path).read_bytes() for path in sorted(texts)}


def _ruff(root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "ruff", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = " ".join((done.stdout + done.stderr).split()) or f"exit code {done.returncode}"
        raise GeneratorError(f"ruff {arguments[0]} failed on the generated client: {said[:500]}")
