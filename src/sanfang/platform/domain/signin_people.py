"""Who signs in: a member, and the same person in other corps; and what apps a member may open."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from ..store.queries import signin as rows_of
from . import app_scopes
from .app_scopes import AppScope
from .contacts import get_member
from .core import Core
from .corps import get_corp, unknown_corp
from .micro_apps import ShownApp, list_apps
from .model import Close, Corp, Member
from .refusals import Refusal
from .signin_apps import SigninApp


class Person(NamedTuple):
    """A member of a corp that has not ended."""

    corp: Corp
    member: Member


class Membership(NamedTuple):
    """What a person is in one corp."""

    corp_id: str
    userid: str
    is_admin: bool
    corp_name: str
    certified: bool


async def person(core: Core, corp_id: str, userid: str) -> Person:
    """Return a member who can sign in; refuse 33001, 60111."""
    corp = await get_corp(core, corp_id)
    if corp.dissolved_at is not None:
        raise unknown_corp(corp_id)
    return Person(corp, await get_member(core, corp_id, userid))


async def memberships(core: Core, unionid: str) -> list[Membership]:
    """Return what a person is in each corp, the one joined first in front."""
    found = await core.durable.all(rows_of.PERSON, unionid)
    return [Membership(row[0], row[1], row[2] > 0, row[3], bool(row[4])) for row in found]


async def apps_of(core: Core, corp_id: str, app: str) -> list[ShownApp]:
    """Return the micro-apps of a corp that ``app`` names: an agentid, app_key or suite_key.

    Refuses 40056 when it names none.
    """
    found = [
        each
        for each in await list_apps(core, corp_id)
        if app in (each.owner_key, str(each.agent_id))
    ]
    if not found:
        raise Refusal(
            40056,
            f"企业 {corp_id} 没有 agentid、app_key 或 suite_key 为 {app[:80]!r} 的微应用；"
            "第三方套件须先由企业授权。",
            f"Corp {corp_id} has no micro-app whose agentid, app_key or suite_key is {app[:80]!r};"
            " a suite has to be authorised first.",
            faq="F10",
        )
    return found


async def openable(core: Core, who: Person, apps: list[ShownApp]) -> ShownApp:
    """Return the first of these apps that a member may open.

    Refuses 50003 when all are stopped or wait for activation, 50002 when the member sees none.
    """
    enabled = [each for each in apps if each.enabled]
    if not enabled:
        raise _stopped(apps[0])
    viewer = await app_scopes.viewer(core, who.corp.corp_id, who.member.userid)
    scopes = await app_scopes.scopes_of(core, who.corp.corp_id)
    for each in enabled:
        if viewer.sees(scopes.get(each.agent_id, AppScope())):
            return each
    raise Refusal(
        50002,
        f"成员 {who.member.userid!r} 不在应用 {enabled[0].name}（agentid {enabled[0].agent_id}）的"
        "可见范围内；请企业管理员调整。",
        f"Member {who.member.userid!r} is outside the visible scope of {enabled[0].name} (agentid"
        f" {enabled[0].agent_id}); the corp's administrator can widen it.",
        faq="F2",
        facts={"agentid": enabled[0].agent_id},
    )


async def check_may_enter(core: Core, who: Person, app: SigninApp) -> None:
    """Refuse 50002 or 50003 where the member's own corp has the app and does not let the member in.

    Anybody may enter an app that the corp does not have: any person may sign in to any site.
    """
    if app.kind == "open":
        return
    apps = await list_apps(core, who.corp.corp_id)
    own = [each for each in apps if each.owner_key == app.key]
    if own:
        await openable(core, who, own)


def handle(purpose: str, unionid: str) -> str:
    """Return an id of a person that is always the same (deviceId, dingId)."""
    return hashlib.sha256(f"{purpose}\n{unionid}".encode()).hexdigest()[:32]


def _stopped(app: ShownApp) -> Refusal:
    pending = app.close == Close.PENDING
    return Refusal(
        50003,
        f"应用 {app.name}（agentid {app.agent_id}）"
        + ("还没有激活：套件要先调用 activate_suite。" if pending else "已被企业停用。"),
        f"The app {app.name} (agentid {app.agent_id}) "
        + ("is not activated yet: activate_suite comes first." if pending else "is stopped."),
        facts={"agentid": app.agent_id},
    )
