"""Micro-apps of a corp: its own, which it may make and change, and those of authorised suites."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from sanfang.protocol import urls

from ..store.ports import Row, Tx
from ..store.queries import authorisations as auth_rows
from ..store.queries import callbacks as callback_rows
from ..store.queries import corps as corp_rows
from ..store.queries import micro_apps as rows_of
from . import app_scopes, bells, corp_events, rows, secrets
from .app_scopes import unknown_agent
from .core import Core
from .corps import insert_app, unknown_corp
from .gatekeeping import parse_patterns
from .model import Close, CorpApp
from .refusals import Refusal


class AppForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an app shows. URLs may be empty; the addresses are for phones, desktops and admins."""

    name: str
    description: str
    icon: str = ""
    home_url: str = ""
    pc_home_url: str = ""
    oa_url: str = ""


class Limits(NamedTuple):
    """Lengths, and whether icon and home page are needed: they differ by generation."""

    name: tuple[int, int]
    description: int
    complete: bool


OLD = Limits((1, 10), 20, True)
NEW = Limits((2, 20), 200, False)


class ShownApp(msgspec.Struct, frozen=True):
    """A micro-app as a corp has it; ``app_id`` is 0 for its own."""

    agent_id: int
    app_id: int
    owner_key: str  # app_key of an own app, suite_key
    close: int
    name: str
    description: str
    icon: str
    home_url: str
    pc_home_url: str
    oa_url: str

    @property
    def own(self) -> bool:
        """Whether the corp made it itself."""
        return self.app_id == 0

    @property
    def enabled(self) -> bool:
        """Whether it is open to members."""
        return self.close == Close.NORMAL


class OwnApp(NamedTuple):
    """An own app: its credentials, and what it shows."""

    app: CorpApp
    shown: ShownApp


async def create_app(
    core: Core,
    corp_id: str,
    form: AppForm,
    limits: Limits,
    *,
    ip_whitelist: Sequence[str] = (),
) -> CorpApp:
    """Make an own app, open to everybody, with credentials of its own.

    Refuses 33002-33008 for what is not well-formed, 33013 when the corp has too many.
    """
    check_form(form, limits)
    parse_patterns(ip_whitelist)
    app_key, secret = f"ding{secrets.letters(16)}", secrets.secret()
    most = core.settings.corp_apps_most

    async def body(tx: Tx) -> int:
        if await tx.one(corp_rows.LOCK, corp_id) is None:
            raise unknown_corp(corp_id)
        count = await tx.one(rows_of.COUNT_OWN, corp_id)
        if count is not None and count[0] >= most:
            raise Refusal(
                33013,
                f"企业自建微应用已有 {count[0]} 个，上限 {most}。",
                f"The corp has {count[0]} apps of its own; the limit is {most}.",
            )
        agent_id = await insert_app(tx, corp_id, app_key, secret, form.name)
        await tx.run(rows_of.PUT_DETAILS, agent_id, *_details(form))
        if ip_whitelist:
            await tx.run(rows_of.SET_WHITELIST, app_key, rows.json_text(list(ip_whitelist)))
        bells.apps_changed(tx, corp_id)
        return agent_id

    agent_id = await core.durable.transact(body)
    return CorpApp(app_key, corp_id, agent_id, form.name, secret, list(ip_whitelist))


async def update_app(
    core: Core,
    corp_id: str,
    agent_id: int,
    limits: Limits,
    *,
    ip_whitelist: Sequence[str] | None = None,
    **changes: str,
) -> None:
    """Change what is given of an own app; refuses 40056 and what `create_app` refuses.

    Only changes are checked, against the limits of the generation that makes them.
    """
    parse_patterns(ip_whitelist or ())

    async def body(tx: Tx) -> None:
        app = await _own(tx, corp_id, agent_id)
        before = AppForm(**{name: getattr(app, name) for name in AppForm.__struct_fields__})
        after = msgspec.structs.replace(before, **changes)
        check_form(after, limits, only=changes.keys())
        await tx.run(rows_of.RENAME, app.owner_key, after.name)
        await tx.run(rows_of.PUT_DETAILS, agent_id, *_details(after))
        if ip_whitelist is not None:
            await tx.run(rows_of.SET_WHITELIST, app.owner_key, rows.json_text(list(ip_whitelist)))
        bells.apps_changed(tx, corp_id)

    await core.durable.transact(body)


async def delete_app(core: Core, corp_id: str, agent_id: int) -> None:
    """Delete an own app; its tokens and its callback die with it. Refuses 40056."""

    async def body(tx: Tx) -> None:
        app = await _own(tx, corp_id, agent_id)
        target = corp_events.target_of(app.owner_key)
        await corp_events.forget(tx, target, corp_id)
        await tx.run(callback_rows.DELETE_FAILURES, target, corp_id)
        await tx.run(rows_of.DELETE_APP, app.owner_key)
        for query in (rows_of.DELETE_DETAILS, rows_of.DELETE_SCOPE, rows_of.DELETE_AGENT):
            await tx.run(query, agent_id)
        bells.apps_changed(tx, corp_id)

    await core.durable.transact(body)


