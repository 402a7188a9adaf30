"""Logging in by password and by emailed token."""

import pytest

LONG = "p" * 72


@pytest.mark.parametrize(
    "password", ["test", " pad ", "", "пароль🔑", LONG + "1", "x" * 5000, "a\tb"], ids=ascii
)
def test_the_exact_password_and_no_other_logs_in(shop, password):
    customer = shop.create(email="a@b.co")
    shop.set_password(customer["id"], password)
    assert shop.login("a@b.co", password).json() == customer
    assert shop.login("A@B.CO", password).json() == customer
    for wrong in {password + " ", password[:-1] + "!", password.upper() + "x", LONG + "2"}:
        assert shop.login("a@b.co", wrong).status_code == 400


def test_a_new_password_replaces_the_old_one(shop):
    customer = shop.create(email="a@b.co")
    for password in ("old", "new"):
        shop.set_password(customer["id"], password)
    assert shop.login("a@b.co", "old").status_code == 400
    assert shop.login("a@b.co", "new").json() == customer


def test_unknown_email_and_wrong_password_look_the_same(shop):
    customer = shop.create(email="a@b.co")
    shop.create(email="no.password@b.co")
    shop.set_password(customer["id"], "secret")
    answers = [shop.login(email, "wrong") for email in ("a@b.co", "no.password@b.co", "unknown@b.co")]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(set(answer.headers) - {"date"})) for answer in answers}) == 1


@pytest.mark.parametrize("wrong", [None, 1, True, [], {"$ne": ""}], ids=str)
def test_passwords_and_tokens_are_texts(shop, wrong):
    customer = shop.create(email="a@b.co")
    shop.set_password(customer["id"], "secret")
    assert shop.login("a@b.co", wrong).json()["errors"][0].startswith("Password: ")
    assert shop.login_token(wrong).json()["errors"][0].startswith("Token: ")


def test_guessing_a_password_is_limited_for_that_email_only(shop):
    for email in ("a@b.co", "other@b.co"):
        shop.set_password(shop.create(email=email)["id"], "secret")
    answers = [shop.login("a@b.co", f"guess {number}") for number in range(11)]
    assert [answer.status_code for answer in answers] == [400] * 10 + [429]
    wait = int(answers[-1].headers["Retry-After"])
    assert 0 < wait <= 90
    assert shop.login("A@b.co", "secret").status_code == 429
    assert shop.login("other@b.co", "secret").status_code == 200
    shop.advance(wait)
    assert shop.login("a@b.co", "secret").status_code == 200


def test_a_token_logs_in_once(shop):
    customer = shop.create(email="Ann@b.co")
    token = shop.mailed_token("ann@B.co")
    assert token.isalnum()
    assert shop.emails("ANN@b.co")[0]["to"] == "Ann@b.co"
    assert shop.login_token(token[:-1]).status_code == 400
    assert shop.login_token(token.swapcase()).status_code == 400
    assert shop.login_token(token).json() == customer
    assert shop.login_token(token).status_code == 400


def test_a_token_expires(shop):
    customer = shop.create()
    token = shop.mailed_token(customer["email"])
    shop.advance(29 * 60)
    late = shop.mailed_token(customer["email"])
    shop.advance(29 * 60)
    assert shop.login_token(late).json() == customer
    token = shop.mailed_token(customer["email"])
    shop.advance(30 * 60)
    assert shop.login_token(token).status_code == 400


def test_each_customer_has_a_token_of_their_own_and_only_the_newest_works(shop):
    one, two = shop.create(), shop.create()
    older, other, newer = (shop.mailed_token(customer["email"]) for customer in (one, two, one))
    assert shop.login_token(older).status_code == 400
    assert shop.login_token(newer).json() == one
    assert shop.login_token(other).json() == two


def test_a_new_email_voids_the_token_sent_to_the_old_one(shop):
    customer = shop.create(email="old@b.co")
    token = shop.mailed_token("old@b.co")
    shop.update(customer["id"], email="new@b.co")
    assert shop.login_token(token).status_code == 400
    kept = shop.mailed_token("new@b.co")
    shop.update(customer["id"], email="NEW@b.co", phone="1")
    assert shop.login_token(kept).json()["id"] == customer["id"]


def test_no_email_is_sent_if_no_customer_has_the_address(shop):
    answer = shop.call("POST", "/customer/login_email", json={"email": "nobody@b.co"})
    assert (answer.status_code, answer.json()) == (200, {"message": "Token sent"})
    assert shop.emails("nobody@b.co") == []
    assert shop.list()["total_entries"] == 0


def test_many_wrong_tokens_are_slowed_down_and_the_right_one_still_works(shop, other_shop):
    customer = shop.create()
    token = shop.mailed_token(customer["email"])
    answers = [shop.login_token(f"guess{number}") for number in range(60)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    assert {answer.headers["Retry-After"] for answer in limited} == {"1"}
    assert {answer.status_code for answer in answers} == {400, 429}
    assert other_shop.login_token("guess").status_code == 400
    assert shop.login_token(token).json() == customer


def test_emails_to_one_address_are_limited_whether_it_is_known_or_not(shop):
    customer = shop.create()
    for email in (customer["email"], "nobody@b.co"):
        asked = [shop.call("POST", "/customer/login_email", json={"email": email}) for _ in range(21)]
        assert [answer.status_code for answer in asked] == [200] * 20 + [429]
    assert len(shop.emails(customer["email"])) == 20
