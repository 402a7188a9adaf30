"""SEARCH: queries with characters that are special in databases, URLs and query languages, or malformed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.search.steps import list_path, must_find_only, unusual_customer
from partially_conformance.suite.servers.shared.expectations import must_find, must_not_find
from partially_conformance.traffic.cases import Cases
from partially_conformance.traffic.check_end import NotObservable

SPECIAL = (
    "%", "_", "\\", "'", '"', "*", ".", "(", "[", "^", "$", "+", "?", ";", "-", "--", "|", "&", ":", "`", ",",
)  # fmt: skip
"""Wildcards, quotes and characters of regular expressions and query languages.

None contains an earlier one.
"""

QUERY_SYNTAX = ('"{}"', "'{}'", "({})", "/{}/", "^{}", "{}$", "{}*", "{}~", "+{}", "-{}", "name:{}")
"""Ways in which query languages write a word. None of them is a part of a name."""

SCRIPTS: dict[str, Callable[[str], str]] = {
    "Latin with accents": lambda word: _shifted(word, 0x00E0, 23),
    "Greek": lambda word: _shifted(word, 0x03B1, 17),
    "Cyrillic": lambda word: _shifted(word, 0x0430, 32),
    "Hebrew": lambda word: _shifted(word, 0x05D0, 10),
    "Arabic": lambda word: _shifted(word, 0x0641, 8),
    "Devanagari": lambda word: _shifted(word, 0x0915, 20),
    "Hangul": lambda word: _shifted(word, 0xAC00, 26),
    "Chinese": lambda word: _shifted(word, 0x4E00, 26),
    "Chinese beyond the first Unicode plane": lambda word: _shifted(word, 0x20000, 26),
    "German": lambda word: f"{word[:4]}\u00df{word[4:]}",
    "Latin with combining marks": lambda word: f"{word[:4]}e\u0301{word[4:]}",
    "Turkish": lambda word: f"{word[:4]}\u0130{word[4:]}\u0131",
}
"""Functions that rewrite a word of ASCII letters in another script."""

MALFORMED_QUERIES = (
    "q=%zz", "q=%", "q=%f", "q=a%2", "q=%ff", "q=%c3%28", "q=%ed%a0%80", "q=%f4%90%80%80", "q=%u0041",
    "q=%00", "q=a%00b", "q=%01", "q=%0a", "q=%0d%0aX-Odd:%201", "q=%1b", "q=%7f", "q=%ef%bf%be",
    "q=a&q=b", "q[]=a", "q[a]=b", "q%5B%5D=a", "q[a][b]=c", "q;=a", "&&&", "=a", "q=%40", "q=%40%40", "q=%5c",
    "q=%e2%80%ae", "q=%27%22", "q=%24%7B1%7D", "q=%7B%22a%22:1%7D",
)  # fmt: skip
"""Malformed percent-encoding, control characters, repeated and structured parameters."""


@check("SEARCH-8")
def special_characters_are_plain_in_names(api: Api, given: Given, data: Data) -> None:
    """Search for names with each character, among names that match if the character is special."""
    start, end = data.word(), data.word()
    plain = [start, end, start[:-1], start + end, f"{start}x{end}", f"{start}xyz{end}", f"{start[:-1]}{end}"]
    decoys = [given.customer(last_name=name) for name in (*plain, f"{start} {end}")]
    for spelled in QUERY_SYNTAX:
        must_find_only(api, spelled.format(start), [], among=decoys)
    for special in SPECIAL:
        customer = unusual_customer(api, data, last_name=f"{start}{special}{end}")
        if customer is None:
            continue
        for query in (f"{start[-3:]}{special}{end[:3]}", f"{start}{special}", f"{special}{end}"):
            must_find_only(api, query, [customer], among=decoys)
        decoys.append(customer)


@check("SEARCH-8")
def special_characters_are_plain_in_emails(api: Api, given: Given, data: Data) -> None:
    """Search for an email with `_`, `-`, `+` and dots, among emails with a letter in place of one of them."""
    word = data.word().lower()
    email = data.email(f"{word}_a-b+c")
    customer = given.customer(email=email)
    decoys = [given.customer(email=email.replace(special, by, 1)) for special in "_-+." for by in ("x", "")]
    must_find_only(api, customer.email, [customer], among=decoys)
    for query in (
        "%@%",
        "_@_",
        f"{word}%@%",
        f"%{customer.email}",
        f"{customer.email[:3]}%{customer.email[4:]}",
    ):
        must_find_only(api, query, [], among=[customer, *decoys])


@check("SEARCH-10")
def a_percent_encoded_query_is_decoded(api: Api, given: Given, data: Data) -> None:
    """Search for names with characters that are special in a URL, and with a space as `%20` and as `+`."""
    start, end = data.word(), data.word()
    decoys = [given.customer(last_name=name) for name in (start, end, start + end, f"{start}A{end}")]
    spaced = given.customer(last_name=f"{start} {end}")
    path = list_path(api)
    for space in ("%20", "+"):
        _must_find_by_raw_query(api, f"{path}?q={start}{space}{end}", spaced.id, [one.id for one in decoys])
    decoys.append(spaced)
    for special in ("+", "%", "&", "#", "/", "=", "?", ";", "%41", "%20", "%2B", "&page=9", "\u00e9"):
        customer = unusual_customer(api, data, last_name=f"{start}{special}{end}")
        if customer is None:
            continue
        for query in {f"{start}{special}{end}", f"{special}{end}"}:
            encoded = quote(query, safe="")
            for spelled in {encoded, _lower_escapes(encoded)}:
                _must_find_by_raw_query(api, f"{path}?q={spelled}", customer.id, [one.id for one in decoys])
        decoys.append(customer)


@check("SEARCH-10")
def a_percent_encoded_email_is_decoded(api: Api, given: Given, data: Data) -> None:
    """Search for an email with a plus sign, with its @ encoded and not, before and after `page`."""
    customer = given.customer(email=data.email("jo+tag"))
    decoy = given.customer(email=customer.email.replace("+", "."))
    path, plain = list_path(api), customer.email.replace("+", "%2B")
    encoded = quote(customer.email, safe="")
    for query in (f"q={plain}", f"q={encoded}", f"q={encoded}&page=1", f"page=1&q={encoded}"):
        _must_find_by_raw_query(api, f"{path}?{query}", customer.id, [decoy.id])
    must_not_find(api, plain, customer)  # encoded twice


@check("SEARCH-11")
def names_in_every_script_are_found(api: Api, data: Data) -> None:
    """Search for the start, middle, end and whole of a name in each script, and for another name.

    A name of two letters is found by each of them.
    """
    seen = 0
    for place, write in enumerate(SCRIPTS.values()):
        written = write(data.word().lower())
        name = written[0].upper() + written[1:]
        customer = unusual_customer(api, data, **{("first_name", "last_name")[place % 2]: name})
        if customer is None:
            continue
        seen += 1
        for part in (name[:6], name[3:9], name[-5:], name):
            must_find(api, part, customer)
        must_not_find(api, write(data.word().lower()), customer)
    short = SCRIPTS["Chinese"](data.word().lower())[:2]
    if (customer := unusual_customer(api, data, last_name=short)) is not None:
        for letter in short:
            must_find(api, letter, customer)
    if not seen:
        raise NotObservable("the target stores no name outside ASCII as it was sent")


@check("SEARCH-16", shape=True, read_only=True)
def malformed_queries_are_not_answered_with_a_5xx(api: Api, cases: Cases) -> None:
    """Send malformed escapes, control characters, long queries, and `q` as a list and as an object."""
    path = list_path(api)
    long = [f"q={text * count}" for text in ("a", "%40", "%25", "%5C", "(") for count in (300, 1300)]
    long.append("q=" + "a" * 4000)
    for query in (*MALFORMED_QUERIES, *long):
        with cases.next():
            answer = api.send("GET", f"{path}?{query}")
            answer.no_server_error(f"the query ?{query[:40]} not to be answered with a 5xx")


def _must_find_by_raw_query(api: Api, target: str, wanted: str, among: list[str]) -> None:
    """Require that a request, sent exactly as given, finds this customer and none of those in `among`."""
    answer = api.send("GET", target, operation="listCustomers")
    ids = answer.page().ids
    if wanted not in ids:
        raise answer.violation(
            f"GET {target} to find its customer", "the customer is not in the results", about=[wanted]
        )
    if others := [one for one in among if one in ids]:
        raise answer.violation(
            f"GET {target} to find only its customer",
            "it finds another customer too",
            about=[wanted, *others],
        )


def _lower_escapes(encoded: str) -> str:
    """Return the text with the hexadecimal digits of its escapes in lower case."""
    parts = encoded.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def _shifted(word: str, first: int, count: int) -> str:
    """Return the word with each letter replaced by one of the `count` characters from `first` on."""
    return "".join(chr(first + (ord(letter) - ord("a")) % count) for letter in word)
