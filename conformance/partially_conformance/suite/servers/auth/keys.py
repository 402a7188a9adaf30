"""AUTH: which keys are accepted, and what a request with a wrong key must not do."""

from __future__ import annotations

import string
from collections.abc import Iterator
from urllib.parse import quote

from partially_conformance.bench.api import NO_KEY, Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.auth.requests import requests_to_every_operation
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_have_stored_nothing,
)
from partially_conformance.traffic.cases import Cases
from partially_conformance.traffic.exchange import Key
from partially_conformance.traffic.redaction import Secrets

_LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits


@check("AUTH-1")
def every_operation_refuses_a_request_without_a_key(
    api: Api, given: Given, data: Data, offered: frozenset[Need], choices: Choices, cases: Cases
) -> None:
    """Send each request without a key, then the same request with the right key."""
    for request in requests_to_every_operation(api, given, data, offered):
        with cases.next():
            answer = request.must_be_refused(api, NO_KEY, "without a key")
            choices.saw("missing-key-status", answer.status)


@check("AUTH-1")
def reads_without_a_key_show_no_customer(api: Api, given: Given, cases: Cases) -> None:
    """Send GET and HEAD without a key, for further pages and with other spellings of the paths.

    A target may answer other spellings, even with a page of its own, but no customer may be shown.
    """
    customer = given.full_customer()
    with prerequisite("reading with the right key"):
        api.list(q=customer.email).success()
        api.get(customer.id).success()
    one = f"/customer/{quote(customer.id, safe='')}"
    for path in ("/customer", one, "/customer?page=1", "/customer?per_page=100"):
        for method in ("HEAD", "GET"):
            with cases.next():
                answer = api.send(method, path, key=NO_KEY)
                if answer.ok or (method == "GET" and not answer.is_refusal):
                    raise answer.violation(
                        f"{method} {path} without a key to be refused", f"status {answer.status}"
                    )
    spelled = (
        "/customer/",
        "//customer",
        "/./customer",
        "/CUSTOMER",
        "/customer.json",
        "/customer?",
        f"{one}/",
    )
    for path in (*spelled, f"/{one}", f"{one}.json", f"{one}?page=1"):
        with cases.next():
            answer = api.send("GET", path, key=NO_KEY).no_server_error().shows_nothing_of(customer)
            if isinstance(answer.json, dict) and answer.json.get("customers"):
                raise answer.violation(f"GET {path} without a key to show no customers", "it lists customers")


@check("AUTH-2")
def every_operation_refuses_an_unknown_key(
    api: Api, given: Given, data: Data, offered: frozenset[Need], choices: Choices, cases: Cases
) -> None:
    """Send each request with a generated key that looks like the right one, then with the right key."""
    for request in requests_to_every_operation(api, given, data, offered):
        with cases.next():
            answer = request.must_be_refused(api, _unknown_key(api, data), "with an unknown key")
            choices.saw("missing-key-status", answer.status)


@check("AUTH-2")
def special_values_are_refused_as_keys(api: Api, given: Given, cases: Cases) -> None:
    """Send wildcards, fragments of SQL, `null` and the like in place of a key."""
    customer = given.customer()
    control = api.list(q=customer.email)
    keys = [
        Key(text, "INVALID_KEY") for text in ("%", "*", "' OR '1'='1", "null", "undefined", "true", "0", "")
    ]
    keys += [Key(text, "INVALID_KEY") for text in ("x" * 2000, "a.b.c", "====", "\u00fc")]
    for key in (*keys, Key("", "INVALID_KEY", scheme="")):
        with cases.next():
            answer = api.call("listCustomers", query={"q": customer.email}, key=key)
            answer.refused(
                f"with the header 'Authorization: {key.header}'", control=control, hides=[customer]
            )


@check("AUTH-3")
def changed_keys_are_refused(
    api: Api, other: Api | None, given: Given, secrets: Secrets, cases: Cases
) -> None:
    """Send the key cut short, made longer, and changed at the start, in the middle and at the end."""
    customer = given.customer()
    control = api.list(q=customer.email)
    real = {one.key.value for one in (api, other) if one is not None}
    for what, text in _changed_keys(api.key.value):
        with cases.next():
            if text in real:
                continue
            key = Key(text, "CHANGED_KEY")
            secrets.add_key(key)
            answer = api.call("listCustomers", query={"q": customer.email}, key=key)
            answer.refused(f"with the key {what}", control=control, hides=[customer])


@check("AUTH-4")
def the_key_is_refused_under_other_schemes(api: Api, given: Given, cases: Cases) -> None:
    """Send the right key after other schemes than Bearer, and without a scheme."""
    customer = given.customer()
    control = api.list(q=customer.email)
    for scheme in ("Basic", "Token", "ApiKey", "Bearers", ""):
        with cases.next():
            key = Key(api.key.value, api.key.name, scheme)
            answer = api.call("listCustomers", query={"q": customer.email}, key=key)
            why = f"with the scheme {scheme}" if scheme else "without a scheme"
            answer.refused(why, control=control, hides=[customer])


@check("AUTH-5")
def a_create_with_a_wrong_key_stores_nothing(api: Api, data: Data) -> None:
    """Create without a key and with an unknown key; with the right key the same create succeeds."""
    for key in (NO_KEY, _unknown_key(api, data)):
        fields = data.fields()
        answer = _refused(api.call("createCustomer", json_body=fields, key=key))
        must_have_stored_nothing(api, fields["email"], answer)
        with prerequisite("creating the same customer with the right key"):
            api.create(fields).success()


