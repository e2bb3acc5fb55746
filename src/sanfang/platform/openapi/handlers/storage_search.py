"""The storage API: files by name, tasks, and how much a corp or an app uses."""

from __future__ import annotations

from typing import Any

from ...domain import contacts, drive_refusals, drive_search
from ...domain.dentries import Dentry
from ...domain.drive_search import Wanted
from ...domain.media import owner_of
from ...domain.refusals import Refusal
from ..handling import Call, handler
from .file_views import PARTITION, STORAGE, number, operator, option, size_of, skip_of, text

_PAGE = 50


@handler("v2_0_storage_dentries_search_post", v1=STORAGE)
async def search(call: Call) -> dict[str, Any]:
    args, said = call.args, option(call)
    corp_id, who = call.identity.corp_id, args["operatorId"]
    await contacts.get_member_by_unionid(call.core, corp_id, who)
    if not 1 <= len(args["keyword"]) <= drive_search.LONGEST:
        raise drive_refusals.unfit(
            "keyword", "keyword 应为 1 到 255 个字符。", "A keyword has 1 to 255 characters."
        )
    for name in ("visitTimeRange", "dentryCategories"):
        if said.get(name):
            raise drive_refusals.unfit(
                name, f"本平台不支持按 {name} 搜索。", f"This platform does not search by {name}."
            )
    found, following = await drive_search.search(
        *(call.core, call.identity, who, args["keyword"]),
        Wanted(
            spaces=[each for each in map(_whole, _list(said, "spaceIds")) if each is not None],
            creators=[str(each) for each in _list(said, "creatorIds")],
            modifiers=[str(each) for each in _list(said, "modifierIds")],
            created=_range(said, "createTimeRange"),
            modified=_range(said, "modifiedTimeRange"),
        ),
        after=_after(text(said, "nextToken")),
        size=size_of(number(said, "maxResults"), _PAGE),
    )
    names: dict[str, str] = {}
    for each in found:
        for unionid in {each.creator, each.modifier} - names.keys():
            names[unionid] = await _name(call, unionid)
    answer: dict[str, Any] = {"items": [_item(each, names) for each in found]}
    return {**answer, "nextToken": str(following)} if following else answer


@handler("v1_0_storage_tasks_by_task_id_get", v1=STORAGE)
async def task(call: Call) -> dict[str, Any]:
    await operator(call)
    raise drive_refusals.no_task(call.args["taskId"])


@handler("v1_0_storage_orgs_by_corp_id_get", v1=STORAGE)
async def org(call: Call) -> dict[str, Any]:
    await operator(call)
    corp_id = call.identity.corp_id
    if call.args["corpId"] != corp_id:
        raise drive_refusals.other_corp()
    used, most = await drive_search.totals(call.core, corp_id)
    return {"org": {"corpId": corp_id, "partitions": [_partition(used, most, "SHARE")]}}


@handler("v1_0_storage_current_apps_query_post", v1=STORAGE)
async def current_app(call: Call) -> dict[str, Any]:
    await operator(call)
    corp_id, key = call.identity.corp_id, owner_of(call.identity)
    used, most = await drive_search.totals(call.core, corp_id, key)
    return {
        "app": {
            "corpId": corp_id,
            "appId": key,
            "partitions": [_partition(used, most, "PRIVATE")],
        }
    }


async def _name(call: Call, unionid: str) -> str:
    try:
        corp_id = call.identity.corp_id
        return (await contacts.get_member_by_unionid(call.core, corp_id, unionid)).name
    except Refusal:
        return ""


def _partition(used: int, most: int, kind: str) -> dict[str, Any]:
    quota = {"used": used, "max": most, "reserved": 0, "type": kind}
    return {"partitionType": PARTITION, "quota": quota}


def _item(found: Dentry, names: dict[str, str]) -> dict[str, Any]:
    return {
        "dentryUuid": found.uuid,
        "name": found.name,
        "creator": {"userId": found.creator, "name": names[found.creator]},
        "modifier": {"userId": found.modifier, "name": names[found.modifier]},
        "lastModifyTime": found.modified_at,
        "path": {"longPath": found.path, "path": found.path, "url": ""},
    }


def _after(token: str) -> int:
    if len(token) > 9 and token.isascii() and token.isdecimal() and len(token) < 19:
        return int(token)
    return skip_of(token)


def _list(said: dict[str, Any], name: str) -> list[Any]:
    given = said.get(name) or []
    if not isinstance(given, list):
        raise drive_refusals.unfit(name, f"{name} 应为数组。", f"{name} is a list.")
    return given


def _whole(given: Any) -> int | None:
    return number({"spaceIds": given}, "spaceIds")


def _range(said: dict[str, Any], name: str) -> tuple[int, int]:
    given = said.get(name) or {}
    if not isinstance(given, dict):
        raise drive_refusals.unfit(
            name, f"{name} 应为 {{startTime, endTime}}。", f"{name} is {{startTime, endTime}}."
        )
    begin, end = number(given, "startTime"), number(given, "endTime")
    return begin or 0, 1 << 53 if end is None else end
