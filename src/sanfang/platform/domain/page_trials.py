"""Finding out what a page really signed, by trying what people get wrong (FAQ F11 to F14).

A signature tells nothing by itself, but mistakes are few: with each of them made on purpose the
signature is computed again, and the one that gives what the page sent is what happened. One mistake
is tried before two; nothing here asks a store or the network, and the number of trials is bounded.
"""

from __future__ import annotations

import hashlib
import hmac
import html
from collections.abc import Callable, Iterable, Iterator
from itertools import permutations
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sanfang.protocol.signatures import jsapi_text, same
from sanfang.protocol.urls import page_url, signing_urls

MOST_BYTES = 5_000_000  # digested for one failed check: some 30 ms at worst
_PARAMETERS = 12  # of a query, each left out once
_PARENTS = 20  # addresses above the page's
_SECONDS = 30  # how far apart two readings of a clock may be
_MILLISECONDS = 1500
_PORTS = {"http": 80, "https": 443}

Digest = Callable[[bytes], str]


class Key(NamedTuple):
    """What may have been signed with. ``cause`` '' for a ticket that is right."""

    cause: str
    ticket: str
    detail: str = ""  # which other app or corp, masked


class Place(NamedTuple):
    """An address that may have been signed. ``cause`` '' for one that is right."""

    cause: str
    url: str
    detail: str = ""


class Writing(NamedTuple):
    """A way of writing the text that is signed. ``cause`` '' for the right one."""

    cause: str
    write: Callable[[str, str], str]  # ticket, url
    detail: str = ""


class Found(NamedTuple):
    """What gives the page's signature."""

    key: Key
    place: Place
    writing: Writing

    @property
    def causes(self) -> list[str]:
        """The mistakes that were made, the gravest first."""
        return [each.cause for each in self if each.cause]


class Signed(NamedTuple):
    """What a page sent of its signature."""

    nonce: str
    timestamp: str
    signature: str  # 40 or 64 hex digits


class Pages(NamedTuple):
    """What is known of the page's address."""

    urls: tuple[str, ...]  # as the page sees it, and at the app's origin; perhaps with a hash
    corp_id: str
    homes: tuple[str, ...] = ()  # as registered
    origins: tuple[str, ...] = ()
    first: str = ""  # the address the frame loaded


def find(signed: Signed, pages: Pages, live: Iterable[str], others: Iterable[Key]) -> Found | None:
    """Return what gives this signature, None when no mistake that we know does.

    ``live`` are the right tickets; ``others`` what may have been taken for one.
    """
    rights = [Key("", ticket) for ticket in live]
    wrongs = [*others, *_no_tickets(rights)]
    right_places = [Place("", url) for url in _forms(pages.urls)]
    all_places = list(_distinct_places(right_places, pages))
    plain = Writing("", lambda ticket, url: jsapi_text(ticket, signed.nonce, signed.timestamp, url))
    own = [key for key in wrongs if not key.cause.startswith("ticket_other")]
    foreign = [key for key in wrongs if key.cause.startswith("ticket_other")]  # may be many
    writings, clocks = list(_writings(signed)), list(_clocks(signed))
    stages: list[tuple[list[Key], list[Place], list[Writing]]] = [
        (rights, all_places, [plain]),
        (wrongs, right_places, [plain]),
        (rights, right_places, writings),
        (rights, right_places, clocks),
        (own, all_places, [plain]),
        (rights, all_places, writings),
        (own, right_places, writings),
        (foreign, all_places, [plain]),
    ]
    trial = _Trial(signed)
    for keys, places, ways in stages:
        for found in trial.run(keys, places, ways):
            return found
    return None


class _Trial:
    """Computes signatures until the budget is used up."""

    def __init__(self, signed: Signed) -> None:
        self._given = signed.signature.lower()
        digest = hashlib.sha1 if len(self._given) == 40 else hashlib.sha256
        self._digest = digest
        self._left = MOST_BYTES

    def run(self, keys: list[Key], places: list[Place], ways: list[Writing]) -> Iterator[Found]:
        for way in ways:
            for key in keys:
                for place in places:
                    text = way.write(key.ticket, place.url).encode("utf-8", "replace")
                    self._left -= len(text) + 100
                    if self._left < 0:
                        return
                    if way.cause == "hmac":
                        computed = hmac.new(key.ticket.encode(), text, self._digest).hexdigest()
                    else:
                        computed = self._digest(text).hexdigest()
                    if same(computed, self._given):
                        yield Found(key, place, way)


