"""Finding the token in emails of many wordings, with tokens of many forms."""

from __future__ import annotations

import html
import quopri
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from partially_conformance.target.mailbox import TokenFinder, wait_for

Mail = Callable[[str, str], str]

PEOPLE = (
    {
        "id": "0c6a2a4e-58b3-4b1f",
        "email": "kuvabe.run1@example.com",
        "first_name": "Orvaliment",
    },
    {
        "id": "7d1b0d52-91c7-47a3",
        "email": "welipo.run2@example.com",
        "first_name": "Orvaliment",
    },
    {"id": "b1f3c9a8-2e64-4d0c", "email": "x4yz.run3@example.com", "first_name": "Trebuso"},
)

KINDS = {
    "four digits": ("4821", "0937", "5530"),
    "six digits": ("482193", "093755", "553001"),
    "as documented": ("N5E9gL", "q7RtB2", "Zw81Kd"),
    "lower-case letters": ("kdfjwq", "plmokn", "wertzu"),
    "grouped": ("K7QD-93XZ", "M2WE-11QP", "ZZ9T-40VB"),
    "words": ("blue-otter-sings-loud", "red-heron-walks-home", "old-maple-turns-gold"),
    "uuid": (
        "3e7a2c19-6b1f-4a2e-9c57-8d1e0f3a4b11",
        "f90b61d3-0c2a-4d8b-8e13-2b7c5d9e6f22",
        "15c8d7e4-93ab-4f60-a1d2-6e5f4c3b2a33",
    ),
    "hex": (
        "9f86d081884c7d659a2feaa0c55ad015" * 2,
        "60303ae22b998861bce3b28f33eec1be" * 2,
        "fd61a03af4f77d87" * 4,
    ),
    "url-safe": ("_Xk3-9vQ.tR~7w-", "-mP0_zL4.uN2b_", "0qW-_e8.yT5r--"),
    "base64": ("tG5v/Q+x9A==", "Zk3/2w+Lb0==", "pR+8a/Yc7Q=="),
    "signed": (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.Wq3m0v9Zr-JtS8d1YxB_6kLp4NaHcE7uGfTo2RiVbUw",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIzIn0.pL0kM9nJ8bH7vG6cF5xD4zS3aQ2wE1rT-yU_iO5qA8s",
    ),
}


def on_its_own_line(token: str, email: str) -> str:
    return f"Your login token\nYour login token is:\n\n{token}\n\nIt works once, within 30 minutes.\n"


def in_a_sentence(token: str, email: str) -> str:
    return f"Login\nHello {name_of(email)}! Your code is {token}. It expires at 12:30. Help: +1 212 555 0199."


def in_german(token: str, email: str) -> str:
    return (
        f"Ihre Anmeldung\nGuten Tag {name_of(email)},\r\n\r\nIhr Einmalkennwort lautet: {token}\r\n"
        f"Angefordert am {moment_of(email)} für {email}.\r\n"
    )


def in_a_query(token: str, email: str) -> str:
    address = quote(email, safe="")
    return f"Log in\nHere: https://shop.example/login?email={address}&token={quote(token, safe='')}&l=en\n"


def in_a_path(token: str, email: str) -> str:
    return f"Log in\nHi,\nfollow https://shop.example/in/{quote(token, safe='')}.\nSent {moment_of(email)}\n"


def in_html(token: str, email: str) -> str:
    return (
        "Your code\n<!DOCTYPE html><html><head><style>td { color: #333333 }</style></head><body>"
        f'<p class="x12">Dear {name_of(email)},</p><div><div>Use <b>{html.escape(token)}</b> '
        f'to log&nbsp;in.</div></div><p><a href="https://shop.example/stop?who={quote(email)}">Stop</a></p></html>'
    )


def in_quoted_printable(token: str, email: str) -> str:
    text = (
        f"Grüße, {name_of(email)}! Somebody asked for a way to log in to your account at our shop, and "
        f"here it is, as a token: {token} (valid for 30 minutes)\n"
    )
    return quopri.encodestring(text.encode()).decode()


