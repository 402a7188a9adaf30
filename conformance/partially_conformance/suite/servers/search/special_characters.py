"""SEARCH: queries that mean something to a database, to a URL or to nobody."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.search.steps import must_find_among, odd_customer, path_of
from partially_conformance.suite.servers.shared.expectations import must_find, must_not_find
from partially_conformance.traffic.check_end import NotObservable

SIGNS = (
    "%", "_", "\\", "'", '"', "*", ".", "(", "[", "^", "$", "+", "?", ";", "-", "--", "|", "&", ":", "`", ",",
)  # fmt: skip
"""Wildcards, quotes, signs of regular expressions and of query languages; none is in an earlier one."""

SPELLED = ('"{}"', "'{}'", "({})", "/{}/", "^{}", "{}$", "{}*", "{}~", "+{}", "-{}", "name:{}")
"""How query languages write that a word is meant, which is no part of any name."""

SCRIPTS: dict[str, Callable[[str], str]] = {
    "Latin with accents": lambda word: _shifted(word, 0x00E0, 23),
    "Greek": lambda word: _shifted(word, 0x03B1, 17),
    "Cyrillic": lambda word: _shifted(word, 0x0430, 32),
    "Hebrew": lambda word: _shifted(word, 0x05D0, 10),
    "Arabic": lambda word: _shifted(word, 0x0641, 8),
    "Devanagari": lambda word: _shifted(word, 0x0915, 20),
    "Hangul": lambda word: _shifted(word, 0xAC00, 26),
    "Chinese": lambda word: _shifted(word, 0x4E00, 26),
    "Chinese beyond the first plane": lambda word: _shifted(word, 0x20000, 26),
    "German": lambda word: f"{word[:4]}\u00df{word[4:]}",
    "Latin with marks on their own": lambda word: f"{word[:4]}e\u0301{word[4:]}",
    "Turkish": lambda word: f"{word[:4]}\u0130{word[4:]}\u0131",
}
"""Ways to write a word of ASCII letters in other scripts."""

ODD_QUERIES = (
    "q=%zz", "q=%", "q=%f", "q=a%2", "q=%ff", "q=%c3%28", "q=%ed%a0%80", "q=%f4%90%80%80", "q=%u0041",
    "q=%00", "q=a%00b", "q=%01", "q=%0a", "q=%0d%0aX-Odd:%201", "q=%1b", "q=%7f", "q=%ef%bf%be",
    "q=a&q=b", "q[]=a", "q[a]=b", "q%5B%5D=a", "q[a][b]=c", "q;=a", "&&&", "=a", "q=%40", "q=%40%40", "q=%5c",
    "q=%e2%80%ae", "q=%27%22", "q=%24%7B1%7D", "q=%7B%22a%22:1%7D",
)  # fmt: skip
"""Malformed percent-encoding, control characters, repeated and structured parameters."""


@check("SEARCH-8")
def wildcards_and_quotes_are_plain_in_names(api: Api, given: Given, data: Data) -> None:
    """For each sign a name that has it, among names that would match if it meant something."""
    start, end = data.word(), data.word()
    plain = [start, end, start[:-1], start + end, f"{start}x{end}", f"{start}xyz{end}", f"{start[:-1]}{end}"]
    decoys = [given.customer(last_name=name) for name in (*plain, f"{start} {end}")]
    for spelled in SPELLED:
        must_find_among(api, spelled.format(start), [], but_not=decoys)
    for sign in SIGNS:
        customer = odd_customer(api, data, last_name=f"{start}{sign}{end}")
        if customer is None:
            continue
        for query in (f"{start[-3:]}{sign}{end[:3]}", f"{start}{sign}", f"{sign}{end}"):
            must_find_among(api, query, [customer], but_not=decoys)
        decoys.append(customer)


@check("SEARCH-8")
def wildcards_are_plain_in_emails(api: Api, given: Given, data: Data) -> None:
    """An email with `_`, `-`, `+` and dots, and emails with a letter in place of one of them."""
    word = data.word().lower()
    email = data.email(f"{word}_a-b+c")
    customer = given.customer(email=email)
    decoys = [given.customer(email=email.replace(sign, by, 1)) for sign in "_-+." for by in ("x", "")]
    must_find_among(api, customer.email, [customer], but_not=decoys)
    for query in (
        "%@%",
        "_@_",
        f"{word}%@%",
        f"%{customer.email}",
        f"{customer.email[:3]}%{customer.email[4:]}",
    ):
        must_find_among(api, query, [], but_not=[customer, *decoys])


@check("SEARCH-10")
def a_query_survives_the_url(api: Api, given: Given, data: Data) -> None:
    """Signs that mean something in a URL, percent-encoded, and a blank in both its forms."""
    start, end = data.word(), data.word()
    decoys = [given.customer(last_name=name) for name in (start, end, start + end, f"{start}A{end}")]
    spaced = given.customer(last_name=f"{start} {end}")
    path = path_of(api)
    for blank in ("%20", "+"):
        _must_find_raw(api, f"{path}?q={start}{blank}{end}", spaced.id, [one.id for one in decoys])
    decoys.append(spaced)
    for sign in ("+", "%", "&", "#", "/", "=", "?", ";", "%41", "%20", "%2B", "&page=9", "\u00e9"):
        customer = odd_customer(api, data, last_name=f"{start}{sign}{end}")
        if customer is None:
            continue
        for query in {f"{start}{sign}{end}", f"{sign}{end}"}:
            encoded = quote(query, safe="")
            for spelled in {encoded, _lower_escapes(encoded)}:
                _must_find_raw(api, f"{path}?q={spelled}", customer.id, [one.id for one in decoys])
        decoys.append(customer)


@check("SEARCH-10")
def an_email_survives_the_url(api: Api, given: Given, data: Data) -> None:
    """An email with a plus sign, its @ encoded and not, before and after other parameters."""
    customer = given.customer(email=data.email("jo+tag"))
    decoy = given.customer(email=customer.email.replace("+", "."))
    path, plain = path_of(api), customer.email.replace("+", "%2B")
    encoded = quote(customer.email, safe="")
    for query in (f"q={plain}", f"q={encoded}", f"q={encoded}&page=1", f"page=1&q={encoded}"):
        _must_find_raw(api, f"{path}?{query}", customer.id, [decoy.id])
    must_not_find(api, plain, customer)  # which is encoded once more


@check("SEARCH-11")
def names_in_every_script_are_found(api: Api, data: Data) -> None:
    """A first or a last name in each script, by its start, its middle and the whole, and not by another.

    A name of two letters is found by each of them.
    """
    seen = 0
    for place, write in enumerate(SCRIPTS.values()):
        written = write(data.word().lower())
        name = written[0].upper() + written[1:]
        customer = odd_customer(api, data, **{("first_name", "last_name")[place % 2]: name})
        if customer is None:
            continue
        seen += 1
        for part in (name[:6], name[3:9], name[-5:], name):
            must_find(api, part, customer)
        must_not_find(api, write(data.word().lower()), customer)
    short = SCRIPTS["Chinese"](data.word().lower())[:2]
    if (customer := odd_customer(api, data, last_name=short)) is not None:
        for letter in short:
            must_find(api, letter, customer)
    if not seen:
        raise NotObservable("no name outside ASCII is stored as it is sent")


@check("SEARCH-16", shape=True, read_only=True)
def odd_queries_do_no_harm(api: Api) -> None:
    """Malformed escapes, control characters, long queries, and parameters that are lists and objects."""
    path = path_of(api)
    long = [f"q={text * count}" for text in ("a", "%40", "%25", "%5C", "(") for count in (300, 1300)]
    long.append("q=" + "a" * 4000)
    for query in (*ODD_QUERIES, *long):
        answer = api.send("GET", f"{path}?{query}")
        answer.no_server_error(f"the query ?{query[:40]} to be answered without a 5xx")


def _must_find_raw(api: Api, target: str, wanted: str, but_not: list[str]) -> None:
    """The request, sent as it stands here, finds this customer and none of those."""
    answer = api.send("GET", target, operation="listCustomers")
    ids = answer.page().ids
    if wanted not in ids:
        raise answer.violation(f"{target} to find the customer", "it is not found", about=[wanted])
    if others := [one for one in but_not if one in ids]:
        raise answer.violation(
            f"{target} to find one customer", "it finds another one too", about=[wanted, *others]
        )


def _lower_escapes(encoded: str) -> str:
    """The same with the hexadecimal digits of its escapes in lower case."""
    parts = encoded.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def _shifted(word: str, first: int, count: int) -> str:
    """The word with each letter replaced by one of so many characters from `first`."""
    return "".join(chr(first + (ord(letter) - ord("a")) % count) for letter in word)
