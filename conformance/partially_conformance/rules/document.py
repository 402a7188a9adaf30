"""The catalogue as a Markdown document, in which a dispute about a rule can be settled by reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from partially_conformance.rules.catalogue import Catalogue, Choice, Need, Rule

NEED_WORDS: Mapping[Need, str] = {
    Need.PASSWORD: "a harness that sets passwords",
    Need.PAYMENT_PLANS: "a harness that gives customers payment plans",
    Need.EMAILS: "a harness that shows the emails sent, or emails sent to the suite",
    Need.CLOCK: "a harness that moves the clock",
    Need.SECOND_MERCHANT: "a second API key, of another merchant",
}
"""What a user must provide so that a rule with this need can be observed."""

_START = """\
# The rules

```shell
partially-conformance rules SEARCH-6                  # one rule, with the checks and faults that prove it
partially-conformance rules --markdown docs/rules.md  # write this page
```

This page is generated from `spec/partially_spec/rules.yaml`. It has every rule that a target or a client is
checked against: what the rule demands, the sentence of the published text that it rests on (in the words of
this project) and where that sentence stands. Whoever disputes a failure compares the statement with that
sentence.

- A **must** rule is what the customers chapter of the published reference says, or what no sensible reading
  of it allows otherwise. A **should** rule comes from the wider reference, from RFC 9110 or from common
  security practice.
- A rule with **needs** is checked only if they are met. Otherwise it is reported as not tested.
- A rule **accepts** every form of the choices that it names. They are listed
  [at the end](#what-the-text-leaves-open), and a report says which form was seen.
"""


def as_markdown(catalogue: Catalogue) -> str:
    """Return the whole catalogue as a Markdown document. Its texts are Markdown already."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield _START
    for area in catalogue.areas():
        yield f"## {area}\n"
        for rule in catalogue.rules:
            if rule.area == area:
                yield from _rule(rule, catalogue)
    yield "## What the text leaves open\n"
    yield "Each choice is allowed in every form that is named here.\n"
    *others, last = catalogue.choices
    for choice in others:
        yield _choice(choice, catalogue) + "\n"
    yield _choice(last, catalogue)


def _rule(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    yield f"### {rule.id}: {rule.title}\n"
    yield f"{rule.statement}\n"
    yield f"- level: **{rule.level}**"
    yield f"- rests on: {rule.basis} ({rule.source})"
    if rule.needs:
        yield f"- needs: {'; '.join(NEED_WORDS[need] for need in Need if need in rule.needs)}"
    if rule.choices:
        titles = [f"[{catalogue.choice(one).title}](#{one})" for one in rule.choices]
        yield f"- accepts: {'; '.join(titles)}"
    yield ""


def _choice(choice: Choice, catalogue: Catalogue) -> str:
    rules = [rule.id for rule in catalogue.rules if choice.id in rule.choices]
    return f"### {choice.id}\n\n{choice.title}. {choice.allowed} Accepted by {', '.join(rules)}."
