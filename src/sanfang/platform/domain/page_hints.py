"""Why a page's ``dd.config`` failed and what to do (FAQ F10 to F14, F16).

Most causes are seen in what was sent. For a wrong signature the mistakes people make are tried out
(``page_trials``) until one of them gives the very signature: then it is known, not guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ..store.ports import Window
from ..store.queries import authorisations as auth_rows
from ..store.queries import contacts as contact_rows
from ..store.queries import suites as suite_rows
from . import page_trials, rows, secrets, signin_people, tokens
from .core import Core
from .frames import Frame
from .micro_apps import list_apps
from .page_causes import CAUSES
from .page_trials import Found, Key, Pages, Signed
from .tokens import JsapiTicket

if TYPE_CHECKING:
    from .page_config import Sent

_OTHERS = 50  # apps, and corps, whose tickets may have been taken for this one's
_SEARCHES = 20  # a minute and frame; a search costs some milliseconds
_SHOWN = 120
_UNSHOWN = frozenset({"access_token", "app_secret", "suite_ticket", "ticket_other_corp"})


class Case(NamedTuple):
    """A check that failed: what was sent, over which addresses, with which tickets known."""

    code: int
    frame: Frame
    config: dict[str, Any]
    sent: Sent
    urls: tuple[str, ...]
    history: list[JsapiTicket]


class Hint(NamedTuple):
    """What was wrong. ``differs``: field, what was sent, what was expected, zh, en."""

    cause: str
    zh: str
    en: str
    faq: str = ""
    differs: tuple[tuple[str, str, str, str, str], ...] = ()


async def explain(core: Core, case: Case) -> Hint:
    """Find out what was wrong with a ``dd.config``; never raises for what a page sent."""
    waiting = _WAITING.get(case.code)
    if waiting is not None:
        return await waiting(core, case)
    return _SEEN[case.code](case)


# 52010, 52019: who


async def _corp(core: Core, case: Case) -> Hint:
    given, right = case.sent.corp_id, case.frame.corp_id
    if not given:
        cause, zh, en = (
            "corp_missing",
            f"dd.config 没有 corpId{_misspelt(case.config, 'corpId')}。",
            f"dd.config has no corpId{_misspelt(case.config, 'corpId')}.",
        )
    elif "CORPID" in given.upper() and not given.startswith("ding"):
        cause, zh, en = (
            "corp_template",
            "corpId 还是模板：应用首页写 ?corpid=$CORPID$，页面再从自己的地址里读出替换后的值。",
            "corpId is still the template: the app's home page has ?corpid=$CORPID$, and the page"
            " reads what it was replaced by from its own address.",
        )
    elif given.strip().lower() == right.lower():
        cause, zh, en = (
            "corp_unclean",
            "corpId 多了空白或大小写不同。",
            "corpId has blanks around it, or differs in upper and lower case.",
        )
    elif given in await _corps_of(core, case.frame):
        cause, zh, en = (
            "corp_other",
            f"页面是在企业 {right} 里打开的，corpId 却是此人所在的另一家企业；用地址里的 $CORPID$。",
            f"The page was opened in corp {right}, and corpId is another corp of the same person;"
            " take what $CORPID$ was replaced by.",
        )
    else:
        cause, zh, en = (
            "corp_unknown",
            f"corpId 不是打开页面的企业 {right}；不要写死，用地址里的 $CORPID$。",
            f"corpId is not the corp the page was opened in, {right}; do not fix it in the page, take"
            " what $CORPID$ was replaced by.",
        )
    return _hint(cause, zh, en, "F12", [("corpId", given, right)])


async def _agent(core: Core, case: Case) -> Hint:
    frame, given = case.frame, case.sent.agent_id
    right = str(frame.agent_id)
    row = None
    if given.isascii() and given.isdigit() and len(given) < 19:
        row = await core.durable.one(auth_rows.AGENT_BY_ID, int(given))
    apps = [app for app in await list_apps(core, frame.corp_id) if app.owner_key == frame.owner_key]
    ids = [str(app.agent_id) for app in apps]
    if not given:
        cause = "agent_missing"
        zh = f"dd.config 没有 agentId{_misspelt(case.config, 'agentId')}。"
        en = f"dd.config has no agentId{_misspelt(case.config, 'agentId')}."
    elif given == frame.owner_key:
        cause = "agent_is_key"
        zh = "agentId 填的是 AppKey 或 suite_key。"
        en = "agentId holds the AppKey or suite_key."
    elif row is not None and (row[1], row[2]) == (frame.owner_key, frame.corp_id):
        cause = "agent_stopped"
        zh = f"应用 {frame.app_name} 已被企业停用（页面是停用之前打开的）。"
        en = f"{frame.app_name} was stopped by the corp after the page was opened."
    elif row is not None and row[2] == frame.corp_id:
        cause = "agent_of_other_app"
        zh = f"agentId 属于这家企业的另一个应用；这个页面属于 {frame.app_name}。"
        en = f"agentId is that of another app of this corp; the page is one of {frame.app_name}."
    elif given in {str(app.app_id) for app in apps if app.app_id}:
        cause = "agent_is_app_id"
        zh = "agentId 填的是套件里微应用的 appid；要用授权信息里该企业的 agentid。"
        en = "agentId holds the appid of the suite's micro-app; take the corp's agentid from its"
        en += " authorisation."
    elif row is not None and row[1] == frame.owner_key:
        cause = "agent_of_other_corp"
        zh = "agentId 是同一套件在另一家企业的；每家企业的 agentid 不同，按 corpId 取授权信息里的。"
        en = "agentId is that of the same suite in another corp; every corp has its own, look it up"
        en += " by corpId in the authorisation."
    else:
        cause = "agent_unknown"
        zh = f"企业 {frame.corp_id} 没有 agentId {given[:40]!r}；也请核对 corpId。"
        en = f"Corp {frame.corp_id} has no agentId {given[:40]!r}; check corpId as well."
    known = "、".join(ids) or right
    zh += f"应为 {known}：自建应用在管理后台查看，套件在授权信息（get_auth_info）里；"
    zh += "旧客户端把它报为 080003。"
    en += (
        f" It is {', '.join(ids) or right}: an own app's is in the admin console, a suite's in the"
    )
    en += " authorisation (get_auth_info); old clients say 080003."
    return _hint(cause, zh, en, "F10", [("agentId", given, known)])


async def _corps_of(core: Core, frame: Frame) -> list[str]:
    row = await core.durable.one(contact_rows.MEMBER_BY_ID, frame.corp_id, frame.userid)
    if row is None:
        return []
    return [each.corp_id for each in await signin_people.memberships(core, row[1])]


# 52015, 52018, 52016, 52017, 52014, 52012: the form of a field


def _nonce(case: Case) -> Hint:
    other = _misspelt(case.config, "nonceStr")
    return _hint(
        "nonce_missing",
        f"dd.config 没有 nonceStr{other}；它和签名时的 noncestr 是同一个随机字符串。",
        f"dd.config has no nonceStr{other}; it is the very noncestr that was signed.",
        "F14",
        [("nonceStr", _given(case, "nonceStr"), "随机字符串 / random text")],
    )


def _timestamp(case: Case) -> Hint:
    other = _misspelt(case.config, "timeStamp")
    return _hint(
        "timestamp_missing",
        f"dd.config 没有 timeStamp{other}；它和签名时的 timestamp 是同一个值。",
        f"dd.config has no timeStamp{other}; it is the very timestamp that was signed.",
        "F14",
        [("timeStamp", _given(case, "timeStamp"), "1414588745")],
    )


def _signature(case: Case) -> Hint:
    given = case.sent.signature
    length = len(given)
    if not given:
        cause, zh, en = "signature_missing", "没有 signature", "There is no signature"
        other = _misspelt(case.config, "signature")
        zh, en = zh + other, en + other
    elif given.strip() != given:
        cause, zh, en = (
            "signature_unclean",
            "signature 前后有空白",
            "signature has blanks around it",
        )
    elif length in (28, 44) and given.endswith("="):
        cause, zh, en = "signature_base64", "signature 是 Base64", "signature is Base64"
    elif length == 32:
        cause, zh, en = "signature_md5", "signature 像是 MD5", "signature looks like MD5"
    elif length == 128:
        cause, zh, en = "signature_sha512", "signature 像是 SHA-512", "signature looks like SHA-512"
    else:
        cause = "signature_malformed"
        zh, en = f"signature 有 {length} 个字符", f"signature has {length} characters"
    return _hint(
        cause,
        f"{zh}；应为 SHA-1（40 位）或 SHA-256（64 位）的十六进制。",
        f"{en}; it is SHA-1 (40 digits) or SHA-256 (64) in hexadecimal.",
        "F14",
        [("signature", _given(case, "signature"), "40 / 64 hex")],
    )


def _names(case: Case) -> Hint:
    value = case.config.get("jsApiList")
    if value is None:
        other = _misspelt(case.config, "jsApiList")
        zh, en = f"没有 jsApiList{other}", f"There is no jsApiList{other}"
    elif isinstance(value, list):
        zh, en = (
            f"jsApiList 有 {len(value)} 项，太多",
            f"jsApiList has {len(value)} entries, too many",
        )
    elif isinstance(value, str):
        zh, en = "jsApiList 是文本，不是数组", "jsApiList is a text and no array"
    else:
        zh, en = "jsApiList 不是数组", "jsApiList is no array"
    return _hint(
        "names_missing" if value is None else "names_malformed",
        f"{zh}；写成 ['biz.contact.choose', …]，名字前没有 dd.。",
        f"{en}; write ['biz.contact.choose', ...], without dd. in front of the names.",
        "F17",
        [("jsApiList", _given(case, "jsApiList"), "['biz.contact.choose']")],
    )


def _url(case: Case) -> Hint:
    shown = case.urls[0] if case.urls else ""
    return _hint(
        "url_malformed",
        "页面地址不是完整的 http(s) 地址，或过长；dd.config 只能在应用自己的页面里调用。",
        "The page's address is no whole http(s) address, or too long; dd.config is for pages of the"
        " app only.",
        "F14",
        [("url", shown, "http(s)://…")],
    )


def _unsignable(case: Case) -> Hint:
    return _hint(
        "unsignable",
        "nonceStr、timeStamp 或页面地址里有无法写成 UTF-8 的字符，不能签名。",
        "nonceStr, timeStamp or the page's address has a character that UTF-8 cannot write.",
        "F14",
        [("nonceStr", case.sent.nonce, "UTF-8")],
    )


# 52011: no ticket


async def _no_ticket(core: Core, case: Case) -> Hint:
    found = await _search(core, case)
    if found is not None and found.key.cause:
        return _of_trial(core, case, found)
    frame = case.frame
    if case.history:
        last = case.history[0]
        return _hint(
            "ticket_expired",
            f"应用 {frame.app_name} 的 ticket 在 {_clock(last.expires_at)} 过期，之后没有再取；"
            "签名前先调 get_jsapi_ticket。",
            f"The ticket of {frame.app_name} expired at {_clock(last.expires_at)}, and none was fetched"
            " since; call get_jsapi_ticket before signing.",
            "F13",
            [("jsapi_ticket", _mask(last.ticket), "get_jsapi_ticket")],
        )
    others = [key for key in await _foreign(core, case) if key.cause == "ticket_other_app"]
    if others:
        names = "、".join(dict.fromkeys(key.detail for key in others))
        return _hint(
            "ticket_fetched_by_other",
            f"没有用应用 {frame.app_name} 的凭证取过 ticket；取过的是 {names}。agentId 与取 ticket 的"
            "凭证要属于同一个应用。",
            f"No ticket was fetched with the credentials of {frame.app_name}, but with those of"
            f" {names}. agentId and credentials have to be of one app.",
            "F13",
            [("jsapi_ticket", names, frame.app_name)],
        )
    return _hint(
        "ticket_never_fetched",
        f"还没有人为应用 {frame.app_name}（企业 {frame.corp_id}）取过 ticket；服务端先用该企业的"
        " access_token 调 get_jsapi_ticket。",
        f"Nobody has fetched a ticket for {frame.app_name} in corp {frame.corp_id} yet; the server"
        " calls get_jsapi_ticket with that corp's access_token first.",
        "F13",
        [("jsapi_ticket", "", "get_jsapi_ticket")],
    )


# 52013: the signature


async def _mismatch(core: Core, case: Case) -> Hint:
    found = await _search(core, case)
    if found is not None and found.causes:
        return _of_trial(core, case, found)
    now = core.clock.now()
    live = [each for each in case.history if each.lives(now)]
    newest = live[0]
    age = (now - newest.made_at) // 1000
    who_zh = f"，来自 {newest.fetched_by}" if newest.fetched_by else ""
    who_en = f" by {newest.fetched_by}" if newest.fetched_by else ""
    return _hint(
        "signature_differs",
        "用现有的 ticket 和页面地址算不出这个签名，试过的常见错误也都不是。请把服务端签名的文本与下面的"
        f"逐字比较。当前 ticket 取得于 {age} 秒前（最近一次 {_clock(newest.fetched_at)}{who_zh}）。",
        "No live ticket gives this signature over the page's address, nor does any usual mistake."
        " Compare the text your server signed with the one below, letter by letter. The newest ticket"
        f" is {age} s old, last fetched at {_clock(newest.fetched_at)}{who_en}.",
        "F14",
        [("url", "?", case.urls[0]), ("jsapi_ticket", "?", _mask(newest.ticket))],
    )


async def _search(core: Core, case: Case) -> Found | None:
    """Try the mistakes, in a thread, and not too often for one frame."""
    window = Window(f"page-hint:{case.frame.frame_id}", _SEARCHES)
    if await core.hot.admit([window], now=core.clock.now()) >= 0:
        return None
    now, frame = core.clock.now(), case.frame
    live = [each.ticket for each in case.history if each.lives(now)]
    others = [*_dead(case, now), *await _foreign(core, case), *await mistaken(core, frame)]
    signed = Signed(_whole(case.sent.nonce), _whole(case.sent.timestamp), case.sent.signature)
    urls = tuple(map(_whole, case.urls))
    pages = Pages(urls, frame.corp_id, frame.homes, frame.origins, _whole(frame.page_url))
    return await asyncio.to_thread(page_trials.find, signed, pages, live, others)


def _dead(case: Case, now: int) -> list[Key]:
    """The app's own tickets that no longer count, with what killed them."""
    found = []
    for number, each in enumerate(case.history):
        if each.lives(now):
            continue
        if each.superseded_at:
            newer = case.history[number - 1] if number else each
            by = f" {newer.fetched_by}" if newer.fetched_by else ""
            found.append(Key("ticket_superseded", each.ticket, _clock(each.superseded_at) + by))
        else:
            found.append(Key("ticket_expired", each.ticket, _clock(each.expires_at)))
    return found


