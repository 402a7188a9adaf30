"""Keys, routes, methods and bodies: requests that are refused before any rule is called."""

import http.client
from urllib.parse import urlsplit

import pytest

from partially_reference.contract import API, operations

OPERATIONS = list(operations(API))


def at(operation):
    return operation.method, operation.path.replace("{id}", "9a426155-a927-4984-8738-0bd1ffc15248")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_no_operation_answers_without_a_known_key(shop, operation):
    method, path = at(operation)
    for header in [
        None,
        "",
        "Bearer",
        f"Bearer {shop.key[:-1]}",
        f"Bearer {shop.key}x",
        f"Basic {shop.key}",
        shop.key,
        f"Bearer{shop.key}",
        f"Bearer {shop.key} {shop.key}",
        f"Bearer {shop.key.upper()}",
    ]:
        headers = {} if header is None else {"Authorization": header}
        answer = shop.client.request(
            method, f"{shop.address}/api{path}", headers=headers, json={"email": "a@b.co"}
        )
        assert answer.status_code == 401, header
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json() == {"message": "The API key is missing or not known"}


def test_the_scheme_may_be_written_in_any_case_but_only_one_key_given(shop):
    for scheme in ("bearer", "BEARER", "Bearer "):
        assert (
            shop.call("GET", "/customer", headers={"Authorization": f"{scheme} {shop.key}"}).status_code
            == 200
        )
    twice = [("Authorization", f"Bearer {shop.key}")] * 2
    assert shop.client.get(f"{shop.address}/api/customer", headers=twice).status_code == 401


@pytest.mark.parametrize(
    "path",
    ["/", "/customers", "/customer/", "/customer/a/b", "/customer/gdpr_remove/", "/%0A", "/customer%0A"],
)
def test_unknown_routes_are_not_found(shop, path):
    answer = shop.call("GET", path)
    assert (answer.status_code, answer.json()) == (404, {"message": "There is nothing at this address"})


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/customer", "GET, HEAD, POST"),
        ("/customer/9a426155-a927-4984-8738-0bd1ffc15248", "GET, HEAD, PUT"),
        ("/customer/gdpr_remove/9a426155-a927-4984-8738-0bd1ffc15248", "PUT"),
        ("/customer/login_password", "POST"),
    ],
)
def test_a_refused_method_gets_the_allowed_ones_named(shop, path, allowed):
    for method in ("DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE"):
        answer = shop.call(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_head_is_get_without_a_body(shop):
    assert (shop.call("HEAD", "/customer").status_code, shop.call("HEAD", "/customer").content) == (200, b"")


def post(shop, content, content_type="application/json", **headers):
    if content_type is not None:
        headers["Content-Type"] = content_type
    return shop.call("POST", "/customer", content=content, headers=headers)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "application/json; charset=UTF-8",
        "APPLICATION/JSON",
        "application/vnd.api+json",
        "application/x-www-form-urlencoded",
    ],
)
def test_json_is_accepted_with_its_usual_content_types(shop, content_type):
    assert post(shop, b'{"email": "a@b.co"}', content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data", "json", "application/json; charset=latin-1"],
)
def test_other_content_types_are_refused(shop, content_type):
    assert post(shop, b'{"email": "a@b.co"}', content_type).status_code == 415
    assert post(shop, b'{"email": "a@b.co"}', **{"Content-Encoding": "gzip"}).status_code == 415
    assert shop.list()["total_entries"] == 0


