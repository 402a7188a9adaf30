"""Servers with replaced components, and the fields that the server reads from the document."""

import logging

from partially_reference.app import Components
from partially_reference.contract import API, DEFAULTS, INPUT_FIELDS, OUTPUT_FIELDS, PLAN_COPIES
from partially_reference.rules.customers import Customers
from partially_reference.rules.search import Search
from partially_reference.storage.tables import customers


def test_a_replaced_component_changes_the_server_and_nothing_else(server_with):
    class FirstNamesOnly(Search):
        def name_columns(self):
            return (customers.c.first_name_folded,)

    with server_with(Components(search=FirstNamesOnly)) as shop:
        ada = shop.create(first_name="Ada", last_name="Byron")["id"]
        assert (shop.found("ada"), shop.found("byron"), shop.found("@")) == ([ada], [], [ada])


def test_a_failure_in_the_server_is_logged_and_not_shown(server_with, caplog):
    class Broken(Customers):
        def read(self, merchant_id, customer_id):
            raise RuntimeError("the secret reason")

    with caplog.at_level(logging.ERROR), server_with(Components(customers=Broken)) as shop:
        answer = shop.get(shop.create()["id"])
        assert (answer.status_code, answer.json()) == (500, {"message": "Something went wrong in the server"})
        assert shop.list()["total_entries"] == 1
    assert "the secret reason" in caplog.text


def test_field_lists_come_from_the_document():
    schemas = API.raw["components"]["schemas"]
    shared = set(schemas["CustomerFields"]["properties"])
    assert set(INPUT_FIELDS) == shared | {"language", "email"}
    assert set(OUTPUT_FIELDS) == shared | {"id", "email", "inserted_at"}
    assert DEFAULTS == {"language": "en", "timezone": "America/New_York", "shipto_country": "US"}
    assert set(PLAN_COPIES) == {name for name in shared if name.startswith("shipto_")}