async def _foreign(core: Core, case: Case) -> list[Key]:
    """Tickets of the corp's other apps, and of this app in other corps of the person or the suite."""
    frame = case.frame
    apps = {app.owner_key: app.name for app in await list_apps(core, frame.corp_id)}
    apps.pop(frame.owner_key, None)
    corps = {corp: corp for corp in await _corps_of(core, frame)}
    for row in await core.durable.all(auth_rows.OF_SUITE, frame.owner_key, "", _OTHERS):
        corps.setdefault(row[1], secrets.tail(row[1]))  # who else uses a suite is nobody's business
    corps.pop(frame.corp_id, None)
    wanted = [
        ("ticket_other_app", owner, frame.corp_id, f"{name}（{owner}）")
        for owner, name in list(apps.items())[:_OTHERS]
    ]
    wanted += [
        ("ticket_other_corp", frame.owner_key, corp, shown)
        for corp, shown in list(corps.items())[:_OTHERS]
    ]
    asked = [tokens.jsapi_history(core, owner, corp) for _, owner, corp, _ in wanted]
    return [
        Key(cause, each.ticket, detail)
        for (cause, _, _, detail), history in zip(wanted, await asyncio.gather(*asked), strict=True)
        for each in history[:3]
    ]


async def mistaken(core: Core, frame: Frame) -> list[Key]:
    """Return what is no ticket at all, and is taken for one: tokens and secrets of the app."""
    owner, corp_id = frame.owner_key, frame.corp_id
    found = [Key("access_token", each) for each in await tokens.newest_tokens(core, owner, corp_id)]
    secret = await tokens.secret_of(core, owner)
    if secret:
        found.append(Key("app_secret", secret))
    row = await core.durable.one(suite_rows.BY_KEY, owner)
    if row is not None:
        suite = rows.suite(row)
        pushed = (suite.ticket, suite.ticket_before)
        found += [Key("suite_ticket", each) for each in pushed if each]
    return found