async def list_apps(core: Core, corp_id: str, *, only_own: bool = False) -> list[ShownApp]:
    """Return the apps of a corp by agentid, at most 1000 of its own and 1000 of suites."""
    found = await core.durable.all(rows_of.OWN_APPS, corp_id)
    if not only_own:
        found += await core.durable.all(rows_of.SUITE_APPS, corp_id)
    return sorted(map(_shown, found), key=lambda app: app.agent_id)


async def list_own(core: Core, corp_id: str) -> list[OwnApp]:
    """Return a corp's own apps with their credentials, by agentid, at most 1000."""
    keys = [rows.corp_app(row) for row in await core.durable.all(corp_rows.APPS_OF, corp_id)]
    by_key = {app.app_key: app for app in keys}
    shown = await list_apps(core, corp_id, only_own=True)
    return [OwnApp(by_key[one.owner_key], one) for one in shown if one.owner_key in by_key]


async def get_own(core: Core, agent_id: int) -> OwnApp:
    """Return an own app by its agentid, which is one corp's only. Refuses 40056."""
    row = await core.durable.one(auth_rows.AGENT_BY_ID, agent_id)
    agent = None if row is None else rows.agent(row)
    if agent is None or agent.app_id:
        raise _no_own_app(agent_id, "" if agent is None else agent.suite_key)
    key = await core.durable.one(corp_rows.APP_BY_KEY, agent.suite_key)
    shown = await core.durable.one(rows_of.OWN_APP, agent.corp_id, agent_id)
    if key is None or shown is None:  # deleted in between
        raise _no_own_app(agent_id, "")
    return OwnApp(rows.corp_app(key), _shown(shown))


async def apps_seen_by(core: Core, corp_id: str, userid: str) -> list[ShownApp]:
    """Return the enabled apps that a member sees; refuse 60111 when there is no such member."""
    viewer = await app_scopes.viewer(core, corp_id, userid)
    scopes = await app_scopes.scopes_of(core, corp_id)
    everybody = app_scopes.AppScope()
    return [
        app
        for app in await list_apps(core, corp_id)
        if app.enabled and viewer.sees(scopes.get(app.agent_id, everybody))
    ]


def check_form(form: AppForm, limits: Limits, *, only: Iterable[str] | None = None) -> None:
    """Check an app's texts and addresses; with ``only`` just these fields. Refuses 33002-33008."""
    checked = set(AppForm.__struct_fields__ if only is None else only)
    low, high = limits.name
    if "name" in checked and not low <= len(form.name.strip()) <= high:
        raise _bad(
            33002, f"名称应为 {low} 到 {high} 个字符", f"A name has {low} to {high} characters"
        )
    most = limits.description
    if "description" in checked and not 1 <= len(form.description.strip()) <= most:
        raise _bad(
            33003, f"描述应为 1 到 {most} 个字符", f"A description has 1 to {most} characters"
        )
    if "icon" in checked and limits.complete and not form.icon:
        raise _bad(33004, "缺少图标的 mediaId", "The mediaId of an icon is missing")
    for field, code in (("home_url", 33005), ("pc_home_url", 33006), ("oa_url", 33008)):
        url = getattr(form, field)
        if field in checked and (url or (field == "home_url" and limits.complete)):
            _check_url(url, code)
    if checked & {"home_url", "pc_home_url"} and form.pc_home_url and form.home_url:
        _check_same_host(form.home_url, form.pc_home_url)


def _check_url(url: str, code: int) -> None:
    try:
        urls.check_home_url(url, code)
    except urls.UrlError as fault:
        raise Refusal(fault.code, fault.zh, fault.en) from fault


def _check_same_host(home: str, pc_home: str) -> None:
    hosts = [urlsplit(url).hostname for url in (home, pc_home)]
    if hosts[0] != hosts[1]:
        raise _bad(
            33007,
            f"PC 端主页的域名 {hosts[1]} 与移动端的 {hosts[0]} 不同",
            f"The desktop page is on {hosts[1]}, the mobile page on {hosts[0]}",
        )


def _bad(code: int, zh: str, en: str) -> Refusal:
    return Refusal(code, f"{zh}。", f"{en}.")


def _no_own_app(agent_id: int, suite_key: str) -> Refusal:
    if suite_key:
        zh = (
            f"agentid {agent_id} 是套件 {suite_key} 的微应用，不是企业自建的；套件在 suite 下管理。"
        )
        en = f"The agentid {agent_id} is of the suite {suite_key}, no corp's own app; see suite."
    else:
        zh = f"没有 agentid {agent_id} 的企业自建应用。"
        en = f"No corp has an own app with agentid {agent_id}."
    return Refusal(40056, zh, en, faq="F10", facts={"agentid": agent_id})


async def _own(tx: Tx, corp_id: str, agent_id: int) -> ShownApp:
    await tx.one(auth_rows.LOCK_AGENT, agent_id)
    row = await tx.one(rows_of.OWN_APP, corp_id, agent_id)
    if row is None:
        raise unknown_agent(corp_id, agent_id)
    return _shown(row)


def _shown(row: Row) -> ShownApp:
    agent_id, app_id, owner_key, close, *texts = row
    return ShownApp(agent_id, app_id, owner_key, close, *texts)


def _details(form: AppForm) -> tuple[str, str, str, str, str]:
    return form.description, form.icon, form.home_url, form.pc_home_url, form.oa_url