def _forms(urls: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(form for url in urls for form in signing_urls(url)))


def _no_tickets(rights: list[Key]) -> Iterator[Key]:
    """What stands there when there was no ticket, or it was not clean."""
    for literal in ("", "undefined", "null", "None", "[object Object]", "jsapi_ticket"):
        yield Key("ticket_missing", literal, literal)
    for key in rights:
        for wrapped in (f"{key.ticket}\n", f" {key.ticket}", f"{key.ticket} ", f'"{key.ticket}"'):
            yield Key("ticket_unclean", wrapped)


def _distinct_places(rights: list[Place], pages: Pages) -> Iterator[Place]:
    seen: set[str] = set()
    for place in (*rights, *_wrong_places(pages)):
        if place.url not in seen:
            seen.add(place.url)
            yield place


def _wrong_places(pages: Pages) -> Iterator[Place]:
    """Addresses people sign in place of the page's, the likeliest first."""
    bare = list(dict.fromkeys(map(page_url, pages.urls)))
    rests = dict.fromkeys(url[len(page_url(url)) :] for url in pages.urls)
    for page in bare:
        for rest in filter(None, (*rests, "#", "#/")):
            yield from _with_hash(page, rest)
    for url in bare:
        yield from _query_forms(url)
        yield from _without(url)
    for url in bare:
        for other in _moved(url):
            yield other
            for form in signing_urls(other.url):
                yield Place(other.cause, form, other.detail)
    yield from _elsewhere(bare, pages)


def _with_hash(page: str, rest: str) -> Iterator[Place]:
    for form in signing_urls(page):
        yield Place("hash_signed", form + rest)
    yield Place("hash_signed", unquote(page + rest))


def _without(url: str) -> Iterator[Place]:
    path, mark, query = url.partition("?")
    if not mark:
        return
    yield Place("query_missing", path)
    yield Place("query_missing", f"{path}?")
    parts = query.split("&")
    for number, part in enumerate(parts[:_PARAMETERS]):
        rest = "&".join(parts[:number] + parts[number + 1 :])
        for form in signing_urls(f"{path}?{rest}" if rest else path):
            yield Place("parameter_missing", form, part.partition("=")[0])
    for count in range(1, min(len(parts), _PARAMETERS)):
        names = "&".join(part.partition("=")[0] for part in parts[count:])
        for form in signing_urls(f"{path}?{'&'.join(parts[:count])}"):
            yield Place("parameter_missing", form, names)
    for order in (sorted(parts), parts[::-1]):
        for form in signing_urls(f"{path}?{'&'.join(order)}"):
            yield Place("query_reordered", form)
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    yield Place("query_reordered", f"{path}?{urlencode(pairs)}")


def _query_forms(url: str) -> Iterator[Place]:
    path, mark, query = url.partition("?")
    yield Place("url_encoded", quote(url, safe=""))
    yield Place("url_encoded", quote(url, safe="").lower())
    yield Place("url_encoded", quote(unquote(url), safe=":/?&=#,;@$+!*'()~"))
    yield Place("url_decoded", unquote(url))
    yield Place("url_decoded", unquote(unquote(url)))
    for form in signing_urls(url):
        yield Place("html_escaped", form.replace("&", "&amp;"))
        yield Place("html_escaped", html.escape(form))
        yield Place("json_escaped", form.replace("/", "\\/"))
    if mark:
        for encoded in (
            quote(query, safe=""),
            quote(query, safe="=&"),
            quote(unquote(query), safe=""),
            quote(unquote(query), safe="=&"),
            quote(unquote(query), safe="=&:/?@!$'()*,;~+"),
            urlencode(parse_qsl(query, keep_blank_values=True)),
        ):
            yield Place("query_encoded", f"{path}?{encoded}")


