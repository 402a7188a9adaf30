"""AUTH: each merchant can do everything with its own customers, and nothing with those of another."""

from __future__ import annotations

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_find,
    must_match,
    must_store,
    pages,
)
from partially_conformance.suite.servers.shared.guessing import right_login
from partially_conformance.suite.servers.shared.leaked_data import (
    must_be_anonymised,
    must_be_deleted,
    personal_values,
)
from partially_conformance.suite.servers.shared.lists import (
    LONGEST_PAGE,
    customers_of_run,
    make_list_long,
)
from partially_conformance.target.harness import Harness
from partially_conformance.target.journal import Journal
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import Blocked, Violation

_DEEP_PAGES = 7  # pages after the first that are requested of a long list


@check("AUTH-6")
def no_page_of_a_search_shows_a_customer_of_another_merchant(
    api: Api, other: Api, given: Given, data: Data
) -> None:
    """Search for a last name that customers of both merchants have, on small pages, with both keys."""
    word = data.word()
    own = {
        merchant: [given.customer(of=merchant, last_name=word).id for _ in range(3)]
        for merchant in (api, other)
    }
    for merchant, ids in own.items():
        for answer, page in pages(merchant, q=word, per_page=2):
            foreign = [one for one in page.ids if one not in ids]
            if foreign or page["total_entries"] != len(ids):
                raise answer.violation(
                    f"a search for {word!r} to find and count the merchant's {len(ids)} customers only",
                    f"it counts {page['total_entries']} customers"
                    + (", and shows a customer of another merchant" if foreign else ""),
                    about=[one for others in own.values() for one in others],
                )


@check("AUTH-6")
def the_list_counts_no_customer_of_another_merchant(
    api: Api, other: Api, given: Given, target: Target
) -> None:
    """Compare total_entries before and after the other merchant creates a customer, for both merchants."""
    if target.live:
        return  # others may create customers meanwhile; totals of a search are checked there too
    for merchant, another in ((api, other), (other, api)):
        before = merchant.list()
        total = before.page()["total_entries"]
        created = given.customer(of=another)
        after = merchant.list()
        counted = after.page()["total_entries"]
        if counted > total and merchant.list().page()["total_entries"] == counted:
            raise after.violation(
                f"total_entries to stay {total} while another merchant creates a customer",
                f"total_entries is {counted}",
                before,
                about=[created.id],
            )


@check("AUTH-6", late=True)
def no_page_of_a_long_list_shows_a_customer_of_another_merchant(
    api: Api, other: Api, given: Given, journal: Journal, target: Target
) -> None:
    """Request the pages of a long list, up to a limit, and look for the customers of the other merchant."""
    before = given.customer(of=other)
    make_list_long(api, given, journal, target)
    foreign = {before.id, given.customer(of=other).id, *customers_of_run(other, journal)}
    number, last = 1, 1
    query = {} if api.list(per_page=LONGEST_PAGE).is_refusal else {"per_page": LONGEST_PAGE}
    while number <= last:
        answer = api.list(**query, page=number)
        page = answer.page()
        if found := foreign & set(page.ids):
            raise answer.violation(
                f"the merchant's own customers only on page {number} of its list",
                "it shows a customer of another merchant",
                about=sorted(found)[:1],
            )
        last = page["total_pages"]
        number = last if _DEEP_PAGES < number < last else number + 1


@check("AUTH-8")
def a_customer_of_the_second_merchant_is_not_changed(api: Api, other: Api, given: Given, data: Data) -> None:
    """The first merchant updates a customer of the second, then the second merchant does."""
    customer = given.full_customer(of=other)
    sent = {"phone": data.other("phone", customer)}
    answer = api.update(customer.id, sent)
    answer.refused("for another merchant's customer", hides=[customer])
    must_be_unchanged(customer, other, answer)
    if not (own := other.update(customer.id, sent)).ok:
        raise Blocked(f"the same update by the right merchant was refused with status {own.status}")


@check("AUTH-9")
def a_customer_of_the_second_merchant_is_not_removed(api: Api, other: Api, given: Given) -> None:
    """The first merchant removes a customer of the second, then the second merchant does."""
    customer = given.full_customer(of=other)
    answer = api.gdpr_remove(customer.id).refused("for another merchant's customer", hides=[customer])
    must_be_unchanged(customer, other, answer)
    given.remove(customer, of=other)


@check("AUTH-10")
def a_password_of_the_second_merchant_works_only_there(api: Api, other: Api, given: Given) -> None:
    """Log in with email and password of a customer of the second merchant, with both keys."""
    customer = given.full_customer(of=other)
    password = given.password(customer)
    control = right_login(other, customer.email, password)
    answer = api.login_password(email=customer.email, password=password)
    unsent = {name: value for name, value in customer.items() if name != "email"}
    answer.refused("with the password of another merchant's customer", control=control, hides=[unsent])


@check("AUTH-11")
def a_token_of_the_second_merchant_works_only_there(api: Api, other: Api, given: Given) -> None:
    """Log in with a token of a customer of the second merchant, first with the wrong key."""
    customer = given.full_customer(of=other)
    token = given.token(customer, of=other)
    answer = api.login_token(token=token)
    control = other.login_token(token=given.token(customer, of=other))
    answer.refused("with the token of another merchant's customer", control=control, hides=[customer])


@check("AUTH-19")
def the_second_merchant_can_do_everything(
    api: Api, other: Api, given: Given, harness: Harness | None, data: Data, offered: frozenset[Need]
) -> None:
    """Create, find, update, log in, refuse to remove, anonymise and delete customers of the second merchant.

    What fails with the first key too is checked by other rules.
    """
    try:
        _must_serve(other, given, harness, data, offered)
    except Violation as violation:
        try:
            _must_serve(api, given, harness, data, offered)
        except Violation as also:
            raise Blocked(f"with the first key it does not work either: {also.observed}") from violation
        raise


def _must_serve(
    api: Api, given: Given, harness: Harness | None, data: Data, offered: frozenset[Need]
) -> None:
    """Require that a merchant can create, find, change, log in and remove customers."""
    sent = data.fields()
    customer = must_store(sent, api, api.create(sent), what="a customer of the merchant")
    for query in (customer.email, customer["last_name"]):
        must_find(api, query, customer)
    sent = data.fields()
    customer = must_store(
        sent, api, api.update(customer.id, sent), what="the updated customer of the merchant"
    )
    must_find(api, customer["first_name"], customer)
    if Need.PASSWORD in offered:
        login = api.login_password(email=customer.email, password=given.password(customer))
        must_match(customer, login, what="the customer of the merchant who logs in")
        wrong = api.login_password(email=customer.email, password=data.password())
        wrong.refused("with a wrong password", control=login, hides=[customer])
    if Need.EMAILS in offered:
        login = api.login_token(token=given.token(customer, of=api))
        must_match(customer, login, what="the customer of the merchant who logs in")
    if Need.PAYMENT_PLANS in offered:
        assert harness is not None
        plan = given.plan(customer, "open")
        refused = api.gdpr_remove(customer.id)
        refused.refused("to remove a customer with an open plan")
        must_be_unchanged(customer, api, refused)
        harness.set_plan(plan["id"], "paid")
        api.gdpr_remove(customer.id).success("a removal after the open plan was paid")
        must_be_anonymised(api, customer, personal_values(customer, api.contract))
        customer = given.full_customer(of=api)
    api.gdpr_remove(customer.id).success("a removal")
    must_be_deleted(api, customer)
