"""Roles (``/role/*``, ``/topapi/role/*``) under the names of 2018 and later."""

from __future__ import annotations

from typing import Any

from ...domain import contacts, roles
from ...domain.refusals import Refusal
from ..handling import Call, handler
from . import sight
from .sight import numbered

_IDS = {"roleIds": "array of integer", "userIds": "array of string"}
LARGEST_LIST, LARGEST_PAGE, USUAL_PAGE = 200, 100, 20


@handler("oapi_role_add_role_group_post")
async def add_role_group(call: Call) -> dict[str, Any]:
    made = await roles.create_group(call.core, call.identity.corp_id, call.args["name"])
    return {"groupId": made}


@handler("oapi_role_add_role_post")
async def add_role(call: Call) -> dict[str, Any]:
    args = call.args
    made = await roles.create_role(
        call.core, call.identity.corp_id, args["roleName"], args["groupId"]
    )
    return {"roleId": made}


@handler("oapi_role_update_role_post")
@numbered({34020: 660000})
async def update_role(call: Call) -> dict[str, Any]:
    args = call.args
    await roles.rename_role(call.core, call.identity.corp_id, args["roleId"], args["roleName"])
    return {}


@handler("oapi_topapi_role_deleterole_post")
async def deleterole(call: Call) -> dict[str, Any]:
    await roles.delete_role(call.core, call.identity.corp_id, call.args["role_id"])
    return {}


@handler("oapi_topapi_role_getrole_post")
async def getrole(call: Call) -> dict[str, Any]:
    found = await roles.get_role(call.core, call.identity.corp_id, call.args["roleId"])
    return {"role": {"name": found.name, "groupId": found.group_id}}


@handler("oapi_topapi_role_getrolegroup_post")
@numbered({34021: 400002})
async def getrolegroup(call: Call) -> dict[str, Any]:
    return {"role_group": await group_of(call)}


@handler("oapi_topapi_role_list_post")
async def list_(call: Call) -> dict[str, Any]:
    offset, size = sight.offset_and_size(call, largest=LARGEST_LIST, usual=USUAL_PAGE)
    groups, more = await roles.list_roles(
        call.core, call.identity.corp_id, offset=offset, size=size
    )
    found = [
        {
            "name": group.name,
            "groupId": group.group_id,
            "roles": [{"name": role.name, "id": role.role_id} for role in group.roles],
        }
        for group in groups
    ]
    return {"result": _piece(found, offset + size if more else None)}


@handler("oapi_topapi_role_simplelist_post")
async def simplelist(call: Call) -> dict[str, Any]:
    found, following = await holders(call)
    names = {dept_id: "" for each in found for dept_id in each.scope}
    for dept_id in names:
        names[dept_id] = await _department_name(call, dept_id)
    rows = []
    for each in found:
        row: dict[str, Any] = {"userid": each.userid, "name": each.name}
        if each.scope:
            row["manageScopes"] = [
                {"dept_id": dept_id, "name": names[dept_id]} for dept_id in each.scope
            ]
        rows.append(row)
    return {"result": _piece(rows, following)}


@handler("oapi_topapi_role_addrolesforemps_post", types=_IDS)
@numbered({60111: 33012})
async def addrolesforemps(call: Call) -> dict[str, Any]:
    role_ids, userids = call.args["roleIds"], call.args["userIds"]
    await give(call, role_ids, userids)
    return {}


@handler("oapi_topapi_role_removerolesforemps_post", types=_IDS)
@numbered({60111: 33012})
async def removerolesforemps(call: Call) -> dict[str, Any]:
    role_ids, userids = call.args["roleIds"], call.args["userIds"]
    await take(call, role_ids, userids)
    return {}


@handler("oapi_topapi_role_scope_update_post", types={"dept_ids": "array of integer"})
async def scope_update(call: Call) -> dict[str, Any]:
    args = call.args
    dept_ids = args.get("dept_ids") or []
    if dept_ids:
        sight.few("dept_ids", dept_ids, roles.MOST_SCOPE)
    await roles.set_holder_scope(
        call.core, call.identity.corp_id, args["role_id"], args["userid"], dept_ids
    )
    return {}


async def group_of(call: Call) -> dict[str, Any]:
    """Return the group that ``group_id`` names, as the wire shows it."""
    found = await roles.get_group(call.core, call.identity.corp_id, call.args["group_id"])
    return {
        "group_name": found.name,
        "roles": [{"role_id": role.role_id, "role_name": role.name} for role in found.roles],
    }


async def holders(call: Call) -> tuple[list[roles.Holder], int | None]:
    """Return a page of who holds ``role_id``, as far as the caller may see, and the next's start."""
    offset, size = sight.offset_and_size(call, largest=LARGEST_PAGE, usual=USUAL_PAGE)
    found, more = await roles.list_holders(
        *(call.core, call.identity.corp_id, call.args["role_id"]), offset=offset, size=size
    )
    seen = set(await sight.userids(call, [each.userid for each in found]))
    return [each for each in found if each.userid in seen], offset + size if more else None


async def give(call: Call, role_ids: list[int], userids: list[str]) -> None:
    """Give roles to members the caller may see; refuse 40035 for too many."""
    sight.few("roleIds", role_ids, roles.MOST_ROLES)
    sight.few("userIds", userids, roles.MOST_GIVEN)
    await sight.members(call, userids)
    await roles.give_roles(call.core, call.identity.corp_id, role_ids, userids)


async def take(call: Call, role_ids: list[int], userids: list[str]) -> None:
    """Take roles from members the caller may see; refuse 40035 for too many."""
    sight.few("roleIds", role_ids, roles.MOST_ROLES)
    sight.few("userIds", userids, roles.MOST_TAKEN)
    await sight.members(call, userids)
    await roles.take_roles(call.core, call.identity.corp_id, role_ids, userids)


async def _department_name(call: Call, dept_id: int) -> str:
    try:
        found = await contacts.get_department(call.core, call.identity.corp_id, dept_id)
    except Refusal:  # deleted since
        return ""
    return found.name


def _piece(found: list[dict[str, Any]], following: int | None) -> dict[str, Any]:
    piece: dict[str, Any] = {"hasMore": following is not None, "list": found}
    if following is not None:
        piece["nextCursor"] = following
    return piece
