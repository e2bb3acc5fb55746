"""Registrations for events of a corp: /call_back/* (callback-crypto.md 8).

One corp and one app have one callback URL (F33): a suite in a corp that authorised it, or one of the
corp's own apps. The URL must answer ``check_url`` with an encrypted ``success`` first.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from sanfang.protocol import crypto, urls

from ..store.ports import Tx
from ..store.queries import authorisations as auth_rows
from ..store.queries import callbacks as rows_of
from . import corp_events, rows
from .callback_model import Lost, Registered
from .core import Core
from .corp_tags import known_tags
from .gatekeeping import Caller, Pattern
from .model import Callback, Identity
from .refusals import Refusal
from .suites import not_proven

FAILED_PAGE = 200
LONGEST_TOKEN = 128
_NEVER = 2**62


class CallbackForm(msgspec.Struct, kw_only=True):
    """A registration as the app asks for it; what is missing is empty."""

    tags: Sequence[str]
    token: str
    aes_key: str
    url: str


class FailedEvent(msgspec.Struct, frozen=True):
    """An event that could not be delivered; ``plain`` is the JSON that was to be pushed."""

    tag: str
    plain: str
    event_time: int


async def list_registered(core: Core, corp_id: str) -> list[Registered]:
    """Return the registrations of a corp's own apps and of suites in it."""
    found = []
    for row in await core.durable.all(rows_of.OF_CORP, corp_id):
        each = rows.callback(row[:-1])
        owner = corp_events.owner_of(each.target_key)
        times = (each.created_at, each.updated_at)
        found.append(Registered(owner, corp_id, each.url, each.tags, row[-1], *times))
    return found


async def list_lost(
    core: Core, corp_id: str, *, owner_key: str = "", after: int = 0, limit: int = 100
) -> list[Lost]:
    """Return events of a corp that could not be delivered, oldest first.

    Reading here acknowledges nothing; `take_failed` is what the app itself calls.
    """
    query = rows_of.FAILURES_OF_CORP
    found = await core.durable.all(query, corp_id, after, owner_key, limit)
    return [
        Lost(number, corp_events.owner_of(target), tag, msgspec.Raw(plain.encode()), at, bool(back))
        for number, target, tag, plain, at, back in found
    ]


async def register(core: Core, caller: Caller, form: CallbackForm) -> None:
    """Register an app's callback URL after checking it.

    Refuses 71006 (there is one already), 71008 (unknown tag), 71009 (wrong reply), 71010 (missing or
    malformed), 71011 (not a URL), 71012 (unreachable), 71013 (forbidden host).
    """
    target, corp_id = _lane(caller.identity)
    tags = _check_form(core, caller, form)
    if await core.durable.one(rows_of.BY_KEY, target, corp_id) is not None:
        raise _taken()
    key_id = await _prove(core, caller.identity, form)
    now = core.clock.now()

    async def body(tx: Tx) -> None:
        await _still_standing(tx, caller.identity)
        values = (target, corp_id, key_id, form.token, form.aes_key, form.url)
        if not await tx.run(rows_of.INSERT, *values, rows.json_text(tags), now):
            raise _taken()
        await tx.many(rows_of.INSERT_TAG, [(corp_id, tag, target) for tag in tags])

    await core.durable.transact(body)


async def update(core: Core, caller: Caller, form: CallbackForm) -> None:
    """Replace a registration after checking the URL; refuses 71007 without one, else as `register`."""
    target, corp_id = _lane(caller.identity)
    tags = _check_form(core, caller, form)
    await get(core, caller.identity)
    await _prove(core, caller.identity, form)
    now = core.clock.now()

    async def body(tx: Tx) -> None:
        row = await tx.one(rows_of.LOCK, target, corp_id)
        if row is None:
            raise _absent()
        before = rows.callback(row).tags
        values = (form.token, form.aes_key, form.url, rows.json_text(tags))
        await tx.run(rows_of.UPDATE, target, corp_id, *values, now)
        await tx.many(rows_of.DELETE_TAG, [(corp_id, tag, target) for tag in before])
        await tx.many(rows_of.INSERT_TAG, [(corp_id, tag, target) for tag in tags])

    await core.durable.transact(body)


async def get(core: Core, identity: Identity) -> Callback:
    """Return an app's registration; refuse 71007 when there is none."""
    row = await core.durable.one(rows_of.BY_KEY, *_lane(identity))
    if row is None:
        raise _absent()
    return rows.callback(row)


async def delete(core: Core, identity: Identity) -> None:
    """Remove an app's registration; refuse 71007 when there is none.

    What still waits to be pushed is dropped; events that had failed stay readable.
    """
    target, corp_id = _lane(identity)

    async def body(tx: Tx) -> None:
        if not await corp_events.forget(tx, target, corp_id):
            raise _absent()

    await core.durable.transact(body)


