"""The drive API, older than storage: the same spaces and dentries under other names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...domain import (
    dentries,
    drive,
    drive_moves,
    drive_permissions,
    drive_refusals,
    recycle_bin,
    spaces,
    uploads,
)
from ...domain.dentries import Dentry
from ...domain.drive_permissions import Holder
from ...domain.recycle_bin import Item
from ...domain.refusals import Refusal
from ...domain.spaces import Space
from ...domain.transfers import Ticket
from ..handling import Answer, Call, Handler, Run, handler
from .file_views import address, download_ticket, iso, operator, paged, size_of, skip_of, text

_FILES = "v1_0_drive_spaces_by_space_id_files_"
_FILE = _FILES + "by_file_id_"
_BOTH = ("internal", "isv_corp")
_PAGE, _MOST_SPACES = 50, 30

_STRATEGIES = {
    "autoRename": "AUTO_RENAME",
    "overwrite": "OVERWRITE",
    "returnExisting": "RETURN_DENTRY_IF_EXISTS",
    "returnError": "RETURN_ERROR_IF_EXISTS",
}
_ROLES = {
    "owner": "OWNER",
    "admin": "MANAGER",
    "editor": "EDITOR",
    "viewer": "DOWNLOADER",
    "only_viewer": "READER",
}
_TYPES = {"org": "ORG", "department": "DEPT", "conversation": "CONVERSATION", "user": "USER"}
_ORDERS = {
    "createTime": "CREATE_TIME",
    "modifyTime": "MODIFIED_TIME",
    "name": "NAME",
    "size": "SIZE",
}
# What the storage API calls a refusal, in the words of this one.
_NAMES = {
    "spaceNotExist": "object.not.exist",
    "dentryNotExist": "object.not.exist",
    "recycleItemNotExist": "object.not.exist",
    "permissionDenied": "no.priviledge",
    "operationNotSupported": "unsupported.operation",
    "dentryNameIllegal": "filename.invalid",
    "spaceQuotaInsufficient": "insufficient.capacity",
}
_KINDS = {
    "image": ("jpg", "jpeg", "png", "gif", "bmp", "webp", "svg"),
    "document": ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf"),
    "text": ("txt", "md", "csv", "json", "xml", "log"),
    "video": ("mp4", "mov", "avi", "mkv"),
    "audio": ("mp3", "wav", "amr", "m4a"),
    "archive": ("zip", "rar", "7z", "gz", "tar"),
    "app": ("apk", "ipa", "exe", "dmg"),
    "link": ("url", "lnk"),
}
_KIND_OF = {extension: kind for kind, known in _KINDS.items() for extension in known}


def _drive(endpoint: str, **more: Any) -> Callable[[Run], Handler]:
    """Register a handler whose refusals are told in the words of this API."""

    def wrap(run: Run) -> Handler:
        async def translated(call: Call) -> Answer:
            try:
                return await run(call)
            except Refusal as refusal:
                name = str(refusal.facts.get("v1", ""))
                refusal.facts["v1"] = _NAMES.get(name, "param.error")
                raise

        return handler(endpoint, **more)(translated)

    return wrap


@_drive("v1_0_drive_spaces_post")
async def space_create(call: Call) -> dict[str, Any]:
    who, name = await operator(call), call.args["name"]
    return _space(await spaces.create(call.core, call.identity, spaces.ORG, name=name, creator=who))


@_drive("v1_0_drive_spaces_by_space_id_get")
async def space_get(call: Call) -> dict[str, Any]:
    await operator(call)
    return _space(await spaces.get(call.core, call.identity, call.args["spaceId"]))


@_drive("v1_0_drive_spaces_by_space_id_delete")
async def space_delete(call: Call) -> dict[str, Any]:
    await operator(call)
    await spaces.delete(call.core, call.identity, call.args["spaceId"])
    return {}


@_drive("v1_0_drive_spaces_get", optional=("maxResults",))
async def spaces_list(call: Call) -> dict[str, Any]:
    await operator(call)
    if call.args["spaceType"] != "org":
        raise drive_refusals.unfit(
            "spaceType", "spaceType 只能是 org。", "The spaceType can only be org."
        )
    after, size = skip_of(call.args.get("nextToken")), size_of(call.args.get("maxResults"), _PAGE)
    found = await spaces.list_org(call.core, call.identity.corp_id, after, size + 1)
    answer: dict[str, Any] = {"spaces": [_space(each) for each in found[:size]]}
    return answer if len(found) <= size else {**answer, "nextToken": str(found[size - 1].number)}


@_drive("v1_0_drive_managements_spaces_query_post", types={"spaceIds": "array of string"})
async def spaces_query(call: Call) -> dict[str, Any]:
    await operator(call)
    asked = call.args["spaceIds"]
    if len(asked) > _MOST_SPACES:
        raise drive_refusals.unfit(
            "spaceIds", f"spaceIds 最多 {_MOST_SPACES} 个。", f"At most {_MOST_SPACES} spaceIds."
        )
    found = [_space(await spaces.get(call.core, call.identity, each)) for each in asked]
    return {"spaces": found}


@_drive("v1_0_drive_spaces_by_space_id_files_by_parent_id_upload_infos_get", optional=("md5",))
async def upload_infos(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    dentries.check_name(args["fileName"])
    space = await spaces.get(call.core, call.identity, args["spaceId"])
    await dentries.find_folder(call.core.durable, space, args["parentId"])
    size = args["fileSize"]
    if not 0 <= size <= space.quota - space.used:
        raise drive_refusals.full(space.number, space.quota - space.used)
    key = args.get("mediaId") or await uploads.begin(
        call.core, call.identity, space_no=space.number, size=size
    )
    await uploads.get(call.core, call.identity, key)
    url, headers, expires = await address(call, Ticket("upload", upload_key=key))
    return {
        "headerSignatureUploadInfo": {
            "resourceUrl": url,
            "internalResourceUrl": url,
            "headers": headers,
            "expirationSeconds": expires,
            "mediaId": key,
        },
        "region": "UNKNOWN",
    }


@_drive("v1_0_drive_spaces_by_space_id_files_post")
async def file_add(call: Call) -> dict[str, Any]:
    args, who = call.args, await operator(call)
    where = (call.core, call.identity, args["spaceId"], args.get("parentId") or "0")
    if args["fileType"] == "folder":
        made = await drive.add_folder(
            *where, args["fileName"], operator=who, strategy=_strategy(call)
        )
    else:
        made = await drive.add_file(
            *(*where, args["fileName"], call.need("mediaId")),
            operator=who,
            strategy=_strategy(call),
        )
    return _file(made)


@_drive("v1_0_drive_spaces_by_space_id_files_get", optional=("maxResults",))
async def files_list(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    asked = args.get("orderType") or "createTimeAsc"
    way = "DESC" if asked.endswith("Desc") else "ASC"
    order = _ORDERS.get(asked.removesuffix("Desc").removesuffix("Asc"), "")
    skip = skip_of(args.get("nextToken"))
    found, more = await drive.children(
        *(call.core, call.identity, args["spaceId"], args.get("parentId") or "0"),
        order=order,
        way=way,
        skip=skip,
        size=size_of(args.get("maxResults"), _PAGE),
    )
    return paged({"files": [_file(each) for each in found]}, skip, len(found), more=more)


@_drive("v1_0_drive_spaces_by_space_id_files_by_file_id_get")
async def file_get(call: Call) -> dict[str, Any]:
    await operator(call)
    return _file(await drive.get(*_place(call)))


@_drive(_FILE + "rename_post")
async def rename(call: Call) -> dict[str, Any]:
    who, name = await operator(call), call.args["newFileName"]
    return _file(await drive.rename(*_place(call), name, operator=who))


@_drive(_FILE + "move_post")
async def move(call: Call) -> dict[str, Any]:
    return _file(await drive_moves.move(*_place(call), *_goal(call), **await _manner(call)))


@_drive(_FILE + "copy_post", kinds=_BOTH)
async def copy(call: Call) -> dict[str, Any]:
    copied = await drive_moves.copy(*_place(call), *_goal(call), **await _manner(call))
    return {"file": _file(copied)}


@_drive("v1_0_drive_spaces_by_space_id_files_by_file_id_delete", optional=("deletePolicy",))
async def file_delete(call: Call) -> dict[str, Any]:
    for_good = call.args.get("deletePolicy") == "completely"
    await drive_moves.remove(*_place(call), operator=await operator(call), for_good=for_good)
    return {"success": True}


@_drive(_FILE + "download_infos_get", kinds=_BOTH)
async def download_infos(call: Call) -> dict[str, Any]:
    await operator(call)
    found = await drive.version(*_place(call), None)
    url, headers, expires = await address(call, download_ticket(found))
    return {
        "downloadInfo": {
            "resourceUrl": url,
            "internalResourceUrl": url,
            "headers": headers,
            "expirationSeconds": expires,
        },
        "region": "UNKNOWN",
    }


@_drive(_FILE + "permissions_post", types={"members": "array of object"})
async def give(call: Call) -> dict[str, Any]:
    return await _give(call)


@_drive(_FILE + "permissions_put", types={"members": "array of object"})
async def change(call: Call) -> dict[str, Any]:
    return await _give(call)


@_drive(_FILE + "permissions_delete_post", types={"members": "array of object"})
async def take(call: Call) -> dict[str, Any]:
    await operator(call)
    space, number = await _target(call)
    await drive_permissions.take(
        *(call.core, call.identity, space, number, _role(call), _holders(call))
    )
    return {}


@_drive(_FILE + "permissions_get")
async def permissions(call: Call) -> dict[str, Any]:
    await operator(call)
    space, number = await _target(call)
    found, _ = await drive_permissions.listed(call.core, space, number)
    roles = {wire: name for name, wire in _ROLES.items()}
    types = {wire: name for name, wire in _TYPES.items()}
    members = [
        {
            "role": roles[each.role],
            "member": {
                "corpId": space.corp_id,
                "memberType": types.get(each.type, "user"),
                "memberId": each.id,
                "memberName": "",
            },
            "extend": False,
        }
        for each in found
    ]
    return {"members": members, "outMembers": []}


@_drive("v1_0_drive_recycle_items_get", optional=("maxResults",))
async def recycled(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    token = args.get("nextToken")
    found, after = await recycle_bin.items(
        *(call.core, call.identity),
        before=skip_of(token) if token else None,
        size=size_of(args.get("maxResults"), _PAGE),
    )
    answer: dict[str, Any] = {"recycleItems": [_item(each) for each in found]}
    return answer if after is None else {**answer, "nextToken": str(after)}


@_drive("v1_0_drive_recycle_items_clear_post")
async def recycle_clear(call: Call) -> dict[str, Any]:
    await operator(call)
    await recycle_bin.clear(call.core, call.identity)
    return {}


@_drive("v1_0_drive_recycle_items_delete_post", types={"recycleItemIdList": "array of string"})
async def recycle_delete(call: Call) -> dict[str, Any]:
    await operator(call)
    for each in call.args["recycleItemIdList"]:
        await recycle_bin.delete(call.core, call.identity, each)
    return {}


@_drive("v1_0_drive_recycle_items_recover_post", types={"recycleItemIdList": "array of string"})
async def recycle_recover(call: Call) -> dict[str, Any]:
    who = await operator(call)
    for each in call.args["recycleItemIdList"]:
        await recycle_bin.restore(call.core, call.identity, each, operator=who)
    return {}


def _place(call: Call) -> tuple[Any, Any, object, object]:
    return call.core, call.identity, call.args["spaceId"], call.args["fileId"]


def _goal(call: Call) -> tuple[object, object]:
    return call.args["targetSpaceId"], call.args.get("targetParentId") or "0"


async def _manner(call: Call) -> dict[str, Any]:
    return {"operator": await operator(call), "strategy": _strategy(call)}


def _strategy(call: Call) -> dentries.Strategy:
    asked = call.args.get("addConflictPolicy") or ""
    return dentries.check_strategy(_STRATEGIES.get(asked, asked))


async def _target(call: Call) -> tuple[Space, int]:
    space = await spaces.get(call.core, call.identity, call.args["spaceId"])
    if str(call.args["fileId"]) == "0":
        return space, dentries.ROOT
    found = await dentries.find(call.core.durable, space, call.args["fileId"])
    return space, found.number


async def _give(call: Call) -> dict[str, Any]:
    space, number = await _target(call)
    await drive_permissions.give(
        *(call.core, call.identity, space, number, _role(call), _holders(call)),
        operator=await operator(call),
    )
    return {}


def _role(call: Call) -> str:
    asked: str = call.args["role"]
    return _ROLES.get(asked, asked.lower())


def _holders(call: Call) -> list[Holder]:
    made = []
    for each in call.args["members"]:
        if not isinstance(each, dict):
            raise drive_refusals.unfit(
                "members",
                "members 的每一项应为 {corpId, memberType, memberId}。",
                "Each of the members is {corpId, memberType, memberId}.",
            )
        made.append(Holder(_TYPES.get(text(each, "memberType"), ""), text(each, "memberId")))
    return made


def _space(found: Space) -> dict[str, Any]:
    return {
        "spaceId": str(found.number),
        "spaceName": found.name,
        "spaceType": "org",
        "quota": found.quota,
        "usedQuota": found.used,
        "permissionMode": "acl" if found.kind == spaces.ORG else "custom",
        "createTime": iso(found.created_at),
        "modifyTime": iso(found.modified_at),
    }


def _file(found: Dentry) -> dict[str, Any]:
    return {
        "spaceId": str(found.space_no),
        "parentId": str(found.parent_no),
        "fileId": str(found.number),
        "fileName": found.name,
        "filePath": found.path,
        "fileType": "folder" if found.is_folder else "file",
        "contentType": _KIND_OF.get(found.extension.lower(), "other"),
        "fileExtension": found.extension,
        "fileSize": found.size,
        "createTime": iso(found.created_at),
        "modifyTime": iso(found.modified_at),
        "creator": found.creator,
        "modifier": found.modifier,
    }


def _item(found: Item) -> dict[str, Any]:
    extension = found.name.rpartition(".")[2].lower()
    return {
        "recycleItemId": str(found.number),
        "deleteStaffId": found.operator,
        "deleteTime": iso(found.deleted_at),
        "fileSize": found.size,
        "fileType": "folder" if found.is_folder else "file",
        "contentType": _KIND_OF.get(extension, "other"),
        "fileName": found.name,
        "filePath": found.path,
    }
