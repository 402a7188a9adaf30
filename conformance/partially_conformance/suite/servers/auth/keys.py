"""AUTH: who may ask, and with what."""

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
from partially_conformance.traffic.exchange import Key
from partially_conformance.traffic.redaction import Secrets

_LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits


@check("AUTH-1")
def every_operation_wants_a_key(
    api: Api, given: Given, data: Data, offered: frozenset[Need], choices: Choices
) -> None:
    """Each operation without a key, and then the same with it."""
    for request in requests_to_every_operation(api, given, data, offered):
        answer = request.must_be_refused(api, NO_KEY, "without a key")
        choices.saw("missing-key-status", answer.status)


@check("AUTH-1")
def no_way_leads_round_the_key(api: Api, given: Given) -> None:
    """Reads without a key: the head alone, of further pages, and by other spellings of a path.

    A server may answer other spellings, even with a page of its own; nothing of a customer may be in it.
    """
    customer = given.full_customer()
    with prerequisite("reading with the key"):
        api.list(q=customer.email).success()
        api.get(customer.id).success()
    one = f"/customer/{quote(customer.id, safe='')}"
    for path in ("/customer", one, "/customer?page=1", "/customer?per_page=100"):
        for method in ("HEAD", "GET"):
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
        answer = api.send("GET", path, key=NO_KEY).no_server_error().shows_nothing_of(customer)
        if isinstance(answer.json, dict) and answer.json.get("customers"):
            raise answer.violation(f"GET {path} without a key to show nobody", "it lists customers")


@check("AUTH-2")
def every_operation_refuses_an_unknown_key(
    api: Api, given: Given, data: Data, offered: frozenset[Need], choices: Choices
) -> None:
    """Each operation with a made-up key that looks like the real one, and then with the real one."""
    for request in requests_to_every_operation(api, given, data, offered):
        answer = request.must_be_refused(api, _unknown_key(api, data), "with an unknown key")
        choices.saw("missing-key-status", answer.status)


@check("AUTH-2")
def texts_that_mean_something_elsewhere_are_no_keys(api: Api, given: Given) -> None:
    """Wildcards, fragments of queries and the names of nothing, in place of a key."""
    customer = given.customer()
    control = api.list(q=customer.email)
    keys = [Key(text, "ODD_KEY") for text in ("%", "*", "' OR '1'='1", "null", "undefined", "true", "0", "")]
    keys += [Key(text, "ODD_KEY") for text in ("x" * 2000, "a.b.c", "====", "\u00fc")]
    for key in (*keys, Key("", "ODD_KEY", scheme="")):
        answer = api.call("listCustomers", query={"q": customer.email}, key=key)
        answer.refused(f"with the header 'Authorization: {key.header}'", control=control, hides=[customer])


@check("AUTH-3")
def only_the_whole_key_opens(api: Api, other: Api | None, given: Given, secrets: Secrets) -> None:
    """The key cut short, made longer, and changed at its start, in its middle and at its end."""
    customer = given.customer()
    control = api.list(q=customer.email)
    real = {one.key.value for one in (api, other) if one is not None}
    for what, text in _changed_keys(api.key.value):
        if text in real:
            continue
        key = Key(text, "CHANGED_KEY")
        secrets.add_key(key)
        answer = api.call("listCustomers", query={"q": customer.email}, key=key)
        answer.refused(f"with the key {what}", control=control, hides=[customer])


@check("AUTH-4")
def the_key_counts_only_as_a_bearer_token(api: Api, given: Given) -> None:
    """The right key after other schemes, and after none."""
    customer = given.customer()
    control = api.list(q=customer.email)
    for scheme in ("Basic", "Token", "ApiKey", "Bearers", ""):
        key = Key(api.key.value, api.key.name, scheme)
        answer = api.call("listCustomers", query={"q": customer.email}, key=key)
        why = f"with the scheme {scheme}" if scheme else "without a scheme"
        answer.refused(why, control=control, hides=[customer])


@check("AUTH-5")
def a_create_refused_for_its_key_stores_nothing(api: Api, data: Data) -> None:
    """Without a key and with an unknown one; with the right one the same is stored."""
    for key in (NO_KEY, _unknown_key(api, data)):
        fields = data.fields()
        answer = _refused(api.call("createCustomer", json_body=fields, key=key))
        must_have_stored_nothing(api, fields["email"], answer)
        with prerequisite("creating the same customer with the key"):
            api.create(fields).success()


@check("AUTH-5")
def an_update_refused_for_its_key_changes_nothing(api: Api, given: Given, data: Data) -> None:
    """Without a key and with an unknown one; with the right one the same changes the customer."""
    customer = given.full_customer()
    for key in (NO_KEY, _unknown_key(api, data)):
        new = data.fields()
        answer = _refused(api.call("updateCustomer", customer.id, json_body=new, key=key))
        must_be_unchanged(customer, api, answer)
    with prerequisite("the same update with the key"):
        api.update(customer.id, new).success()


