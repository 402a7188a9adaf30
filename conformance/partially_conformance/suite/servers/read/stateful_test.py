"""READ-9: a stateful test that generates sequences of steps and compares the target with a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from partially_conformance.bench.answer import Customer
from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.generation.fuzz import Fuzz, reject_simplest_example
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.read.comparison import ModelComparison, succeeded
from partially_conformance.suite.servers.shared.expectations import must_match
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.check_end import Blocked
from partially_conformance.traffic.recorder import Recorder
from partially_spec import HARNESS, load

_EXAMPLES, _LEAST, _STEPS = 36, 24, 12
_CUSTOMERS = 3  # at most in one sequence: with more, fewer steps concern the same customer

_SEARCHED = ("first_name", "last_name", "email")

_STATUSES: tuple[str, ...] = tuple(load(HARNESS).schema("PlanStatus")["enum"])

_place = st.integers(0, _CUSTOMERS - 1)
"""Selects one of the customers."""

_part = st.sampled_from((slice(None), slice(0, 6), slice(3, 9), slice(-6, None)))
"""The part of a name that is searched for."""


@check("READ-9")
def any_sequence_of_steps_ends_as_documented(
    api: Api,
    given: Given,
    harness: Harness | None,
    data: Data,
    recorder: Recorder,
    offered: frozenset[Need],
    fuzz: Fuzz,
    let_login_limits_pass: Callable[[], None],
) -> None:
    """Compare sequences of creates, updates, reads, searches, removals and logins with a model."""
    usable = offered - ({Need.EMAILS} if not _can_read_tokens(given, offered) else set())

    def new_sequence() -> StepSequence:
        let_login_limits_pass()
        return StepSequence(api, given, harness, data, recorder, usable)

    fuzz.run_stateful(
        new_sequence,
        standard=_EXAMPLES,
        least=_LEAST,
        steps=_STEPS,
    )


def _can_read_tokens(given: Given, offered: frozenset[Need]) -> bool:
    """Whether tokens can be found in emails. A sequence works without them."""
    try:
        return Need.EMAILS in offered and given.login_with_emailed_token() is not None
    except Blocked:
        return False


def _needs(need: Need) -> Callable[[Any], Any]:
    return precondition(lambda self: need in self.usable and bool(self.model.active()))


_if_any_customer = precondition(lambda self: bool(self.model.customers))
_if_any_active = precondition(lambda self: bool(self.model.active()))
_if_any_free_email = precondition(lambda self: bool(self.model.free_emails()))


def _if_any_has(what: str) -> Callable[[Any], Any]:
    return precondition(
        lambda self: any(getattr(customer, what) for customer in self.model.customers.values())
    )


class StepSequence(ModelComparison):
    """One sequence of steps. All its customers are new, so the target need not be empty.

    Hypothesis sorts steps and their arguments by name: another name may change what follows from a seed.
    """

    # -- creating, updating, removing ------------------------------------------------

    @initialize(data=st.data())
    def create_two_customers(self, data: st.DataObject) -> None:
        """Create two customers, and select few fields, so that steps concern the same values."""
        reject_simplest_example(data)
        self.fields = st.sampled_from(["first_name", data.draw(self.fields)])
        for _ in range(2):
            self.create_customer(data)

    @precondition(lambda self: len(self.model.customers) < _CUSTOMERS)
    @rule(data=st.data())
    def create_customer(self, data: st.DataObject) -> None:
        """Create a customer, perhaps with values of others, perhaps with the email of a removed customer."""
        sent = {name: self.value_for(data, name) for name in self.some_fields(data)}
        sent["email"] = data.draw(st.sampled_from([None, *self.model.free_emails()])) or self.data.email()
        with self.reporting_all_steps():
            answer = self.api.create(sent)
            shown = must_match(self.model.values_of_new(sent), answer, what="the new customer")
            if shown.id in self.model.customers:
                raise answer.violation("an id that no other customer has", f"the id {shown.id} again")
            self.model.create(shown, sent)

    @_if_any_active
    @rule(place=_place, data=st.data())
    def update_customer(self, place: int, data: st.DataObject) -> None:
        """Update some fields to new values, own current or earlier ones, or values of another customer."""
        customer = self.active_customer(place)
        for _ in range(data.draw(st.integers(1, 3))):
            self.use_before_update(customer, data)
            changes = {name: self.value_for(data, name, customer) for name in self.some_fields(data, least=1)}
            with self.reporting_all_steps():
                answer = self.api.update(customer.id, changes)
                must_match({**customer.values, **changes}, answer, what="the updated customer")
                customer.update(changes)

    @_if_any_customer
    @rule(place=_place, another_has_password=st.booleans())
    def remove_customer(self, place: int, another_has_password: bool) -> None:
        """Try to remove a customer, perhaps while another customer has a password."""
        customer = self.any_customer(place)
        newest = self.model.active()[-1:]
        if another_has_password and Need.PASSWORD in self.usable and newest not in ([], [customer]):
            self.set_password(-1)
        with self.reporting_all_steps():
            answer = self.api.gdpr_remove(customer.id)
            if succeeded(answer, customer.removal_expectation(), "the removal of a customer"):
                customer.remove()
            self.must_read_as_modelled(customer)

    @_needs(Need.PAYMENT_PLANS)
    @rule(place=_place, status=st.sampled_from(_STATUSES))
    def add_or_change_plan(self, place: int, status: str) -> None:
        """Give a customer a plan, or change the status of its plan."""
        customer = self.active_customer(place)
        for plan in customer.plans.values():
            plan.status = self.usable_harness.set_plan(plan.id, status)["status"]
            return
        customer.add_plan(self.given.plan(Customer(customer.values), status))

    # -- reading ---------------------------------------------------------------------

    @_if_any_customer
    @rule(place=_place, name=st.sampled_from(_SEARCHED), part=_part, data=st.data())
    def search(self, place: int, name: str, part: slice, data: st.DataObject) -> None:
        """Search for a current or earlier name or email of a customer."""
        values = self.any_customer(place).all_values(name)
        if values:
            value = str(data.draw(st.sampled_from(values)))
            with self.reporting_all_steps():
                self.must_search_as_modelled(value if name == "email" else value[part])

    @_if_any_customer
    @rule(place=_place)
    def read_and_list(self, place: int) -> None:
        """Read a customer and the first page of the list."""
        with self.reporting_all_steps():
            self.must_read_as_modelled(self.any_customer(place))
            answer = self.api.list()
            for customer in answer.page("a list").customers:
                self.must_be_listed_as_modelled(customer, answer, "the customer in the list")

    # -- logging in --------------------------------------------------------------------

    @_needs(Need.PASSWORD)
    @rule(place=_place)
    def set_password(self, place: int) -> None:
        """Give a customer a new password."""
        customer = self.active_customer(place)
        customer.set_password(self.given.password(Customer(customer.values)))
        with self.reporting_all_steps():
            self.must_log_in_as_modelled(customer.email, str(customer.password))

    @_if_any_has("password")
    @rule(place=_place, other_place=st.one_of(st.none(), _place), data=st.data())
    def log_in(self, place: int, other_place: int | None, data: st.DataObject) -> None:
        """Log in with a current or earlier email of a customer and its password or another customer's."""
        password = self.any_customer(place if other_place is None else other_place).password
        if password is not None:
            email = data.draw(st.sampled_from(self.any_customer(place).all_values("email")))
            with self.reporting_all_steps():
                self.must_log_in_as_modelled(email, password)

    @_needs(Need.EMAILS)
    @rule(place=_place)
    def send_token(self, place: int) -> None:
        """Email a login token to a customer."""
        customer = self.active_customer(place)
        with self.reporting_all_steps():
            customer.add_token(self.given.token(Customer(customer.values)))

    @_if_any_has("tokens")
    @rule(place=_place, newest=st.booleans())
    def use_token(self, place: int, newest: bool) -> None:
        """Log in with an emailed token."""
        customers = [customer for customer in self.model.customers.values() if customer.tokens]
        customer = customers[place % len(customers)]
        with self.reporting_all_steps():
            self.must_use_token_as_modelled(customer, customer.tokens[-1 if newest else 0])

    @_needs(Need.EMAILS)
    @_if_any_free_email
    @rule(data=st.data())
    def send_token_to_free_email(self, data: st.DataObject) -> None:
        """Request a token with an email of a removed customer that no customer has now."""
        email = data.draw(st.sampled_from(self.model.free_emails()))
        with self.reporting_all_steps():
            self.given.wait_for_late_emails()
            before = len(self.given.emails(email))
            answer = self.api.login_email(email=email).no_server_error()
            if len(self.given.emails(email)) > before:
                raise answer.violation("no email to a removed customer", "an email was sent")

    # -- the end -----------------------------------------------------------------------

    def teardown(self) -> None:
        """Compare every customer with the model after the last step."""
        self.exchanges_of_steps = self.recorder.exchanges()
        with self.reporting_all_steps():
            for customer in self.model.customers.values():
                self.must_read_as_modelled(customer)
                self.must_search_as_modelled(customer.values["first_name"] or customer.email)
                for token in customer.tokens[-1:]:
                    self.must_use_token_as_modelled(customer, token)
                if customer.password is not None:
                    self.must_log_in_as_modelled(customer.email, customer.password)
