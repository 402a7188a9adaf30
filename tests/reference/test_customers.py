"""Create, read, update, list and search."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from partially_reference.contract import INPUT_FIELDS, OUTPUT_FIELDS

TEXTS = ["Zoë", "%_\\'\"", "  blanks kept  ", "", "line\nbreak\ttab", "日本語 🎉 \U0010fffd", "a" * 10_000]


def test_every_field_comes_back_as_sent(shop):
    sent = {name: f"the {name} of a customer" for name in INPUT_FIELDS} | {
        "email": "Some.One+tag@Example.COM"
    }
    created = shop.create(**sent)
    shown = {name: created[name] for name in sent if name in OUTPUT_FIELDS}
    assert shown == {name: value for name, value in sent.items() if name in OUTPUT_FIELDS}
    assert set(created) == set(OUTPUT_FIELDS)
    assert shop.get(created["id"]).json() == created
    assert shop.list()["customers"] == [created]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_texts_are_stored_exactly(shop, text):
    created = shop.create(first_name=text, shipto_address=text)
    assert shop.get(created["id"]).json()["first_name"] == text
    assert shop.get(created["id"]).json()["shipto_address"] == text


def test_only_a_create_sets_defaults(shop):
    created = shop.create(shipto_country=None)
    assert (created["timezone"], created["shipto_country"]) == ("America/New_York", None)
    shop.update(created["id"], timezone="Europe/Paris")
    assert shop.update(created["id"], phone="1").json()["timezone"] == "Europe/Paris"
    assert shop.update(created["id"], timezone=None).json()["timezone"] is None
    assert shop.update(created["id"], phone="2").json()["timezone"] is None


def test_an_update_changes_what_is_sent_and_nothing_else(shop):
    one, two = shop.create(first_name="One"), shop.create(first_name="Two")
    changed = shop.update(one["id"], first_name="Uno", id=two["id"], inserted_at="2000-01-01", unknown=[1])
    assert changed.json() == {**one, "first_name": "Uno"}
    assert shop.update(one["id"]).json() == changed.json()
    assert shop.get(two["id"]).json() == two


def test_the_creation_time_is_utc_even_after_the_clock_was_moved(shop):
    shop.advance(86_400)
    inserted_at = shop.create()["inserted_at"]
    assert len(inserted_at) == len("2018-11-27T20:10:19.437168")
    age = datetime.now(UTC) - datetime.fromisoformat(inserted_at).replace(tzinfo=UTC)
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, ["Email: can't be blank"]),
        ({"email": None}, ["Email: can't be blank"]),
        ({"email": ""}, ["Email: can't be blank"]),
        ({"email": "nobody"}, ["Email: is not a valid email"]),
        ({"email": "a@b.co\n"}, ["Email: is not a valid email"]),
        ({"email": f"{'a' * 250}@b.co"}, ["Email: is too long (at most 254 characters)"]),
        (
            {"email": "a@b.co", "phone": 1, "first_name": []},
            ["First name: must be string or null", "Phone: must be"],
        ),
        ({"email": "a@b.co", "last_name": "a\0b"}, ["Last name: must not contain the character NUL"]),
        (
            {"email": "a@b.co", "last_name": "a" * 10_001},
            ["Last name: is too long (at most 10000 characters)"],
        ),
    ],
)
def test_invalid_fields_are_named_and_nothing_is_stored(shop, body, errors):
    answer = shop.call("POST", "/customer", json=body)
    assert answer.status_code == 400
    for expected, observed in zip(errors, answer.json()["errors"], strict=True):
        assert observed.startswith(expected)
    assert shop.list()["total_entries"] == 0


def test_no_two_customers_of_a_merchant_share_an_email(shop, other_shop):
    first, second = shop.create(email="a@b.co"), shop.create(email="c@d.co")
    taken = {"message": "The customer could not be saved", "errors": ["Email: has already been taken"]}
    assert shop.call("POST", "/customer", json={"email": "A@B.CO"}).json() == taken
    assert shop.update(second["id"], email="a@B.co", phone="1").json() == taken
    assert [shop.get(one["id"]).json() for one in (first, second)] == [first, second]
    assert shop.update(first["id"], email="A@b.co").json()["email"] == "A@b.co"
    assert other_shop.create(email="a@b.co")["id"] != first["id"]


@pytest.mark.parametrize(
    "customer_id",
    [
        "9a426155-a927-4984-8738-0bd1ffc15248",
        "9a426155-a927-4984-8738-0bd1ffc15248%0A",
        "1",
        "%00",
        "%0A",
        "null",
        "a%2Fb",
        "é",
    ],
)
def test_unknown_and_malformed_ids_are_not_found(shop, customer_id):
    assert shop.get(customer_id).status_code == 404
    assert shop.update(customer_id, phone="1").status_code == 404
    assert shop.remove(customer_id).status_code == 404


def test_merchants_do_not_see_each_other(shop, other_shop):
    theirs = shop.create(email="a@b.co", first_name="Ada")
    shop.set_password(theirs["id"], "secret")
    token = shop.mailed_token("a@b.co")
    assert other_shop.list()["total_entries"] == 0
    assert other_shop.found("Ada") == other_shop.found("a@b.co") == []
    assert {
        other_shop.get(theirs["id"]).status_code,
        other_shop.update(theirs["id"], phone="1").status_code,
    } == {404}
    assert other_shop.remove(theirs["id"]).status_code == 404
    assert other_shop.login("a@b.co", "secret").status_code == 400
    assert other_shop.login_token(token).status_code == 400
    assert shop.get(theirs["id"]).json() == theirs
    assert shop.login_token(token).json() == theirs


def test_pages_contain_every_customer_once_in_the_same_order(shop):
    everyone = [shop.create()["id"] for _ in range(23)]
    pages = [shop.list(page=number) for number in (1, 2, 3, 4)]
    assert [[customer["id"] for customer in page["customers"]] for page in pages] == [
        everyone[:10],
        everyone[10:20],
        everyone[20:],
        [],
    ]
    for number, page in enumerate(pages, 1):
        told = {name: page[name] for name in page if name != "customers"}
        assert told == {"page_number": number, "page_size": 10, "total_entries": 23, "total_pages": 3}
    large = shop.list(per_page=100)
    assert (len(large["customers"]), large["page_size"], large["total_pages"]) == (23, 100, 1)
    dates = [customer["inserted_at"] for customer in large["customers"]]
    assert all(earlier <= later for earlier, later in pairwise(dates))


@pytest.mark.parametrize("page", [2**31, 2**63, 10**40])
def test_a_page_far_past_the_end_is_empty(shop, page):
    shop.create()
    assert shop.list(page=page, per_page=100)["customers"] == []


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=x",
        "page=",
        "page=1.0",
        "page=%D9%A1",
        f"page={'9' * 5000}",
        "per_page=0",
        "per_page=101",
        "page=1&page=2",
        "q=%00",
        "q=%FF",
    ],
    ids=lambda query: query[:20],
)
def test_bad_queries_are_refused(shop, query):
    answer = shop.call("GET", f"/customer?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_search_looks_at_names_or_at_emails(shop):
    ada = shop.create(email="lovelace@example.com", first_name="Ada", last_name="Byron")["id"]
    bob = shop.create(email="ada@example.com", first_name=None, last_name="McAdam")["id"]
    eve = shop.create(email="eve@example.org")["id"]
    assert shop.found("Ada") == [ada, bob]
    assert shop.found("yro") == [ada]
    assert shop.found("lovelace") == []
    assert shop.found("ada@example.com") == [bob]
    assert shop.found("@EXAMPLE.org") == [eve]
    assert shop.found("") == [ada, bob, eve]
    assert shop.found("Ada Byron") == []
    assert shop.list(q="Ada", per_page=1)["total_entries"] == 2


@pytest.mark.parametrize("sign", ["%", "_", "\\", "'", '"', "*", "(", "[a", ".", "+", "&", "#", ";", "\t"])
def test_no_character_of_a_search_is_special(shop, sign):
    one = shop.create(first_name=f"x{sign}y")["id"]
    shop.create(first_name="xzy", last_name="aaa")
    assert shop.found(f"x{sign}y") == [one]
    assert shop.found(sign) == [one]


@pytest.mark.parametrize(
    ("name", "q"),
    [("ÉMILIE", "émi"), ("Ωmega", "ω"), ("ДМИТРИЙ", "митр"), ("😀x", "😀"), ("Strauß", "STRAUSS")],
)
def test_search_ignores_case_in_every_script(shop, name, q):
    assert shop.found(q) == []
    customer = shop.create(last_name=name)["id"]
    assert shop.found(q) == shop.found(name) == [customer]


def test_a_search_may_be_long(shop):
    customer = shop.create(last_name="ab" * 5000)["id"]
    assert shop.found("ba" * 4999) == [customer]
    assert shop.found("@" + "x" * 30_000) == []
