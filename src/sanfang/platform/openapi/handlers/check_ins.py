"""Check-ins, read by department or by member."""

from __future__ import annotations

from typing import Any

from ...domain import check_ins, contacts
from ...domain.office_model import CheckIn
from ...domain.refusals import Refusal
from .. import moments
from ..handling import Call, handler
from ..joined import joined

MOST_USERS = 10
_LARGEST_PAGE = 100
_FARTHEST = 100_000  # rows


@handler("oapi_checkin_record_get", types={"department_id": "integer"})
async def of_department(call: Call) -> dict[str, Any]:
    args = call.args
    start, end = window(args["start_time"], args["end_time"], 45)
    offset, size = page(args.get("offset") or 0, args.get("size"))
    order = args.get("order") or args.get("order_asc") or "asc"
    corp_id = call.identity.corp_id
    found = await check_ins.list_of_department(
        call.core,
        corp_id,
        args["department_id"],
        start=start,
        end=end,
        offset=offset,
        size=size,
        newest_first=order == "desc",
    )
    names: dict[str, str] = {}
    for userid in {each.userid for each in found}:
        try:
            names[userid] = (await contacts.get_member(call.core, corp_id, userid)).name
        except Refusal:
            names[userid] = ""
    return {
        "data": [
            {
                "name": names[each.userid],
                "userId": each.userid,
                "avatar": "",
                "timestamp": each.checked_at,
                "place": each.place,
                "detailPlace": each.detail_place,
                "remark": each.remark,
                "imageList": each.images,
                "latitude": each.latitude,
                "longitude": each.longitude,
            }
            for each in found
        ]
    }


@handler("oapi_topapi_checkin_record_get_post")
async def of_users(call: Call) -> dict[str, Any]:
    found, more = await _of_users(call, call.args["cursor"])
    return {"result": {"page_list": [_line(each) for each in found], **more}}


@handler("top_dingtalk_smartwork_checkin_record_get_post", optional=("cursor", "size"))
async def top_of_users(call: Call) -> dict[str, Any]:
    start = call.args.get("cursor")
    if start is None:  # what a third-party SDK calls it
        offset = str(call.args.get("offset") or "")
        start = int(offset) if offset.isdecimal() and len(offset) < 9 else 0
    found, more = await _of_users(call, start)
    page_ = {"page_list": [_line(each) for each in found], **more}
    return {"result": {"ding_open_errcode": 0, "success": True, "result": page_}}


async def _of_users(call: Call, start_at: int) -> tuple[list[CheckIn], dict[str, int]]:
    args = call.args
    userids = userid_list(args["userid_list"], MOST_USERS)
    # One member may be read for ten days, several for one.
    start, end = window(args["start_time"], args["end_time"], 10 if len(userids) == 1 else 1)
    offset, size = page(start_at, args.get("size"))
    found, more = await check_ins.list_of_users(
        call.core, call.identity.corp_id, userids, start=start, end=end, offset=offset, size=size
    )
    return found, {"next_cursor": offset + size} if more else {}


def window(start: int, end: int, days: int) -> tuple[int, int]:
    """Return two times in order and not too far apart; refuse 40035."""
    start, end = moments.checked(start, "start_time"), moments.checked(end, "end_time")
    if end < start or end - start > days * moments.DAY:
        raise Refusal(
            40035,
            f"起止时间须先后有序，间隔不超过 {days} 天。",
            f"The end is after the start, and at most {days} days later.",
        )
    return start, end


def page(offset: int, size: int | None, most: int = _LARGEST_PAGE) -> tuple[int, int]:
    """Return where a page starts and its length; refuse 40068, 40069."""
    size = most if size is None else size
    if not 0 <= offset <= _FARTHEST:
        raise Refusal(40068, "分页起点不合法。", "The start of the page is out of range.")
    if not 1 <= size <= most:
        raise Refusal(40069, f"size 应为 1 到 {most}。", f"size is from 1 to {most}.")
    return offset, size


def userid_list(text: str, most: int) -> list[str]:
    """Return userids joined by commas; refuse 40031 for none, 40032 for too many."""
    return userids_of(joined(text), most)


def userids_of(userids: list[str], most: int) -> list[str]:
    """Return a list of userids; refuse 40031 for none, 40032 for too many."""
    if not userids:
        raise Refusal(40031, "缺少 userid。", "There is no userid in the list.")
    if len(userids) > most:
        raise Refusal(40032, f"最多 {most} 个 userid。", f"At most {most} userids.")
    return userids


def _line(each: CheckIn) -> dict[str, Any]:
    return {
        "userid": each.userid,
        "checkin_time": each.checked_at,
        "place": each.place,
        "detail_place": each.detail_place,
        "remark": each.remark,
        "image_list": each.images,
        "latitude": each.latitude,
        "longitude": each.longitude,
        "visit_user": "",
    }
