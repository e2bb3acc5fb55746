"""Members, as called since 2020 (``/topapi/v2/user/*``, ``/topapi/user/*``)."""

from __future__ import annotations

from typing import Any

from ...domain import admins, contacts
from ...domain.refusals import Refusal
from ..handling import Call, handler
from . import sight
from .member_fields import MOST_IN_UPDATE, TYPES, details, given, listed
from .sight import numbered

_UNKNOWN = {60111: 33012}  # the number these pages have for a userid that is not there


@handler("oapi_topapi_v2_user_get_post")
@numbered(_UNKNOWN)
async def get(call: Call) -> dict[str, Any]:
    return {"result": details(await sight.member(call, call.args["userid"]), call.identity)}


@handler("oapi_topapi_v2_user_create_post", types=TYPES)
async def create(call: Call) -> dict[str, Any]:
    args = call.args
    reachable = ("mobile", "email", "login_email", "exclusive_account")
    if not any(args.get(name) for name in reachable):
        raise Refusal(
            60113, "手机号和邮箱至少填一个。", "Give a mobile number or an e-mail address."
        )
    said = await given(call)
    if not said.get("departments"):
        await sight.department(call, None)
    made = await contacts.create_member(
        *(call.core, call.identity.corp_id),
        name=args["name"],
        userid=args.get("userid") or "",
        **said,
    )
    return {"result": {"userid": made.userid, "unionId": made.unionid}}


@handler("oapi_topapi_v2_user_update_post", types=TYPES)
@numbered(_UNKNOWN)
async def update(call: Call) -> dict[str, Any]:
    args = call.args
    await sight.members(call, [args["userid"]])
    await contacts.update_member(
        *(call.core, call.identity.corp_id, args["userid"]),
        name=args.get("name"),
        add_extattr=args.get("ext_attrs_update_mode") == 1,
        **await given(call, departments=MOST_IN_UPDATE),
    )
    return {}


@handler("oapi_topapi_v2_user_delete_post")
@numbered(_UNKNOWN)
async def delete(call: Call) -> dict[str, Any]:
    userid = call.args["userid"]
    await sight.members(call, [userid])
    await contacts.delete_member(call.core, call.identity.corp_id, userid)
    return {}


@handler("oapi_topapi_v2_user_list_post")
async def list_(call: Call) -> dict[str, Any]:
    found, following = await _page(call)
    dept_id = call.args["dept_id"]
    return _piece([listed(each, call.identity, dept_id) for each in found], following)


@handler("oapi_topapi_user_listsimple_post")
async def listsimple(call: Call) -> dict[str, Any]:
    found, following = await _page(call)
    return _piece([{"userid": each.userid, "name": each.name} for each in found], following)


@handler("oapi_topapi_user_listid_post")
async def listid(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args["dept_id"])
    found = await contacts.userids_of_department(call.core, call.identity.corp_id, dept_id)
    return {"result": {"userid_list": found}}


@handler("oapi_topapi_v2_user_getbymobile_post")
async def getbymobile(call: Call) -> dict[str, Any]:
    corp_id, mobile = call.identity.corp_id, call.args["mobile"]
    member = await contacts.get_member_by_mobile(call.core, corp_id, mobile)
    return {"result": {"userid": (await sight.within(call, member)).userid}}


@handler("oapi_topapi_user_getbyunionid_post")
@numbered({60111: 60121})
async def getbyunionid(call: Call) -> dict[str, Any]:
    corp_id, unionid = call.identity.corp_id, call.args["unionid"]
    member = await contacts.get_member_by_unionid(call.core, corp_id, unionid)
    return {"result": {"contact_type": 0, "userid": (await sight.within(call, member)).userid}}


@handler("oapi_topapi_user_count_post")
async def count(call: Call) -> dict[str, Any]:
    corp_id, only_active = call.identity.corp_id, call.args["only_active"]
    found = await contacts.count_members(call.core, corp_id, only_active=only_active)
    return {"result": {"count": found}}


@handler("oapi_topapi_user_listadmin_post")
async def listadmin(call: Call) -> dict[str, Any]:
    found = await admins.list_admins(call.core, call.identity.corp_id)
    return {"result": [{"userid": userid, "sys_level": level} for userid, level in found]}


@handler("oapi_topapi_user_get_admin_scope_post")
async def get_admin_scope(call: Call) -> dict[str, Any]:
    corp_id, userid = call.identity.corp_id, call.args["userid"]
    return {"dept_ids": await admins.admin_scope(call.core, corp_id, userid)}


@handler("oapi_topapi_inactive_user_v2_get_post", types={"dept_ids": "array of integer"})
async def inactive_v2(call: Call) -> dict[str, Any]:
    """The sandbox knows no days of use: who has (not) activated DingTalk is told for every day."""
    args = call.args
    offset, size = sight.offset_and_size(call)
    wanted = args.get("dept_ids") or []
    found, more = await contacts.members_by_activity(
        *(call.core, call.identity.corp_id), active=args["is_active"], offset=offset, size=size
    )
    piece: dict[str, Any] = {"list": await _of_departments(call, found, wanted), "has_more": more}
    if more:
        piece["next_cursor"] = offset + size
    return {"result": piece}


@handler("oapi_topapi_inactive_user_get_post")
async def inactive(call: Call) -> dict[str, Any]:
    offset, size = sight.offset_and_size(call)
    found, more = await contacts.members_by_activity(
        *(call.core, call.identity.corp_id), active=False, offset=offset, size=size
    )
    return {"result": {"list": found, "has_more": more}}


async def _page(call: Call) -> Any:
    return await sight.page_of_department(call, "dept_id", start="cursor", order="order_field")


def _piece(found: list[dict[str, Any]], following: int | None) -> dict[str, Any]:
    piece: dict[str, Any] = {"has_more": following is not None, "list": found}
    if following is not None:
        piece["next_cursor"] = following
    return {"result": piece}


async def _of_departments(call: Call, found: list[str], dept_ids: list[int]) -> list[str]:
    if not dept_ids:
        return found
    corp_id = call.identity.corp_id
    within: set[str] = set()
    for dept_id in dept_ids:
        within.update(await contacts.userids_of_department(call.core, corp_id, dept_id))
    return [userid for userid in found if userid in within]