@check("AUTH-5")
def a_removal_refused_for_its_key_removes_nobody(api: Api, given: Given, data: Data) -> None:
    """Without a key and with an unknown one; with the right one the customer is removed."""
    customer = given.full_customer()
    for key in (NO_KEY, _unknown_key(api, data)):
        answer = _refused(api.call("gdprRemoveCustomer", customer.id, key=key))
        must_be_unchanged(customer, api, answer)
    with prerequisite("removing the customer with the key"):
        api.gdpr_remove(customer.id).success()


@check("AUTH-5")
def a_login_refused_for_its_key_does_nothing(
    api: Api, given: Given, data: Data, offered: frozenset[Need]
) -> None:
    """No token is sent, and one that was sent is not used up; the same with the key logs in."""
    if Need.EMAILS not in offered:
        return  # neither can be seen without
    customer, stranger = given.full_customer(), given.full_customer()
    token, before = given.token(customer), given.welcome_emails(stranger)
    for key in (NO_KEY, _unknown_key(api, data)):
        answer = _refused(api.call("loginEmail", json_body={"email": stranger.email}, key=key))
        given.wait_for_emails()
        if len(given.emails(stranger.email)) > before:
            raise answer.violation(
                "no email, as the request for it was refused", "one was sent", about=[stranger.id]
            )
        answer = _refused(api.call("loginToken", json_body={"token": token}, key=key))
    with prerequisite("asking for a token with the key"):
        api.login_email(email=stranger.email).success()
    login = api.login_token(token=token)
    if not login.ok:
        with prerequisite("logging in with a token that was asked for anew"):
            api.login_token(token=given.token(customer)).success()
        raise login.violation(
            "a token to work that was refused with another key only", f"status {login.status}", answer,
            about=[customer.id, customer.email],
        )  # fmt: skip


@check("AUTH-12", read_only=True)
def a_401_says_which_scheme_it_wants(api: Api, data: Data) -> None:
    """A read without a key and one with an unknown key."""
    for key in (NO_KEY, _unknown_key(api, data)):
        answer = api.call("listCustomers", key=key)
        if answer.status == 401 and "www-authenticate" not in answer.headers:
            raise answer.violation("a WWW-Authenticate header with a 401", "there is none")


@check("AUTH-13", read_only=True)
def the_scheme_is_read_in_any_case(api: Api) -> None:
    """`bearer` and `BEARER`, after `Bearer`."""
    with prerequisite("a list with the key"):
        control = api.list()
        control.success()
    for scheme in ("bearer", "BEARER"):
        answer = api.call("listCustomers", key=Key(api.key.value, api.key.name, scheme))
        if not answer.ok:
            raise answer.violation(
                f"the key to be taken after {scheme!r} as after 'Bearer'", f"status {answer.status}", control
            )


@check("AUTH-14", read_only=True)
def a_refusal_does_not_repeat_the_key(api: Api, data: Data) -> None:
    """The body and the headers of the answers to unknown keys."""
    for operation, customer_id in (("listCustomers", None), ("getCustomer", data.unknown_id())):
        key = _unknown_key(api, data)
        answer = api.call(operation, customer_id, key=key)
        if any(key.value in text for text in (answer.text, *answer.headers.values())):
            raise answer.violation("a refusal that does not repeat the key", "the key is in it")


def _unknown_key(api: Api, data: Data) -> Key:
    """A key that was never given out, as long as the real one."""
    length = max(12, len(api.key.value))
    text = "".join(data.word() for _ in range(length // 12 + 1))[:length]
    return Key(text, "UNKNOWN_KEY")


def _changed_keys(key: str) -> Iterator[tuple[str, str]]:
    """Keys that are almost right, and what is wrong with each."""
    yield "without its last character", key[:-1]
    yield "without its first character", key[1:]
    yield "cut in half", key[: len(key) // 2]
    yield "and one more character at its end", f"{key}x"
    yield "and one more character at its start", f"x{key}"
    yield "given twice", key + key
    yield "and another after a comma", f"{key},x"
    yield "and an equals sign at its end", f"{key}="
    for where, place in (("first", 0), ("middle", len(key) // 2), ("last", len(key) - 1)):
        yield f"changed in its {where} character", key[:place] + _other(key[place]) + key[place + 1 :]
    if key not in (key.lower(), key.upper()):  # a key in hexadecimal may be read in either case
        yield "in the other case", key.swapcase()


def _other(character: str) -> str:
    """Another character, half the alphabet away.

    A neighbour would not do: the last character of a key in base64 holds bits that mean nothing, and a
    server that decodes it cannot see them change.
    """
    place = _LETTERS.find(character)
    return "x" if place < 0 else _LETTERS[(place + len(_LETTERS) // 2) % len(_LETTERS)]


def _refused(answer: Answer) -> Answer:
    """An answer that was a refusal: whether it had to be is another rule's business."""
    with prerequisite("refusing a request for its key"):
        return answer.refused("without the right key")
