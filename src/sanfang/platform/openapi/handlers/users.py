"""Members, as called in 2016 (``/user/*``)."""

from __future__ import annotations

from typing import Any

from ...domain import admins, contacts
from ...domain.refusals import Refusal
from ..handling import Call, handler
from . import sight
from .member_fields import TYPES_2016, details_2016, given_2016, listed_2016

LARGEST_BATCH = 20


@handler("oapi_user_get_get")
async def user_get(call: Call) -> dict[str, Any]:
    return details_2016(await sight.member(call, call.args["userid"]), call.identity)


@handler("oapi_user_simplelist_get")
async def user_simplelist(call: Call) -> dict[str, Any]:
    members, following = await _page(call)
    return {
        "userlist": [{"userid": each.userid, "name": each.name} for each in members],
        "hasMore": following is not None,
    }


@handler("oapi_user_list_get")
async def user_list(call: Call) -> dict[str, Any]:
    return await _listing(call)


@handler("oapi_user_listbypage_get")
async def user_listbypage(call: Call) -> dict[str, Any]:
    return await _listing(call)


@handler("oapi_user_get_dept_member_get", types={"deptId": "integer"})
async def user_dept_member(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args["deptId"])
    corp_id = call.identity.corp_id
    return {"userIds": await contacts.userids_of_department(call.core, corp_id, dept_id)}


@handler("oapi_user_create_post", types=TYPES_2016, optional=("mobile",))
async def user_create(call: Call) -> dict[str, Any]:
    args = call.args
    if not (args.get("mobile") or args.get("email")):
        raise Refusal(
            60113, "手机号和邮箱至少填一个。", "Give a mobile number or an e-mail address."
        )
    said = await given_2016(call)
    if not said.get("departments"):
        await sight.department(call, None)
    made = await contacts.create_member(
        *(call.core, call.identity.corp_id),
        name=args["name"],
        userid=args.get("userid") or "",
        **said,
    )
    return {"userid": made.userid, "unionid": made.unionid, "unionId": made.unionid}


@handler("oapi_user_update_post", types=TYPES_2016)
async def user_update(call: Call) -> dict[str, Any]:
    args = call.args
    await sight.members(call, [args["userid"]])
    await contacts.update_member(
        *(call.core, call.identity.corp_id, args["userid"]),
        name=args.get("name"),
        **await given_2016(call),
    )
    return {}


@handler("oapi_user_delete_get")
async def user_delete(call: Call) -> dict[str, Any]:
    return await _delete(call, [call.args["userid"]])


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
    return {"contactType": 0, "userid": (await sight.within(call, member)).userid}


@handler("oapi_user_get_by_mobile_get")
async def user_by_mobile(call: Call) -> dict[str, Any]:
    member = await contacts.get_member_by_mobile(
        call.core, call.identity.corp_id, call.args["mobile"]
    )
    return {"userid": (await sight.within(call, member)).userid}


@handler("oapi_user_get_org_user_count_get")
async def user_count(call: Call) -> dict[str, Any]:
    only_active = call.args["onlyActive"] == 1
    count = await contacts.count_members(call.core, call.identity.corp_id, only_active=only_active)
    return {"count": count}


@handler("oapi_user_get_admin_get")
async def user_admins(call: Call) -> dict[str, Any]:
    """An SDK in the wild reads ``admin_list``, the documents write ``adminList``: both are sent."""
    found = [
        {"sys_level": level, "userid": userid}
        for userid, level in await admins.list_admins(call.core, call.identity.corp_id)
    ]
    return {"adminList": found, "admin_list": found}


async def _page(call: Call) -> Any:
    return await sight.page_of_department(call, "department_id", start="offset", order="order")


async def _listing(call: Call) -> dict[str, Any]:
    members, following = await _page(call)
    dept_id = call.args["department_id"]
    return {
        "userlist": [listed_2016(each, call.identity, dept_id) for each in members],
        "hasMore": following is not None,
    }


async def _delete_all(call: Call) -> dict[str, Any]:
    userids = call.args.get("useridlist") or []
    sight.few("useridlist", userids, LARGEST_BATCH, 40032)
    return await _delete(call, userids)


async def _delete(call: Call, userids: list[str]) -> dict[str, Any]:
    await sight.members(call, userids)
    await contacts.delete_members(call.core, call.identity.corp_id, userids)
    return {}
