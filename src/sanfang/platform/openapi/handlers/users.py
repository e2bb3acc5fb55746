"""Members (contacts.md of both generations)."""

from __future__ import annotations

from typing import Any

from ...domain import contacts
from ...domain.model import Member
from ...domain.refusals import Refusal
from ..handling import Call, handler

LARGEST_PAGE = 100
LARGEST_BATCH = 20

_TYPES = {"department": "array of integer", "extattr": "any"}
_CHANGES = ("name", "mobile", "email", "position", "jobnumber")


@handler("oapi_user_get_get")
async def user_get(call: Call) -> dict[str, Any]:
    corp_id, userid = call.identity.corp_id, call.args["userid"]
    return _details(_shown(call, await contacts.get_member(call.core, corp_id, userid)))


@handler("oapi_user_simplelist_get")
async def user_simplelist(call: Call) -> dict[str, Any]:
    members, more = await _page(call)
    return {
        "userlist": [{"userid": each.userid, "name": each.name} for each in members],
        "hasMore": more,
    }


@handler("oapi_user_list_get")
async def user_list(call: Call) -> dict[str, Any]:
    members, more = await _page(call)
    return {"userlist": [_details(_shown(call, each)) for each in members], "hasMore": more}


@handler("oapi_user_listbypage_get")
async def user_listbypage(call: Call) -> dict[str, Any]:
    members, more = await _page(call)
    return {"userlist": [_details(_shown(call, each)) for each in members], "hasMore": more}


@handler("oapi_user_create_post", types=_TYPES, optional=("mobile",))
async def user_create(call: Call) -> dict[str, Any]:
    args = call.args
    given = {name: args[name] for name in _CHANGES if args.get(name)}
    if not {"mobile", "email"} & given.keys():
        raise Refusal(
            60113, "手机号和邮箱至少填一个。", "Give a mobile number or an e-mail address."
        )
    made = await contacts.create_member(
        call.core,
        call.identity.corp_id,
        userid=args.get("userid") or "",
        departments=args["department"],
        **given,
    )
    return {"userid": made.userid, "unionid": made.unionid}


@handler("oapi_user_update_post", types=_TYPES)
async def user_update(call: Call) -> dict[str, Any]:
    args = call.args
    changes = {name: args[name] for name in _CHANGES if args.get(name) is not None}
    await contacts.update_member(
        call.core,
        call.identity.corp_id,
        args["userid"],
        departments=args.get("department") or None,
        **changes,
    )
    return {}


@handler("oapi_user_delete_get")
async def user_delete(call: Call) -> dict[str, Any]:
    await contacts.delete_member(call.core, call.identity.corp_id, call.args["userid"])
    return {}


@handler("oapi_user_batchdelete_post")
async def user_batchdelete(call: Call) -> dict[str, Any]:
    return await _delete_all(call)


@handler("oapi_user_delete_post", types={"useridlist": "array of string"})
async def user_delete_post(call: Call) -> dict[str, Any]:
    """The address a third-party SDK uses for batchdelete."""
    return await _delete_all(call)


@handler("oapi_user_get_userid_by_unionid_get")
async def user_by_unionid(call: Call) -> dict[str, Any]:
    member = await contacts.get_member_by_unionid(
        call.core, call.identity.corp_id, call.args["unionid"]
    )
    return {"contactType": 0, "userid": member.userid}


@handler("oapi_user_get_org_user_count_get")
async def user_count(call: Call) -> dict[str, Any]:
    return {"count": await contacts.count_members(call.core, call.identity.corp_id)}


@handler("oapi_topapi_v2_user_get_post")
async def v2_user_get(call: Call) -> dict[str, Any]:
    corp_id, userid = call.identity.corp_id, call.args["userid"]
    member = _shown(call, await contacts.get_member(call.core, corp_id, userid))
    shown: dict[str, Any] = {
        "userid": member.userid,
        "unionid": member.unionid,
        "name": member.name,
        "title": member.position,
        "job_number": member.jobnumber,
        "active": member.active,
        "admin": member.is_admin,
        "boss": member.is_boss,
        "dept_id_list": member.departments,
        "real_authed": True,
    }
    shown |= {key: value for key, value in _private(member).items() if value}
    return {"result": shown}


async def _page(call: Call) -> tuple[list[Member], bool]:
    offset, size = call.args.get("offset") or 0, call.args.get("size")
    size = LARGEST_PAGE if size is None else size
    if offset < 0:
        raise Refusal(40068, "offset 不能为负。", "offset is not negative.")
    if not 1 <= size <= LARGEST_PAGE:
        raise Refusal(
            40069, f"size 应为 1 到 {LARGEST_PAGE}。", f"size is from 1 to {LARGEST_PAGE}."
        )
    return await contacts.list_members(
        call.core,
        call.identity.corp_id,
        call.args["department_id"],
        offset=offset,
        size=size,
    )


async def _delete_all(call: Call) -> dict[str, Any]:
    userids = call.args.get("useridlist") or []
    if not 1 <= len(userids) <= LARGEST_BATCH:
        raise Refusal(
            40032,
            f"useridlist 应有 1 到 {LARGEST_BATCH} 个。",
            f"useridlist has 1 to {LARGEST_BATCH} ids.",
        )
    for userid in userids:
        await contacts.get_member(call.core, call.identity.corp_id, userid)
    for userid in userids:
        await contacts.delete_member(call.core, call.identity.corp_id, userid)
    return {}


def _shown(call: Call, member: Member) -> Member:
    return contacts.visible(member, call.identity, call.caller.user_fields)


def _private(member: Member) -> dict[str, str]:
    """What an ISV may not see is absent, not empty, as on the wire (F51)."""
    return {"mobile": member.mobile, "email": member.email}


def _details(member: Member) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "userid": member.userid,
        "unionid": member.unionid,
        "name": member.name,
        "position": member.position,
        "jobnumber": member.jobnumber,
        "department": member.departments,
        "active": member.active,
        "isAdmin": member.is_admin,
        "isBoss": member.is_boss,
        "isHide": False,
        "isLeader": False,
        "avatar": "",
        "dingId": "",
        "tel": "",
        "workPlace": "",
        "remark": "",
        "extattr": {},
    }
    shown |= {key: value for key, value in _private(member).items() if value}
    return shown
