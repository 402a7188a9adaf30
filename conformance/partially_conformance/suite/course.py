"""READ-9: any course of events, generated step by step and held against a model of what is documented."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from partially_conformance.api import TELLING_FIELDS, Answer, Api, Customer
from partially_conformance.catalogue import Need
from partially_conformance.check import check
from partially_conformance.data import Data
from partially_conformance.exchange import Exchange
from partially_conformance.fuzz import Fuzz
from partially_conformance.given import Given
from partially_conformance.harness import Harness
from partially_conformance.model import Life, Person, Plan, Token, Verdict, World
from partially_conformance.outcome import Blocked, Violation
from partially_conformance.recorder import Recorder
from partially_conformance.story import LONGEST_STORY
from partially_conformance.suite.helpers import must_be_as, pages, same
from partially_spec import HARNESS, load

_EXAMPLES, _LEAST, _STEPS = 40, 24, 12
_PEOPLE = 3  # at most in one course; more make the interesting meetings of steps rarer
_WRONG_LOGINS = 3  # at most for one email, below every sane limit on guessing

_SEARCHED = ("first_name", "last_name", "email")

_STATUSES: tuple[str, ...] = tuple(load(HARNESS).schema("PlanStatus")["enum"])

_place = st.integers(0, _PEOPLE - 1)
"""Picks one of those who are there."""

_source = st.sampled_from(("new", "own", "of another"))
"""Where the value of a field is taken from."""

_meeting = st.sampled_from(("not at all", "search", "log in", "send a token"))
"""How the server meets a customer before it is changed."""

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
) -> None:
    """Generated courses of creates, updates, reads, searches, removals and logins against a model."""
    usable = offered - ({Need.EMAILS} if not _can_read_tokens(given, offered) else set())
    fuzz.machine(
        lambda: Course(api, given, harness, data, recorder, usable),
        standard=_EXAMPLES,
        least=_LEAST,
        steps=_STEPS,
    )


def _can_read_tokens(given: Given, offered: frozenset[Need]) -> bool:
    """Whether it can be made out what in an email is the token. A course can do without."""
    try:
        return Need.EMAILS in offered and given.token_that_logs_in() is not None
    except Blocked:
        return False


def _needs(need: Need) -> Callable[[Any], Any]:
    return precondition(lambda self: need in self.usable and bool(self.world.live()))


_with_people = precondition(lambda self: bool(self.world.people))
_with_live = precondition(lambda self: bool(self.world.live()))
_with_free_emails = precondition(lambda self: bool(self.world.free_emails()))


def _with(what: str) -> Callable[[Any], Any]:
    return precondition(lambda self: any(getattr(person, what) for person in self.world.people.values()))


class Course(RuleBasedStateMachine):
    """One course of events. Everybody in it is new, so that it needs no empty server."""

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
        self.fields = st.sampled_from(_free_texts(api))
        self.world = World(api.contract)
        self.wrong_logins: dict[str, int] = {}
        self.told: list[Exchange] | None = None

    # -- creating, changing, removing ------------------------------------------------

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Two customers are there from the start. The course is about few fields, so that they meet again."""
        self.fields = st.sampled_from(["first_name", data.draw(self.fields)])
        for _ in range(2):
            self.create(data)
        if Need.PASSWORD in self.usable and data.draw(st.booleans()):
            self.set_password(-1)

    @precondition(lambda self: len(self.world.people) < _PEOPLE)
    @rule(data=st.data())
    def create(self, data: st.DataObject) -> None:
        """Create a customer, perhaps with values of others, perhaps with the email of a removed one."""
        sent = {name: self._value(data, name) for name in self._some_fields(data)}
        sent["email"] = data.draw(st.sampled_from([None, *self.world.free_emails()])) or self.data.email()
        with self._watching():
            answer = self.api.create(sent)
            shown = must_be_as(self.world.fresh(sent), answer, what="the new customer")
            if shown.id in self.world.people:
                raise answer.violation("an id nobody else has", f"the id {shown.id} again")
            self.world.create(shown, sent)

    @_with_live
    @rule(place=_place, data=st.data())
    def update(self, place: int, data: st.DataObject) -> None:
        """Update some fields, to new values, to those they have or had, or to those of somebody else."""
        person = self._live(place)
        for _ in range(data.draw(st.integers(1, 3))):
            self._meet(person, data)
            changes = {name: self._value(data, name, person) for name in self._some_fields(data, least=1)}
            with self._watching():
                answer = self.api.update(person.id, changes)
                must_be_as({**person.values, **changes}, answer, what="the updated customer")
                person.change(changes)

    @_with_people
    @rule(place=_place)
    def remove(self, place: int) -> None:
        """Remove a customer, or try to."""
        person = self._anybody(place)
        with self._watching():
            answer = self.api.gdpr_remove(person.id)
            if _went_through(answer, person.removal(), "the removal of a customer"):
                person.remove()
            self._look_at(person)

    @_needs(Need.PAYMENT_PLANS)
    @rule(place=_place, status=st.sampled_from(_STATUSES))
    def plan(self, place: int, status: str) -> None:
        """Give a customer a plan, or change the status of the one it has."""
        person = self._live(place)
        for plan in person.plans.values():
            plan.status = self._side.set_plan(plan.id, status)["status"]
            return
        person.add_plan(self.given.plan(Customer(person.values), status))

    # -- looking ---------------------------------------------------------------------

    @_with_people
    @rule(place=_place, name=st.sampled_from(_SEARCHED), part=_part, data=st.data())
    def search(self, place: int, name: str, part: slice, data: st.DataObject) -> None:
        """Search for a name or an email that somebody has or had."""
        values = self._anybody(place).ever(name)
        if values:
            value = str(data.draw(st.sampled_from(values)))
            with self._watching():
                self._search(value if name == "email" else value[part])

    @_with_people
    @rule(place=_place)
    def look(self, place: int) -> None:
        """Read a customer, and look at the first page of the list."""
        with self._watching():
            self._look_at(self._anybody(place))
            answer = self.api.list()
            for customer in answer.page("a list").customers:
                self._compare(customer, answer, "the customer in the list")

    # -- logging in --------------------------------------------------------------------

    @_needs(Need.PASSWORD)
    @rule(place=_place)
    def set_password(self, place: int) -> None:
        """Give a customer a new password."""
        person = self._live(place)
        person.set_password(self.given.password(Customer(person.values)))
        with self._watching():
            self._log_in(person.email, str(person.password))

    @_with("password")
    @rule(place=_place, of=st.one_of(st.none(), _place), data=st.data())
    def log_in(self, place: int, of: int | None, data: st.DataObject) -> None:
        """Log in with an email somebody has or had, and the password of the same one or of another."""
        password = self._anybody(place if of is None else of).password
        if password is not None:
            email = data.draw(st.sampled_from(self._anybody(place).ever("email")))
            with self._watching():
                self._log_in(email, password)

    @_needs(Need.EMAILS)
    @rule(place=_place)
    def send_token(self, place: int) -> None:
        """Email a login token to a customer."""
        person = self._live(place)
        with self._watching():
            person.send_token(self.given.token(Customer(person.values)))

    @_with("tokens")
    @rule(place=_place, newest=st.booleans())
    def use_token(self, place: int, newest: bool) -> None:
        """Log in with a token that was emailed."""
        people = [person for person in self.world.people.values() if person.tokens]
        person = people[place % len(people)]
        with self._watching():
            self._use(person, person.tokens[-1 if newest else 0])

    @_needs(Need.EMAILS)
    @_with_free_emails
    @rule(data=st.data())
    def send_token_to_nobody(self, data: st.DataObject) -> None:
        """Ask for a token with an email of a removed customer that nobody has now."""
        email = data.draw(st.sampled_from(self.world.free_emails()))
        with self._watching():
            before = len(self.given.emails(email))
            answer = self.api.login_email(email=email).unharmed()
            if len(self.given.emails(email)) > before:
                raise answer.violation("no email to a removed customer", "an email was sent")

    # -- the end -----------------------------------------------------------------------

    def teardown(self) -> None:
        """See that everybody is as everything that happened says."""
        self.told = self.recorder.scene()
        with self._watching():
            for person in self.world.people.values():
                self._look_at(person)
                self._search(person.values["first_name"] or person.email)
                for token in person.tokens[-1:]:
                    self._use(person, token)
                if person.password is not None:
                    self._log_in(person.email, person.password)

    # -- what must hold ------------------------------------------------------------------

    def _look_at(self, person: Person) -> None:
        answer = self.api.get(person.id)
        if person.live:
            must_be_as(person.values, answer, what="the customer")
        elif person.life is Life.DELETED and answer.status != 404:
            raise answer.violation("a deleted customer not to be found: 404", f"status {answer.status}")
        elif answer.unharmed().ok:
            _shows_nothing_of(person, answer, answer.customer())
        for plan in person.plans.values():
            self._look_at_plan(person, plan, answer)

    def _look_at_plan(self, person: Person, plan: Plan, answer: Answer) -> None:
        stored = self._side.plan(plan.id)
        if stored is None:
            raise answer.violation("the payment plan to stay", "it is gone")
        payments = [payment["id"] for payment in stored["payments"]]
        if (stored["status"], payments) != (plan.status, plan.payments):
            raise answer.violation(
                f"the payment plan to stay {plan.status} with its payment",
                f"it is {stored['status']} with {len(payments)} payments",
            )
        if not person.live:
            _shows_nothing_of(person, answer, stored)

    def _meet(self, person: Person, data: st.DataObject) -> None:
        """Let the server meet a customer in another way, perhaps remembering it, before it is changed."""
        with self._watching():
            match data.draw(_meeting):
                case "search":
                    self._search(person.email)
                case "log in" if person.password is not None:
                    self._log_in(person.email, person.password)
                case "send a token" if Need.EMAILS in self.usable:
                    person.send_token(self.given.token(Customer(person.values)))

    def _search(self, query: str) -> None:
        expected = self.world.search(query)
        found: set[str] = set()
        for answer, page in pages(self.api, q=query):
            found |= set(page.ids)
            for customer in page.customers:
                self._compare(customer, answer, "the customer that was found")
        if missing := expected.must - found:
            raise answer.violation(
                f"a search for {query!r} to find {len(expected.must)}", f"{len(missing)} missing"
            )
        if wrong := expected.must_not & found:
            raise answer.violation(
                f"a search for {query!r} to find nobody else", f"{len(wrong)} found who do not match"
            )

    def _compare(self, shown: Customer, answer: Answer, what: str) -> None:
        person = self.world.people.get(shown.id)
        if person is None:
            return  # of somebody else
        if person.live:
            for name, value in person.values.items():
                if not same(name, shown[name], value):
                    raise answer.violation(f"{what} with {name} {value!r}", f"{name} is {shown[name]!r}")
        elif person.life is Life.DELETED:
            raise answer.violation("a deleted customer in no list", "it is there")
        else:
            _shows_nothing_of(person, answer, shown)

    def _log_in(self, email: str, password: str) -> None:
        person = self.world.password_login(email, password)
        if person is None:
            self.wrong_logins[email] = self.wrong_logins.get(email, 0) + 1
            if self.wrong_logins[email] > _WRONG_LOGINS:
                return
        verdict = Verdict.MUST if person is not None else Verdict.MUST_NOT
        answer = self._attempt("loginPassword", verdict, email=email, password=password)
        if _went_through(answer, verdict, "a login with email and password") and person is not None:
            self._must_be(person, answer)
            person.doubt_tokens()

    def _use(self, person: Person, token: Token) -> None:
        verdict = person.token_login(token)
        answer = self._attempt("loginToken", verdict, token=token.text)
        if _went_through(answer, verdict, "a login with an emailed token"):
            self._must_be(person, answer)
            person.doubt_tokens()

    def _attempt(self, operation: str, verdict: Verdict, **body: str) -> Answer:
        """Log in. Being told to wait refuses as well as anything, where it may or must be refused."""
        return self.api.call(operation, json_body=body, obey_limit=verdict is Verdict.MUST)

    def _must_be(self, person: Person, answer: Answer) -> None:
        must_be_as(person.values, answer, what="the customer who logs in")

    # -- means -----------------------------------------------------------------------------

    @property
    def _side(self) -> Harness:
        assert self.harness is not None  # only steps that need it get here
        return self.harness

    def _anybody(self, place: int) -> Person:
        people = [*self.world.people.values()]
        return people[place % len(people)]

    def _live(self, place: int) -> Person:
        people = self.world.live()
        return people[place % len(people)]

    def _some_fields(self, data: st.DataObject, least: int = 0) -> list[str]:
        return data.draw(st.lists(self.fields, min_size=least, max_size=2, unique=True))

    def _value(self, data: st.DataObject, name: str, person: Person | None = None) -> Any:
        """A value for a field; an email is never that of somebody else."""
        choices: list[Any] = []
        match data.draw(_source):
            case "own" if person is not None:
                choices = [
                    value for value in person.ever(name) if name != "email" or self._free(value, person)
                ]
            case "of another" if name != "email":
                choices = [
                    one.values[name] for one in self.world.people.values() if one.values[name] is not None
                ]
        if choices:
            return data.draw(st.sampled_from(choices))
        return self.data.other(name, {} if person is None else person.values)

    def _free(self, email: str, person: Person) -> bool:
        return self.world.owner(email) in (None, person)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Tell a violation as the whole course that led to it, since every step of it is needed."""
        try:
            yield
        except Violation as violation:
            raise self._whole(violation) from None
        except Blocked as blocked:
            if isinstance(blocked.__cause__, Violation):
                raise self._whole(blocked.__cause__) from None
            raise

    def _whole(self, violation: Violation) -> Violation:
        course = self.recorder.scene() if self.told is None else self.told
        course += [one for one in violation.exchanges if not any(one is told for told in course)]
        if len(course) > LONGEST_STORY:
            course = [one for one in course if one.request.method != "GET" or one in violation.exchanges]
        return Violation(violation.expected, violation.observed, course)


def _free_texts(api: Api) -> list[str]:
    """The fields of which no two made-up values are equal by chance: that would confuse the shrinking."""
    fields = api.contract.create_fields
    return [name for name in api.contract.kept_fields if fields[name].get("format") in {None, "email"}]


def _went_through(answer: Answer, verdict: Verdict, what: str) -> bool:
    """Whether something succeeded, where that is allowed."""
    if verdict is Verdict.MUST:
        answer.success(what)
    elif verdict is Verdict.MUST_NOT:
        if not answer.is_refusal:
            raise answer.violation(f"{what} to be refused with a 4xx", f"status {answer.status}")
    else:
        answer.unharmed()
    return answer.ok


def _shows_nothing_of(person: Person, answer: Answer, shown: Mapping[str, Any]) -> None:
    """What is shown has no value of before that tells who an anonymised person was."""
    for name in TELLING_FIELDS:
        for value in person.ever(name):
            if value in shown.values():
                raise answer.violation(
                    f"an anonymised customer without its {name} {value!r}", "it is still there"
                )
