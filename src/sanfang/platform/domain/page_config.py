"""The check behind ``dd.config``: may this page call what it lists? (jsapi.md 3 to 5)

The container recomputes the signature with every live ticket of the app in the corp, over the page's
address as it sees it and as the app's own server knows it, in each of the three forms a query may be
signed in. Fields are looked at in the documented order; the first that is wrong names the code. What
then was different, and what to do, is found out by ``page_hints``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from sanfang.catalog import jsapi
from sanfang.protocol.signatures import Algorithm, jsapi_signature, jsapi_text, same
from sanfang.protocol.urls import page_url, signing_urls

from ..store.queries import authorisations as auth_rows
from . import page_hints, rows, tokens
from .core import Core
from .frames import Frame
from .model import Close
from .page_hints import Hint
from .tokens import JsapiTicket

TEXTS = {
    52010: "无效的corpid",
    52011: "jsapi ticket 读取失败",
    52012: "jsapi 签名生成失败",
    52013: "签名校验失败",
    52014: "无效的url参数",
    52015: "无效的随机字符串参数",
    52016: "无效的签名参数",
    52017: "无效的jsapi列表参数",
    52018: "无效的时间戳",
    52019: "无效的agentid",
}
MOST_NAMES = 1000  # in jsApiList
_SIGNATURE = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
_LONGEST = 8192  # of an address that is signed
_SHOWN = 300  # characters of a page's value in a report
_LISTED = 200  # names of a page's list in a report


class Difference(msgspec.Struct, frozen=True):
    """One thing that a page sent and another was expected."""

    field: str
    sent: str
    expected: str
    zh: str
    en: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a person at the workbench reads of a check: never a whole ticket or a good signature."""

    code: int = 0
    sent: dict[str, Any] = {}
    computed: dict[str, Any] = {}
    differs: list[Difference] = []
    cause: str = ""  # for programs: 'hash_signed', 'ticket_superseded', ... (page_hints)
    zh: str = ""
    en: str = ""
    faq: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a check; ``message`` is what the page's ``dd.error`` says."""

    ok: bool
    code: int = 0
    message: str = ""
    granted: list[str] = []
    unauthorized: list[str] = []
    report: Report = Report()


class Sent(NamedTuple):
    """The fields of a ``dd.config``, as the texts they are signed and compared as."""

    corp_id: str
    agent_id: str
    nonce: str
    timestamp: str
    signature: str
    names: Any

    @classmethod
    def of(cls, config: dict[str, Any]) -> Sent:
        return cls(
            _text(config.get("corpId")),
            _text(config.get("agentId")),
            _text(config.get("nonceStr")),
            _text(config.get("timeStamp")),
            _text(config.get("signature")),
            config.get("jsApiList"),
        )

    @property
    def algorithm(self) -> Algorithm:
        return "sha1" if len(self.signature) == 40 else "sha256"


async def check(
    core: Core, frame: Frame, config: dict[str, Any], *, urls: Sequence[str]
) -> Outcome:
    """Check the ``dd.config`` of the page that a frame shows.

    ``urls``: the page's address as the page sees it, and at the app's own origin; a part behind #
    may be left on and is not signed (it helps to explain). Refuses nothing: a failed check is an
    outcome like another. Nothing is granted here, see ``frames.set_granted``.
    """
    sent = Sent.of(config)
    pages = tuple(dict.fromkeys(page_url(url) for url in urls))
    history: list[JsapiTicket] = []
    code = await _who(core, frame, sent) or _fields(sent, pages)
    if not code:
        history = await tokens.jsapi_history(core, frame.owner_key, frame.corp_id)
        now = core.clock.now()
        live = [each.ticket for each in history if each.lives(now)]
        code = _signed(sent, live, pages) if live else 52011
    if not code:
        granted, unknown = _sorted_out(sent.names)
        return Outcome(ok=True, granted=granted, unauthorized=unknown)
    return await _refused(core, frame, config, sent, code, tuple(urls), history)


async def _who(core: Core, frame: Frame, sent: Sent) -> int:
    """Check corp and app: 52010, 52019."""
    if sent.corp_id != frame.corp_id:
        return 52010
    if not (sent.agent_id.isascii() and sent.agent_id.isdigit() and len(sent.agent_id) < 19):
        return 52019
    # Several micro-apps of one suite share its ticket, and one page may serve them.
    row = await core.durable.one(auth_rows.AGENT_BY_ID, int(sent.agent_id))
    if row is None:
        return 52019
    agent = rows.agent(row)
    ours = (agent.suite_key, agent.corp_id) == (frame.owner_key, frame.corp_id)
    return 0 if ours and agent.close == Close.NORMAL else 52019


def _fields(sent: Sent, pages: Sequence[str]) -> int:
    """Check the form of the rest: 52015, 52018, 52016, 52017, 52014."""
    if not sent.nonce:
        return 52015
    if not sent.timestamp:
        return 52018
    if _SIGNATURE.fullmatch(sent.signature) is None:
        return 52016
    if not isinstance(sent.names, list) or len(sent.names) > MOST_NAMES:
        return 52017
    return 0 if pages and all(map(is_page, pages)) else 52014


def _signed(sent: Sent, tickets: Iterable[str], pages: Iterable[str]) -> int:
    """Check the signature: 52013, or 52012 for what cannot be signed at all."""
    forms = tuple(dict.fromkeys(form for page in pages for form in signing_urls(page)))
    given, algorithm = sent.signature.lower(), sent.algorithm
    try:
        for ticket in tickets:
            for form in forms:
                computed = jsapi_signature(ticket, sent.nonce, sent.timestamp, form, algorithm)
                if same(computed, given):
                    return 0
    except UnicodeEncodeError:  # half a character: no UTF-8 has it
        return 52012
    return 52013


