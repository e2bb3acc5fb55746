"""Signing in and out. In a sandbox anybody becomes any member; elsewhere by a one-time link."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ...domain import desk_links, desks
from ...domain.core import Core
from ...domain.corps import get_corp
from ...domain.members import get_member
from .asking import Fault, answer, caller, json_of, query, remember, text, token_of

_PEOPLE = 50


async def choose(core: Core, request: Request) -> Response:
    """``GET /api/people?search=&corp_id=``: whom one can become."""
    _only_sandbox(core)
    found = await desks.people(
        core,
        search=query(request, "search", most=64),
        corp_id=query(request, "corp_id", most=64),
        limit=_PEOPLE,
    )
    return answer({"people": msgspec.to_builtins(found), "more": len(found) >= _PEOPLE})


async def sign_in(core: Core, request: Request) -> Response:
    """``POST /api/desk {corp_id, userid}``: become a member."""
    _only_sandbox(core)
    fields = await json_of(request)
    corp_id, userid = text(fields, "corp_id", most=64), text(fields, "userid", most=64)
    return await _seat(core, request, await desks.open_desk(core, corp_id, userid))


async def look_at_link(core: Core, request: Request) -> Response:
    """``POST /api/link/look {secret}``: whom a one-time link signs in; it stays good."""
    who = await desk_links.look(core, text(await json_of(request), "secret", most=128))
    corp, member = who.corp, who.member
    return answer({"corp_name": corp.name, "userid": member.userid, "name": member.name})


async def enter_by_link(core: Core, request: Request) -> Response:
    """``POST /api/link {secret}``: use a one-time link up and become its member."""
    secret = text(await json_of(request), "secret", most=128)
    return await _seat(core, request, await desk_links.use(core, secret))


async def show(core: Core, request: Request) -> Response:
    """``GET /api/desk``: who is signed in. Nobody: 200 with ``sandbox`` alone, so that no console of
    a browser shows an error for a first visit."""
    if not token_of(core, request):
        return answer({"userid": "", "sandbox": core.settings.sandbox})
    try:
        who = await caller(core, request)
    except Fault:
        response = answer({"userid": "", "sandbox": core.settings.sandbox})
        remember(core, request, response, "")
        return response
    return answer(await _shown(core, who.desk.corp_id, who.desk.userid))


async def sign_out(core: Core, request: Request) -> Response:
    """``DELETE /api/desk``: end the session, here and in the store."""
    token = token_of(core, request)
    if token:
        await desks.close_desk(core, token)
    response = answer({})
    remember(core, request, response, "")
    return response


async def _seat(core: Core, request: Request, token: str) -> Response:
    """Give the browser a new desk in place of the one it had."""
    desk = await desks.get_desk(core, token)
    if desk is None:
        raise Fault(
            401,
            "这个成员刚刚离开了企业。",
            "The member has left the corp this very moment.",
        )
    before = token_of(core, request)
    if before:
        await desks.close_desk(core, before)
    response = answer(await _shown(core, desk.corp_id, desk.userid))
    remember(core, request, response, token)
    return response


def _only_sandbox(core: Core) -> None:
    if not core.settings.sandbox:
        raise Fault(
            403,
            "这个平台不是沙箱，不能直接选择身份；请用管理员给的一次性链接登录（sanfang workbench link）。",
            "This platform is no sandbox, nobody can just become somebody; sign in by a one-time link"
            " of its administrator (sanfang workbench link).",
        )


async def _shown(core: Core, corp_id: str, userid: str) -> dict[str, object]:
    corp, member = await get_corp(core, corp_id), await get_member(core, corp_id, userid)
    return {
        "corp_id": corp_id,
        "corp_name": corp.name,
        "userid": userid,
        "name": member.name,
        "avatar": "",
        "title": member.position,
        "is_admin": member.is_admin,
        "sandbox": core.settings.sandbox,
        "language": "zh_CN",
    }