def _of_trial(core: Core, case: Case, found: Found) -> Hint:
    """Put into words what a trial proved; two mistakes are told one after the other."""
    page, wrong = case.urls[0].partition("#")[0], found.place.url
    right = next((each.ticket for each in case.history if each.lives(core.clock.now())), "")
    signed = {
        "url": (wrong, page),
        "jsapi_ticket": (_mask(found.key.ticket), _mask(right) if right else "get_jsapi_ticket"),
        "noncestr, timestamp": (
            f"{case.sent.timestamp}, {case.sent.nonce}",
            f"{case.sent.nonce}, {case.sent.timestamp}",
        ),
        "noncestr": (found.writing.detail, case.sent.nonce),
        "timestamp": (found.writing.detail, case.sent.timestamp),
        "text": (found.writing.detail, "jsapi_ticket=…&noncestr=…&timestamp=…&url=…"),
        "algorithm": ("HMAC", case.sent.algorithm),
    }
    if found.key.cause in _UNSHOWN:
        signed["jsapi_ticket"] = ("***", signed["jsapi_ticket"][1])  # not even its beginning
    zh, en, differs, faq = [], [], [], ""
    for each in found:
        cause = CAUSES.get(each.cause)
        if cause is None:
            continue
        detail = _cut(each.detail)
        said = (cause.zh.format(detail), cause.en.format(detail))
        zh.append(said[0])
        en.append(said[1])
        sent, expected = signed[cause.field]
        differs.append((cause.field, _cut(sent, 2048), _cut(expected, 2048), *said))
        faq = faq or cause.faq
    return Hint(found.causes[0], "".join(zh), " ".join(en), faq, tuple(differs))


