"""Tokens and tickets: what the hot store remembers and for how long (tokens-and-limits.md 2-5).

Two rules, by kind of token. *Kept*: while one is valid the same string is returned and its life
renewed (own apps' access_token, jsapi_ticket). *Fresh*: every request gets a new one and older ones
live on to their own end (suite_access_token, an ISV's corp token). A corp token names the generation
of its authorisation, so relieving kills it without finding it.
"""

from __future__ import annotations

import msgspec

from sanfang.protocol.signatures import call_signature, same

from ..store.queries import corps as corp_rows
from ..store.queries import suites as suite_rows
from . import rows, secrets
from .authorisations import check_permanent_code
from .core import Core
from .model import CorpApp, Identity, Suite
from .refusals import Refusal
from .suites import get_suite

SKEW_MS = 60_000  # a signed call's timestamp may be this far off (853002)
JSAPI_MOST_MS = 24 * 3_600_000  # a kept jsapi_ticket is renewed up to a day (2026)
JSAPI_REMEMBERED = 8  # jsapi_tickets of one app in one corp, dead ones included

_IDENTITY = msgspec.json.Decoder(Identity)


async def corp_token(core: Core, corp_id: str, secret: str) -> tuple[str, int]:
    """Return ``(access_token, seconds)`` for CorpID and CorpSecret; refuse 40089."""
    for row in await core.durable.all(corp_rows.APPS_OF, corp_id):
        app = rows.corp_app(row)
        if same(app.secret, secret):
            return await _kept(core, app)
    raise _wrong_pair(f"corpid {corp_id}", "corpsecret")


async def app_token(core: Core, app_key: str, secret: str) -> tuple[str, int]:
    """Return ``(access_token, seconds)`` for appkey and appsecret; refuse 40089."""
    row = await core.durable.one(corp_rows.APP_BY_KEY, app_key)
    app = None if row is None else rows.corp_app(row)
    if app is None or not same(app.secret, secret):
        raise _wrong_pair(f"appkey {app_key}", "appsecret")
    return await _kept(core, app)


async def secret_of(core: Core, key: str) -> str | None:
    """Return the secret of a corp's own app or of a suite by its key, to verify what it signed."""
    row = await core.durable.one(corp_rows.APP_BY_KEY, key)
    if row is not None:
        return rows.corp_app(row).secret
    row = await core.durable.one(suite_rows.BY_KEY, key)
    return None if row is None else rows.suite(row).suite_secret


async def suite_token(core: Core, suite_key: str, secret: str, ticket: str) -> tuple[str, int]:
    """Return ``(suite_access_token, seconds)``; refuse 40083, 40088, 40085."""
    suite = await prove_suite(core, suite_key, secret, ticket)
    identity = Identity("suite", suite_key=suite_key, isv=suite.developer_id)
    return await _fresh(core, identity)


async def prove_suite(core: Core, suite_key: str, secret: str, ticket: str) -> Suite:
    """Return the suite whose secret and ticket these are; refuse 40083, 40088, 40085."""
    suite = await get_suite(core, suite_key)
    check_suite_secret(suite, secret)
    if not ticket_works(suite, ticket, strict=core.settings.ticket_strict):
        raise _wrong_ticket(suite, ticket, 40085)
    return suite


def check_suite_secret(suite: Suite, secret: str) -> None:
    """Refuse 40088 when the secret is not the suite's."""
    if not same(suite.suite_secret, secret):
        raise Refusal(
            40088,
            f"suite_secret 与套件 {suite.suite_key} 不符。",
            f"The suite_secret is not that of suite {suite.suite_key}.",
        )


async def isv_corp_token(
    core: Core, suite_key: str, corp_id: str, permanent_code: str | None
) -> tuple[str, int]:
    """Return ``(access_token, seconds)`` of an authorised corp; refuse 41030, 48004, 40084, 41031.

    ``permanent_code`` None: the caller proved itself by a signed call.
    """
    found = await check_permanent_code(core, suite_key, corp_id, permanent_code)
    suite = await get_suite(core, suite_key)
    identity = Identity(
        "isv_corp",
        corp_id=corp_id,
        suite_key=suite_key,
        generation=found.generation,
        isv=suite.developer_id,
    )
    return await _fresh(core, identity)


