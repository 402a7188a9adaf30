"""AUTH: one merchant cannot see, change or log in the customers of another."""

from __future__ import annotations

from partially_conformance.bench.answer import Answer, Customer
from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.shared.expectations import must_be_unchanged, must_store
from partially_conformance.suite.servers.shared.leaked_data import customers_to_remove
from partially_conformance.suite.servers.shared.lists import pages_of_whole_list

_NO_5XX = "an email of another merchant's customer not to be answered with a 5xx"


@check("AUTH-6")
def no_search_finds_a_customer_of_another_merchant(api: Api, other: Api, given: Given) -> None:
    """Search by email, first name and last name: only the merchant of the customer finds it."""
    customer = given.full_customer()
    for query in (customer.email, customer["first_name"], customer["last_name"]):
        with prerequisite("finding a customer of the merchant itself"):
            control = api.list(q=query)
            control.page()
        answer = other.list(q=query)
        page = answer.page()
        if customer.id in page.ids:
            raise answer.violation(
                "a search to find only the merchant's own customers",
                "it finds a customer of another merchant",
                control,
            )
        if page["total_entries"]:
            raise answer.violation(
                f"total_entries 0 in a search for {query!r}, which matches no customer of the merchant",
                f"total_entries is {page['total_entries']}",
                control,
            )


@check("AUTH-6")
def no_list_shows_a_customer_of_another_merchant(api: Api, other: Api, given: Given) -> None:
    """Request all pages of the other merchant's list, then its second and third page of one customer."""
    customer = given.full_customer()
    own = given.customer(of=other)
    listed: set[str] = set()
    for answer, page in pages_of_whole_list(other):
        listed |= set(page.ids)
        if customer.id in page.ids:
            raise answer.violation(
                "a list of the merchant's own customers only",
                "it shows a customer of another merchant",
                about=[customer.id, own.id],
            )
    for number in (2, 3):
        answer = other.list(per_page=1, page=number)
        for one in [] if answer.is_refusal else answer.page().ids:
            if one not in listed and api.get(one).ok:
                raise answer.violation(
                    f"the merchant's own customers only on page {number} of a list",
                    "it shows a customer of another merchant",
                    about=[one],
                )


@check("AUTH-7")
def a_customer_of_another_merchant_is_not_read(api: Api, other: Api, given: Given) -> None:
    """Each of two merchants reads its own customer, and is refused the customer of the other."""
    for owner, other_merchant in ((api, other), (other, api)):
        customer = given.full_customer(of=owner)
        with prerequisite("reading a customer of the merchant itself"):
            control = owner.get(customer.id)
            control.success()
        other_merchant.get(customer.id).refused(
            "for another merchant's customer", control=control, hides=[customer]
        )


@check("AUTH-8")
def a_customer_of_another_merchant_is_not_changed(api: Api, other: Api, given: Given, data: Data) -> None:
    """The other merchant updates every field, then one field; then the right merchant does."""
    customer = given.full_customer()
    one = {"phone": data.other("phone", customer)}
    for body in (data.fields(), one):
        answer = other.update(customer.id, body)
        answer.refused("for another merchant's customer", hides=[customer])
        must_be_unchanged(customer, api, answer)
    with prerequisite("the same update by the right merchant"):
        api.update(customer.id, one).success()


@check("AUTH-9")
def a_customer_of_another_merchant_is_not_removed(
    api: Api, other: Api, given: Given, offered: frozenset[Need]
) -> None:
    """The other merchant removes a customer, then the right merchant; also a customer with a plan."""
    for customer in customers_to_remove(given, offered):
        answer = other.gdpr_remove(customer.id).refused("for another merchant's customer", hides=[customer])
        must_be_unchanged(customer, api, answer)
        with prerequisite("removing a customer of the merchant itself"):
            api.gdpr_remove(customer.id).success()


@check("AUTH-10")
def a_password_works_only_with_its_merchant(api: Api, other: Api, given: Given) -> None:
    """Log in with the same email and password with both keys."""
    customer = given.full_customer()
    login = {"email": customer.email, "password": given.password(customer)}
    control = api.login_password(**login)
    _must_log_in(customer, control)
    answer = other.login_password(**login)
    unsent = {name: value for name, value in customer.items() if name != "email"}
    answer.refused("with the password of another merchant's customer", control=control, hides=[unsent])


