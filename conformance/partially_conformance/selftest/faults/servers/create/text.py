"""Faults of CREATE and UPDATE: text is changed, cut off or refused."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, unquote_plus

from partially_conformance.selftest.faults.servers.create.stored_fields import Rewrites
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import DEFAULTS, INPUT_FIELDS
from partially_reference.http.answers import Answers
from partially_reference.http.bodies import Bodies
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.storage.stores import Record


class _ChangesTexts(Fields):
    """Changes every text but the email before it is stored."""

    def changed(self, text: str) -> str:
        raise NotImplementedError

    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.changed(value) if isinstance(value, str) and name != "email" else value
            for name, value in super().pick(body).items()
        }


@fault("CREATE-13", "UPDATE-14", says="UTF-8 text is decoded as Latin-1.")
class TakenForLatin1(_ChangesTexts):
    def changed(self, text: str) -> str:
        return text.encode().decode("latin-1")


@fault("CREATE-13", "UPDATE-14", says="Characters beyond the first plane of Unicode are dropped.")
class FirstPlaneOnly(_ChangesTexts):
    def changed(self, text: str) -> str:
        return "".join(sign for sign in text if ord(sign) < 0x10000)


@fault(
    "CREATE-13",
    "UPDATE-14",
    says="Text is normalised to NFC, so a letter and its accent become one character.",
)
class MarksJoined(_ChangesTexts):
    def changed(self, text: str) -> str:
        return unicodedata.normalize("NFC", text)


@fault("CREATE-13", "UPDATE-14", says="Compatibility characters, such as ligatures, become plain letters.")
class PlainLetters(_ChangesTexts):
    def changed(self, text: str) -> str:
        return re.sub(
            "[\ufb00-\ufb06\uff61-\uff9f]", lambda hit: unicodedata.normalize("NFKC", hit.group()), text
        )


@fault(
    "CREATE-13",
    "UPDATE-14",
    says="Invisible format characters are removed, including those that join letters.",
)
class JoinersTakenOut(_ChangesTexts):
    def changed(self, text: str) -> str:
        return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


@fault("CREATE-13", says="JSON escapes of a surrogate pair are replaced by two replacement characters.")
class PairsNotJoined(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return super().parse(re.sub(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", rb"\\ufffd", content))


@fault("CREATE-14", "UPDATE-14", says="Texts are cut off after 255 characters.")
class CutAt255(_ChangesTexts):
    def changed(self, text: str) -> str:
        return text[:255]


@fault("CREATE-14", "UPDATE-14", says="Texts are cut off after 1,500 bytes.")
class CutAtBytes(_ChangesTexts):
    def changed(self, text: str) -> str:
        return text.encode()[:1500].decode("utf-8", "ignore")


@fault("CREATE-14", says="Phone numbers are cut off after 50 characters.")
class PhoneCut(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().pick(body)
        return {**values, "phone": values["phone"][:50]} if values.get("phone") else values


@fault("CREATE-14", says="Emails are cut off after 100 characters.")
class EmailCut(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        return super().create(merchant_id, {**body, "email": body["email"][:100]})


@fault(
    "CREATE-14",
    says="The response to a create shows the whole address, but only 5,000 characters are stored.",
)
class StoredCut(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        address = body.get("shipto_address")
        stored = super().create(merchant_id, {**body, "shipto_address": address and address[:5000]})
        return {**stored, "shipto_address": address}


@fault("CREATE-15", "UPDATE-14", says="Text is escaped for HTML before it is stored.")
class EscapedForHtml(_ChangesTexts):
    def changed(self, text: str) -> str:
        return html.escape(text)


@fault("CREATE-15", "UPDATE-14", says="HTML entities in a text are decoded.")
class EntitiesRead(_ChangesTexts):
    def changed(self, text: str) -> str:
        return html.unescape(text)


@fault("CREATE-15", "UPDATE-14", says="Everything that looks like an HTML tag is removed.")
class TagsTakenOut(_ChangesTexts):
    def changed(self, text: str) -> str:
        return re.sub(r"</?\w[^>]*>", "", text)


@fault("CREATE-15", "UPDATE-14", says="Backslashes are removed.")
class BackslashesTakenOut(_ChangesTexts):
    def changed(self, text: str) -> str:
        return text.replace("\\", "")


@fault("CREATE-15", "UPDATE-14", says="Percent escapes in a text are decoded.")
class ReadAsUrl(_ChangesTexts):
    def changed(self, text: str) -> str:
        return unquote(text)


@fault("CREATE-15", "UPDATE-14", says="Percent escapes in a text are decoded if all of them are valid.")
class WholeUrlsRead(_ChangesTexts):
    def changed(self, text: str) -> str:
        return text if re.search("%(?![0-9A-Fa-f]{2})", text) else unquote(text)


@fault("CREATE-15", "UPDATE-14", says="A plus sign in a text becomes a blank.")
class PlusBecomesBlank(_ChangesTexts):
    def changed(self, text: str) -> str:
        return unquote_plus(text.replace("%", "%25"))


@fault("CREATE-15", "UPDATE-14", says="Single quotes are doubled.")
class QuotesDoubled(_ChangesTexts):
    def changed(self, text: str) -> str:
        return text.replace("'", "''")


@fault("CREATE-16", says="A text with NUL is answered with 500.")
class NulFails(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, value in body.items():
            if name != "email" and isinstance(value, str) and "\0" in value:
                raise RuntimeError("a text with NUL")
        yield from super().text_problems(body)


class _AcceptsNul(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        whole = {
            name: value.replace("\0", "") if isinstance(value, str) else value for name, value in body.items()
        }
        return super().text_problems(whole)


@fault("CREATE-16", says="A text is cut off at its first NUL.", also=[_AcceptsNul])
class TextEndsAtNul(_ChangesTexts):
    def changed(self, text: str) -> str:
        return text.partition("\0")[0]


@fault(
    "CREATE-16",
    says="A create answers with the whole value, but stores it only up to a NUL.",
    also=[_AcceptsNul],
)
class StoredUpToTheNul(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        made = super().create(merchant_id, body)
        cut = {
            name: made[name].partition("\0")[0]
            for name in INPUT_FIELDS
            if name != "email" and isinstance(made[name], str) and "\0" in made[name]
        }
        if cut:
            with self.storage.writing() as connection:
                columns = {**cut, **self.fields.derived(cut)}
                self.storage.customers.update(connection, made["id"], columns)
        return made


@fault("CREATE-16", says="A customer with an escape character is stored, but reading it ends in a 500.")
class EscapeNotShown(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        if any("\x1b" in value for value in customer.values() if isinstance(value, str)):
            raise ValueError("not printable")
        return super().shown(customer)


@fault("CREATE-17", says="An empty value is stored as `n/a`.")
class EmptyIsNa(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: "n/a" if value == "" else value for name, value in super().for_create(body).items()}


@fault("CREATE-17", says="Several blanks in a row become one.")
class BlanksJoined(_ChangesTexts):
    def changed(self, text: str) -> str:
        return re.sub(" +", " ", text)


@fault("CREATE-17", says="A last name of blanks is answered with 500.")
class FirstLetterOfBlank(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        if values.get("last_name") is not None:
            values["last_name"].split()[0]
        return values


@fault("CREATE-20", says="A plus sign in an email becomes a dot.")
class EmailTagRewritten(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        email = re.sub(r"\+(\w+)", r".\1", body["email"])
        return super().create(merchant_id, {**body, "email": email})


@fault("CREATE-20", says="Regions outside the United States are refused.")
class StatesOnly(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if body.get("shipto_state") in {"BE", "ON", "SP", "MH", "RM"}:
            yield "shipto_state", "is not a state"
        yield from super().text_problems(body)


@fault("CREATE-20", says="A time zone with more than one slash is refused.")
class ZonesOfTwoParts(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if str(body.get("timezone")).count("/") > 1:
            yield "timezone", "is not a time zone"
        yield from super().text_problems(body)


@fault("CREATE-20", says="An email with an apostrophe is refused.")
class NoApostrophes(Validation):
    def is_email(self, text: str) -> bool:
        return super().is_email(text) and "'" not in text


@fault("CREATE-21", says="Country and region codes are cut off after two letters.")
class CodesCut(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value[:2] if name in {"shipto_country", "shipto_state"} and value else value
            for name, value in super().pick(body).items()
        }


@fault("CREATE-21", says="An unknown time zone is replaced by the default.")
class UnknownZoneBecomesDefault(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        zone = values["timezone"]
        return values if zone and re.fullmatch(r"[A-Z]\w+/[A-Z][\w/-]+", zone) else {**values, **DEFAULTS}


@fault("CREATE-21", says="An email without an @ gets a domain of the server.")
class DomainAdded(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        body = super().parse(content)
        email = body.get("email")
        if isinstance(email, str) and email.strip() and "@" not in email:
            body["email"] = f"{email}@localhost.example"
        return body


@fault("CREATE-13", says="First and last name are swapped if the first name is Chinese.")
class ChineseNamesChangePlaces(Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        first, last = values.get("first_name"), values.get("last_name")
        if first and last and re.search("[\u4e00-\u9fff]", first):
            values["first_name"], values["last_name"] = last, first
        return values


@fault("CREATE-13", says="The variation selector that asks for a coloured emoji is removed.")
class PictureMarksTakenOut(Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.replace("\ufe0f", "") if isinstance(value, str) else value
            for name, value in values.items()
        }


@fault("CREATE-16", says="Texts are cut off at the first line break.")
class CutAtLineBreaks(Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.split("\n")[0] if isinstance(value, str) else value for name, value in values.items()
        }
