"""Stacks: variants combined in one server, as frameworks combine them.

A variant differs from the reference server in one point. Stacks find checks that fail only for two variants
together.
"""

from __future__ import annotations

from dataclasses import dataclass

from partially_conformance.selftest.overlays.servers import Overlay
from partially_conformance.selftest.variants.servers import all_variants


@dataclass(frozen=True, slots=True)
class Stack:
    """A conforming server that combines several variants.

    Attributes:
        name: Its id, in kebab case.
        says: Which kind of server it is like, in one sentence.
        variants: The names of its variants. If two replace the same method, the later one is called, and
            may call the earlier one.
    """

    name: str
    says: str
    variants: tuple[str, ...]

    def overlays(self) -> tuple[Overlay, ...]:
        """Return the overlays of its variants.

        Raises:
            KeyError: A variant does not exist.
        """
        by_name = {variant.name: variant for variant in all_variants()}
        return tuple(by_name[name] for name in self.variants)


STACKS: tuple[Stack, ...] = (
    Stack(
        "rails-like",
        "A Ruby on Rails application with Devise, will_paginate and many validations.",
        (
            "create-answers201", "bad-input422", "only-json-labelled", "charset-named", "milliseconds",
            "metadata-shown", "refusals-by-field", "newest-first", "pages-of25", "odd-pages-forgiven",
            "emails-lowered", "blank-is-null", "limit255", "null-keeps", "no-body-is-empty",
            "any-json-is-an-object", "bcrypt-passwords",
            "taken-email422", "open-plan422", "anonymised-not-found", "second-removal404",
            "failed-login401", "unknown-email404", "long-tokens", "token-in-link", "emails-later",
            "new-customers-greeted", "entity-tags", "many-headers", "slashes-at-the-end-ignored",
            "more-methods", "odd-values-left-out", "accounts-locked",
        ),
    ),
    Stack(
        "django-like",
        "A Django REST framework application on a case-insensitive collation.",
        (
            "create-answers201", "keyless403", "numbered-ids", "refusals-by-field", "language-shown",
            "by-id", "words-and-phrases-searched", "nothing-past-the-end", "per-page-capped", "whole-emails",
            "blanks-trimmed", "empty-refused", "tight-limits", "zones-checked", "codes-checked",
            "plain-emails-only", "control-characters-refused", "null-refused-on-update", "taken-email409",
            "open-plan409", "placeholders", "second-removal200", "failed-login403", "same-token-again",
            "digit-tokens", "other-messages",
        ),
    ),
    Stack(
        "phoenix-like",
        "A Phoenix application with Ecto changesets and Scrivener.",
        (
            "bad-input422", "prefixed-ids", "scheme-in-one-case", "names-in-their-case",
            "last-page-repeated", "bcrypt-passwords",
            "emails-in-their-case", "by-name", "only-blanks-are-null", "null-is-default", "numbers-as-text",
            "refusals-by-field", "odd-pages-forgiven", "more-methods", "many-headers", "empty-update-refused",
            "unfinished-is-open", "open-plan403", "anonymised-not-listed",
            "failed-login422", "older-tokens-kept", "short-tokens", "html-email",
        ),
    ),
    Stack(
        "express-like",
        "A small Node.js application with a minimal framework, which accepts almost anything.",
        (
            "create-answers201", "short-ids", "other-labels-ignored",
            "other-methods404", "escaped-json", "refusals-with-codes", "whole-seconds", "one-clock",
            "pages-of5", "empty-query-finds-nobody", "any-email-taken", "long-values-stored", "nul-stripped",
            "numbers-as-text", "existing-returned", "second-removal410", "everything-redacted",
            "failed-login404", "uuid-tokens", "other-wording", "tokens-reusable", "tokens-forever",
            "no-limits", "bcrypt-passwords", "any-word-searched",
        ),
    ),
    Stack(
        "fastify-like",
        "A Fastify application, whose validator reads values of other types as texts.",
        (
            "create-answers201", "only-json-labelled", "uuids-with-time", "messages-as-list",
            "lists-with-one-value-taken", "numbers-as-text", "truth-spelled-out",
            "empty-json-removal-refused", "removal-body-refused", "many-headers", "milliseconds",
            "every-word-searched", "blank-emails-keep-the-old",
            "taken-email409", "open-plan409", "deleted410", "failed-login401", "long-passwords-refused",
        ),
    ),
    Stack(
        "laravel-like",
        "A Laravel application with its standard middleware, behind Apache.",
        (
            "create-answers201", "bad-input422", "refusals-by-field-with-message", "numbered-ids",
            "escaped-json", "whole-seconds", "newest-first", "odd-pages-forgiven", "blank-is-null",
            "limit255", "slashes-at-the-end-redirected", "throttled", "taken-email422", "open-plan422",
            "anonymised-not-found", "second-removal404", "failed-login422", "unknown-email404",
            "token-in-link",
        ),
    ),
    Stack(
        "spring-like",
        "A Spring Boot application with Jackson, Hibernate and one table of users for all merchants.",
        (
            "refusals-with-time", "malformed-id-is-bad-input", "only-json-labelled",
            "fractions-of-any-length", "by-id", "limit255", "truth-spelled-out",
            "numbers-as-text", "null-keeps",
            "emails-unique-everywhere", "taken-email409", "open-plan409", "second-removal404",
            "failed-login401", "token-guessers-forbidden", "chunked",
        ),
    ),
    Stack(
        "fastapi-like",
        "A FastAPI application with Pydantic.",
        (
            "create-answers201", "bad-input422", "malformed-id422", "keyless403", "refusals-with-detail",
            "slashes-at-the-end-redirected", "only-json-labelled", "no-head", "null-refused",
            "emails-in-their-case", "taken-email409", "open-plan409", "anonymised-not-found",
            "second-removal404", "failed-login401", "four-digit-tokens",
        ),
    ),
    Stack(
        "aspnet-like",
        "An ASP.NET Core application with Identity.",
        (
            "create-answers201", "problem-details", "charset-named", "many-headers", "no-head",
            "slashes-at-the-end-ignored", "malformed-id-is-bad-input", "fractions-of-any-length",
            "names-in-their-case", "emails-in-their-case", "null-is-default", "limit255", "taken-email409",
            "open-plan409", "everything-redacted", "failed-login401", "digit-tokens", "html-email",
        ),
    ),
    Stack(
        "nest-like",
        "A NestJS application on MongoDB.",
        (
            "create-answers201", "object-ids", "messages-as-list", "entity-tags", "metadata-shown",
            "slashes-at-the-end-ignored", "other-labels-ignored", "other-methods404", "milliseconds",
            "bcrypt-passwords", "only-emails-tidied", "unknown-fields-refused", "taken-email409",
            "open-plan403",
            "second-removal404", "failed-login401", "unknown-email404", "token-guessers-told-in-words",
        ),
    ),
    Stack(
        "go-like",
        "A Go program that uses only the standard library.",
        (
            "angles-escaped", "uuids-with-time", "refusals-without-body", "no-pages-of-nothing",
            "whole-emails", "plain-emails-only", "open-plan409", "placeholders", "second-removal200",
            "token-guessers-not-told", "no-time-to-come-again", "long-tokens", "emails-later",
        ),
    ),
    Stack(
        "strict",
        "A server that refuses everything that it may refuse.",
        (
            "bad-input422", "only-json-labelled", "keyless403", "malformed-id422", "scheme-in-one-case",
            "unknown-parameters-refused", "whole-emails-in-their-case", "names-in-their-case",
            "empty-query-refused", "long-queries-refused", "nothing-past-the-end", "empty-refused",
            "blanks-refused", "limit50-bytes", "control-characters-refused", "codes-checked", "zones-checked",
            "languages-checked", "phones-checked", "plain-emails-only", "unknown-fields-refused",
            "null-refused-on-update", "empty-update-refused", "taken-email409", "unfinished-is-open",
            "open-plan403", "anonymised-not-found", "second-removal404", "unknown-email404", "tighter-limits",
            "long-passwords-refused", "removal-body-refused", "empty-json-removal-refused",
            "refusals-without-body",
        ),
    ),
    Stack(
        "lenient",
        "A server that refuses almost nothing and corrects what it can.",
        (
            "other-methods501", "refusals-in-html", "ulid-ids",
            "metadata-shown", "names-across", "odd-pages-forgiven",
            "per-page-ignored", "no-pages-of-nothing", "any-email-taken", "nul-stripped", "blanks-trimmed",
            "empty-is-null", "long-values-stored", "numbers-as-text", "null-is-default", "null-keeps",
            "any-json-is-an-object", "lists-with-one-value-taken", "deep-values-are-null",
            "last-page-repeated", "quotes-around-the-query-removed",
            "no-body-is-empty", "emails-shared", "second-removal200", "older-tokens-kept", "no-limits",
        ),
    ),
    Stack(
        "anonymise-and-keep",
        "A server that keeps as much of a removed customer as it may, and shows it.",
        (
            "local-times", "connections-closed", "language-shown", "newest-first", "pages-of5",
            "emails-lowered", "emails-shared", "everything-redacted", "defaulted-is-open", "checkout-is-open",
            "pending-is-open", "second-removal200", "anonymised-update404", "dotted-tokens",
            "older-tokens-kept", "tokens-reusable", "html-email",
        ),
    ),
)  # fmt: skip
"""All stacks, in no particular order."""