@check("AUTH-10")
def the_same_email_at_two_merchants_has_two_logins(api: Api, other: Api, given: Given) -> None:
    """Each merchant has a customer with one email: each logs in only with the key of its merchant."""
    customer = given.full_customer()
    password = given.password(customer)
    created = other.create(email=customer.email)
    if not created.ok:
        return  # a target may allow each email only once
    twin = created.customer()
    answer = api.login_password(email=customer.email, password=password)
    _must_log_in(customer, answer)
    crossed = other.login_password(email=customer.email, password=password)
    if crossed.ok:
        raise crossed.violation(
            "a login with the password of another merchant's customer to be refused",
            f"status {crossed.status}",
        )
    new = given.password(twin)
    answer = other.login_password(email=twin.email, password=new)
    _must_log_in(twin, answer)
    for merchant, wrong in ((api, new), (other, password)):
        crossed = merchant.login_password(email=customer.email, password=wrong)
        crossed.refused("with the password of another merchant's customer", control=answer)


@check("AUTH-11")
def a_token_works_only_with_its_merchant(api: Api, other: Api, given: Given) -> None:
    """A token logs in with the key it was requested with; a second token is refused with the other key."""
    customer = given.full_customer()
    control = api.login_token(token=given.token(customer))
    _must_log_in(customer, control)
    answer = other.login_token(token=given.token(customer))
    answer.refused("with the token of another merchant's customer", control=control, hides=[customer])


@check("AUTH-11")
def a_token_for_a_customer_of_another_merchant_is_not_sent(other: Api, given: Given) -> None:
    """Another merchant requests a token, then the right merchant: only one email is sent."""
    customer = given.full_customer()
    before = given.welcome_emails(customer)
    asked = other.login_email(email=customer.email)
    given.email_with_token(customer)
    given.wait_for_emails()
    count = len(given.emails(customer.email)) - before
    if count > 1:
        raise asked.violation(
            "no email to the customer of another merchant", f"{count} emails after one valid request",
            about=[customer.id],
        )  # fmt: skip


@check("AUTH-15")
def a_customer_of_another_merchant_looks_unknown(other: Api, given: Given, data: Data) -> None:
    """Read, update and remove another merchant's customer and an unknown id, and compare the statuses."""
    customer = given.full_customer()
    phone = data.other("phone", customer)
    for request in (other.get, lambda one: other.update(one, phone=phone), other.gdpr_remove):
        unknown, foreign = request(data.unknown_id()), request(customer.id)
        if unknown.status != foreign.status:
            raise foreign.violation(
                f"status {unknown.status}, as for an unknown id", f"status {foreign.status}", unknown
            )


@check("AUTH-16")
def a_create_with_an_email_of_another_merchant_is_separate(
    api: Api, other: Api, given: Given, data: Data, choices: Choices
) -> None:
    """The other merchant creates a customer with the email alone, then with every field; or is refused."""
    for fields in ({}, data.fields()):
        customer = given.full_customer()
        sent = {**fields, "email": customer.email}
        answer = other.create(sent).no_server_error(_NO_5XX)
        _must_be_separate(answer, customer)
        if answer.ok:
            must_store(sent, other, answer, what="the new customer of the other merchant")
        must_be_unchanged(customer, api, answer)
        choices.saw(
            "email-elsewhere", "a separate customer" if answer.ok else f"refused with {answer.status}"
        )


@check("AUTH-16")
def an_update_to_an_email_of_another_merchant_is_separate(api: Api, other: Api, given: Given) -> None:
    """The other merchant updates its own customer to the email, or is refused."""
    customer, own = given.full_customer(), given.full_customer(of=other)
    sent = {"email": customer.email}
    answer = other.update(own.id, sent).no_server_error(_NO_5XX)
    _must_be_separate(answer, customer)
    if answer.ok:
        must_store(own, other, answer, changed=sent, what="the customer of the other merchant")
    else:
        must_be_unchanged(own, other, answer, what="the customer of the other merchant")
    must_be_unchanged(customer, api, answer)


def _must_be_separate(answer: Answer, customer: Customer) -> None:
    """Require that the response shows nothing of this customer except the email, which was sent."""
    if answer.ok and answer.customer().id == customer.id:
        raise answer.violation(
            "a response about the merchant's own customer",
            "the response is a customer of another merchant",
            about=[customer.id, customer.email],
        )
    answer.shows_nothing_of(customer)


def _must_log_in(customer: Customer, answer: Answer) -> None:
    """Require that the response to the login is this customer."""
    seen = answer.customer("a login with the key of the right merchant")
    if seen.id != customer.id:
        raise answer.violation(
            f"the customer with the email {customer.email!r}", f"the customer with the email {seen.email!r}"
        )
