"""AUTH: one merchant sees nothing of another."""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.shared.expectations import must_be_unchanged, must_keep
from partially_conformance.suite.servers.shared.leaked_data import removable
from partially_conformance.suite.servers.shared.lists import pages_of_everybody


@check("AUTH-6")
def no_search_finds_the_customer_of_another(api: Api, other: Api, given: Given) -> None:
    """By email, first and last name: the one merchant finds the customer, the other nobody."""
    customer = given.full_customer()
    for query in (customer.email, customer["first_name"], customer["last_name"]):
        with prerequisite("finding an own customer"):
            control = api.list(q=query)
            control.page()
        answer = other.list(q=query)
        page = answer.page()
        if customer.id in page.ids:
            raise answer.violation(
                "a search to find only own customers", "it finds another merchant's", control
            )
        if page["total_entries"]:
            raise answer.violation(
                f"a search for {query!r} to count only own customers, of whom none match",
                f"total_entries is {page['total_entries']}",
                control,
            )


@check("AUTH-6")
def no_list_has_the_customer_of_another(api: Api, other: Api, given: Given) -> None:
    """All pages of the other merchant's list, then those after the first as small as can be."""
    customer = given.full_customer()
    own = given.customer(of=other)
    listed: set[str] = set()
    for answer, page in pages_of_everybody(other):
        listed |= set(page.ids)
        if customer.id in page.ids:
            raise answer.violation(
                "a list of own customers only",
                "it has another merchant's",
                about=[customer.id, own.id],
            )
    for number in (2, 3):
        answer = other.list(per_page=1, page=number)
        for one in [] if answer.is_refusal else answer.page().ids:
            if one not in listed and api.get(one).ok:
                raise answer.violation(
                    f"own customers only on page {number} of a list", "it has another merchant's", about=[one]
                )


@check("AUTH-7")
def the_customer_of_another_is_not_read(api: Api, other: Api, given: Given) -> None:
    """Each of two merchants reads its own customer and not that of the other."""
    for owner, stranger in ((api, other), (other, api)):
        customer = given.full_customer(of=owner)
        with prerequisite("reading an own customer"):
            control = owner.get(customer.id)
            control.success()
        stranger.get(customer.id).refused(
            "for another merchant's customer", control=control, hides=[customer]
        )


@check("AUTH-8")
def the_customer_of_another_is_not_changed(api: Api, other: Api, given: Given, data: Data) -> None:
    """An update of every field by the other merchant, then of one field, then by the right one."""
    customer = given.full_customer()
    one = {"phone": data.other("phone", customer)}
    for body in (data.fields(), one):
        answer = other.update(customer.id, body)
        answer.refused("for another merchant's customer", hides=[customer])
        must_be_unchanged(customer, api, answer)
    with prerequisite("the same update by the right merchant"):
        api.update(customer.id, one).success()


@check("AUTH-9")
def the_customer_of_another_is_not_removed(
    api: Api, other: Api, given: Given, offered: frozenset[Need]
) -> None:
    """A removal by the other merchant, then by the right one; of a customer with a plan too."""
    for customer in removable(given, offered):
        answer = other.gdpr_remove(customer.id).refused("for another merchant's customer", hides=[customer])
        must_be_unchanged(customer, api, answer)
        with prerequisite("removing an own customer"):
            api.gdpr_remove(customer.id).success()


@check("AUTH-10")
def a_password_works_only_with_its_merchant(api: Api, other: Api, given: Given) -> None:
    """The same email and password with both keys."""
    customer = given.full_customer()
    login = {"email": customer.email, "password": given.password(customer)}
    control = api.login_password(**login)
    _must_log_in(customer, control)
    answer = other.login_password(**login)
    unsent = {name: value for name, value in customer.items() if name != "email"}
    answer.refused("with the password of another merchant's customer", control=control, hides=[unsent])


