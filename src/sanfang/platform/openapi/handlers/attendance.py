"""Attendance: results, records, leave states, and the upload of records by a device."""

from __future__ import annotations

from typing import Any

from ...domain import attendance, contacts
from ...domain.office_model import Leave, Record
from ...domain.refusals import Refusal
from .. import moments
from ..handling import Call, handler
from .check_ins import page, userid_list, userids_of, window

_GROUP, _CLASS = 1, 1  # the sandbox has one attendance group with one class
_MOST_USERS = 50


@handler("oapi_attendance_list_post", types={"userIdList": "array of string"})
async def results(call: Call) -> dict[str, Any]:
    args = call.args
    start, end = _days(args, "workDateFrom", "workDateTo")
    offset, size = page(args["offset"], args["limit"], 50)
    found, more = await attendance.list_results(
        call.core,
        call.identity.corp_id,
        userids_of(args["userIdList"], _MOST_USERS),
        start=start,
        end=end,
        offset=offset,
        size=size,
    )
    return {"recordresult": [_result(each) for each in found], "hasMore": more}


@handler("oapi_attendance_list_record_post", types={"userIds": "array of string"})
async def records(call: Call) -> dict[str, Any]:
    args, corp_id = call.args, call.identity.corp_id
    start, end = _days(args, "checkDateFrom", "checkDateTo")
    userids = userids_of(args["userIds"], _MOST_USERS)
    found = await attendance.list_records(call.core, corp_id, userids, start=start, end=end)
    return {"recordresult": [_record(corp_id, each) for each in found]}


@handler("oapi_topapi_attendance_getupdatedata_post")
async def update_data(call: Call) -> dict[str, Any]:
    corp_id, userid = call.identity.corp_id, call.args["userid"]
    await contacts.get_member(call.core, corp_id, userid)
    day = moments.midnight(moments.parse_local(call.args["work_date"], "work_date"))
    found, _ = await attendance.list_results(
        call.core, corp_id, [userid], start=day, end=day, size=200
    )
    return {
        "result": {
            "work_date": moments.local(day),
            "userid": userid,
            "corpId": corp_id,
            "attendance_result_list": [_update_result(each) for each in found],
            "check_record_list": [
                _update_record(each) for each in found if each.time_result != "NotSigned"
            ],
            "approve_list": [],
        },
        "success": True,
    }


@handler("oapi_topapi_attendance_getleavestatus_post")
async def leave_status(call: Call) -> dict[str, Any]:
    args = call.args
    start, end = window(args["start_time"], args["end_time"], 180)
    offset, size = page(args["offset"], args["size"], 20)
    found, more = await attendance.list_leaves(
        call.core,
        call.identity.corp_id,
        userid_list(args["userid_list"], 100),
        start=start,
        end=end,
        offset=offset,
        size=size,
    )
    return {
        "result": {"has_more": more, "leave_status": [_leave(each) for each in found]},
        "success": True,
    }


@handler("oapi_topapi_attendance_record_upload_post")
async def upload(call: Call) -> dict[str, Any]:
    args = call.args
    await attendance.add(
        call.core,
        call.identity.corp_id,
        args["userid"],
        user_check_at=moments.checked(args["user_check_time"], "user_check_time"),
        source_type="ATM",
        details={"userAddress": args["device_name"], "deviceId": args["device_id"]},
    )
    return {"success": True}


def _days(args: dict[str, Any], first: str, last: str) -> tuple[int, int]:
    start = moments.parse_local(args[first], first)
    end = moments.parse_local(args[last], last)
    if end < start or end - start > 7 * moments.DAY:
        raise Refusal(
            40035,
            f"{first} 到 {last} 最多 7 天。",
            f"From {first} to {last} it is at most 7 days, in this order.",
        )
    return start, end


def _result(each: Record) -> dict[str, Any]:
    return {
        "id": each.record_id,
        "recordId": each.record_id,
        "userId": each.userid,
        "workDate": each.work_date,
        "checkType": each.check_type,
        "baseCheckTime": each.base_check_at,
        "userCheckTime": each.user_check_at,
        "timeResult": each.time_result,
        "locationResult": each.location_result,
        "sourceType": each.source_type,
        "groupId": _GROUP,
        "planId": each.record_id,
    }


def _record(corp_id: str, each: Record) -> dict[str, Any]:
    legal = (each.time_result, each.location_result) == ("Normal", "Normal")
    return {
        **_result(each),
        "corpId": corp_id,
        "classId": _CLASS,
        "planCheckTime": each.base_check_at,
        "isLegal": "Y" if legal else "N",
        "locationMethod": "MAP",
        "gmtCreate": each.user_check_at,
        "gmtModified": each.user_check_at,
        **each.details,
    }


def _update_result(each: Record) -> dict[str, Any]:
    return {
        "record_id": each.record_id,
        "source_type": each.source_type,
        "plan_check_time": moments.local(each.base_check_at),
        "user_check_time": moments.local(each.user_check_at),
        "check_type": each.check_type,
        "time_result": each.time_result,
        "location_result": each.location_result,
        "location_method": "MAP",
        "user_address": each.details.get("userAddress", ""),
        "class_id": _CLASS,
        "group_id": _GROUP,
        "plan_id": each.record_id,
    }


def _update_record(each: Record) -> dict[str, Any]:
    return {
        "record_id": each.record_id,
        "source_type": each.source_type,
        "user_check_time": moments.local(each.user_check_at),
        "valid_matched": True,
        "user_longitude": each.details.get("userLongitude", ""),
        "user_latitude": each.details.get("userLatitude", ""),
    }


def _leave(each: Leave) -> dict[str, Any]:
    return {
        "userid": each.userid,
        "start_time": each.starts_at,
        "end_time": each.ends_at,
        "duration_unit": each.duration_unit,
        "duration_percent": each.duration_percent,
    }
