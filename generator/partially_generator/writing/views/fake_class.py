"""What the template of `testing.py` prints: the fake of the API."""

from __future__ import annotations

from dataclasses import dataclass

from partially_generator.api import ir
from partially_generator.reading.config import Config
from partially_generator.writing.text import python_code
from partially_generator.writing.views import fake_behaviours

_TAKEN = {"FakeApi", "FakeEmail", "FakeError", "FakePlan"}
"""Names that the module uses itself."""

_CLOCK = "a clock that starts in 2024 and advances one second for each object"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeView:
    """What `testing.py` prints."""

    name: str
    bases: str
    client: str
    async_client: str
    has_models: bool
    models: str
    docstring: str
    init_docstring: str


def class_name(config: Config) -> str:
    """The class of the fake."""
    name = f"Fake{config.client_class}"
    return f"{name}_" if name in _TAKEN else name


def extras(api: ir.Api) -> list[str]:
    """What the fake of this API offers in addition to every fake: `logins`, `plans`."""
    does = {behaviour["does"] for behaviour in fake_behaviours.behaviours(api)}
    logins = ["logins"] if does & {"log-in", "send-token"} else []
    return [*logins, *(["plans"] if "remove" in does else [])]


def fake_view(api: ir.Api, config: Config) -> FakeView:
    """The class of the fake, with the base classes that its behaviours need."""
    bases = [extra.capitalize() for extra in extras(api)]
    return FakeView(
        name=class_name(config),
        bases=", ".join(bases) or "FakeApi",
        client=config.client_class,
        async_client=config.async_client_class,
        has_models=bool(api.models or api.unions),
        models="models" if api.models or api.unions else "None",
        docstring=python_code.docstring(
            f"The {api.title}, in memory".removesuffix("."),
            python_code.paragraphs(
                "Pass its `transport` to your own client, or use `client()` or `async_client()`. Ids, times "
                "and tokens are the same in every run.",
                python_code.WIDTH - 4,
            ),
            4,
        ),
        init_docstring=_init_docstring(),
    )


def _init_docstring() -> str:
    entries = [
        ("keys", "The keys it accepts. Each key has objects of its own"),
        ("base_url", "The address of the fake; by default that of the API"),
        ("seed", "Another number gives other ids and tokens"),
        ("clock", f"Gives the time of new objects, in UTC if it has no time zone; by default {_CLOCK}"),
        ("new_id", "Generates the ids of objects"),
        ("new_token", "Generates the tokens that are sent"),
    ]
    raised = [("FakeError", "`keys` is empty")]
    return python_code.docstring(
        "Set up an API without any objects",
        [*python_code.section("Args", entries, 8)[1:], *python_code.section("Raises", raised, 8)],
        8,
    )