async def _refused(
    core: Core,
    frame: Frame,
    config: dict[str, Any],
    sent: Sent,
    code: int,
    urls: tuple[str, ...],
    history: list[JsapiTicket],
) -> Outcome:
    now = core.clock.now()
    history = history or await tokens.jsapi_history(core, frame.owner_key, frame.corp_id)
    live = [each for each in history if each.lives(now)]
    hint = await page_hints.explain(core, page_hints.Case(code, frame, config, sent, urls, history))
    page = page_url(urls[0]) if urls else ""
    report = Report(
        code=code,
        sent=_told(config, page),
        computed=_computed(frame, sent, urls, live),
        differs=[Difference(*each) for each in hint.differs],
        cause=hint.cause,
        zh=hint.zh,
        en=hint.en,
        faq=hint.faq,
    )
    message = (
        f"Code:{code} - Message: {TEXTS[code]},nonce:[{_cut(sent.nonce)}],"
        f"timestamp:[{_cut(sent.timestamp)}],url:[{_cut(page, 2048)}],"
        f"ticketList:[{','.join(mask(each.ticket) for each in live)}]"
    )
    secrets = {each.ticket: mask(each.ticket) for each in history}
    secrets |= {key.ticket: "***" for key in await page_hints.mistaken(core, frame)}
    return _unsaid(Outcome(ok=False, code=code, message=message, report=report), secrets)


def _computed(
    frame: Frame, sent: Sent, urls: Sequence[str], live: Sequence[JsapiTicket]
) -> dict[str, Any]:
    """What the platform computed for comparison: the text it signed, tickets masked."""
    forms = [form for url in urls for form in signing_urls(url)]
    told: dict[str, Any] = {
        "corpId": frame.corp_id,
        "agentId": str(frame.agent_id),
        "algorithm": sent.algorithm,
        "urls": [_cut(form, 2048) for form in dict.fromkeys(forms)],
        "tickets": [
            {
                "ticket": mask(each.ticket),
                "made_at": each.made_at,
                "fetched_at": each.fetched_at,
                "fetched_by": each.fetched_by,
                "expires_at": each.expires_at,
            }
            for each in live
        ],
    }
    if live and forms:
        text = jsapi_text(live[0].ticket, sent.nonce, sent.timestamp, forms[0])
        told["string"] = _cut(text.replace(live[0].ticket, mask(live[0].ticket)), 4096)
        digest = jsapi_signature(
            live[0].ticket, _storable(sent.nonce), _storable(sent.timestamp),
            _storable(forms[0]), sent.algorithm,
        )  # fmt: skip
        told["signature"] = f"{digest[:8]}***"
    return told


def _sorted_out(names: list[Any]) -> tuple[list[str], list[str]]:
    """Divide the listed names into those that exist and those that do not."""
    granted: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for name in names:
        text = name if isinstance(name, str) else _cut(str(name))
        exists = not text.startswith("dd.") and jsapi.method(text) is not None
        (granted if exists else unknown)[text[:_SHOWN]] = None
    return list(granted), list(unknown)


def _unsaid(outcome: Outcome, secrets: dict[str, str]) -> Outcome:
    """Take out secrets that the page itself put where they do not belong, as into nonceStr."""
    text = said = msgspec.json.encode(outcome).decode()
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        said = said.replace(secret, secrets[secret])
    return outcome if said == text else msgspec.json.decode(said, type=Outcome)


def mask(ticket: str) -> str:
    """Return a ticket as it may be shown: its first ten characters."""
    return f"{ticket[:10]}***"


def _told(config: dict[str, Any], page: str) -> dict[str, Any]:
    """What the page sent, short enough to be shown."""
    told: dict[str, Any] = {}
    for name in ("agentId", "corpId", "timeStamp", "nonceStr", "signature", "type", "url"):
        if name in config:
            value = config[name]
            told[name] = value if _is_number(value) else _cut(_shown(value))
    names = config.get("jsApiList")
    if isinstance(names, list):
        told["jsApiList"] = [_cut(_shown(name)) for name in names[:_LISTED]]
    elif names is not None:
        told["jsApiList"] = _cut(_shown(names))
    told.setdefault("url", _cut(page, 2048))
    return told


def _text(value: object) -> str:
    """Read a field: text as it is, a number as JavaScript writes it, anything else as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else ""


def _is_number(value: object) -> bool:
    """Whether every reader of JSON has this number (or truth value) too."""
    return isinstance(value, (int, float)) and abs(value) <= 2**53


def _shown(value: object) -> str:
    return value if isinstance(value, str) else repr(value)[: _SHOWN * 2]


def _cut(text: str, most: int = _SHOWN) -> str:
    text = _storable(text)
    return text if len(text) <= most else f"{text[:most]}…"


def _storable(text: str) -> str:
    """Replace halves of characters, which no answer can carry."""
    return text.encode("utf-8", "replace").decode()


def is_page(url: object) -> bool:
    """Tell whether this is an absolute http(s) address, as a page's own is."""
    if not isinstance(url, str) or len(url) > _LONGEST:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


__all__ = ["TEXTS", "Difference", "Hint", "Outcome", "Report", "check", "is_page", "mask"]
