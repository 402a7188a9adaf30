"""What a course of events builds on: the model beside the target, and what must hold after each step."""

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
from partially_conformance.suite.servers.read.model import Life, Person, Plan, Token, Verdict, World
from partially_conformance.suite.servers.shared.expectations import must_be_as, pages, same
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.check_end import Blocked, Violation
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.story import LONGEST_STORY

_WRONG_LOGINS = 3  # at most for one email, below every sane limit on guessing

_source = st.sampled_from(("new", "own", "of another"))
"""Where the value of a field is taken from."""

_meeting = st.sampled_from(("not at all", "search", "log in", "send a token"))
"""How the server meets a customer before it is changed."""


class Judge(RuleBasedStateMachine):
    """The model of one course of events, and the comparison of the target with it."""

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
        self.fields = st.sampled_from(free_texts(api))
        self.world = World(api.contract)
        self.wrong_logins: dict[str, int] = {}
        self.told: list[Exchange] | None = None

    # -- what must hold ------------------------------------------------------------------

    def look_at(self, person: Person) -> None:
        """A read of somebody answers as the model says, and so do the plans."""
        answer = self.api.get(person.id)
        if person.live:
            must_be_as(person.values, answer, what="the customer")
        elif person.life is Life.DELETED and answer.status != 404:
            raise answer.violation("a deleted customer not to be found: 404", f"status {answer.status}")
        elif answer.no_server_error().ok:
            _shows_nothing_of(person, answer, answer.customer())
        for plan in person.plans.values():
            self.look_at_plan(person, plan, answer)

    def look_at_plan(self, person: Person, plan: Plan, answer: Answer) -> None:
        """A plan is there as the model says, without a trace of somebody removed."""
        stored = self.side.plan(plan.id)
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

    def meet(self, person: Person, data: st.DataObject) -> None:
        """Let the server meet a customer in another way, perhaps remembering it, before it is changed."""
        with self.watching():
            match data.draw(_meeting):
                case "search":
                    self.must_search(person.email)
                case "log in" if person.password is not None:
                    self.must_log_in(person.email, person.password)
                case "send a token" if Need.EMAILS in self.usable:
                    person.send_token(self.given.token(Customer(person.values)))

    def must_search(self, query: str) -> None:
        """A search finds whom the model says, nobody else, and all of them as they are."""
        expected = self.world.search(query)
        found: set[str] = set()
        for answer, page in pages(self.api, q=query):
            found |= set(page.ids)
            for customer in page.customers:
                self.compare(customer, answer, "the customer that was found")
        if missing := expected.must - found:
            raise answer.violation(
                f"a search for {query!r} to find {len(expected.must)}", f"{len(missing)} missing"
            )
        if wrong := expected.must_not & found:
            raise answer.violation(
                f"a search for {query!r} to find nobody else", f"{len(wrong)} found who do not match"
            )

    def compare(self, shown: Customer, answer: Answer, what: str) -> None:
        """A customer that a list shows is as the model says."""
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

    def must_log_in(self, email: str, password: str) -> None:
        """A login with a password ends as the model says; after a few wrong ones there is none."""
        person = self.world.password_login(email, password)
        if person is None:
            self.wrong_logins[email] = self.wrong_logins.get(email, 0) + 1
            if self.wrong_logins[email] > _WRONG_LOGINS:
                return
        verdict = Verdict.MUST if person is not None else Verdict.MUST_NOT
        answer = self.attempt("loginPassword", verdict, email=email, password=password)
        if went_through(answer, verdict, "a login with email and password") and person is not None:
            self.must_be(person, answer)
            person.doubt_tokens()

    def must_use(self, person: Person, token: Token) -> None:
        """A login with a token ends as the model says."""
        verdict = person.token_login(token)
        answer = self.attempt("loginToken", verdict, token=token.text)
        by_chance = verdict is not Verdict.MUST and answer.ok and self.is_of_another(person, token, answer)
        if not by_chance and went_through(answer, verdict, "a login with an emailed token"):
            self.must_be(person, answer)
            person.doubt_tokens()

    def is_of_another(self, person: Person, token: Token, answer: Answer) -> bool:
        """Whether a token that is void was given out again, to somebody else. Short ones may be."""
        return answer.customer().id != person.id and self.given.is_emailed_token(token.text, answer)

    def attempt(self, operation: str, verdict: Verdict, **body: str) -> Answer:
        """Log in. Being told to wait refuses as well as anything, where it may or must be refused."""
        return self.api.call(operation, json_body=body, obey_limit=verdict is Verdict.MUST)

    def must_be(self, person: Person, answer: Answer) -> None:
        """The customer of a login is the one the model says."""
        must_be_as(person.values, answer, what="the customer who logs in")

    # -- means -----------------------------------------------------------------------------

    @property
    def side(self) -> Harness:
        """The harness, for steps that need it."""
        assert self.harness is not None  # only steps that need it get here
        return self.harness

    def anybody(self, place: int) -> Person:
        """Somebody, removed or not."""
        people = [*self.world.people.values()]
        return people[place % len(people)]

    def live_one(self, place: int) -> Person:
        """Somebody who has not been removed."""
        people = self.world.live()
        return people[place % len(people)]

    def some_fields(self, data: st.DataObject, least: int = 0) -> list[str]:
        """Some of the fields this course is about."""
        return data.draw(st.lists(self.fields, min_size=least, max_size=2, unique=True))

    def value_for(self, data: st.DataObject, name: str, person: Person | None = None) -> Any:
        """A value for a field; an email is never that of somebody else."""
        choices: list[Any] = []
        match data.draw(_source):
            case "own" if person is not None:
                choices = [
                    value for value in person.ever(name) if name != "email" or self.is_free(value, person)
                ]
            case "of another" if name != "email":
                choices = [
                    one.values[name] for one in self.world.people.values() if one.values[name] is not None
                ]
        if choices:
            return data.draw(st.sampled_from(choices))
        return self.data.other(name, {} if person is None else person.values)

    def is_free(self, email: str, person: Person) -> bool:
        """Whether a customer may take an email: nobody else has it."""
        return self.world.owner(email) in (None, person)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Tell a violation as the whole course that led to it, since every step of it is needed."""
        try:
            yield
        except Violation as violation:
            raise self.whole(violation) from None
        except Blocked as blocked:
            if isinstance(blocked.__cause__, Violation):
                raise self.whole(blocked.__cause__) from None
            raise

    def whole(self, violation: Violation) -> Violation:
        """The violation, told as the whole course so far."""
        course = self.recorder.exchanges() if self.told is None else self.told
        course += [one for one in violation.exchanges if not any(one is told for told in course)]
        if len(course) > LONGEST_STORY:
            course = [one for one in course if one.request.method != "GET" or one in violation.exchanges]
        return Violation(violation.expected, violation.observed, course)


def free_texts(api: Api) -> list[str]:
    """The fields of which no two made-up values are equal by chance: that would confuse the shrinking."""
    fields = api.contract.create_fields
    return [name for name in api.contract.kept_fields if fields[name].get("format") in {None, "email"}]


def went_through(answer: Answer, verdict: Verdict, what: str) -> bool:
    """Whether something succeeded, where that is allowed."""
    if verdict is Verdict.MUST:
        answer.success(what)
    elif verdict is Verdict.MUST_NOT:
        if not answer.is_refusal:
            raise answer.violation(f"{what} to be refused with a 4xx", f"status {answer.status}")
    else:
        answer.no_server_error()
    return answer.ok


def _shows_nothing_of(person: Person, answer: Answer, shown: Mapping[str, Any]) -> None:
    """What is shown has no value of before that tells who an anonymised person was."""
    for name in TELLING_FIELDS:
        for value in person.ever(name):
            if value in shown.values():
                raise answer.violation(
                    f"an anonymised customer without its {name} {value!r}", "it is still there"
                )