@check("AUTH-5")
def an_update_with_a_wrong_key_changes_nothing(api: Api, given: Given, data: Data) -> None:
    """Update without a key and with an unknown key; with the right key the same update succeeds."""
    customer = given.full_customer()
    for key in (NO_KEY, _unknown_key(api, data)):
        new = data.fields()
        answer = _refused(api.call("updateCustomer", customer.id, json_body=new, key=key))
        must_be_unchanged(customer, api, answer)
    with prerequisite("the same update with the right key"):
        api.update(customer.id, new).success()


@check("AUTH-5")
def a_removal_with_a_wrong_key_removes_no_customer(api: Api, given: Given, data: Data) -> None:
    """Remove without a key and with an unknown key; with the right key the same removal succeeds."""
    customer = given.full_customer()
    for key in (NO_KEY, _unknown_key(api, data)):
        answer = _refused(api.call("gdprRemoveCustomer", customer.id, key=key))
        must_be_unchanged(customer, api, answer)
    with prerequisite("removing the customer with the right key"):
        api.gdpr_remove(customer.id).success()


@check("AUTH-5")
def a_login_with_a_wrong_key_does_nothing(
    api: Api, given: Given, data: Data, offered: frozenset[Need]
) -> None:
    """No token is emailed, and an earlier token is not used up: it logs in with the right key."""
    if Need.EMAILS not in offered:
        return  # without emails neither can be seen
    customer, other_customer = given.full_customer(), given.full_customer()
    token, before = given.token(customer), given.welcome_emails(other_customer)
    for key in (NO_KEY, _unknown_key(api, data)):
        answer = _refused(api.call("loginEmail", json_body={"email": other_customer.email}, key=key))
        given.wait_for_emails()
        if len(given.emails(other_customer.email)) > before:
            raise answer.violation(
                "a refused request for a login token to send no email",
                "an email was sent",
                about=[other_customer.id],
            )
        answer = _refused(api.call("loginToken", json_body={"token": token}, key=key))
    with prerequisite("requesting a login token with the right key"):
        api.login_email(email=other_customer.email).success()
    login = api.login_token(token=token)
    if not login.ok:
        with prerequisite("logging in with a newly requested token"):
            api.login_token(token=given.token(customer)).success()
        raise login.violation(
            "a token to log in with the right key after a wrong key", f"status {login.status}", answer,
            about=[customer.id, customer.email],
        )  # fmt: skip


@check("AUTH-12", read_only=True)
def a_401_names_its_scheme(api: Api, data: Data) -> None:
    """List customers without a key and with an unknown key."""
    for key in (NO_KEY, _unknown_key(api, data)):
        answer = api.call("listCustomers", key=key)
        if answer.status == 401 and "www-authenticate" not in answer.headers:
            raise answer.violation(
                "a WWW-Authenticate header in a response with status 401", "no such header"
            )


@check("AUTH-13", read_only=True)
def the_scheme_is_accepted_in_any_case(api: Api) -> None:
    """Send the right key after `bearer` and after `BEARER`."""
    with prerequisite("listing customers with the right key"):
        control = api.list()
        control.success()
    for scheme in ("bearer", "BEARER"):
        answer = api.call("listCustomers", key=Key(api.key.value, api.key.name, scheme))
        if not answer.ok:
            raise answer.violation(
                f"the key to be accepted after {scheme!r} as after 'Bearer'",
                f"status {answer.status}",
                control,
            )


@check("AUTH-14", read_only=True)
def a_refusal_does_not_repeat_the_key(api: Api, data: Data) -> None:
    """Search the bodies and headers of refusals for the unknown key that was sent."""
    for operation, customer_id in (("listCustomers", None), ("getCustomer", data.unknown_id())):
        key = _unknown_key(api, data)
        answer = api.call(operation, customer_id, key=key)
        if any(key.value in text for text in (answer.text, *answer.headers.values())):
            raise answer.violation("a refusal that does not contain the key", "the refusal contains the key")


def _unknown_key(api: Api, data: Data) -> Key:
    """Generate a key that was never issued, as long as the right one."""
    length = max(12, len(api.key.value))
    text = "".join(data.word() for _ in range(length // 12 + 1))[:length]
    return Key(text, "UNKNOWN_KEY")


def _changed_keys(key: str) -> Iterator[tuple[str, str]]:
    """Keys that are almost right, each after a description of what is wrong."""
    yield "without its last character", key[:-1]
    yield "without its first character", key[1:]
    yield "cut in half", key[: len(key) // 2]
    yield "with one more character at the end", f"{key}x"
    yield "with one more character at the start", f"x{key}"
    yield "sent twice", key + key
    yield "with another key after a comma", f"{key},x"
    yield "with an equals sign at the end", f"{key}="
    for where, place in (("first", 0), ("middle", len(key) // 2), ("last", len(key) - 1)):
        yield f"changed in its {where} character", key[:place] + _other(key[place]) + key[place + 1 :]
    if key not in (key.lower(), key.upper()):  # a hexadecimal key may be accepted in either case
        yield "in the other case", key.swapcase()


def _other(character: str) -> str:
    """Return another character, half the alphabet away.

    The next character of the alphabet is not enough: the last character of a base64 key has unused bits, and
    a target that decodes the key cannot see them change.
    """
    place = _LETTERS.find(character)
    return "x" if place < 0 else _LETTERS[(place + len(_LETTERS) // 2) % len(_LETTERS)]


def _refused(answer: Answer) -> Answer:
    """Return a response that is a refusal. Whether the refusal is required is checked by another rule.

    Raises:
        Blocked: It is not a refusal.
    """
    with prerequisite("refusing a request with a wrong key"):
        return answer.refused("without the right key")
