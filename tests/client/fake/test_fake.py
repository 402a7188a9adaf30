"""The fake that users test their code with: what it answers, breaks and records."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.fake.conftest import emails

from partially_client import (
    APIError,
    AsyncPartially,
    AuthenticationError,
    BadRequestError,
    Customer,
    NotFoundError,
    Partially,
)
from partially_client.testing import FakeEmail, FakeError, FakePartially
from partially_conformance.selftest.overlays.servers import serving


def test_a_create_takes_the_documented_defaults_and_an_update_has_none(client: Partially) -> None:
    ada = client.customers.create(email="ada@example.com", shipto_country="GB")
    assert (ada.timezone, ada.shipto_country, ada.phone) == ("America/New_York", "GB", None)
    client.customers.update(ada.id, timezone="Europe/London")
    after = client.customers.update(ada.id, phone="1")
    assert (after.timezone, after.shipto_country, after.phone) == ("Europe/London", "GB", "1")
    assert client.customers.get(ada.id) == after


def test_a_search_with_an_at_sign_is_for_emails_and_any_other_for_names(client: Partially) -> None:
    client.customers.create(email="ada@example.com", first_name="Grace", last_name="Hopper")
    client.customers.create(email="grace@example.com", first_name="Ada", last_name="Lovelace")
    client.customers.create(email="x@example.com", first_name="at@sign")
    assert emails(client, q="ada@") == ["ada@example.com"]
    assert emails(client, q="da") == ["grace@example.com"]
    assert emails(client, q="LOVE") == ["grace@example.com"]
    assert emails(client, q="example") == []
    assert emails(client, q="at@sign") == []


def test_pages_tell_the_truth(client: Partially) -> None:
    for number in range(23):
        client.customers.create(email=f"{number:02}@example.com")
    page = client.customers.list()
    assert (page.page_number, page.page_size, page.total_entries, page.total_pages) == (1, 10, 23, 3)
    assert len(page.customers) == 10
    assert len(list(page)) == 23
    last = client.customers.list(page=5, per_page=5)
    assert (last.page_size, last.total_pages, len(last.customers)) == (5, 5, 3)
    assert client.customers.list(page=9).customers == []
    for wrong in ({"page": 0}, {"per_page": 101}):
        with pytest.raises(BadRequestError, match=r"(Page|Per page): Expected `int`"):
            client.customers.list(**wrong)


def test_an_unknown_id_is_not_found_and_a_missing_email_not_taken(client: Partially) -> None:
    for call in (client.customers.get, client.customers.update, client.customers.gdpr_remove):
        with pytest.raises(NotFoundError, match="Customer not found"):
            call("53479e98-27a9-49e2-856c-bf47d0796ffc")
    with pytest.raises(BadRequestError) as refused:
        client.customers.create(email=" ")
    assert refused.value.errors == ["Email: can't be blank"]
    with pytest.raises(BadRequestError, match="Email: can't be blank"):
        client.customers.create(email=None)  # type: ignore[arg-type]
    with pytest.raises(BadRequestError, match="Phone: Expected `str"):
        client.customers.create(email="a@b.co", phone=1)  # type: ignore[arg-type]
    assert emails(client) == []


def test_two_customers_may_share_an_email(fake: FakePartially, client: Partially) -> None:
    first, second = (client.customers.create(email="ada@example.com") for _ in range(2))
    assert first.id != second.id
    fake.set_password(second.id, "second")
    assert client.customers.login_password(email="ada@example.com", password="second").id == second.id


def test_only_its_keys_open_it_and_each_sees_its_own(fake: FakePartially) -> None:
    fake = FakePartially(keys=("one", "two"))
    with fake.client(api_key="one") as one, fake.client(api_key="two") as two:
        ada = one.customers.create(email="ada@example.com")
        assert emails(two) == []
        with pytest.raises(NotFoundError):
            two.customers.get(ada.id)
    with fake.client(api_key="three") as stranger, pytest.raises(AuthenticationError, match="401"):
        stranger.customers.list()
    assert fake.all(Customer, api_key="two") == []


def test_removal_depends_on_the_plans(fake: FakePartially, client: Partially) -> None:
    alone, planned = (client.customers.create(email=f"{n}@example.com", first_name="Ada") for n in "ab")
    client.customers.gdpr_remove(alone.id)
    with pytest.raises(NotFoundError):
        client.customers.get(alone.id)

    closed, opened = fake.add_plan(planned.id, "canceled"), fake.add_plan(planned.id)
    with pytest.raises(BadRequestError, match="open plan"):
        client.customers.gdpr_remove(planned.id)
    assert client.customers.get(planned.id) == planned
    opened.status = "paid"
    assert client.customers.gdpr_remove(planned.id).message == "Customer account deleted"
    after = client.customers.get(planned.id)
    assert (after.email, after.first_name, after.timezone) == (None, None, None)
    assert (after.id, after.inserted_at, closed.owner_id) == (planned.id, planned.inserted_at, planned.id)
    with pytest.raises(BadRequestError, match="was removed"):
        client.customers.update(planned.id, phone="1")
    assert emails(client, q="Ada") == []


def test_logins_by_password_and_by_token(fake: FakePartially, client: Partially) -> None:
    ada = client.customers.create(email="Ada@example.com")
    fake.set_password(ada.id, "s3cret")
    assert client.customers.login_password(email="ada@EXAMPLE.com", password="s3cret") == ada
    for email, password in (("ada@example.com", "wrong"), ("eve@example.com", "s3cret")):
        with pytest.raises(BadRequestError):
            client.customers.login_password(email=email, password=password)
    fake.set_password(ada.id, None)
    with pytest.raises(BadRequestError):
        client.customers.login_password(email="ada@example.com", password="s3cret")

    for email in ("ada@example.com", "eve@example.com"):
        assert client.customers.login_email(email=email).message == "Token sent"
    token = fake.last_token("ada@example.com")
    assert fake.outbox == [FakeEmail("Ada@example.com", token)]
    assert client.customers.login_token(token=token) == ada
    with pytest.raises(BadRequestError):
        client.customers.login_token(token=token)
    client.customers.login_email(email="ada@example.com")
    client.customers.update(ada.id, email="new@example.com")
    with pytest.raises(BadRequestError):
        client.customers.login_token(token=fake.last_token("ada@example.com"))


def test_the_same_in_every_run(fake: FakePartially) -> None:
    def story(fake: FakePartially) -> list[Any]:
        with fake.client() as client:
            ada = client.customers.create(email="ada@example.com")
            client.customers.login_email(email="ada@example.com")
            return [ada, fake.outbox, client.customers.create(email="b@example.com")]

    assert story(fake) == story(FakePartially())
    assert story(FakePartially(seed=1))[0] != story(FakePartially())[0]
    noon = dt.datetime(2030, 5, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    told = FakePartially(clock=lambda: noon, new_id=iter("ab").__next__, new_token=lambda: "T0KEN")
    ada, outbox, other = story(told)
    assert (ada.id, other.id, outbox[0].token) == ("a", "b", "T0KEN")
    assert ada.inserted_at == dt.datetime.fromisoformat("2030-05-01T12:00:00")


def test_things_can_be_there_before(fake: FakePartially, client: Partially) -> None:
    ada = fake.add(Customer, id="6d30d3c8-d024-45cc-9c3f-356fc8aee23d", email="ada@example.com")
    assert client.customers.get("6d30d3c8-d024-45cc-9c3f-356fc8aee23d") == ada
    assert fake.all(Customer) == [ada]
    assert fake.requests[0].call == "customers.get"


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda fake: fake.add(Customer, mail="a@b.co"), "has no field mail"),
        (lambda fake: fake.add(Customer, phone=1), "cannot create this Customer"),
        (lambda fake: fake.add(FakeEmail), "FakeEmail: the fake has no collection of these; it has Customer"),
        (lambda fake: fake.all(Customer, api_key="sk"), "does not know this key"),
        (lambda fake: fake.add_plan("nobody"), "nothing with the id 'nobody'"),
        (lambda fake: fake.set_password("nobody", "x"), "nothing with the id 'nobody'"),
        (lambda fake: fake.last_token("a@b.co"), "No token was sent to a@b.co"),
        (
            lambda fake: fake.on("customers.find", lambda request: (200, {})),
            "expected one of customers.list,",
        ),
        (lambda fake: fake.fail_next(call="list"), "expected one of customers.list,"),
        (lambda fake: fake.fail_next(times=0), "expected 1 or more, got 0"),
        (lambda fake: fake.disconnect_next(sent=False, carried_out=True), "cannot be carried out"),
        (lambda fake: FakePartially(keys=()), "at least one key"),
    ],
)
def test_mistakes_of_a_test_are_told(
    mistake: Callable[[FakePartially], object], said: str, fake: FakePartially
) -> None:
    with pytest.raises(FakeError, match=said):
        mistake(fake)


def test_it_records_what_was_sent_without_the_secrets(fake: FakePartially, client: Partially) -> None:
    with pytest.raises(BadRequestError):
        client.customers.login_password(email="ada@example.com", password="s3cret")
    client.customers.list(q="Ada", page=1)
    login, search = fake.requests
    assert (login.call, login.method, login.path) == (
        "customers.login_password",
        "POST",
        "/api/customer/login_password",
    )
    assert (login.body, login.status) == ({"email": "ada@example.com", "password": "[hidden]"}, 400)
    assert (search.query, search.body, search.status) == ({"q": ["Ada"], "page": ["1"]}, None, 200)
    assert search.headers["authorization"] == "[hidden]"
    assert "s3cret" not in repr(fake.requests)
    assert fake.api_key not in repr(fake.requests)


def test_what_is_not_there_is_told(fake: FakePartially) -> None:
    with (
        fake.client(base_url="https://elsewhere.test/v2") as client,
        pytest.raises(NotFoundError, match="the paths of this fake start with /api"),
    ):
        client.customers.list()
    assert fake.requests[0].call is None
    moved = FakePartially(base_url="http://localhost:1/v2")
    with moved.client() as client:
        assert emails(client) == []


def test_the_asynchronous_client(fake: FakePartially) -> None:
    async def story() -> list[str | None]:
        async with fake.async_client() as client:
            fake.fail_next(503, retry_after=30)
            assert (await client.customers.list()).customers == []
            await asyncio.gather(*(client.customers.create(email=f"{n}@example.com") for n in range(12)))
            return [customer.email async for customer in client.customers.list()]

    assert sorted(map(str, asyncio.run(story()))) == sorted(f"{n}@example.com" for n in range(12))
    assert fake.pauses == [30.0]


def test_clients_of_your_own_use_the_transport(fake: FakePartially) -> None:
    async def create() -> None:
        async with AsyncPartially(fake.api_key, "https://partial.ly/api", transport=fake.transport) as client:
            await client.customers.create(email="a@example.com")

    asyncio.run(create())
    with Partially(fake.api_key, "https://partial.ly/api", transport=fake.transport) as client:
        assert emails(client) == ["a@example.com"]


def told(action: Callable[[], Any]) -> Any:
    """What a caller gets to know: values without ids and times, or the kind of the error."""
    try:
        result = action()
    except APIError as error:
        return type(error).__name__, [sentence.partition(":")[0] for sentence in error.errors]
    if isinstance(result, Customer):
        return {k: v for k, v in result.to_dict().items() if k not in ("id", "inserted_at")}
    return [told(lambda item=item: item) for item in result] if hasattr(result, "data") else result


def story(
    client: Partially, set_password: Callable[[str, str], object], add_plan: Callable[[str, str], object]
) -> list[Any]:
    """One course of events, told by what it answers."""
    customers = client.customers
    ada = customers.create(email="ada@example.com", first_name="Ada", last_name="Lovelace")
    bob = customers.create(email="bob@example.com", first_name="Bob", timezone=None, shipto_city="Ulm")
    nobody = "00000000-0000-4000-8000-000000000000"
    set_password(ada.id, "s3cret")
    add_plan(bob.id, "open")
    kinds = [
        lambda: ada,
        lambda: bob,
        lambda: customers.create(email=""),
        customers.list,
        lambda: customers.list(q="LACE"),
        lambda: customers.list(q="@example"),
        lambda: customers.list(q="nobody"),
        lambda: customers.list(page=2, per_page=1),
        lambda: customers.list(page=0),
        lambda: customers.update(ada.id, phone="+1", first_name=None),
        lambda: customers.update(ada.id, email=" "),
        lambda: customers.update(ada.id),
        lambda: customers.get(ada.id),
        lambda: customers.get(nobody),
        lambda: customers.get("no-uuid"),
        lambda: customers.update(nobody, phone="1"),
        lambda: customers.login_password(email="ADA@example.com", password="s3cret"),
        lambda: customers.login_password(email="ada@example.com", password="S3cret"),
        lambda: customers.login_email(email="ada@example.com"),
        lambda: customers.login_email(email="eve@example.com"),
        lambda: customers.login_token(token="no-token"),
        lambda: customers.gdpr_remove(bob.id),
        lambda: customers.get(bob.id),
        lambda: customers.gdpr_remove(ada.id),
        lambda: customers.get(ada.id),
        lambda: customers.gdpr_remove(ada.id),
        customers.list,
    ]
    return [told(kind) for kind in kinds]


def test_a_story_goes_as_with_the_reference_server(fake: FakePartially) -> None:
    with (
        serving() as target,
        httpx2.Client(base_url=str(target.harness_url)) as harness,
        Partially(target.api_key, target.base_url) as client,
    ):
        real = story(
            client,
            lambda id_, password: harness.put(f"/customers/{id_}/password", json={"password": password}),
            lambda id_, status: harness.post(f"/customers/{id_}/payment_plans", json={"status": status}),
        )
    with fake.client() as client:
        assert story(client, fake.set_password, fake.add_plan) == real


def test_importing_the_client_does_not_import_the_fake() -> None:
    program = """
import sys, partially_client
partially_client.Partially("key").close()
print([name for name in sys.modules if "_fake" in name or "testing" in name and "partially" in name])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_client_of_httpx2_leads_to_it_too(fake: FakePartially) -> None:
    with (
        httpx2.Client(transport=fake.transport) as lent,
        Partially(fake.api_key, fake.base_url, http_client=lent) as client,
    ):
        assert client.customers.create(email="a@example.com") == fake.all(Customer)[0]


def test_raw_answers_hooks_and_options_work_as_ever(fake: FakePartially) -> None:
    seen: list[int] = []
    with fake.client(on_request=lambda info: {"X-Trace": info.operation}) as client:
        traced = client.with_options(on_response=lambda response: seen.append(response.status_code))
        fake.fail_next(429, retry_after=2)
        raw = traced.customers.with_raw_response.create(email="a@example.com")
    assert (raw.status_code, raw.retries_taken, raw.parse().email) == (200, 1, "a@example.com")
    assert seen == [429, 200]
    assert fake.pauses == [2.0]
    assert [request.headers["x-trace"] for request in fake.requests] == ["customers.create"] * 2