def _moved(url: str) -> Iterator[Place]:
    """The same page at an address that is nearly the same."""
    path, mark, query = url.partition("?")
    rest = mark + query
    bare = path.rstrip("/")
    if bare.count("/") >= 2:
        yield Place("slash", (bare if path.endswith("/") else f"{path}/") + rest)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return
    scheme, host = parts.scheme, parts.hostname or ""
    tail = url[len(scheme) + 3 + len(parts.netloc) :]
    other = "https" if scheme == "http" else "http"
    yield Place("scheme", f"{other}://{parts.netloc}{tail}", f"{other}://")
    yield Place("scheme", f"//{parts.netloc}{tail}", "//")
    for each in (scheme, other):
        cause = "port" if each == scheme else "scheme"
        if port is not None:
            yield Place(cause, f"{each}://{host}{tail}", host)
        for added in (_PORTS[each], 80, 8080, 3000, 443):
            if added != port:
                yield Place(cause, f"{each}://{host}:{added}{tail}", f"{host}:{added}")
    yield Place("host_missing", tail)
    yield Place("host_missing", parts.netloc + tail)
    told = parts.netloc.lower()
    for name in ("localhost", "127.0.0.1", host.removeprefix("www."), f"www.{host}"):
        if name != host:
            where = name if port is None else f"{name}:{port}"
            yield Place("other_host", f"{scheme}://{where}{tail}", where)
    for changed in (url.lower(), f"{scheme}://{told}{tail}", f"{scheme}://{told.upper()}{tail}"):
        yield Place("letter_case", changed)


def _elsewhere(bare: list[str], pages: Pages) -> Iterator[Place]:
    """Another page of the app: its home page, the first page, the same path of another origin."""
    for url in bare:
        for mark in ("$CORPID$", "%24CORPID%24"):
            if pages.corp_id and pages.corp_id in url:
                yield Place("corpid_template", url.replace(pages.corp_id, mark))
    for home in pages.homes:
        yield Place("corpid_template" if "CORPID" in home else "home_signed", home)
        filled = home.replace("$CORPID$", pages.corp_id)
        for form in _forms([filled]):
            yield Place("home_signed", form, filled)
        yield Place("home_signed", filled.partition("?")[0], filled)
    if pages.first:
        for form in (*_forms([pages.first]), pages.first):
            yield Place("first_page", form, page_url(pages.first))
    roots = dict.fromkeys((*pages.origins, *map(_root, bare)))
    for root in filter(None, roots):
        yield Place("origin_signed", root, root)
        yield Place("origin_signed", f"{root}/", root)
        for url in bare:
            moved = root + url[len(_root(url)) :]
            for form in signing_urls(moved):
                yield Place("other_origin", form, root)
    for url in bare:
        path = url.partition("?")[0]
        for _ in range(min(path.count("/") - 3, _PARENTS)):
            path = path.rpartition("/")[0]
            yield Place("parent_signed", path, path)
            yield Place("parent_signed", f"{path}/", path)
    for literal in ("", "undefined", "null", "None", "about:blank"):
        yield Place("url_missing", literal, literal)


