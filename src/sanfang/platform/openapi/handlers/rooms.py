"""Meeting rooms, which events book (calendars.py)."""

from __future__ import annotations

from typing import Any

from ...domain import contacts, rooms
from ...domain.refusals import Refusal
from ...domain.rooms import MeetingRoom
from ..handling import Call, handler

_SENT_BACK = (
    *("roomCapacity", "roomPicture", "roomStatus", "roomLocation", "isvRoomId"),
    *("reservationAuthority", "enableCycleReservation", "roomDescription"),
)
_LARGEST_PAGE = 100


@handler("v1_0_rooms_meetingrooms_post", optional=("isvRoomId", "roomStatus"))
async def room_create(call: Call) -> dict[str, Any]:
    await _person(call)
    args = call.args
    details = {name: args[name] for name in _SENT_BACK if args.get(name) is not None}
    name = args["roomName"]
    if len(name) > 200:
        raise Refusal(40035, "roomName 过长。", "roomName is too long.")
    made = await rooms.create(call.core, call.identity.corp_id, name, details)
    return {"result": made.room_id}


@handler("v1_0_rooms_meeting_rooms_by_room_id_get")
async def room_get(call: Call) -> dict[str, Any]:
    await _person(call)
    corp_id = call.identity.corp_id
    return {"result": _shown(corp_id, await rooms.get(call.core, corp_id, call.args["roomId"]))}


@handler("v1_0_rooms_meeting_room_lists_get")
async def room_list(call: Call) -> dict[str, Any]:
    await _person(call)
    offset, size = call.args.get("nextToken") or 0, call.args.get("maxResults")
    size = _LARGEST_PAGE if size is None else size
    if offset < 0 or not 1 <= size <= _LARGEST_PAGE:
        raise Refusal(
            40069,
            f"maxResults 应为 1 到 {_LARGEST_PAGE}，nextToken 不能为负。",
            f"maxResults is from 1 to {_LARGEST_PAGE}, nextToken not negative.",
        )
    corp_id = call.identity.corp_id
    found, more = await rooms.list_of(call.core, corp_id, offset=offset, size=size)
    page = {"hasMore": more, "result": [_shown(corp_id, each) for each in found]}
    return {**page, "nextToken": offset + len(found)} if more else page


@handler("v1_0_rooms_meeting_rooms_by_room_id_delete")
async def room_delete(call: Call) -> dict[str, Any]:
    await _person(call)
    await rooms.delete(call.core, call.identity.corp_id, call.args["roomId"])
    return {"result": True}


async def _person(call: Call) -> None:
    unionid = call.args["unionId"]
    await contacts.get_member_by_unionid(call.core, call.identity.corp_id, unionid)


def _shown(corp_id: str, room: MeetingRoom) -> dict[str, Any]:
    shown = {"roomId": room.room_id, "corpId": corp_id, "roomName": room.name, "roomStatus": 1}
    return shown | room.details
