"""Roles and external contacts by their names on the TOP gateway (``dingtalk.corp.*``).

The same things as ``/topapi/role/*`` and ``/topapi/extcontact/*``, with fields of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ...domain import contacts, roles
from ...domain import external_contacts as externals
from ..handling import Call, handler
from . import external_contacts as ext
from . import sight
from .roles import LARGEST_LIST, USUAL_PAGE, give, group_of, holders, take

_DONE: dict[str, Any] = {"ding_open_errcode": 0, "error_msg": "", "success": True}
_USERS = {"userid_list": "array of string"}
# How the oldest names of an external contact's fields are spelt now.
_RENAMED = {
    "follower_userid": "follower_user_id",
    "follower_user": "follower_user_id",
    "share_deptids": "share_dept_ids",
    "share_userids": "share_user_ids",
    "share_userid": "share_user_ids",
    "userid": "user_id",
}


@handler("top_dingtalk_corp_role_list_post")
async def role_list(call: Call) -> dict[str, Any]:
    offset, size = sight.offset_and_size(call, largest=LARGEST_LIST, usual=USUAL_PAGE)
    groups, more = await roles.list_roles(
        call.core, call.identity.corp_id, offset=offset, size=size
    )
    found = [
        {
            "group_name": group.name,
            "roles": [{"id": role.role_id, "role_name": role.name} for role in group.roles],
        }
        for group in groups
    ]
    return {"result": {"has_more": more, "list": found}}


@handler("top_dingtalk_corp_role_simplelist_post")
async def role_simplelist(call: Call) -> dict[str, Any]:
    call.need("role_id")
    found, following = await holders(call)
    rows = [{"userid": each.userid, "name": each.name} for each in found]
    return {"result": {"has_more": following is not None, "list": rows}}


@handler("top_dingtalk_corp_role_getrolegroup_post")
async def role_getrolegroup(call: Call) -> dict[str, Any]:
    call.need("group_id")
    return {"result": {**_DONE, "role_group": await group_of(call)}}


@handler("top_dingtalk_corp_role_deleterole_post")
async def role_deleterole(call: Call) -> dict[str, Any]:
    await roles.delete_role(call.core, call.identity.corp_id, call.need("role_id"))
    return {"result": _DONE}


@handler(
    "top_dingtalk_corp_role_addrolesforemps_post",
    types={"rolelid_list": "array of integer", **_USERS},
)
async def role_add(call: Call) -> dict[str, Any]:
    await give(call, call.need("rolelid_list"), call.need("userid_list"))
    return {"result": _DONE}


@handler(
    "top_dingtalk_corp_role_removerolesforemps_post",
    optional=("roleid_list",),
    types={"roleid_list": "array of integer", **_USERS},
)
async def role_remove(call: Call) -> dict[str, Any]:
    """An SDK in the wild says ``rolelid_list`` here as well."""
    args = call.args
    if not args.get("roleid_list") and isinstance(args.get("rolelid_list"), str):
        given = args["rolelid_list"].split(",")
        args["roleid_list"] = [int(each) for each in given if each.isdecimal() and len(each) < 18]
    await take(call, call.need("roleid_list"), call.need("userid_list"))
    return {"result": _DONE}


@handler("top_dingtalk_corp_ext_add_post")
async def ext_add(call: Call) -> dict[str, Any]:
    return {"userid": await ext.add(call, _renamed(call.need("contact")))}


@handler("top_dingtalk_corp_ext_update_post")
async def ext_update(call: Call) -> dict[str, Any]:
    await ext.change(call, _renamed(call.need("contact")))
    return {}


@handler("top_dingtalk_corp_ext_list_post")
async def ext_list(call: Call) -> dict[str, Any]:
    return {"result": _text(await ext.page(call))}


@handler("top_dingtalk_corp_ext_listlabelgroups_post")
async def ext_listlabelgroups(call: Call) -> dict[str, Any]:
    return {"result": _text(ext.label_groups(call))}


@handler("top_dingtalk_corp_extcontact_create_post")
async def extcontact_create(call: Call) -> dict[str, Any]:
    return {"result": {**_DONE, "userid": await ext.add(call, call.need("contact"))}}


@handler("top_dingtalk_corp_extcontact_update_post")
async def extcontact_update(call: Call) -> dict[str, Any]:
    await ext.change(call, call.need("contact"))
    return {"result": _DONE}


@handler("top_dingtalk_corp_extcontact_delete_post")
async def extcontact_delete(call: Call) -> dict[str, Any]:
    await externals.delete_external(call.core, call.identity.corp_id, call.need("userid"))
    return {"result": _DONE}


@handler("top_dingtalk_corp_extcontact_get_post")
async def extcontact_get(call: Call) -> dict[str, Any]:
    userid = call.need("user_id")
    found = await externals.get_external(call.core, call.identity.corp_id, userid)
    return {"result": {**_DONE, "result": ext.shown(userid, found)}}


@handler("top_dingtalk_corp_extcontact_list_post")
async def extcontact_list(call: Call) -> dict[str, Any]:
    return {"result": {**_DONE, "results": await ext.page(call)}}


@handler("top_dingtalk_corp_extcontact_listlabelgroups_post")
async def extcontact_listlabelgroups(call: Call) -> dict[str, Any]:
    return {"result": {**_DONE, "results": ext.label_groups(call)}}


@handler("top_dingtalk_corp_search_corpcontact_baseinfo_post")
async def search_baseinfo(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    offset, size = sight.offset_and_size(call)
    found = await contacts.search_members(call.core, corp_id, call.need("query"))
    seen = await sight.userids(call, found)
    rows = []
    for userid in seen[offset : offset + size]:
        member = await sight.hidden_member(call, userid)
        rows.append(
            {
                "userid": member.userid,
                "name": member.name,
                "title": member.position,
                "job_number": member.jobnumber,
            }
        )
    more = len(seen) > offset + size
    piece = {"has_more": more, "offset": offset, "total": len(seen), "value_list": rows}
    return {"result": {**_DONE, "page_result": piece}}


def _renamed(contact: Mapping[str, Any]) -> dict[str, Any]:
    return {_RENAMED.get(name, name): value for name, value in contact.items()}


def _text(found: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(found).decode()