async def client_token(core: Core, corp_id: str, client_id: str, secret: str) -> tuple[str, int]:
    """Return ``(access_token, seconds)`` of the newer client-credentials call.

    ``client_id`` is a suite_key (the corp must have authorised it: 41030, 48004) or the appkey of
    an own app of this very corp (else 41030). A wrong secret: 40088, 40089.
    """
    row = await core.durable.one(suite_rows.BY_KEY, client_id)
    if row is not None:
        check_suite_secret(rows.suite(row), secret)
        return await isv_corp_token(core, client_id, corp_id, None)
    token = await app_token(core, client_id, secret)
    app = await core.durable.one(corp_rows.APP_BY_KEY, client_id)
    if app is None or app[1] != corp_id:
        raise Refusal(
            41030,
            f"应用 {client_id} 不属于企业 {corp_id}。",
            f"App {client_id} is not of corp {corp_id}.",
        )
    return token


async def verify_signed_call(
    core: Core, *, access_key: str, timestamp: str, suite_ticket: str, signature: str
) -> Identity:
    """Return the suite that signed a call; refuse 853001 ... 853005 (tokens-and-limits.md 3).

    A suite in development may sign with any ticket text; a finished one needs a valid ticket.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 13):
        raise Refusal(
            853001,
            "timestamp 应为当前时间的毫秒数（13 位）。",
            "timestamp is 13 digits of milliseconds.",
        )
    off = int(timestamp) - core.clock.now()
    if abs(off) > SKEW_MS:
        raise Refusal(
            853002,
            f"timestamp 与平台时间相差 {off} 毫秒，最多允许一分钟；请校准时钟。",
            f"timestamp is {off} ms off the platform's time; one minute is allowed.",
            facts={"off_ms": off},
        )
    row = await core.durable.one(suite_rows.BY_KEY, access_key)
    if row is None:
        raise Refusal(
            853003,
            "没有这个 accessKey（套件的 suite_key）。",
            "There is no suite of this accessKey.",
        )
    suite = rows.suite(row)
    expected = call_signature(suite.suite_secret, timestamp, suite_ticket)
    if not same(expected, signature.replace(" ", "+")):
        raise Refusal(
            853004,
            "签名不符：用 suite_secret 对 timestamp + 换行 + suiteTicket 做 HMAC-SHA256，Base64 后再 URL 编码一次。",
            "The signature differs: HMAC-SHA256 with the suite_secret over timestamp, newline,"
            " suiteTicket; Base64, then URL-encoded once.",
        )
    strict = core.settings.ticket_strict
    if suite.status == "finished" and not ticket_works(suite, suite_ticket, strict=strict):
        raise _wrong_ticket(suite, suite_ticket, 853005)
    return Identity("suite", suite_key=suite.suite_key, isv=suite.developer_id)


async def resolve(core: Core, token: str, now: int) -> Identity | None:
    """Return whom a token speaks for, None when it is unknown or expired."""
    value = await core.hot.get("tok:" + token, now=now)
    return None if value is None else _IDENTITY.decode(value)


class JsapiTicket(msgspec.Struct, frozen=True, array_like=True):
    """A jsapi_ticket that was given out; times in epoch milliseconds."""

    ticket: str
    made_at: int
    expires_at: int
    fetched_at: int  # last time
    fetched_by: str = ""  # address of who fetched it last
    superseded_at: int = 0  # rotate: when a newer one killed it

    def __repr__(self) -> str:  # tickets stay out of logs
        return f"JsapiTicket({self.ticket[:4]}…, made_at={self.made_at})"

    def lives(self, now: int) -> bool:
        """Whether a signature made with it counts."""
        return self.expires_at > now


_TICKETS = msgspec.json.Decoder(list[JsapiTicket])


async def jsapi_ticket(core: Core, identity: Identity, *, ip: str = "") -> tuple[str, int]:
    """Return ``(ticket, seconds)`` for one app or suite in one corp.

    ``keep``: the same ticket while valid, renewed for at most a day. ``rotate``: the rule of 2016, a
    new request kills the old ticket. ``ip``: who asks, for those who look for the one who did.
    """
    key = _jsapi_key(identity.app_key or identity.suite_key, identity.corp_id)
    life = core.settings.token_ttl_s * 1000
    while True:
        now = core.clock.now()
        raw = await core.hot.get(key, now=now)
        before = [] if raw is None else _TICKETS.decode(raw)
        if core.settings.jsapi_ticket_mode == "rotate":
            known = [_superseded(each, now) for each in before]
            last = None
        else:
            known, last = before[:-1], before[-1] if before else None
            if last is not None and not last.lives(now):
                known, last = before, None
        made_at = now if last is None else last.made_at
        given = JsapiTicket(
            secrets.letters(64) if last is None else last.ticket,
            made_at,
            min(now + life, made_at + max(JSAPI_MOST_MS, life)),
            now,
            ip[:64],
        )
        kept = msgspec.json.encode([*known, given][-JSAPI_REMEMBERED:])
        if await core.hot.swap(key, raw, kept, now=now, ttl=life + JSAPI_MOST_MS):
            return given.ticket, (given.expires_at - now + 999) // 1000


async def jsapi_tickets(core: Core, owner_key: str, corp_id: str) -> list[str]:
    """Return every live jsapi_ticket of an app (its app_key) or suite in a corp, newest first."""
    now = core.clock.now()
    history = await jsapi_history(core, owner_key, corp_id)
    return [each.ticket for each in history if each.lives(now)]


async def jsapi_history(core: Core, owner_key: str, corp_id: str) -> list[JsapiTicket]:
    """Return the last jsapi_tickets of an app or suite in a corp, newest first, dead ones too.

    The dead are remembered for about a day, so that whoever still signs with one can be told.
    """
    raw = await core.hot.get(_jsapi_key(owner_key, corp_id), now=core.clock.now())
    return [] if raw is None else _TICKETS.decode(raw)[::-1]


def _superseded(ticket: JsapiTicket, now: int) -> JsapiTicket:
    if not ticket.lives(now):
        return ticket
    return msgspec.structs.replace(ticket, expires_at=now, superseded_at=now)


def _jsapi_key(owner_key: str, corp_id: str) -> str:
    return f"jsapi:{owner_key}:{corp_id}"


def ticket_works(suite: Suite, ticket: str, *, strict: bool) -> bool:
    """Tell whether a suite_ticket is the newest, or the one before while it is in grace."""
    valid = [suite.ticket] if strict else [suite.ticket, suite.ticket_before]
    matches = [bool(known) and same(known, ticket) for known in valid]
    return any(matches)


async def _kept(core: Core, app: CorpApp) -> tuple[str, int]:
    now, seconds = core.clock.now(), core.settings.token_ttl_s
    identity = Identity("internal", app.corp_id, app.app_key, app.agent_id)
    key = f"cur:{app.app_key}"
    token = await core.hot.keep(key, secrets.token().encode(), now=now, ttl=seconds * 1000)
    await _remember(core, token.decode(), identity, now)
    return token.decode(), seconds


async def _fresh(core: Core, identity: Identity) -> tuple[str, int]:
    token, now = secrets.token(), core.clock.now()
    await _remember(core, token, identity, now)
    last = _last_key(identity.suite_key, identity.corp_id)
    await core.hot.put(last, token.encode(), now=now, ttl=core.settings.token_ttl_s * 1000)
    return token, core.settings.token_ttl_s


async def newest_tokens(core: Core, key: str, corp_id: str) -> list[str]:
    """Return the newest access_tokens of an own app or a suite, to see whether one was mistaken.

    An app's own; of a suite the one for this corp and its suite_access_token.
    """
    names = (f"cur:{key}", _last_key(key, corp_id), _last_key(key, ""))
    found = [await core.hot.get(name, now=core.clock.now()) for name in names]
    return [value.decode() for value in found if value is not None]


def _last_key(suite_key: str, corp_id: str) -> str:
    return f"last:{suite_key}:{corp_id}"


async def _remember(core: Core, token: str, identity: Identity, now: int) -> None:
    value = msgspec.json.encode(identity)
    await core.hot.put("tok:" + token, value, now=now, ttl=core.settings.token_ttl_s * 1000)


def _wrong_pair(key: str, secret: str) -> Refusal:
    return Refusal(
        40089,
        f"{key} 与 {secret} 不匹配；请在企业管理后台核对。",
        f"{key} and the {secret} do not belong together; compare them in the admin console.",
        errmsg="不合法的corpid或corpsecret",
    )


def _wrong_ticket(suite: Suite, ticket: str, code: int) -> Refusal:
    if ticket == suite.suite_key:
        zh, en = (
            "这里填的是 suite_key，不是 suite_ticket。",
            "This is the suite_key, not a suite_ticket.",
        )
    elif not suite.ticket:
        zh = "套件还没有 suite_ticket：先添加微应用。"
        en = "The suite has no suite_ticket yet: add a micro-app first."
    else:
        zh = f"suite_ticket 无效或已过时，请用最近一次推送的 ticket（结尾 {secrets.tail(suite.ticket)}）。"
        en = f"No valid suite_ticket; use the newest one pushed (it ends in {secrets.tail(suite.ticket)})."
    return Refusal(code, zh, en, faq="F41")
