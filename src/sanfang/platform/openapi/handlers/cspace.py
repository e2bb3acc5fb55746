"""The drive of 2016: custom spaces, uploads in one step or in parts, files added and sent."""

from __future__ import annotations

from typing import Any

from ...domain import contacts, drive, drive_refusals, media, messages, rows, spaces, uploads
from .. import reasons
from ..handling import Call, handler
from ..multipart import Upload
from .file_views import iso

_ACTIONS = ("add", "download", "delete")
_DEFAULT_S, _LONGEST_S = 30, 3600


@handler("oapi_cspace_get_custom_space_get", optional=("domain",))
async def get_custom_space(call: Call) -> dict[str, Any]:
    return {"spaceid": str((await _custom(call)).number)}


@handler("oapi_cspace_used_info_get", optional=("domain", "agent_id"))
async def used_info(call: Call) -> dict[str, Any]:
    return {"used_size": str((await _custom(call)).used)}


@handler(
    "oapi_cspace_grant_custom_space_get",
    optional=("domain", "duration"),
    types={"fileids": "string"},
)
async def grant_custom_space(call: Call) -> dict[str, Any]:
    """Check everything and say yes: the right itself is used by a phone, not by an app."""
    args = call.args
    if args["type"] not in _ACTIONS:
        raise reasons.unfit(40035, "type", ("add、download 或 delete", "add, download or delete"))
    await contacts.get_member(call.core, call.identity.corp_id, args["userid"])
    space = await _custom(call)
    for file_id in filter(None, (args.get("fileids") or "").split(",")):
        await drive.get(call.core, call.identity, space.number, file_id.strip())
    seconds = args.get("duration")
    if seconds is None or not 0 <= seconds <= _LONGEST_S:
        seconds = _DEFAULT_S
    return {"spaceid": str(space.number), "duration": seconds}


@handler(
    "oapi_cspace_add_get",
    optional=("code",),
    types={"overwrite": "boolean"},
)
async def add(call: Call) -> dict[str, Any]:
    args = call.args
    made = await drive.add_file(
        *(call.core, call.identity, args["space_id"], args.get("folder_id") or "0"),
        *(args["name"], args["media_id"]),
        operator="",
        strategy="OVERWRITE" if args.get("overwrite") else "AUTO_RENAME",
    )
    dentry = {
        "spaceId": str(made.space_no),
        "id": str(made.number),
        "parentId": str(made.parent_no),
        "type": "file",
        "name": made.name,
        "path": made.path,
        "size": made.size,
        "extension": made.extension,
        "contentType": "file",
        "version": made.version,
        "uuid": made.uuid,
        "createTime": iso(made.created_at),
        "modifiedTime": iso(made.modified_at),
    }
    return {"dentry": rows.json_text(dentry)}


@handler("oapi_cspace_add_to_single_chat_post", types={"agent_id": "integer"})
async def add_to_single_chat(call: Call) -> dict[str, Any]:
    args = call.args
    found = await media.get(call.core, call.identity, args["media_id"])
    await messages.send(
        *(call.core, call.identity),
        agent_id=args["agent_id"],
        touser=[args["userid"]],
        toparty=[],
        to_all=False,
        msgtype="file",
        body={"media_id": found.media_id, "file_name": args["file_name"]},
    )
    return {}


@handler("oapi_file_upload_single_post", optional=("file_size", "agent_id"))
async def upload_single(call: Call) -> dict[str, Any]:
    file: Upload = call.args["file"]
    told = call.args.get("file_size")
    if told is not None and told != file.size:
        raise uploads.other_size(told, file.size)
    made = await media.keep(
        *(call.core, call.identity, "drive", file.filename, file.content_type), file.file
    )
    return {"media_id": made.media_id}


@handler("oapi_file_upload_transaction_get")
async def upload_transaction(call: Call) -> dict[str, Any]:
    args, core, who = call.args, call.core, call.identity
    key, size, parts = args.get("upload_id"), args["file_size"], args["chunk_numbers"]
    if size < 1 or parts < 1:
        raise reasons.unfit(
            40035, "file_size", ("正整数，chunk_numbers 亦然", "above 0, and so is chunk_numbers")
        )
    if not key:
        return {"upload_id": await uploads.begin(core, who, size=size, parts=parts)}
    begun = await uploads.get(core, who, key)
    if (begun.expected_size, begun.parts) != (size, parts):
        raise uploads.other_size(begun.expected_size, size)
    stored = await uploads.content(core, who, key)
    made = await media.add(
        *(core, who, "drive", "upload", "application/octet-stream", stored),
        finished=key,
    )
    return {"media_id": made.media_id}


@handler("oapi_file_upload_chunk_post", optional=("agent_id",))
async def upload_chunk(call: Call) -> dict[str, Any]:
    args, file = call.args, call.args["file"]
    begun = await uploads.get(call.core, call.identity, args["upload_id"])
    part = args["chunk_sequence"]
    if not 1 <= part <= max(begun.parts, 1):
        raise reasons.unfit(
            40035, "chunk_sequence", (f"1 到 {begun.parts}", f"from 1 to {begun.parts}")
        )
    await uploads.put_part(call.core, begun.key, part, file.file)
    return {}


async def _custom(call: Call) -> spaces.Space:
    domain, agent_id = call.args.get("domain") or "", call.args.get("agent_id") or ""
    if not domain and not agent_id:
        raise drive_refusals.unfit(
            "domain",
            "企业调用须传 domain，ISV 调用须传 agent_id。",
            "A corp sends a domain, an ISV its agent_id.",
        )
    return await spaces.custom(call.core, call.identity, domain=domain, agent_id=agent_id)
