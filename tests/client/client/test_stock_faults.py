"""What openapi-python-client 0.29.1 gets wrong for this document, one test for each.

Elsewhere most of this is tested in depth. This is the list.
"""

from __future__ import annotations

import copy
import inspect
import pickle
from pathlib import Path
from typing import Any, get_type_hints

import httpx2
import pytest
from tests.client.conftest import KEY, Caller, Server
from tests.client.loopback import loopback

import partially_client as pc
from partially_client.resources import Customers
from partially_spec import load

SECRET = "correct horse battery staple"


def answering(body: Any, status: int = 200) -> Server:
    kind = "content" if isinstance(body, bytes) else "json"
    return lambda _: httpx2.Response(status, **{kind: body})


def test_defaults_of_the_schema_are_not_sent_on_update(call: Caller, customer: dict[str, Any]) -> None:
    call(answering(customer), "update", "a", phone="+1212")
    assert call.sent == [("PUT", "/v1/customer/a", {"phone": "+1212"})]


def test_defaults_of_the_schema_are_not_sent_on_create_or_list(
    call: Caller, customer: dict[str, Any], page: Any
) -> None:
    call(answering(customer), "create", email="a@b.co")
    call(answering(page(1, ["a"], 1)), "list")
    assert call.sent == [("POST", "/v1/customer", {"email": "a@b.co"}), ("GET", "/v1/customer", None)]


def test_errors_are_raised_and_never_returned(call: Caller) -> None:
    with pytest.raises(pc.NotFoundError):
        call(answering({"message": "Customer not found"}, 404), "get", "a")
    assert get_type_hints(Customers.get)["return"] is pc.Customer


@pytest.mark.parametrize("status", [418, 301, 300, 402])
def test_an_undocumented_status_is_an_error_and_not_none(call: Caller, status: int) -> None:
    with pytest.raises(pc.APIError) as raised:
        call(answering({}, status), "get", "a")
    assert raised.value.status_code == status


def test_an_undocumented_success_is_read_and_not_none(call: Caller, customer: dict[str, Any]) -> None:
    assert call(answering(customer, 203), "get", "a").email == customer["email"]


def test_a_page_of_html_is_no_decoding_error(call: Caller) -> None:
    with pytest.raises(pc.InternalServerError, match="502: Bad Gateway") as raised:
        call(answering(b"<html>Bad Gateway</html>", 502), "create", email="a")
    assert raised.value.response.text == "<html>Bad Gateway</html>"


def test_an_empty_body_is_no_decoding_error(call: Caller) -> None:
    with pytest.raises(pc.ResponseValidationError, match="empty"):
        call(answering(b""), "get", "a")


def test_a_missing_key_in_an_error_hides_no_error(call: Caller) -> None:
    with pytest.raises(pc.UnprocessableEntityError, match="422: Unprocessable"):
        call(answering({"code": 7}, 422), "create", email="a")


def test_a_missing_key_in_a_customer_is_a_typed_error(call: Caller, customer: dict[str, Any]) -> None:
    del customer["email"]
    with pytest.raises(pc.ResponseValidationError, match="missing required field `email`"):
        call(answering(customer), "get", "a")


def test_a_status_outside_of_the_standard_is_a_typed_error(call: Caller) -> None:
    with pytest.raises(pc.InternalServerError, match="599") as raised:
        call(answering({"message": "Overloaded"}, 599), "create", email="a")
    assert raised.value.response.content == b'{"message":"Overloaded"}'


@pytest.mark.parametrize(
    "field", [{"phone": 42}, {"email": ["a"]}, {"inserted_at": "yesterday"}, {"inserted_at": 7}]
)
def test_values_of_a_wrong_type_are_refused_with_their_place(
    call: Caller, customer: dict[str, Any], field: dict[str, Any]
) -> None:
    with pytest.raises(pc.ResponseValidationError) as raised:
        call(answering({**customer, **field}), "get", "a")
    assert raised.value.path == f"$.{next(iter(field))}"


def test_unset_stays_unset_after_copies(call: Caller, customer: dict[str, Any]) -> None:
    for unset in (copy.copy(pc.UNSET), copy.deepcopy(pc.UNSET), pickle.loads(pickle.dumps(pc.UNSET))):
        call(answering(customer), "update", "a", phone="1", timezone=unset)
    assert [body for _, _, body in call.sent] == [{"phone": "1"}] * 3


def test_there_is_a_timeout_without_asking_for_one(faked: Caller, customer: dict[str, Any]) -> None:
    faked(answering(customer), "get", "a")
    timeout = faked.requests[0].extensions["timeout"]
    assert all(0 < timeout[phase] <= 30 for phase in ("connect", "read", "write"))
    assert 30 < timeout["pool"] <= 600, "waiting for other calls is no fault of the server's"


