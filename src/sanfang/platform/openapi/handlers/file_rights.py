"""What role each call of the drive and storage APIs needs, checked before its handler runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ...domain import drive, drive_permissions, spaces
from ...domain.dentries import ROOT, find
from ...domain.drive_permissions import Role
from ...domain.refusals import Refusal
from ...domain.spaces import Space
from ..handling import Answer, Call, Handler


class Need(NamedTuple):
    """A role on what the arguments name: a space and something in it, or a uuid.

    ``things``: the argument (or the field of ``option``) with an id or a list of them; "" is the
    whole space.
    """

    role: Role
    things: str = ""
    space: str = "spaceId"


_PLANNED = "preCheckParam"  # where the file shall go, if it is said before the commit
_S = "v1_0_storage_spaces_by_space_id_"
_SD = _S + "dentries_by_dentry_id_"
_U = "v2_0_storage_spaces_"
_D = "v1_0_drive_spaces_by_space_id_"
_DF = _D + "files_by_file_id_"
_TARGET = Need("EDITOR", "targetFolderId", "targetSpaceId")
_TARGET_OLD = Need("EDITOR", "targetParentId", "targetSpaceId")

NEEDS: dict[str, tuple[Need, ...]] = {
    _S + "get": (Need("READER"),),
    _S + "dentries_by_parent_id_folders_post": (Need("EDITOR", "parentId"),),
    _S + "files_upload_infos_query_post": (Need("EDITOR", _PLANNED),),
    _S + "files_multi_part_upload_infos_init_post": (Need("EDITOR", _PLANNED),),
    _S + "files_commit_post": (Need("EDITOR", "parentId"),),
    _S + "dentries_get": (Need("READER", "parentId"),),
    _S + "dentries_list_all_post": (Need("READER"),),
    _S + "dentries_query_post": (Need("READER", "dentryIds"),),
    _S + "dentries_batch_move_post": (Need("EDITOR", "dentryIds"), _TARGET),
    _S + "dentries_batch_copy_post": (Need("DOWNLOADER", "dentryIds"), _TARGET),
    _S + "dentries_batch_remove_post": (Need("EDITOR", "dentryIds"),),
    _S + "dentries_by_dentry_id_delete": (Need("EDITOR", "dentryId"),),
    _SD + "query_post": (Need("READER", "dentryId"),),
    _SD + "rename_post": (Need("EDITOR", "dentryId"),),
    _SD + "move_post": (Need("EDITOR", "dentryId"), _TARGET),
    _SD + "copy_post": (Need("DOWNLOADER", "dentryId"), _TARGET),
    _SD + "app_properties_put": (Need("EDITOR", "dentryId"),),
    _SD + "app_properties_remove_post": (Need("EDITOR", "dentryId"),),
    _SD + "versions_get": (Need("READER", "dentryId"),),
    _SD + "versions_by_version_revert_post": (Need("EDITOR", "dentryId"),),
    _SD + "download_infos_query_post": (Need("DOWNLOADER", "dentryId"),),
    _SD + "open_infos_query_post": (Need("READER", "dentryId"),),
    _SD + "permissions_post": (Need("MANAGER", "dentryId"),),
    _SD + "permissions_put": (Need("MANAGER", "dentryId"),),
    _SD + "permissions_remove_post": (Need("MANAGER", "dentryId"),),
    _SD + "permissions_query_post": (Need("READER", "dentryId"),),
    _U + "files_by_parent_dentry_uuid_upload_infos_query_post": (
        Need("EDITOR", "parentDentryUuid", ""),
    ),
    _U + "files_by_parent_dentry_uuid_commit_post": (Need("EDITOR", "parentDentryUuid", ""),),
    _U + "dentries_by_dentry_uuid_permissions_post": (Need("MANAGER", "dentryUuid", ""),),
    _U + "dentries_by_dentry_uuid_permissions_put": (Need("MANAGER", "dentryUuid", ""),),
    _U + "dentries_by_dentry_uuid_permissions_remove_post": (Need("MANAGER", "dentryUuid", ""),),
    _U + "dentries_by_dentry_uuid_permissions_query_post": (Need("READER", "dentryUuid", ""),),
    _D + "get": (Need("READER"),),
    _D + "delete": (Need("OWNER"),),
    _D + "files_by_parent_id_upload_infos_get": (Need("EDITOR", "parentId"),),
    _D + "files_post": (Need("EDITOR", "parentId"),),
    _D + "files_get": (Need("READER", "parentId"),),
    _D + "files_by_file_id_get": (Need("READER", "fileId"),),
    _D + "files_by_file_id_delete": (Need("EDITOR", "fileId"),),
    _DF + "rename_post": (Need("EDITOR", "fileId"),),
    _DF + "move_post": (Need("EDITOR", "fileId"), _TARGET_OLD),
    _DF + "copy_post": (Need("DOWNLOADER", "fileId"), _TARGET_OLD),
    _DF + "download_infos_get": (Need("DOWNLOADER", "fileId"),),
    _DF + "permissions_post": (Need("MANAGER", "fileId"),),
    _DF + "permissions_put": (Need("MANAGER", "fileId"),),
    _DF + "permissions_delete_post": (Need("MANAGER", "fileId"),),
    _DF + "permissions_get": (Need("READER", "fileId"),),
}


def judged(handlers: Iterable[Handler]) -> tuple[Handler, ...]:
    """Let the handlers of files run only for members who may do what they ask."""
    return tuple(
        _judged(each, NEEDS[each.endpoint]) if each.endpoint in NEEDS else each for each in handlers
    )


def _judged(given: Handler, needs: tuple[Need, ...]) -> Handler:
    is_drive = given.endpoint.startswith("v1_0_drive_")

    async def run(call: Call) -> Answer:
        try:
            for need in needs:
                await _check(call, need)
        except Refusal as refusal:
            if refusal.code == 72002 and is_drive:
                refusal.facts["v1"] = "no.priviledge"
                raise
            if refusal.code == 72002:
                raise
            # What is not there the handler says in its own words.
        return await given.run(call)

    return given._replace(run=run)


async def _check(call: Call, need: Need) -> None:
    unionid = call.args.get("unionId")
    if not isinstance(unionid, str) or not unionid:
        return
    for space, dentry_no in await _places(call, need):
        await drive_permissions.check(call.core, space, dentry_no, unionid, need.role)


async def _places(call: Call, need: Need) -> list[tuple[Space, int]]:
    given = call.args.get(need.things) if need.things else None
    if given is None and need.things:
        given = (call.args.get("option") or {}).get(need.things)
    if need.things == _PLANNED:
        given = given.get("parentId") if isinstance(given, dict) else None
        if not given:
            return []  # the commit will say
    if not need.space:
        return [await drive.by_uuid(call.core, call.identity, str(given))]
    space = await spaces.get(call.core, call.identity, call.args.get(need.space))
    found = [await _number(call, space, each) for each in _ids(given)]
    return [(space, number) for number in found if number is not None]


def _ids(given: Any) -> list[Any]:
    if isinstance(given, list):
        return given[:100]
    return ["0" if given in (None, "") else given]


async def _number(call: Call, space: Space, dentry_id: Any) -> int | None:
    """Return the number of a dentry; None for one that is not there."""
    if str(dentry_id) == "0":
        return ROOT
    try:
        return (await find(call.core.durable, space, dentry_id)).number
    except Refusal:
        return None