@check("AUTH-10")
def the_same_email_at_two_merchants_is_two_logins(api: Api, other: Api, given: Given) -> None:
    """A customer of each merchant with one email: each logs in with the key of its own merchant."""
    customer = given.full_customer()
    password = given.password(customer)
    created = other.create(email=customer.email)
    if not created.ok:
        return  # a server may want every email only once
    twin = created.customer()
    answer = api.login_password(email=customer.email, password=password)
    _must_log_in(customer, answer)
    stranger = other.login_password(email=customer.email, password=password)
    if stranger.ok:
        raise stranger.violation(
            "a login to stay within its merchant", "it is with the password of another's"
        )
    new = given.password(twin)
    answer = other.login_password(email=twin.email, password=new)
    _must_log_in(twin, answer)
    for merchant, wrong in ((api, new), (other, password)):
        crosswise = merchant.login_password(email=customer.email, password=wrong)
        crosswise.refused("with the password of another merchant's customer", control=answer)


@check("AUTH-11")
def a_token_works_only_with_its_merchant(api: Api, other: Api, given: Given) -> None:
    """A token logs in with the key it was asked with; a second one with the other key does not."""
    customer = given.full_customer()
    control = api.login_token(token=given.token(customer))
    _must_log_in(customer, control)
    answer = other.login_token(token=given.token(customer))
    answer.refused("with the token of another merchant's customer", control=control, hides=[customer])


@check("AUTH-11")
def a_token_for_the_customer_of_another_is_not_sent(other: Api, given: Given) -> None:
    """Another merchant asks for a token, then the right one: one email comes."""
    customer = given.full_customer()
    before = given.welcome_emails(customer)
    asked = other.login_email(email=customer.email)
    given.email_with_token(customer)
    given.wait_for_emails()
    count = len(given.emails(customer.email)) - before
    if count > 1:
        raise asked.violation(
            "no email to the customer of another merchant", f"{count} emails came, one was asked for",
            about=[customer.id],
        )  # fmt: skip


@check("AUTH-15")
def the_customer_of_another_looks_like_nobody(other: Api, given: Given, data: Data) -> None:
    """Read, update and removal of another merchant's customer, and of an id nobody has."""
    customer = given.full_customer()
    phone = data.other("phone", customer)
    for answer_for in (other.get, lambda one: other.update(one, phone=phone), other.gdpr_remove):
        nobody, somebody = answer_for(data.unknown_id()), answer_for(customer.id)
        if nobody.status != somebody.status:
            raise somebody.violation(
                f"status {nobody.status}, as for an id nobody has", f"status {somebody.status}", nobody
            )


@check("AUTH-16")
def a_create_with_the_email_of_another_stays_apart(
    api: Api, other: Api, given: Given, data: Data, choices: Choices
) -> None:
    """The other merchant sends the email alone, then with every field; it may be refused."""
    for fields in ({}, data.fields()):
        customer = given.full_customer()
        sent = {**fields, "email": customer.email}
        answer = other.create(sent).no_server_error("an email that another merchant's customer has: no 5xx")
        _stays_apart(answer, customer)
        if answer.ok:
            must_keep(sent, other, answer, what="the new customer of the other merchant")
        must_be_unchanged(customer, api, answer)
        choices.saw(
            "email-elsewhere", "a customer of its own" if answer.ok else f"refused with {answer.status}"
        )


@check("AUTH-16")
def an_update_to_the_email_of_another_stays_apart(api: Api, other: Api, given: Given) -> None:
    """The other merchant gives a customer of its own the email, which may be refused."""
    customer, own = given.full_customer(), given.full_customer(of=other)
    sent = {"email": customer.email}
    answer = other.update(own.id, sent).no_server_error(
        "an email that another merchant's customer has: no 5xx"
    )
    _stays_apart(answer, customer)
    if answer.ok:
        must_keep(own, other, answer, but=sent, what="the customer of the other merchant")
    else:
        must_be_unchanged(own, other, answer, what="the customer of the other merchant")
    must_be_unchanged(customer, api, answer)


def _stays_apart(answer: Answer, customer: Customer) -> None:
    """The answer is neither this customer nor shows anything of it but the email, which was sent."""
    if answer.ok and answer.customer().id == customer.id:
        raise answer.violation(
            "a merchant to get only own customers",
            "the answer is another merchant's",
            about=[customer.id, customer.email],
        )
    answer.shows_nothing_of(customer)


def _must_log_in(customer: Customer, answer: Answer) -> None:
    """The login was answered with this customer."""
    seen = answer.customer("a login with the key of the right merchant")
    if seen.id != customer.id:
        raise answer.violation("the customer who logged in", f"another one, with the email {seen.email!r}")