def test_no_repr_shows_the_key_or_a_password(call: Caller) -> None:
    shown: list[str] = []

    def act(client: Any) -> Any:
        raw = client.customers.with_raw_response
        shown.extend(repr(value) for value in (client, client.customers, raw, vars(client), client._settings))
        return client.customers.login_password(email="a@b.co", password=SECRET)

    with pytest.raises(pc.AuthenticationError) as raised:
        call.use(answering({"message": f"No {SECRET}", "errors": [KEY]}, 401), act)
    error = raised.value
    shown += [repr(error), str(error), repr(error.response), repr(error.response.request)]
    trace: Any = error.__traceback__
    while trace is not None:  # what tools print that show the variables of a traceback
        if "partially_client" in trace.tb_frame.f_code.co_filename:
            shown += [repr(value) for value in trace.tb_frame.f_locals.values()]
        trace = trace.tb_next
    for text in shown:
        assert KEY not in text
        assert SECRET not in text


def test_the_address_is_that_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARTIALLY_BASE_URL", raising=False)
    servers = load().raw["servers"]
    assert pc.Partially(KEY).base_url == servers[0]["url"]
    assert all(server["url"] in (pc.Partially.__init__.__doc__ or "") for server in servers)


def test_the_security_of_the_whole_document_is_followed(
    call: Caller, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARTIALLY_API_KEY", raising=False)
    call(answering(customer), "get", "a")
    assert call.requests[0].headers["authorization"] == f"Bearer {KEY}"
    with pytest.raises(pc.ConfigurationError, match="No API key"):
        pc.Partially()


def test_descriptions_of_parameters_reach_the_docstrings() -> None:
    parameters = load().raw["paths"]["/customer"]["get"]["parameters"]
    text = " ".join((inspect.getdoc(Customers.list) or "").split())
    for parameter in parameters:
        assert " ".join(parameter["description"].split()) in text


def test_an_empty_id_is_not_another_request(call: Caller) -> None:
    with pytest.raises(pc.InvalidRequestError, match="id is empty"):
        call(answering({}), "get", "")
    assert call.requests == []


def test_another_key_is_used_and_the_original_keeps_its_own(call: Caller) -> None:
    def blocking(client: Any) -> None:
        for one in (client.with_options(api_key="rotated", extra_headers={"X-A": "1"}), client):
            with pytest.raises(pc.NotFoundError):
                one.customers.get("a")

    async def asynchronous(client: Any) -> None:
        for one in (client.with_options(api_key="rotated", extra_headers={"X-A": "1"}), client):
            with pytest.raises(pc.NotFoundError):
                await one.customers.get("a")

    call.use(answering({}, 404), asynchronous if call.is_async else blocking)
    assert [(r.headers["authorization"], r.headers.get("x-a")) for r in call.requests] == [
        ("Bearer rotated", "1"),
        (f"Bearer {KEY}", None),
    ]


def test_a_client_can_be_closed_and_a_copy_opens_no_pool() -> None:
    with loopback(answering({}, 404)) as server:
        client = pc.Partially(KEY, server.base_url)
        for one in (client, client.with_options(extra_headers={"X-A": "1"})):
            with pytest.raises(pc.NotFoundError):
                one.customers.get("a")
        client.close()
        with pytest.raises(pc.ConfigurationError, match="closed"):
            client.customers.get("a")
    assert server.connections == 1


def test_the_user_agent_is_its_own(call: Caller, customer: dict[str, Any]) -> None:
    call(answering(customer), "get", "a")
    assert call.requests[0].headers["user-agent"].startswith(f"partially-client/{pc.__version__} python/")


def test_models_are_hashable_closed_and_keep_what_is_not_described(
    call: Caller, customer: dict[str, Any]
) -> None:
    found = call(answering({**customer, "loyalty": 3}), "get", "a")
    assert found.extra == {"loyalty": 3}
    assert {found: 1}[copy.deepcopy(found)] == 1
    with pytest.raises(AttributeError):
        found.phnoe = "1"


def test_limits_of_the_schema_are_kept(call: Caller, page: Any) -> None:
    with pytest.raises(pc.ResponseValidationError, match=">= 1"):
        call(answering(page(0, ["a"])), "list")


def test_no_documentation_is_written_four_times() -> None:
    lines = sum(
        len(path.read_text("utf-8").splitlines())
        for path in (Path(pc.__file__).parent / "resources").rglob("*.py")
    )
    assert lines < 3209 / 2, "half of what the stock generator writes for this document"