async def take_failed(
    core: Core, identity: Identity, *, begin: int = 0, end: int = _NEVER
) -> tuple[list[FailedEvent], bool]:
    """Return up to 200 failed events, oldest first, and whether there are more.

    Each call deletes what the call before it returned, so asking again acknowledges. ``begin`` and
    ``end`` (epoch ms, both included) narrow what is returned. Refuses 71007 when there is no
    registration and nothing left of an earlier one.
    """
    target, corp_id = _lane(identity)

    async def body(tx: Tx) -> tuple[list[FailedEvent], bool]:
        await tx.run(rows_of.DELETE_RETURNED, target, corp_id)
        found = await tx.all(rows_of.FAILURES, target, corp_id, begin, end, FAILED_PAGE + 1)
        page = found[:FAILED_PAGE]
        if page:
            await tx.run(rows_of.MARK_RETURNED, target, corp_id, begin, end, page[-1][0])
        elif await tx.one(rows_of.BY_KEY, target, corp_id) is None:
            raise _absent()
        return [FailedEvent(*row[1:]) for row in page], len(found) > FAILED_PAGE

    return await core.durable.transact(body)


def _lane(identity: Identity) -> tuple[str, str]:
    owner = identity.suite_key or identity.app_key
    return corp_events.target_of(owner), identity.corp_id


async def _prove(core: Core, identity: Identity, form: CallbackForm) -> str:
    """Push check_url; return the ``$key``: the suite_key, or the corpid for an own app."""
    key_id = identity.suite_key or identity.corp_id
    result = await core.probe(
        form.url,
        token=form.token,
        aes_key=form.aes_key,
        key_id=key_id,
        plain=b'{"EventType":"check_url"}',
        accept=("success",),
    )
    if not result.ok:
        raise not_proven(result)
    return key_id


async def _still_standing(tx: Tx, identity: Identity) -> None:
    """The corp may have relieved the suite while the URL was being checked."""
    if identity.kind != "isv_corp":
        return
    row = await tx.one(auth_rows.LOCK, identity.suite_key, identity.corp_id)
    found = None if row is None else rows.authorisation(row)
    if found is None or found.state == "relieved" or found.generation != identity.generation:
        raise Refusal(
            40014,
            "企业已解除授权，此 access_token 随之失效。",
            "The corp has relieved the suite, which killed this access_token.",
        )


def _check_form(core: Core, caller: Caller, form: CallbackForm) -> list[str]:
    """Check what can be checked without calling; return the tags, each once."""
    tags = list(dict.fromkeys(form.tags))
    for name, value in (("call_back_tag", tags), ("token", form.token), ("url", form.url)):
        if not value:
            raise _malformed(name, "缺少或为空", "is missing or empty")
    if len(form.token) > LONGEST_TOKEN or not form.token.isprintable():
        raise _malformed(
            "token",
            f"应为不超过 {LONGEST_TOKEN} 个可见字符",
            f"has at most {LONGEST_TOKEN} characters and no control characters",
        )
    try:
        crypto.CallbackCipher(form.token, form.aes_key, "")
    except crypto.CallbackError as fault:
        raise _malformed("aes_key", "应为 43 位字母或数字", "has 43 letters or digits") from fault
    _check_tags(core, tags)
    try:
        urls.check_callback_url(form.url)
    except urls.UrlError as fault:
        raise Refusal(fault.code, fault.zh, fault.en) from fault
    if caller.identity.kind == "isv_corp" and caller.whitelist:
        _check_listed(core, caller.whitelist, urlsplit(form.url).hostname or "")
    return tags


def _check_tags(core: Core, tags: list[str]) -> None:
    known = known_tags()
    unknown = [tag[:40] for tag in tags if tag not in known][:5]
    if unknown:
        raise Refusal(
            71008,
            f"不认识的 call_back_tag：{'、'.join(unknown)}。",
            f"Unknown call_back_tag: {', '.join(unknown)}.",
            facts={"unknown": unknown},
        )
    most = core.settings.call_back_most_tags
    if len(tags) > most:
        raise _malformed("call_back_tag", f"最多 {most} 个", f"has at most {most} entries")


def _check_listed(core: Core, whitelist: Sequence[Pattern], host: str) -> None:
    """An address written out must be on the suite's IP list; names are not held against it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if core.settings.sandbox and address.is_private:
        return
    if not any(pattern.admits(host) for pattern in whitelist):
        raise Refusal(
            71013,
            f"回调地址的 IP {host} 不在套件的 IP 白名单中；请先在开发者后台添加。",
            f"The callback's address {host} is not on the suite's IP whitelist; add it there first.",
            faq="F48",
        )


def _malformed(name: str, zh: str, en: str) -> Refusal:
    return Refusal(
        71010, f"参数 {name} {zh}。", f"The parameter {name} {en}.", facts={"field": name}
    )


def _taken() -> Refusal:
    return Refusal(
        71006,
        "该企业下此应用（套件）已注册过回调地址，只能有一个；请改用 /call_back/update_call_back。",
        "This app (suite) has a callback URL in this corp already, and can have one only;"
        " use /call_back/update_call_back.",
        faq="F33",
    )


def _absent() -> Refusal:
    return Refusal(
        71007,
        "该企业下此应用（套件）没有注册回调地址；请先调用 /call_back/register_call_back。",
        "This app (suite) has no callback URL in this corp; call /call_back/register_call_back.",
        faq="F33",
    )
