"""Announcements (blackboard): later documents offer them, those of 2016 do not (F63)."""

from __future__ import annotations

from typing import Any

from ...domain import announcements, contacts
from ...domain.announcements import Announcement
from .. import moments, reasons
from ..handling import Call, handler
from .check_ins import page

_SEEN = 500  # of the newest are looked at for one member's ten


@handler("oapi_topapi_blackboard_create_post")
async def create(call: Call) -> dict[str, Any]:
    given = call.args["create_request"]
    to = given.get("blackboard_receiver")
    if not isinstance(to, dict):
        raise reasons.missing(40035, "blackboard_receiver")
    await announcements.create(
        call.core,
        call.identity.corp_id,
        _need(given, "operation_userid"),
        author=_text(given, "author"),
        title=_need(given, "title"),
        content=_need(given, "content"),
        details={
            "category_id": _text(given, "category_id"),
            "userids": _list(to, "userid_list", str),
            "dept_ids": _list(to, "deptid_list", int),
        },
    )
    return {"result": True, "success": True}


@handler("oapi_topapi_blackboard_update_post")
async def update(call: Call) -> dict[str, Any]:
    given = call.args["update_request"]
    corp_id = call.identity.corp_id
    await contacts.get_member(call.core, corp_id, _need(given, "operation_userid"))
    await announcements.update(
        call.core,
        corp_id,
        _need(given, "blackboard_id"),
        title=_need(given, "title"),
        content=_need(given, "content"),
        author=_text(given, "author"),
    )
    return {"result": True, "success": True}


@handler("oapi_topapi_blackboard_get_post")
async def get(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    await contacts.get_member(call.core, corp_id, call.args["operation_userid"])
    found = await announcements.get(call.core, corp_id, call.args["blackboard_id"])
    return {"result": _shown(found), "success": True}


@handler("oapi_topapi_blackboard_delete_post")
async def delete(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    await contacts.get_member(call.core, corp_id, call.args["operation_userid"])
    await announcements.delete(call.core, corp_id, call.args["blackboard_id"])
    return {"result": True, "success": True}


@handler("oapi_topapi_blackboard_listids_post")
async def listids(call: Call) -> dict[str, Any]:
    given = call.args["query_request"]
    await contacts.get_member(call.core, call.identity.corp_id, _need(given, "operation_userid"))
    number, size = _number(given, "page", 1), _number(given, "page_size", 100)
    offset, size = page((number - 1) * size, size)
    found = await announcements.list_of(call.core, call.identity.corp_id, offset=offset, size=size)
    return {"result": [each.announcement_id for each in found], "success": True}


@handler("oapi_topapi_blackboard_listtopten_post")
async def topten(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    member = await contacts.get_member(call.core, corp_id, call.args["userid"])
    every = await announcements.list_of(call.core, corp_id, offset=0, size=_SEEN)
    found = [each for each in every if each.is_for(member)][:10]
    return {
        "blackboard_list": [
            {
                "id": each.announcement_id,
                "title": each.title,
                "url": f"https://example.com/blackboard/{each.announcement_id}",
                "gmt_create": moments.local(each.created_at),
            }
            for each in found
        ]
    }


def _need(given: dict[str, Any], name: str) -> str:
    value = _text(given, name)
    if not value:
        raise reasons.missing(40035, name)
    return value


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise reasons.unfit(40035, name, ("文本", "text"))
    return value


def _list(given: dict[str, Any], name: str, kind: type) -> list[Any]:
    values = given.get(name) or []
    if not isinstance(values, list) or any(type(each) is not kind for each in values):
        raise reasons.unfit(40035, name, ("JSON 数组", "a JSON array"))
    return values


def _number(given: dict[str, Any], name: str, absent: int) -> int:
    value = given.get(name, absent)
    if isinstance(value, str) and value.isdecimal() and len(value) < 8:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100_000:
        raise reasons.unfit(40035, name, ("正整数", "a positive integer"))
    return value


def _shown(each: Announcement) -> dict[str, Any]:
    return {
        "id": each.announcement_id,
        "title": each.title,
        "content": each.content,
        "author": each.author,
        "category_id": each.details.get("category_id", ""),
        "gmt_create": moments.local(each.created_at),
        "gmt_modified": moments.local(each.modified_at),
        "read_count": 0,
        "unread_count": 0,
        "private_level": 0,
        "depname_list": [],
        "username_list": [],
        "coverpic_url": "",
    }