def _root(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return scheme + mark + rest.partition("/")[0].partition("?")[0]


def _writings(signed: Signed) -> Iterator[Writing]:
    """Ways of writing the text wrongly: names, order, values."""
    nonce, stamp = signed.nonce, signed.timestamp
    for cause, one, other, detail in _values(nonce, stamp):
        yield Writing(cause, _plainly(one, other), detail)
    for names in (
        ("jsapi_ticket", "nonceStr", "timeStamp", "url"),
        ("jsapi_ticket", "nonceStr", "timestamp", "url"),
        ("jsapi_ticket", "noncestr", "timeStamp", "url"),
        ("jsapi_ticket", "nonce", "timestamp", "url"),
        ("jsapiTicket", "nonceStr", "timeStamp", "url"),
        ("ticket", "noncestr", "timestamp", "url"),
        ("jsapi_ticket", "noncestr", "timestamp", "URL"),
    ):
        wrong = ", ".join(name for name in names if name not in _NAMES)
        for order in ((0, 1, 2, 3), *_sorted_by_name(names)):
            yield Writing("names_misspelt", _named(names, order, nonce, stamp), wrong)
    for order in permutations(range(4)):
        if order != (0, 1, 2, 3):
            yield Writing("order", _named(_NAMES, order, nonce, stamp), _order(order))
    for count in (3, 2, 1):
        for left in _choices(count):
            missing = ", ".join(_NAMES[n] for n in range(4) if n not in left)
            yield Writing("field_missing", _named(_NAMES, left, nonce, stamp), missing)
    yield Writing("values_only", lambda ticket, url: ticket + nonce + stamp + url)
    yield Writing("values_only", lambda t, url: "".join(sorted((t, nonce, stamp, url))))
    yield Writing("values_only", lambda t, url: "".join((nonce, stamp, url, t)))
    yield Writing("values_encoded", lambda t, url: _encoded(t, nonce, stamp, url))
    yield Writing("text_encoded", lambda t, url: quote(jsapi_text(t, nonce, stamp, url), safe=""))
    yield Writing("text_unclean", lambda t, url: jsapi_text(t, nonce, stamp, url) + "\n")
    yield Writing("text_unclean", lambda t, url: jsapi_text(t, nonce, stamp, url) + "&")
    yield Writing("text_unclean", lambda t, url: "&" + jsapi_text(t, nonce, stamp, url))
    yield Writing("text_unclean", lambda t, url: jsapi_text(t, nonce, stamp, url).lower())
    yield Writing("text_unclean", lambda t, url: jsapi_text(t, nonce, stamp, url).replace("&", ""))
    yield Writing("hmac", lambda t, url: jsapi_text(t, nonce, stamp, url))


_NAMES = ("jsapi_ticket", "noncestr", "timestamp", "url")


def _values(nonce: str, stamp: str) -> Iterator[tuple[str, str, str, str]]:
    """Other values of nonce and timestamp, with the cause and what was signed."""
    yield "swapped", stamp, nonce, ""
    for other in dict.fromkeys((nonce.strip(), nonce.lower(), nonce.upper(), f'"{nonce}"', "")):
        if other != nonce:
            yield "nonce_differs", other, stamp, other
    for other in ("undefined", "null", "None"):
        yield "nonce_differs", other, stamp, other
        yield "timestamp_differs", nonce, other, other
    if stamp != stamp.strip():
        yield "timestamp_differs", nonce, stamp.strip(), stamp.strip()
    yield "timestamp_differs", nonce, f'"{stamp}"', f'"{stamp}"'
    yield "timestamp_differs", nonce, "", ""
    digits, _, fraction = stamp.partition(".")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return
    number = int(digits)
    if fraction:
        yield "timestamp_type", nonce, digits, digits
    for other in (f"{digits}.0", f"{digits}000", str(number // 1000), f"{digits}L", hex(number)):
        yield "timestamp_type", nonce, other, other
    for other in (str(number * 1000), str(round(number / 1000))):
        yield "timestamp_type", nonce, other, other


def _clocks(signed: Signed) -> Iterator[Writing]:
    """The clock was read once for the signature and once more for the page."""
    digits = signed.timestamp
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return
    number, long = int(digits), len(digits) >= 13
    near = [
        number + sign * off
        for off in range(1, _MILLISECONDS if long else _SECONDS)
        for sign in (-1, 1)
    ]
    told = [("timestamp_twice", str(each)) for each in near]
    if long:
        told += [("timestamp_type", str(number // 1000 + off)) for off in (-1, 1)]
    else:
        told += [("timestamp_type", f"{number}{off:03}") for off in range(1000)]
    for cause, stamp in told:
        yield Writing(cause, _plainly(signed.nonce, stamp), stamp)


def _plainly(nonce: str, stamp: str) -> Callable[[str, str], str]:
    return lambda ticket, url: jsapi_text(ticket, nonce, stamp, url)


def _named(
    names: tuple[str, ...], order: tuple[int, ...], nonce: str, stamp: str
) -> Callable[[str, str], str]:
    def write(ticket: str, url: str) -> str:
        values = (ticket, nonce, stamp, url)
        return "&".join(f"{names[n]}={values[n]}" for n in order)

    return write


def _encoded(ticket: str, nonce: str, stamp: str, url: str) -> str:
    return jsapi_text(ticket, quote(nonce, safe=""), stamp, quote(url, safe=""))


def _sorted_by_name(names: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
    yield tuple(sorted(range(4), key=lambda n: names[n]))
    yield tuple(sorted(range(4), key=lambda n: names[n].lower()))


def _choices(count: int) -> Iterator[tuple[int, ...]]:
    for left in permutations(range(4), count):
        if list(left) == sorted(left):
            yield left


def _order(order: tuple[int, ...]) -> str:
    return " & ".join(_NAMES[n] for n in order)
