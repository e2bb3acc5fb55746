"""Attachments of approvals, under the newer and the older names."""

from __future__ import annotations

from typing import Any

from ...domain import approval_drive
from ...domain.drive_permissions import Role
from .. import reasons
from ..handling import Call, handler
from .file_views import address, download_ticket

_NEW = "v1_0_workflow_process_instances_spaces_"


@handler(_NEW + "infos_query_post")
async def info(call: Call) -> dict[str, Any]:
    space = await approval_drive.admit(call.core, call.identity, call.args["userId"])
    return {"result": {"spaceId": space.number}, "success": True}


@handler(_NEW + "auth_preview_post", optional=("fileId",))
async def preview(call: Call) -> dict[str, Any]:
    args = call.args
    files = _files(args.get("fileId"), args.get("fileIdList"), "fileId")
    number = await _let(call, args["processInstanceId"], args["userId"], files, "READER")
    return {"result": {"spaceId": number}, "success": True}


@handler(_NEW + "files_auth_download_post", types={"fileInfos": "array of object"})
async def download(call: Call) -> dict[str, Any]:
    files = _infos(call.args["fileInfos"], "fileId", "fileInfos")
    await approval_drive.let(call.core, call.identity, call.args["userId"], files, "DOWNLOADER")
    return {"result": True, "success": True}


@handler(_NEW + "files_urls_download_post")
async def url(call: Call) -> dict[str, Any]:
    space, file, target = await _url(call, call.args["processInstanceId"], call.args["fileId"])
    result = {"spaceId": space, "fileId": file, "downloadUri": target}
    return {"result": result, "success": True}


@handler("oapi_topapi_processinstance_cspace_info_post")
async def old_info(call: Call) -> dict[str, Any]:
    space = await approval_drive.admit(call.core, call.identity, call.args["user_id"])
    return {"result": {"space_id": space.number}, "success": True}


@handler("oapi_topapi_processinstance_cspace_preview_post")
async def old_preview(call: Call) -> dict[str, Any]:
    said = call.args["request"]
    files = _files(said.get("file_id"), said.get("fileid_list"), "file_id")
    number = await _let(
        call, _need(said, "process_instance_id"), _need(said, "userid"), files, "READER"
    )
    return {"result": {"space_id": number}}


@handler("oapi_topapi_process_dentry_auth_post")
async def old_download(call: Call) -> dict[str, Any]:
    said = call.need("request")
    files = _infos(said.get("file_infos") or [], "file_id", "file_infos")
    await approval_drive.let(call.core, call.identity, _need(said, "userid"), files, "DOWNLOADER")
    return {"result": True}


@handler("oapi_topapi_processinstance_file_url_get_post")
async def old_url(call: Call) -> dict[str, Any]:
    said = call.args["request"]
    space, file, target = await _url(
        call, _need(said, "process_instance_id"), _need(said, "file_id")
    )
    result = {"space_id": space, "file_id": file, "download_uri": target}
    return {"result": result, "success": True}


async def _let(call: Call, instance_id: str, userid: str, files: list[str], role: Role) -> int:
    await approval_drive.attached(call.core, call.identity, instance_id, files)
    space = await approval_drive.let(call.core, call.identity, userid, files, role)
    return space.number


async def _url(call: Call, instance_id: str, file_id: str) -> tuple[int, str, str]:
    found = await approval_drive.attached(call.core, call.identity, instance_id, [file_id])
    target, _, _ = await address(call, download_ticket(found[0], "view"))
    return found[0].space_no, str(found[0].number), target


def _files(one: object, several: object, name: str) -> list[str]:
    given = several if isinstance(several, list) and several else [one]
    files = [each for each in given if isinstance(each, str) and each]
    if not files:
        raise reasons.missing(40035, name)
    return files


def _infos(given: Any, name: str, whole: str) -> list[str]:
    files = [str(each.get(name) or "") for each in given if isinstance(each, dict)]
    if not files or not all(files):
        raise reasons.missing(40035, f"{whole}.{name}")
    return files


def _need(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise reasons.missing(40035, name)
    return value
