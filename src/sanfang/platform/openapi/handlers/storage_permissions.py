"""The storage API: permissions, by the ids of version 1 and the uuids of version 2."""

from __future__ import annotations

from typing import Any

from ...domain import drive, drive_permissions, drive_refusals, spaces
from ...domain.dentries import ROOT, find
from ...domain.drive_permissions import Holder, Permission
from ...domain.spaces import Space
from ..handling import Call, handler
from .file_views import STORAGE, iso, number, operator, option, paged, size_of, skip_of, text

_V1 = "v1_0_storage_spaces_by_space_id_dentries_by_dentry_id_permissions_"
_V2 = "v2_0_storage_spaces_dentries_by_dentry_uuid_permissions_"
_MEMBERS = {"members": "array of object"}
_BOTH = ("internal", "isv_corp")


@handler(_V1 + "post", types=_MEMBERS, v1=STORAGE)
async def give(call: Call) -> dict[str, Any]:
    return await _give(call, *await _by_id(call))


@handler(_V1 + "put", types=_MEMBERS, v1=STORAGE)
async def change(call: Call) -> dict[str, Any]:
    return await _give(call, *await _by_id(call))


@handler(_V1 + "remove_post", types=_MEMBERS, v1=STORAGE)
async def take(call: Call) -> dict[str, Any]:
    return await _take(call, *await _by_id(call))


@handler(_V1 + "query_post", v1=STORAGE)
async def query(call: Call) -> dict[str, Any]:
    return await _query(call, *await _by_id(call))


@handler(_V2 + "post", types=_MEMBERS, kinds=_BOTH, v1=STORAGE)
async def give_v2(call: Call) -> dict[str, Any]:
    return await _give(call, *await _by_uuid(call))


@handler(_V2 + "put", types=_MEMBERS, kinds=_BOTH, v1=STORAGE)
async def change_v2(call: Call) -> dict[str, Any]:
    return await _give(call, *await _by_uuid(call))


@handler(_V2 + "remove_post", types=_MEMBERS, kinds=_BOTH, v1=STORAGE)
async def take_v2(call: Call) -> dict[str, Any]:
    return await _take(call, *await _by_uuid(call))


@handler(_V2 + "query_post", kinds=_BOTH, v1=STORAGE)
async def query_v2(call: Call) -> dict[str, Any]:
    return await _query(call, *await _by_uuid(call))


async def _by_id(call: Call) -> tuple[Space, int]:
    space = await spaces.get(call.core, call.identity, call.args["spaceId"])
    if str(call.args["dentryId"]) == "0":
        return space, ROOT
    return space, (await find(call.core.durable, space, call.args["dentryId"])).number


async def _by_uuid(call: Call) -> tuple[Space, int]:
    return await drive.by_uuid(call.core, call.identity, call.args["dentryUuid"])


async def _give(call: Call, space: Space, dentry_no: int) -> dict[str, Any]:
    await drive_permissions.give(
        *(call.core, call.identity, space, dentry_no, call.args["roleId"], holders(call)),
        operator=await operator(call),
        duration_s=number(option(call), "duration"),
    )
    return {"success": True}


async def _take(call: Call, space: Space, dentry_no: int) -> dict[str, Any]:
    await operator(call)
    await drive_permissions.take(
        call.core, call.identity, space, dentry_no, call.args["roleId"], holders(call)
    )
    return {"success": True}


async def _query(call: Call, space: Space, dentry_no: int) -> dict[str, Any]:
    await operator(call)
    said = option(call)
    skip, roles = skip_of(text(said, "nextToken")), said.get("filterRoleIds") or []
    found, more = await drive_permissions.listed(
        *(call.core, space, dentry_no),
        skip=skip,
        size=size_of(number(said, "maxResults"), 500),
    )
    views = [_view(space, dentry_no, each) for each in found if not roles or each.role in roles]
    return paged({"permissions": views}, skip, len(found), more=more)


def holders(call: Call) -> list[Holder]:
    """Return who is meant; refuse a member without type and id."""
    made = []
    for each in call.args["members"]:
        if not isinstance(each, dict):
            raise drive_refusals.unfit(
                "members",
                "members 的每一项应为 {type, id, corpId}。",
                "Each of the members is {type, id, corpId}.",
            )
        made.append(Holder(text(each, "type"), text(each, "id")))
    return made


def _view(space: Space, dentry_no: int, found: Permission) -> dict[str, Any]:
    view: dict[str, Any] = {
        "spaceId": str(space.number),
        "dentryId": str(dentry_no),
        "member": {"type": found.type, "id": found.id, "corpId": space.corp_id},
        "role": {"id": found.role, "name": found.role},
        "createTime": iso(found.created_at),
        "modifiedTime": iso(found.modified_at),
        "operatorId": found.operator,
    }
    if found.expires_at is not None:
        view["duration"] = (found.expires_at - found.modified_at) // 1000
    return view
