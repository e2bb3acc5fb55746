"""The storage API: spaces, dentries, versions, addresses for upload and download."""

from __future__ import annotations

from typing import Any

from ...domain import dentries, drive, drive_moves, drive_refusals, spaces, uploads
from ...domain.refusals import Refusal
from ...domain.transfers import Ticket
from ..handling import Call, handler
from .file_views import (
    PROTOCOL,
    STORAGE,
    address,
    dentry_view,
    download_ticket,
    header_signature,
    iso,
    number,
    operator,
    option,
    paged,
    quota_view,
    size_of,
    skip_of,
    text,
)

_SPACE = "v1_0_storage_spaces_by_space_id_"
_DENTRY = _SPACE + "dentries_by_dentry_id_"
_TEXT_IDS = {"spaceId": "string", "dentryId": "string"}
_PAGE, _MOST_VERSIONS, _MOST_PARTS = 50, 100, 10_000


@handler("v1_0_storage_spaces_post", v1=STORAGE)
async def space_create(call: Call) -> dict[str, Any]:
    who, said = await operator(call), option(call)
    scene, scene_id = text(said, "scene"), text(said, "sceneId")
    made = await spaces.create(
        *(call.core, call.identity, spaces.APP),
        name=text(said, "name"),
        creator=who,
        scene=f"{scene} {scene_id}" if scene else "",
        quota=number(said, "quota"),
        details={
            "scene": scene,
            "sceneId": scene_id,
            "ownerType": text(said, "ownerType", "APP"),
            "capabilities": said.get("capabilities") or {},
        },
    )
    return {"space": _space(made)}


@handler("v1_0_storage_spaces_by_space_id_get", v1=STORAGE)
async def space_get(call: Call) -> dict[str, Any]:
    await operator(call)
    return {"space": _space(await spaces.get(call.core, call.identity, call.args["spaceId"]))}


@handler("v1_0_storage_spaces_by_space_id_dentries_by_parent_id_folders_post", v1=STORAGE)
async def folder_create(call: Call) -> dict[str, Any]:
    args, said = call.args, option(call)
    made = await drive.add_folder(
        *(call.core, call.identity, args["spaceId"], args["parentId"], args["name"]),
        operator=await operator(call),
        strategy=_strategy(said),
        properties=_properties(said.get("appProperties")),
    )
    return {"dentry": dentry_view(call, made)}


@handler(_SPACE + "files_upload_infos_query_post", optional=("multipart",), v1=STORAGE)
async def upload_infos(call: Call) -> dict[str, Any]:
    await operator(call)
    space = await spaces.get(call.core, call.identity, call.args["spaceId"])
    return await _upload_infos(call, space)


@handler(
    "v2_0_storage_spaces_files_by_parent_dentry_uuid_upload_infos_query_post",
    v1=STORAGE,
)
async def upload_infos_v2(call: Call) -> dict[str, Any]:
    await operator(call)
    space, _ = await drive.by_uuid(call.core, call.identity, call.args["parentDentryUuid"])
    return await _upload_infos(call, space)


@handler(_SPACE + "files_multi_part_upload_infos_init_post", v1=STORAGE)
async def multipart_init(call: Call) -> dict[str, Any]:
    await operator(call)
    space = await spaces.get(call.core, call.identity, call.args["spaceId"])
    return {"uploadKey": await _begin(call, space), "storageDriver": "DINGTALK"}


@handler(
    "v1_0_storage_spaces_files_multi_part_upload_infos_query_post",
    types={"partNumbers": "array of integer"},
    v1=STORAGE,
)
async def multipart_infos(call: Call) -> dict[str, Any]:
    await operator(call)
    key, parts = call.args["uploadKey"], call.args["partNumbers"]
    await uploads.get(call.core, call.identity, key)
    if not 1 <= len(parts) <= 100 or not all(1 <= part <= _MOST_PARTS for part in parts):
        raise drive_refusals.unfit(
            "partNumbers",
            f"partNumbers 每次 1 到 100 个，取值 1 到 {_MOST_PARTS}。",
            f"partNumbers are 1 to 100 numbers at a time, each 1 to {_MOST_PARTS}.",
        )
    infos = []
    for part in parts:
        ticket = Ticket("upload", upload_key=key, part=part)
        infos.append(
            {"partNumber": part, "headerSignatureInfo": await header_signature(call, ticket)}
        )
    return {"multipartHeaderSignatureInfos": infos}