def _hint(cause: str, zh: str, en: str, faq: str, differs: Sequence[tuple[str, str, str]]) -> Hint:
    told = tuple((name, _cut(sent), _cut(right), zh, en) for name, sent, right in differs)
    return Hint(cause, zh, en, faq, told)


def _misspelt(config: dict[str, Any], name: str) -> str:
    """Name the field that was probably meant for one that is not there."""
    if name in config:
        return ""
    meant = name.lower()
    for given in config:
        if isinstance(given, str) and given.lower().replace("_", "") == meant:
            shown = _whole(given[:40])
            return f"（写成了 {shown} / written {shown}）"
    return ""


def _given(case: Case, name: str) -> str:
    value = case.config.get(name)
    return "" if value is None else value if isinstance(value, str) else repr(value)[:200]


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _mask(ticket: str) -> str:
    return f"{ticket[:10]}***"


def _whole(text: str) -> str:
    """Replace halves of characters, which nothing is signed with and no answer can carry."""
    return text.encode("utf-8", "replace").decode()


def _cut(text: str, most: int = _SHOWN) -> str:
    text = _whole(text)
    return text if len(text) <= most else f"{text[:most]}…"


_WAITING = {52010: _corp, 52019: _agent, 52011: _no_ticket, 52013: _mismatch}
_SEEN: dict[int, Callable[[Case], Hint]] = {
    52012: _unsignable,
    52014: _url,
    52015: _nonce,
    52016: _signature,
    52017: _names,
    52018: _timestamp,
}
