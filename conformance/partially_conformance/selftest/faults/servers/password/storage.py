"""Faults of PASSWORD: how passwords are stored and compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.harness import HarnessApi
from partially_reference.http.routing import Call
from partially_reference.http.validation import Validation
from partially_reference.rules.passwords import Passwords


class ChangesPasswords(Passwords):
    """Changes a password before it is hashed and before it is compared."""

    def changed(self, password: str) -> str:
        raise NotImplementedError

    def hash(self, password: str) -> str:
        return super().hash(self.changed(password))

    def matches(self, password: str, stored_hash: str | None) -> bool:
        return super().matches(self.changed(password), stored_hash)


@fault(
    "PASSWORD-2",
    "PASSWORD-5",
    "PASSWORD-6",
    "PASSWORD-7",
    "PASSWORD-10",
    says="A customer with a password logs in with any password.",
)
class AnyPasswordLogsIn(Passwords):
    def matches(self, password: str, stored_hash: str | None) -> bool:
        return stored_hash is not None


@fault("PASSWORD-6", says="Blanks around a password do not count.")
class TrimsPasswords(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password.strip()


@fault("PASSWORD-6", says="The case of a password does not count.")
class FoldsPasswords(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password.casefold()


@fault("PASSWORD-6", "PASSWORD-7", says="Only the first eight characters of a password count.")
class EightLetters(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password[:8]


@fault("PASSWORD-6", says="A login accepts a password with more text after its end.")
class RightStartIsEnough(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password

    def matches(self, password: str, stored_hash: str | None) -> bool:
        return any(super(ChangesPasswords, self).matches(password[:end], stored_hash) for end in (None, 22))


@fault("PASSWORD-17", says="Only the first 72 bytes of a password count.")
class SeventyTwoBytes(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password.encode()[:72].decode("utf-8", "ignore")


@fault("PASSWORD-17", says="Only the first 128 characters of a password count.")
class OneHundredAndTwentyEight(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password[:128]


class _AcceptsNul(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        return super().text_problems({name: value for name, value in body.items() if name != "password"})


@fault("PASSWORD-7", says="A password ends at its first NUL.", also=[_AcceptsNul])
class EndsAtNul(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password.partition("\0")[0]


@fault(
    "PASSWORD-7", says="A new password is cut off after 64 characters, but a login compares all characters."
)
class CutWhenStored(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password[:64]

    def matches(self, password: str, stored_hash: str | None) -> bool:
        return super(ChangesPasswords, self).matches(password, stored_hash)


@fault("PASSWORD-8", says="All characters outside ASCII in a password count as question marks.")
class QuestionMarks(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password.encode("ascii", "replace").decode()


class _ComparesOldHashes(Passwords):
    def matches(self, password: str, stored_hash: str | None) -> bool:
        hashes = stored_hash.split("|") if stored_hash else [None]
        return any(super(_ComparesOldHashes, self).matches(password, one) for one in hashes)


@fault("PASSWORD-10", says="Older passwords still work after a change.", also=[_ComparesOldHashes])
class OldPasswordsWork(HarnessApi):
    def set_password(self, call: Call) -> Response:
        with self.storage.reading() as connection:
            old = self.customer(connection, call.path["id"])["password_hash"]
        answer = super().set_password(call)
        with self.storage.writing() as connection:
            new = self.customer(connection, call.path["id"])["password_hash"]
            both = {"password_hash": f"{new}|{old}" if old else new}
            self.storage.customers.update(connection, call.path["id"], both)
        return answer


@fault("PASSWORD-10", says="A password that was set once cannot be changed.")
class FirstPasswordStays(HarnessApi):
    def set_password(self, call: Call) -> Response:
        with self.storage.reading() as connection:
            if self.customer(connection, call.path["id"])["password_hash"] is not None:
                return Response(status_code=204)
        return super().set_password(call)


@fault("PASSWORD-2", says="The password of the published example logs in every customer who has a password.")
class ExamplePassword(Passwords):
    def matches(self, password: str, stored: str | None) -> bool:
        return super().matches(password, stored) or (stored is not None and password == "test")  # noqa: S105 - that is the fault


@fault("PASSWORD-6", says="A password is accepted with upper and lower case swapped.")
class CapitalsLocked(Passwords):
    def matches(self, password: str, stored: str | None) -> bool:
        return super().matches(password, stored) or super().matches(password.swapcase(), stored)


@fault("PASSWORD-8", says="Passwords are URL-decoded, so `%41` counts as `A`.")
class PasswordsDecoded(Passwords):
    def hash(self, password: str) -> str:
        return super().hash(re.sub("%41", "A", password))

    def matches(self, password: str, stored: str | None) -> bool:
        return super().matches(re.sub("%41", "A", password), stored)
