"""The basis of the stateful test: the model beside the target, and what must hold after each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from partially_conformance.bench.api import TELLING_FIELDS, Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.catalogue import Need
from partially_conformance.suite.servers.read.model import (
    Expectation,
    Model,
    ModelCustomer,
    Plan,
    State,
    Token,
)
from partially_conformance.suite.servers.shared.expectations import must_match, pages, same_value
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.check_end import Blocked, Violation
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.records import LONGEST_STORY

_WRONG_LOGINS = 3  # at most for one email, below every reasonable limit on guessing

_value_source = st.sampled_from(("new", "own", "of another"))
"""Where the value of a field comes from."""

_request_before_update = st.sampled_from(("not at all", "search", "log in", "send a token"))
"""What is requested of the target before it updates a customer."""


class ModelComparison(RuleBasedStateMachine):
    """The model of one sequence of steps, and the comparison of the target with it."""

    def __init__(
        self,
        api: Api,
        given: Given,
        harness: Harness | None,
        data: Data,
        recorder: Recorder,
        usable: frozenset[Need],
    ) -> None:
        super().__init__()
        self.api = api
        self.given = given
        self.harness = harness
        self.data = data
        self.recorder = recorder
        self.usable = usable
        self.fields = st.sampled_from(fields_with_unique_values(api))
        self.model = Model(api.contract)
        self.wrong_logins: dict[str, int] = {}
        self.exchanges_of_steps: list[Exchange] | None = None

    # -- what must hold ------------------------------------------------------------------

    def must_read_as_modelled(self, customer: ModelCustomer) -> None:
        """Require that a read of a customer, and its plans, are as the model says."""
        answer = self.api.get(customer.id)
        if customer.active:
            must_match(customer.values, answer, what="the customer")
        elif customer.state is State.DELETED and answer.status != 404:
            raise answer.violation(
                "a read of a deleted customer to be answered with 404", f"status {answer.status}"
            )
        elif answer.no_server_error().ok:
            _must_not_leak(customer, answer, answer.customer())
        for plan in customer.plans.values():
            self.must_have_plan(customer, plan, answer)

    def must_have_plan(self, customer: ModelCustomer, plan: Plan, answer: Answer) -> None:
        """Require that a plan is as the model says, without personal data of a removed customer."""
        stored = self.usable_harness.plan(plan.id)
        if stored is None:
            raise answer.violation("the payment plan to be kept", "the plan is gone")
        payments = [payment["id"] for payment in stored["payments"]]
        if (stored["status"], payments) != (plan.status, plan.payments):
            raise answer.violation(
                f"the payment plan to stay {plan.status} and to keep its payment",
                f"the plan is {stored['status']} and has {len(payments)} payments",
            )
        if not customer.active:
            _must_not_leak(customer, answer, stored)

    def use_before_update(self, customer: ModelCustomer, data: st.DataObject) -> None:
        """Send another request about a customer, so that the target may cache it before an update."""
        with self.reporting_all_steps():
            match data.draw(_request_before_update):
                case "search":
                    self.must_search_as_modelled(customer.email)
                case "log in" if customer.password is not None:
                    self.must_log_in_as_modelled(customer.email, customer.password)
                case "send a token" if Need.EMAILS in self.usable:
                    customer.add_token(self.given.token(Customer(customer.values)))

    def must_search_as_modelled(self, query: str) -> None:
        """Require that a search finds the customers the model says, with the values of the model."""
        expected = self.model.search_expectation(query)
        found: set[str] = set()
        for answer, page in pages(self.api, q=query):
            found |= set(page.ids)
            for customer in page.customers:
                self.must_be_listed_as_modelled(customer, answer, "the customer that the search found")
        if missing := expected.must_find - found:
            raise answer.violation(
                f"a search for {query!r} to find all {len(expected.must_find)} customers that match",
                f"{len(missing)} of them are missing",
            )
        if wrong := expected.must_not_find & found:
            raise answer.violation(
                f"a search for {query!r} to find only customers that match",
                f"it finds {len(wrong)} that do not match",
            )

    def must_be_listed_as_modelled(self, shown: Customer, answer: Answer, what: str) -> None:
        """Require that a customer in a list is as the model says."""
        customer = self.model.customers.get(shown.id)
        if customer is None:
            return  # created outside this sequence of steps
        if customer.active:
            for name, value in customer.values.items():
                if not same_value(name, shown[name], value):
                    raise answer.violation(
                        f"{what} to have the {name} {value!r}", f"{name} is {shown[name]!r}"
                    )
        elif customer.state is State.DELETED:
            raise answer.violation("a deleted customer to be in no list", "the customer is in the list")
        else:
            _must_not_leak(customer, answer, shown)

    def must_log_in_as_modelled(self, email: str, password: str) -> None:
        """Require that a login with a password ends as the model says; send only a few wrong ones."""
        customer = self.model.customer_with_login(email, password)
        if customer is None:
            self.wrong_logins[email] = self.wrong_logins.get(email, 0) + 1
            if self.wrong_logins[email] > _WRONG_LOGINS:
                return
        expectation = Expectation.SUCCESS if customer is not None else Expectation.REFUSAL
        answer = self.send_login("loginPassword", expectation, email=email, password=password)
        if succeeded(answer, expectation, "a login with email and password") and customer is not None:
            self.must_be_customer_of_login(customer, answer)
            customer.make_tokens_uncertain()

    def must_use_token_as_modelled(self, customer: ModelCustomer, token: Token) -> None:
        """Require that a login with a token ends as the model says."""
        expectation = customer.token_expectation(token)
        answer = self.send_login("loginToken", expectation, token=token.text)
        may_be_chance = expectation is not Expectation.SUCCESS and answer.ok
        by_chance = may_be_chance and self.was_issued_again(customer, token, answer)
        if not by_chance and succeeded(answer, expectation, "a login with an emailed token"):
            self.must_be_customer_of_login(customer, answer)
            customer.make_tokens_uncertain()

    def was_issued_again(self, customer: ModelCustomer, token: Token, answer: Answer) -> bool:
        """Whether a void token was issued again to another customer, as a short token may be."""
        return answer.customer().id != customer.id and self.given.is_emailed_token(token.text, answer)

    def send_login(self, operation: str, expectation: Expectation, **body: str) -> Answer:
        """Log in. A 429 is a refusal like any other if the login need not succeed."""
        return self.api.call(operation, json_body=body, obey_limit=expectation is Expectation.SUCCESS)

    def must_be_customer_of_login(self, customer: ModelCustomer, answer: Answer) -> None:
        """Require that the customer of a login is the one the model says."""
        must_match(customer.values, answer, what="the customer who logs in")

    # -- means -----------------------------------------------------------------------------

    @property
    def usable_harness(self) -> Harness:
        """The harness, for steps that need it."""
        assert self.harness is not None  # only steps that need it get here
        return self.harness

    def any_customer(self, place: int) -> ModelCustomer:
        """Return a customer, removed or not."""
        customers = [*self.model.customers.values()]
        return customers[place % len(customers)]

    def active_customer(self, place: int) -> ModelCustomer:
        """Return a customer that has not been removed."""
        customers = self.model.active()
        return customers[place % len(customers)]

    def some_fields(self, data: st.DataObject, least: int = 0) -> list[str]:
        """Draw some of the fields that this sequence uses."""
        return data.draw(st.lists(self.fields, min_size=least, max_size=2, unique=True))

    def value_for(self, data: st.DataObject, name: str, customer: ModelCustomer | None = None) -> Any:
        """Draw a value for a field. An email is never the email of another customer."""
        choices: list[Any] = []
        match data.draw(_value_source):
            case "own" if customer is not None:
                choices = [
                    value
                    for value in customer.all_values(name)
                    if name != "email" or self.is_free_for(value, customer)
                ]
            case "of another" if name != "email":
                choices = [
                    one.values[name] for one in self.model.customers.values() if one.values[name] is not None
                ]
        if choices:
            return data.draw(st.sampled_from(choices))
        return self.data.other(name, {} if customer is None else customer.values)

    def is_free_for(self, email: str, customer: ModelCustomer) -> bool:
        """Whether no other customer has an email."""
        return self.model.customer_with_email(email) in (None, customer)

    @contextmanager
    def reporting_all_steps(self) -> Iterator[None]:
        """Report a violation with all steps that led to it, since each of them is needed."""
        try:
            yield
        except Violation as violation:
            raise self.with_all_steps(violation) from None
        except Blocked as blocked:
            if isinstance(blocked.__cause__, Violation):
                raise self.with_all_steps(blocked.__cause__) from None
            raise

    def with_all_steps(self, violation: Violation) -> Violation:
        """Return the violation with the exchanges of all steps so far."""
        steps = self.recorder.exchanges() if self.exchanges_of_steps is None else self.exchanges_of_steps
        steps += [one for one in violation.exchanges if not any(one is step for step in steps)]
        if len(steps) > LONGEST_STORY:
            steps = [one for one in steps if one.request.method != "GET" or one in violation.exchanges]
        return Violation(violation.expected, violation.observed, steps)


def fields_with_unique_values(api: Api) -> list[str]:
    """Return the fields whose generated values are never equal by chance, which would confuse shrinking."""
    fields = api.contract.create_fields
    return [name for name in api.contract.kept_fields if fields[name].get("format") in {None, "email"}]


def succeeded(answer: Answer, expectation: Expectation, what: str) -> bool:
    """Whether a request succeeded, if its outcome is allowed.

    Raises:
        Violation: The outcome is not allowed.
    """
    if expectation is Expectation.SUCCESS:
        answer.success(what)
    elif expectation is Expectation.REFUSAL:
        if not answer.is_refusal:
            raise answer.violation(f"{what} to be refused with a 4xx", f"status {answer.status}")
    else:
        answer.no_server_error()
    return answer.ok


def _must_not_leak(customer: ModelCustomer, answer: Answer, shown: Mapping[str, Any]) -> None:
    """Require that no personal value of an anonymised customer is shown."""
    for name in TELLING_FIELDS:
        for value in customer.all_values(name):
            if value in shown.values():
                raise answer.violation(
                    f"the {name} {value!r} of an anonymised customer to be gone", "it is still shown"
                )