def in_the_subject(token: str, email: str) -> str:
    return f"{token} is your code\nSomebody asked for it for {email}, at {moment_of(email)}.\n"


def quoted(token: str, email: str) -> str:
    return f"Log in\nPlease enter »{token}« or *{token}* within 2 hours, {name_of(email)}.\n"


def after_a_name(token: str, email: str) -> str:
    return f"Log in\nAccount:{email}\nToken:{token}\nRequest:{email.encode().hex()}\n"


MAILS = (
    on_its_own_line, in_a_sentence, in_german, in_a_query, in_a_path, in_html, in_quoted_printable,
    in_the_subject, quoted, after_a_name,
)  # fmt: skip


def name_of(email: str) -> str:
    return next(one["first_name"] for one in PEOPLE if one["email"] == email)


def moment_of(email: str) -> str:
    place = [one["email"] for one in PEOPLE].index(email)
    return f"2026-08-2{place} 11:0{place}:4{place}"


def guesses(mail: Mail, tokens: tuple[str, ...]) -> Iterator[tuple[list[str], str]]:
    """The words to try for a first email, then, once its token is confirmed, for one to another customer."""
    texts = [mail(token, one["email"]) for token, one in zip(tokens, PEOPLE, strict=True)]
    finder = TokenFinder()
    finder.learn_wording(texts[:2])
    first = finder.candidates(texts[0], PEOPLE[0].values())
    yield first, tokens[0]
    finder.confirm(texts[0], tokens[0])
    yield finder.candidates(texts[2], PEOPLE[2].values()), tokens[2]


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_the_token_is_among_the_first_guesses_and_then_the_first(mail: Mail, kind: str) -> None:
    (before, token), (after, later_token) = guesses(mail, KINDS[kind])
    assert token in before[:3], before[:8]
    assert after[0] == later_token, after[:8]


def test_words_that_all_emails_share_are_not_tried() -> None:
    (before, token), _ = guesses(on_its_own_line, KINDS["as documented"])
    assert before == [token]


def test_data_of_the_customer_is_not_tried() -> None:
    (before, _), _ = guesses(in_german, KINDS["as documented"])
    assert not [word for word in before if word.lower() in {"orvaliment", "kuvabe", "run1", "kuvabe.run1"}]


def test_a_token_may_equal_data_of_the_customer_once_its_context_is_known() -> None:
    finder = TokenFinder()
    finder.confirm(on_its_own_line("4821", "a@example.com"), "4821")
    about = ["2026-11-25T22:25:33.204402", "Orvaliment"]
    assert finder.candidates(on_its_own_line("2026", "a@example.com"), about)[0] == "2026"


def test_the_shared_words_are_searched_on_demand() -> None:
    texts = [in_a_sentence("482193", one["email"]) for one in PEOPLE[:2]]
    finder = TokenFinder()
    finder.learn_wording(texts)
    assert "482193" not in finder.candidates(texts[0], PEOPLE[0].values())
    assert finder.candidates(texts[0], PEOPLE[0].values(), in_wording=True)[0] == "482193"


def test_digits_in_separate_boxes_are_one_token() -> None:
    def boxed(token: str, _email: str) -> str:
        boxes = "".join(f'<span class="box">{digit}</span>' for digit in token)
        return f"Log in\n<p>Your code:</p>\n<div>{boxes}</div>"

    (before, token), (after, later_token) = guesses(boxed, KINDS["six digits"])
    assert token in before[:3]
    assert after[0] == later_token


def test_a_token_of_several_words_is_found_too() -> None:
    tokens = ("482 193", "093 755", "553 001")
    (before, token), (after, later_token) = guesses(on_its_own_line, tokens)
    assert token in before[:3]
    assert after[0] == later_token


def test_waiting_ends_on_success_and_when_the_time_is_up() -> None:
    looks = iter([False, False, True])
    assert wait_for(lambda: next(looks))
    assert not wait_for(lambda: False, limit=0.01)