@handler(_SPACE + "files_commit_post", v1=STORAGE)
async def commit(call: Call) -> dict[str, Any]:
    args = call.args
    return await _commit(call, args["spaceId"], args["parentId"])


@handler("v2_0_storage_spaces_files_by_parent_dentry_uuid_commit_post", v1=STORAGE)
async def commit_v2(call: Call) -> dict[str, Any]:
    space, parent = await drive.by_uuid(call.core, call.identity, call.args["parentDentryUuid"])
    return await _commit(call, space.number, parent)


@handler(_SPACE + "dentries_get", v1=STORAGE)
async def dentries_list(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    skip, way = skip_of(args.get("nextToken")), _way(args.get("order"))
    found, more = await drive.children(
        *(call.core, call.identity, args["spaceId"], args["parentId"]),
        order=args.get("orderBy") or "CREATE_TIME",
        way=way,
        skip=skip,
        size=size_of(args.get("maxResults"), _PAGE),
    )
    views = [dentry_view(call, each) for each in found]
    return paged({"dentries": views}, skip, len(views), more=more)


@handler(_SPACE + "dentries_list_all_post", v1=STORAGE)
async def dentries_all(call: Call) -> dict[str, Any]:
    await operator(call)
    said = option(call)
    skip = skip_of(text(said, "nextToken"))
    found, more = await drive.everything(
        *(call.core, call.identity, call.args["spaceId"]),
        way=_way(text(said, "order")),
        skip=skip,
        size=size_of(number(said, "maxResults"), _PAGE),
    )
    views = [dentry_view(call, each) for each in found]
    return paged({"dentries": views}, skip, len(views), more=more)


@handler(_DENTRY + "query_post", v1=STORAGE)
async def dentry_get(call: Call) -> dict[str, Any]:
    await operator(call)
    args = call.args
    found = await drive.get(call.core, call.identity, args["spaceId"], args["dentryId"])
    return {"dentry": dentry_view(call, found)}


@handler(_SPACE + "dentries_query_post", types={"dentryIds": "array of string"}, v1=STORAGE)
async def dentries_query(call: Call) -> dict[str, Any]:
    await operator(call)

    async def one(dentry_id: str) -> dict[str, Any]:
        found = await drive.get(call.core, call.identity, call.args["spaceId"], dentry_id)
        return {"dentry": dentry_view(call, found)}

    return await _each(call, 30, one)


@handler(_DENTRY + "rename_post", v1=STORAGE)
async def rename(call: Call) -> dict[str, Any]:
    args = call.args
    renamed = await drive.rename(
        *(call.core, call.identity, args["spaceId"], args["dentryId"], args["newName"]),
        operator=await operator(call),
    )
    return {"dentry": dentry_view(call, renamed)}


@handler(_DENTRY + "move_post", v1=STORAGE)
async def move(call: Call) -> dict[str, Any]:
    moved = await _move(call, call.args["dentryId"], await operator(call))
    return {"dentry": dentry_view(call, moved), "async": False}


@handler(_DENTRY + "copy_post", v1=STORAGE)
async def copy(call: Call) -> dict[str, Any]:
    copied = await _copy(call, call.args["dentryId"], await operator(call))
    return {"dentry": dentry_view(call, copied), "async": False}


@handler(_SPACE + "dentries_batch_move_post", types={"dentryIds": "array of string"}, v1=STORAGE)
async def batch_move(call: Call) -> dict[str, Any]:
    who = await operator(call)

    async def one(dentry_id: str) -> dict[str, Any]:
        return _target(await _move(call, dentry_id, who))

    return await _each(call, 30, one)


@handler(_SPACE + "dentries_batch_copy_post", types={"dentryIds": "array of string"}, v1=STORAGE)
async def batch_copy(call: Call) -> dict[str, Any]:
    who = await operator(call)

    async def one(dentry_id: str) -> dict[str, Any]:
        return _target(await _copy(call, dentry_id, who))

    return await _each(call, 30, one)


@handler(_SPACE + "dentries_by_dentry_id_delete", v1=STORAGE)
async def remove(call: Call) -> dict[str, Any]:
    args = call.args
    await drive_moves.remove(
        *(call.core, call.identity, args["spaceId"], args["dentryId"]),
        operator=await operator(call),
        for_good=args.get("toRecycleBin") is False,
    )
    return {"async": False}


@handler(_SPACE + "dentries_batch_remove_post", types={"dentryIds": "array of string"}, v1=STORAGE)
async def batch_remove(call: Call) -> dict[str, Any]:
    who, for_good = await operator(call), option(call).get("toRecycleBin") is False

    async def one(dentry_id: str) -> dict[str, Any]:
        await drive_moves.remove(
            *(call.core, call.identity, call.args["spaceId"], dentry_id),
            operator=who,
            for_good=for_good,
        )
        return {"async": False}

    return await _each(call, 50, one)


@handler(
    _DENTRY + "app_properties_put",
    types={**_TEXT_IDS, "appProperties": "array of object"},
    v1=STORAGE,
)
async def properties_put(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    await drive.set_properties(
        *(call.core, call.identity, args["spaceId"], args["dentryId"]),
        put=_properties(args["appProperties"]) or [],
    )
    return {"success": True}


@handler(
    _DENTRY + "app_properties_remove_post",
    types={**_TEXT_IDS, "propertyNames": "array of string"},
    v1=STORAGE,
)
async def properties_remove(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    await drive.set_properties(
        *(call.core, call.identity, args["spaceId"], args["dentryId"]), drop=args["propertyNames"]
    )
    return {"success": True}


@handler(_DENTRY + "versions_get", v1=STORAGE)
async def versions(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    skip = skip_of(args.get("nextToken"))
    found, more = await drive.versions(
        *(call.core, call.identity, args["spaceId"], args["dentryId"]),
        skip=skip,
        size=size_of(args.get("maxResults"), _MOST_VERSIONS),
    )
    views = [dentry_view(call, each) for each in found]
    return paged({"dentries": views}, skip, len(views), more=more)


@handler(_DENTRY + "versions_by_version_revert_post", v1=STORAGE)
async def revert(call: Call) -> dict[str, Any]:
    args = call.args
    await drive.revert(
        *(call.core, call.identity, args["spaceId"], args["dentryId"], args["version"]),
        operator=await operator(call),
    )
    return {"success": True}


@handler(_DENTRY + "download_infos_query_post", kinds=("internal", "isv_corp"), v1=STORAGE)
async def download_infos(call: Call) -> dict[str, Any]:
    args = call.args
    await operator(call)
    found = await drive.version(
        *(call.core, call.identity, args["spaceId"], args["dentryId"]),
        number(option(call), "version"),
    )
    signed = await header_signature(call, download_ticket(found))
    return {"protocol": PROTOCOL, "headerSignatureInfo": signed}


@handler(_DENTRY + "open_infos_query_post", v1=STORAGE)
async def open_infos(call: Call) -> dict[str, Any]:
    args, said = call.args, option(call)
    await operator(call)
    found = await drive.version(
        *(call.core, call.identity, args["spaceId"], args["dentryId"]), number(said, "version")
    )
    url, _, _ = await address(call, download_ticket(found, "view"))
    return {"url": url, "hasWaterMark": False}


@handler("v1_0_storage_events_subscribe_post", v1=STORAGE)
async def subscribe(call: Call) -> dict[str, Any]:
    await operator(call)
    await spaces.subscribe(call.core, call.identity, call.args["scope"], call.args["scopeId"])
    return {"success": True}


@handler("v1_0_storage_events_unsubscribe_post", v1=STORAGE)
async def unsubscribe(call: Call) -> dict[str, Any]:
    await operator(call)
    await spaces.unsubscribe(call.core, call.identity, call.args["scope"], call.args["scopeId"])
    return {"success": True}


async def _upload_infos(call: Call, space: spaces.Space) -> dict[str, Any]:
    if call.args["protocol"] != PROTOCOL:
        raise drive_refusals.unfit(
            "protocol", f"protocol 只支持 {PROTOCOL}。", f"The protocol can only be {PROTOCOL}."
        )
    key = await _begin(call, space)
    return {
        "uploadKey": key,
        "storageDriver": "DINGTALK",
        "protocol": PROTOCOL,
        "headerSignatureInfo": await header_signature(call, Ticket("upload", upload_key=key)),
    }


async def _begin(call: Call, space: spaces.Space) -> str:
    """Begin an upload, after the checks a client asks for in advance."""
    check = option(call).get("preCheckParam")
    size, name = None, ""
    if isinstance(check, dict):
        size, name = number(check, "size"), text(check, "name")
    if name:
        dentries.check_name(name)
    if size is not None and size > space.quota - space.used:
        raise drive_refusals.full(space.number, space.quota - space.used)
    told = -1 if size is None or size < 0 else size
    return await uploads.begin(call.core, call.identity, space_no=space.number, size=told)


async def _commit(call: Call, space_id: object, parent_id: object) -> dict[str, Any]:
    args, said = call.args, option(call)
    made = await drive.add_file(
        *(call.core, call.identity, space_id, parent_id, args["name"], args["uploadKey"]),
        operator=await operator(call),
        strategy=_strategy(said),
        size=number(said, "size"),
        properties=_properties(said.get("appProperties")),
        overwrite_id=args.get("overwriteDentryId") or "",
    )
    return {"dentry": dentry_view(call, made)}


async def _move(call: Call, dentry_id: str, who: str) -> dentries.Dentry:
    args = call.args
    return await drive_moves.move(
        *(call.core, call.identity, args["spaceId"], dentry_id),
        *(args["targetSpaceId"], args["targetFolderId"]),
        operator=who,
        strategy=_strategy(option(call)),
    )


async def _copy(call: Call, dentry_id: str, who: str) -> dentries.Dentry:
    args = call.args
    return await drive_moves.copy(
        *(call.core, call.identity, args["spaceId"], dentry_id),
        *(args["targetSpaceId"], args["targetFolderId"]),
        operator=who,
        strategy=_strategy(option(call)),
    )


def _target(found: dentries.Dentry) -> dict[str, Any]:
    return {
        "async": False,
        "targetSpaceId": str(found.space_no),
        "targetDentryId": str(found.number),
    }


async def _each(call: Call, most: int, one: Any) -> dict[str, Any]:
    """Do one thing after another; what is refused says so in its own row."""
    asked = call.args["dentryIds"]
    if not 1 <= len(asked) <= most:
        raise drive_refusals.unfit(
            "dentryIds", f"dentryIds 每次 1 到 {most} 个。", f"dentryIds are 1 to {most} at a time."
        )
    found = []
    for dentry_id in asked:
        row = {"spaceId": call.args["spaceId"], "dentryId": dentry_id}
        try:
            row |= {"success": True, **await one(dentry_id)}
        except Refusal as refusal:
            name = refusal.facts.get("v1", "paramError")
            row |= {"success": False, "errorCode": name}
        found.append(row)
    return {"resultItems": found}


def _strategy(said: dict[str, Any]) -> dentries.Strategy:
    return dentries.check_strategy(text(said, "conflictStrategy"))


def _way(asked: Any) -> drive.Way:
    return "DESC" if asked == "DESC" else "ASC"


def _properties(given: Any) -> drive.Properties | None:
    if given is None:
        return None
    if not isinstance(given, list):
        given = [given]
    made = []
    for each in given:
        if not isinstance(each, dict) or not text(each, "name"):
            raise drive_refusals.unfit(
                "appProperties",
                "appProperties 的每一项应有 name、value、visibility。",
                "Each of the appProperties has a name, a value and a visibility.",
            )
        visibility = text(each, "visibility", "PRIVATE")
        made.append(
            {"name": text(each, "name"), "value": text(each, "value"), "visibility": visibility}
        )
    return made


def _space(found: spaces.Space) -> dict[str, Any]:
    return {
        "id": str(found.number),
        "corpId": found.corp_id,
        "creatorId": found.creator,
        "modifierId": found.creator,
        "ownerType": found.details.get("ownerType", "APP"),
        "ownerId": found.owner_key,
        "usedQuota": found.used,
        "quota": found.quota,
        "status": "NORMAL",
        "createTime": iso(found.created_at),
        "modifiedTime": iso(found.modified_at),
        "appId": found.owner_key,
        "scene": found.details.get("scene", ""),
        "sceneId": found.details.get("sceneId", ""),
        "capabilities": found.details.get("capabilities", {}),
        "name": found.name,
        "partitions": [quota_view(found)],
    }
