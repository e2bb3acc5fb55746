"""The storage API: the recycle bin of a corp."""

from __future__ import annotations

from typing import Any

from ...domain import dentries, drive_refusals, recycle_bin
from ...domain.recycle_bin import Item
from ...domain.refusals import Refusal
from ..handling import Call, handler
from .file_views import STORAGE, iso, operator, option, size_of, skip_of, text

_BIN = "v1_0_storage_recycle_bins_by_recycle_bin_id_"
_IDS = {"recycleItemIds": "array of string"}


@handler("v1_0_storage_recycle_bins_get", v1=STORAGE)
async def bin_get(call: Call) -> dict[str, Any]:
    args, corp_id = call.args, call.identity.corp_id
    await operator(call)
    if args["recycleBinScope"] != "ORG" or args["scopeId"] != corp_id:
        raise drive_refusals.unfit(
            "recycleBinScope",
            "recycleBinScope 为 ORG，scopeId 为本企业的 corpId。",
            "The recycleBinScope is ORG, the scopeId this corp's corpId.",
        )
    return {"recycleBin": {"id": recycle_bin.bin_id(corp_id), "scope": "ORG", "scopeId": corp_id}}


@handler(_BIN + "recycle_items_get", v1=STORAGE)
async def items(call: Call) -> dict[str, Any]:
    await _enter(call)
    token = call.args.get("nextToken")
    found, after = await recycle_bin.items(
        *(call.core, call.identity),
        before=skip_of(token) if token else None,
        size=size_of(call.args.get("maxResults"), 50),
    )
    answer: dict[str, Any] = {"recycleItems": [_item(each) for each in found]}
    return answer if after is None else {**answer, "nextToken": str(after)}


@handler(_BIN + "recycle_items_by_recycle_item_id_get", v1=STORAGE)
async def item(call: Call) -> dict[str, Any]:
    await _enter(call)
    found = await recycle_bin.get(call.core, call.identity, call.args["recycleItemId"])
    return {"item": _item(found)}


@handler(_BIN + "recycle_items_by_recycle_item_id_delete", v1=STORAGE)
async def item_delete(call: Call) -> dict[str, Any]:
    await _enter(call)
    await recycle_bin.delete(call.core, call.identity, call.args["recycleItemId"])
    return {"success": True}


@handler(_BIN + "recycle_items_by_recycle_item_id_restore_post", v1=STORAGE)
async def item_restore(call: Call) -> dict[str, Any]:
    return {"async": False, **await _restore(call, call.args["recycleItemId"], await _enter(call))}


@handler(_BIN + "recycle_items_batch_remove_post", types=_IDS, v1=STORAGE)
async def batch_remove(call: Call) -> dict[str, Any]:
    await _enter(call)
    for each in _ids(call, 50):
        await recycle_bin.delete(call.core, call.identity, each)
    return {"success": True}


@handler(_BIN + "recycle_items_batch_restore_post", types=_IDS, v1=STORAGE)
async def batch_restore(call: Call) -> dict[str, Any]:
    who, rows = await _enter(call), []
    for each in _ids(call, 30):
        row = {"recycleBinId": call.args["recycleBinId"], "recycleItemId": each, "async": False}
        try:
            row |= {"success": True, **await _restore(call, each, who)}
        except Refusal as refusal:
            row |= {"success": False, "errorCode": refusal.facts.get("v1", "paramError")}
        rows.append(row)
    return {"resultItems": rows}


@handler(_BIN + "clear_post", v1=STORAGE)
async def clear(call: Call) -> dict[str, Any]:
    await _enter(call)
    await recycle_bin.clear(call.core, call.identity)
    return {"success": True}


async def _enter(call: Call) -> str:
    recycle_bin.check_bin(call.identity, call.args["recycleBinId"])
    return await operator(call)


async def _restore(call: Call, item_id: str, who: str) -> dict[str, Any]:
    back = await recycle_bin.restore(
        *(call.core, call.identity, item_id),
        operator=who,
        strategy=dentries.check_strategy(text(option(call), "conflictStrategy")),
    )
    return {"spaceId": str(back.space_no), "dentryId": str(back.number)}


def _ids(call: Call, most: int) -> list[str]:
    asked: list[str] = call.args["recycleItemIds"]
    if not 1 <= len(asked) <= most:
        raise drive_refusals.unfit(
            "recycleItemIds", f"每次 1 到 {most} 个。", f"There are 1 to {most} of them at a time."
        )
    return asked


def _item(found: Item) -> dict[str, Any]:
    return {
        "id": str(found.number),
        "spaceId": str(found.space_no),
        "dentryId": str(found.dentry_no),
        "size": found.size,
        "type": "FOLDER" if found.is_folder else "FILE",
        "originalName": found.name,
        "originalPath": found.path,
        "operatorId": found.operator,
        "operatorTime": iso(found.deleted_at),
    }
