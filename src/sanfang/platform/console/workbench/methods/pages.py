"""Pages opened from a page: another app, a native page of the client, a conversation."""

from __future__ import annotations

from typing import Any

from ....domain import signin_people
from ....domain.contacts import get_department
from ....domain.micro_apps import apps_seen_by
from ....domain.refusals import Refusal
from . import SYSTEM, Ask, Fail, Invocation
from .admitting import serves, unfit
from .chats import opened, with_member
from .people import card, seeing, seen

_NATIVE = ("contactAdd", "friendAdd")


@serves("biz.util.open")
async def open_native(call: Invocation) -> Ask:
    """Open a page of the client: profile, chat, call, contactAdd, friendAdd."""
    name = call.params["name"]
    given: dict[str, Any] = call.params.get("params") or {}
    if given.get("corpId") not in (None, "", call.frame.corp_id):
        raise Fail(SYSTEM, "1002,corpId不合法")
    if name == "profile":
        return Ask({"view": "profile", "person": await _profile(call, given)})
    if name in ("chat", "call"):
        users = given.get("users")
        if not isinstance(users, list) or not users:
            raise unfit("params.users", "应为字符串数组", "a list of strings")
        if name == "chat" and len(users) == 1:
            found = await with_member(call, "params.users", str(users[0]))
            return Ask({"view": "chat", **(await opened(call, found)).params})
        people = await seen(call, await seeing(call), [str(each) for each in users[:200]])
        return Ask({"view": name, "people": [card(each) for each in people]})
    if name in _NATIVE:
        return Ask({"view": name})
    raise unfit(
        "name",
        "应为 profile、chat、call、contactAdd、friendAdd 之一",
        "one of profile, chat, call, contactAdd, friendAdd",
    )


async def _profile(call: Invocation, given: dict[str, Any]) -> dict[str, Any]:
    userid = str(given.get("id", ""))[:64]
    people = await seen(call, await seeing(call), [userid])
    if not people:
        raise unfit("params.id", "不是你能看到的企业成员", "the userid of a member whom you see")
    member = people[0]
    departments = [
        (await get_department(call.core, call.frame.corp_id, dept_id)).name
        for dept_id in member.departments
    ]
    hidden = member.profile.hide_mobile and userid != call.frame.userid
    return {
        **card(member),
        "mobile": "" if hidden else member.mobile,
        "email": member.email,
        "jobnumber": member.jobnumber,
        "departments": departments,
    }


@serves("biz.microApp.openApp")
async def open_app(call: Invocation) -> Ask:
    """Open another app of the corp that this member sees."""
    agent, app = call.params.get("agentId", ""), call.params.get("appId", "")
    if not agent and not app:
        raise unfit("agentId", "不能缺少", "given, or appId")
    found = await apps_seen_by(call.core, call.frame.corp_id, call.frame.userid)
    for each in found:
        if agent == str(each.agent_id) or (not agent and app.removeprefix("0_") in _ids(each)):
            return Ask({"agent_id": each.agent_id, "name": each.name})
    try:
        named = await signin_people.apps_of(call.core, call.frame.corp_id, agent or app)
        who = await signin_people.person(call.core, call.frame.corp_id, call.frame.userid)
        await signin_people.openable(call.core, who, named)
    except Refusal as refusal:
        raise Fail(SYSTEM, f"{refusal.errmsg} {refusal.zh}") from refusal
    raise Fail(SYSTEM, f"没有应用 {(agent or app)[:64]} / there is no such app")


def _ids(app: Any) -> tuple[str, ...]:
    return (str(app.app_id), str(app.agent_id), app.owner_key)
