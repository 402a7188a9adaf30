"""READ-9: any course of events, generated step by step and held against a model of what is documented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from partially_conformance.bench.api import Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.generation.fuzz import Fuzz, reject_simplest_example
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.read.comparison import Judge, went_through
from partially_conformance.suite.servers.shared.expectations import must_be_as
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.check_end import Blocked
from partially_conformance.traffic.recorder import Recorder
from partially_spec import HARNESS, load

_EXAMPLES, _LEAST, _STEPS = 36, 24, 12
_PEOPLE = 3  # at most in one course; more make the interesting meetings of steps rarer

_SEARCHED = ("first_name", "last_name", "email")

_STATUSES: tuple[str, ...] = tuple(load(HARNESS).schema("PlanStatus")["enum"])

_place = st.integers(0, _PEOPLE - 1)
"""Picks one of those who are there."""

_part = st.sampled_from((slice(None), slice(0, 6), slice(3, 9), slice(-6, None)))
"""Which part of a name is searched for."""


@check("READ-9")
def any_course_of_events_ends_as_documented(
    api: Api,
    given: Given,
    harness: Harness | None,
    data: Data,
    recorder: Recorder,
    offered: frozenset[Need],
    fuzz: Fuzz,
    let_login_limits_pass: Callable[[], None],
) -> None:
    """Generated courses of creates, updates, reads, searches, removals and logins against a model."""
    usable = offered - ({Need.EMAILS} if not _can_read_tokens(given, offered) else set())

    def fresh() -> Course:
        let_login_limits_pass()
        return Course(api, given, harness, data, recorder, usable)

    fuzz.run_stateful(
        fresh,
        standard=_EXAMPLES,
        least=_LEAST,
        steps=_STEPS,
    )


def _can_read_tokens(given: Given, offered: frozenset[Need]) -> bool:
    """Whether it can be made out what in an email is the token. A course can do without."""
    try:
        return Need.EMAILS in offered and given.login_with_emailed_token() is not None
    except Blocked:
        return False


def _needs(need: Need) -> Callable[[Any], Any]:
    return precondition(lambda self: need in self.usable and bool(self.world.live()))


_with_people = precondition(lambda self: bool(self.world.people))
_with_live = precondition(lambda self: bool(self.world.live()))
_with_free_emails = precondition(lambda self: bool(self.world.free_emails()))


def _with(what: str) -> Callable[[Any], Any]:
    return precondition(lambda self: any(getattr(person, what) for person in self.world.people.values()))


class Course(Judge):
    """One course of events. Everybody in it is new, so that it needs no empty server."""

    # -- creating, changing, removing ------------------------------------------------

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Two customers are there from the start. The course is about few fields, so that they meet again."""
        reject_simplest_example(data)
        self.fields = st.sampled_from(["first_name", data.draw(self.fields)])
        for _ in range(2):
            self.create(data)

    @precondition(lambda self: len(self.world.people) < _PEOPLE)
    @rule(data=st.data())
    def create(self, data: st.DataObject) -> None:
        """Create a customer, perhaps with values of others, perhaps with the email of a removed one."""
        sent = {name: self.value_for(data, name) for name in self.some_fields(data)}
        sent["email"] = data.draw(st.sampled_from([None, *self.world.free_emails()])) or self.data.email()
        with self.watching():
            answer = self.api.create(sent)
            shown = must_be_as(self.world.fresh(sent), answer, what="the new customer")
            if shown.id in self.world.people:
                raise answer.violation("an id nobody else has", f"the id {shown.id} again")
            self.world.create(shown, sent)

    @_with_live
    @rule(place=_place, data=st.data())
    def update(self, place: int, data: st.DataObject) -> None:
        """Update some fields, to new values, to those they have or had, or to those of somebody else."""
        person = self.live_one(place)
        for _ in range(data.draw(st.integers(1, 3))):
            self.meet(person, data)
            changes = {name: self.value_for(data, name, person) for name in self.some_fields(data, least=1)}
            with self.watching():
                answer = self.api.update(person.id, changes)
                must_be_as({**person.values, **changes}, answer, what="the updated customer")
                person.change(changes)

    @_with_people
    @rule(place=_place, beside=st.booleans())
    def remove(self, place: int, beside: bool) -> None:
        """Remove a customer, or try to, perhaps beside somebody who can log in."""
        person = self.anybody(place)
        newest = self.world.live()[-1:]
        if beside and Need.PASSWORD in self.usable and newest not in ([], [person]):
            self.set_password(-1)
        with self.watching():
            answer = self.api.gdpr_remove(person.id)
            if went_through(answer, person.removal(), "the removal of a customer"):
                person.remove()
            self.look_at(person)

    @_needs(Need.PAYMENT_PLANS)
    @rule(place=_place, status=st.sampled_from(_STATUSES))
    def plan(self, place: int, status: str) -> None:
        """Give a customer a plan, or change the status of the one it has."""
        person = self.live_one(place)
        for plan in person.plans.values():
            plan.status = self.side.set_plan(plan.id, status)["status"]
            return
        person.add_plan(self.given.plan(Customer(person.values), status))

    # -- looking ---------------------------------------------------------------------

    @_with_people
    @rule(place=_place, name=st.sampled_from(_SEARCHED), part=_part, data=st.data())
    def search(self, place: int, name: str, part: slice, data: st.DataObject) -> None:
        """Search for a name or an email that somebody has or had."""
        values = self.anybody(place).ever(name)
        if values:
            value = str(data.draw(st.sampled_from(values)))
            with self.watching():
                self.must_search(value if name == "email" else value[part])

    @_with_people
    @rule(place=_place)
    def look(self, place: int) -> None:
        """Read a customer, and look at the first page of the list."""
        with self.watching():
            self.look_at(self.anybody(place))
            answer = self.api.list()
            for customer in answer.page("a list").customers:
                self.compare(customer, answer, "the customer in the list")

    # -- logging in --------------------------------------------------------------------

    @_needs(Need.PASSWORD)
    @rule(place=_place)
    def set_password(self, place: int) -> None:
        """Give a customer a new password."""
        person = self.live_one(place)
        person.set_password(self.given.password(Customer(person.values)))
        with self.watching():
            self.must_log_in(person.email, str(person.password))

    @_with("password")
    @rule(place=_place, of=st.one_of(st.none(), _place), data=st.data())
    def log_in(self, place: int, of: int | None, data: st.DataObject) -> None:
        """Log in with an email somebody has or had, and the password of the same one or of another."""
        password = self.anybody(place if of is None else of).password
        if password is not None:
            email = data.draw(st.sampled_from(self.anybody(place).ever("email")))
            with self.watching():
                self.must_log_in(email, password)

    @_needs(Need.EMAILS)
    @rule(place=_place)
    def send_token(self, place: int) -> None:
        """Email a login token to a customer."""
        person = self.live_one(place)
        with self.watching():
            person.send_token(self.given.token(Customer(person.values)))

    @_with("tokens")
    @rule(place=_place, newest=st.booleans())
    def use_token(self, place: int, newest: bool) -> None:
        """Log in with a token that was emailed."""
        people = [person for person in self.world.people.values() if person.tokens]
        person = people[place % len(people)]
        with self.watching():
            self.must_use(person, person.tokens[-1 if newest else 0])

    @_needs(Need.EMAILS)
    @_with_free_emails
    @rule(data=st.data())
    def send_token_to_nobody(self, data: st.DataObject) -> None:
        """Ask for a token with an email of a removed customer that nobody has now."""
        email = data.draw(st.sampled_from(self.world.free_emails()))
        with self.watching():
            self.given.wait_for_late_emails()
            before = len(self.given.emails(email))
            answer = self.api.login_email(email=email).no_server_error()
            if len(self.given.emails(email)) > before:
                raise answer.violation("no email to a removed customer", "an email was sent")

    # -- the end -----------------------------------------------------------------------

    def teardown(self) -> None:
        """See that everybody is as everything that happened says."""
        self.told = self.recorder.exchanges()
        with self.watching():
            for person in self.world.people.values():
                self.look_at(person)
                self.must_search(person.values["first_name"] or person.email)
                for token in person.tokens[-1:]:
                    self.must_use(person, token)
                if person.password is not None:
                    self.must_log_in(person.email, person.password)