BAD_BODIES = {
    "empty": b"",
    "blank": b" ",
    "cut": b'{"email": "a@b.co"',
    "trailing": b'{"email": "a@b.co"} x',
    "two": b'{"email": "a@b.co"}{}',
    "comma": b'{"email": "a@b.co",}',
    "single quotes": b"{'email': 'a@b.co'}",
    "form": b"email=a%40b.co",
    "array": b'[{"email": "a@b.co"}]',
    "text": b'"a@b.co"',
    "null": b"null",
    "not utf-8": b'{"email": "a@b.co", "first_name": "\xff"}',
    "utf-16": '{"email": "a@b.co"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"email": "a@b.co"}',
    "raw control character": b'{"email": "a@b.co", "first_name": "\x01"}',
    "half a pair": rb'{"email": "a@b.co", "first_name": "\ud800"}',
    "half a pair in a name": rb'{"email": "a@b.co", "\udc00": 1}',
    "nul": rb'{"email": "a@b.co", "first_name": "\u0000"}',
    "nan": b'{"email": "a@b.co", "x": NaN}',
    "infinity": b'{"email": "a@b.co", "x": -Infinity}',
    "infinite number": b'{"email": "a@b.co", "x": -1e999}',
    "twice": b'{"email": "a@b.co", "email": "c@d.co"}',
    "long number": b'{"email": "a@b.co", "x": ' + b"1" * 5000 + b"}",
    "deep": b'{"email": "a@b.co", "x": ' + b"[" * 101 + b"]" * 101 + b"}",
    "deep in a field": b'{"email": "a@b.co", "first_name": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    "very deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_bad_bodies_are_refused_and_nothing_is_stored(shop, body):
    answer = post(shop, body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert answer.json()["errors"]
    assert shop.list()["total_entries"] == 0


@pytest.mark.parametrize(
    "body",
    [
        rb'{"email": "a@b.co", "first_name": "\ud83c\udf89"}',
        '{"email": "a@b.co", "first_name": "🎉"}'.encode(),
    ],
)
def test_a_whole_pair_is_one_character(shop, body):
    assert post(shop, body).json()["first_name"] == "🎉"


def test_many_brackets_are_not_deep(shop):
    brackets = b"[" + b",".join([b"[]"] * 500) + b"]"
    assert (
        post(
            shop, b'{"email": "a@b.co", "first_name": "' + b"[{" * 500 + b'", "x": ' + brackets + b"}"
        ).status_code
        == 200
    )


def test_large_bodies_are_refused_and_the_server_keeps_running(shop):
    def chunks():
        yield b'{"email": "a@b.co", "x": "'
        for _ in range(40):
            yield b"x" * 65_536
        yield b'"}'

    assert post(shop, b'{"email": "a@b.co", "x": "' + b"x" * 1_100_000 + b'"}').status_code == 413
    assert post(shop, chunks()).status_code == 413
    assert post(shop, b'{"email": "a@b.co", "x": "' + b"x" * 900_000 + b'"}').status_code == 200


def test_a_connection_that_closes_within_a_body_stores_nothing(shop):
    url = urlsplit(shop.address)
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.putrequest("POST", "/api/customer")
    for name, value in {**shop.headers, "Content-Length": "100"}.items():
        connection.putheader(name, value)
    connection.endheaders(b'{"email": "a@b.co"')
    connection.close()
    assert shop.list()["total_entries"] == 0


def test_responses_are_json_that_no_cache_stores(shop):
    for answer in (shop.call("GET", "/customer"), shop.get("1"), shop.call("GET", "/nothing")):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/customers/{id}/password", {}, 400),
        ("PUT", "/customers/{id}/password", {"password": 1}, 400),
        ("PUT", "/customers/9a426155-a927-4984-8738-0bd1ffc15248/password", {"password": "x"}, 404),
        ("POST", "/customers/{id}/payment_plans", {"status": "bought"}, 400),
        ("POST", "/customers/unknown/payment_plans", {"status": "open"}, 404),
        ("GET", "/payment_plans/9a426155-a927-4984-8738-0bd1ffc15248", None, 404),
        ("PUT", "/payment_plans/9a426155-a927-4984-8738-0bd1ffc15248", {"status": "paid"}, 404),
        ("GET", "/emails", None, 400),
        ("POST", "/clock/advance", {"seconds": 0}, 400),
        ("POST", "/clock/advance", {"seconds": "1"}, 400),
        ("DELETE", "/", None, 405),
        ("GET", "/nothing", None, 404),
    ],
)
def test_the_harness_refuses_what_it_does_not_offer(shop, method, path, body, status):
    path = path.replace("{id}", shop.create()["id"])
    answer = shop.harness(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_the_harness_says_what_it_offers(shop):
    assert set(shop.harness("GET", "/").json()["capabilities"]) == {
        "password",
        "payment_plans",
        "emails",
        "clock",
    }
