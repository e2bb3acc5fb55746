"""Check-ins, attendance and leaves over what the sandbox was given."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.manage import office, office_forms

from ..domain.world import START
from ..openapi.world import World, story
from .people import heard, hire, subscribe

HOUR, DAY = 3_600_000, 86_400_000
NINE = 1_700_010_000_000  # 2023-11-15 09:00:00 in Beijing


async def check_in(world: World, userid: str, at: int, **more: str) -> None:
    form = office_forms.CheckInAdd(world.corp.corp_id, userid, checked_at=at, **more)
    await office.check_in(world.core, form)


async def attend(world: World, userid: str, at: int, **more: Any) -> None:
    form = office_forms.AttendanceAdd(world.corp.corp_id, userid, checked_at=at, **more)
    await office.attend(world.core, form)


def test_check_ins_are_read_by_department_and_by_member() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        await subscribe(world, "check_in")
        await check_in(world, "zhang", START, place="客户公司", remark="拜访")
        await check_in(world, "li", START + HOUR)
        window = {"start_time": START - HOUR, "end_time": START + 2 * HOUR}
        asked = {"department_id": 1, **window, "offset": 0, "size": 100, "order": "desc"}
        found = (await world.get("/checkin/record", world.own, **asked)).json["data"]
        assert [each["userId"] for each in found] == ["li", "zhang"]
        assert (found[1]["name"], found[1]["place"], found[1]["remark"]) == (
            "测试员zhang",
            "客户公司",
            "拜访",
        )
        fields = {"userid_list": "zhang,li", **window, "cursor": 0, "size": 1}
        path = "/topapi/checkin/record/get"
        first = (await world.post(path, fields, world.isv)).json["result"]
        fields["cursor"] = first["next_cursor"]
        second = (await world.post(path, fields, world.isv)).json["result"]
        assert [p["page_list"][0]["userid"] for p in (first, second)] == ["zhang", "li"]
        assert "next_cursor" not in second
        assert [(e["EventType"], e["StaffId"]) for e in await heard(world)] == [
            ("check_in", "zhang"),
            ("check_in", "li"),
        ]

    story(body)


def test_the_window_of_check_ins_is_ten_days_for_one_and_one_day_for_several() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        for who, days, code in (("zhang", 10, 0), ("zhang", 11, 40035), ("zhang,li", 2, 40035)):
            fields = {"userid_list": who, "start_time": START, "end_time": START + days * DAY}
            fields |= {"cursor": 0, "size": 10}
            reply = await world.post("/topapi/checkin/record/get", fields, world.isv)
            assert reply.code == code

    story(body)


def test_attendance_is_judged_by_the_time_and_read_as_results_and_records() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        await subscribe(world, "attendance_check_record")
        await attend(world, "zhang", NINE - 1)
        await attend(world, "zhang", NINE + 9 * HOUR - 1)
        await attend(world, "li", NINE + 1, address="大门")
        await attend(world, "li", NINE + 9 * HOUR, time_result="NotSigned")
        days = {"workDateFrom": "2023-11-15 00:00:00", "workDateTo": "2023-11-15 00:00:00"}
        fields = {**days, "userIdList": ["zhang", "li"], "offset": 0, "limit": 3}
        page = (await world.post("/attendance/list", fields, world.isv)).json
        rest = (await world.post("/attendance/list", {**fields, "offset": 3}, world.isv)).json
        assert (page["hasMore"], rest["hasMore"]) == (True, False)
        lines = page["recordresult"] + rest["recordresult"]
        assert [(e["userId"], e["checkType"], e["timeResult"]) for e in lines] == [
            ("zhang", "OnDuty", "Normal"),
            ("zhang", "OffDuty", "Early"),
            ("li", "OnDuty", "Late"),
            ("li", "OffDuty", "NotSigned"),
        ]
        assert lines[0]["workDate"] == NINE - 9 * HOUR
        window = {"checkDateFrom": "2023-11-15 08:00:00", "checkDateTo": "2023-11-15 23:00:00"}
        fields = {**window, "userIds": ["zhang", "li"]}
        found = (await world.post("/attendance/listRecord", fields, world.isv)).json["recordresult"]
        assert [e["isLegal"] for e in found] == ["Y", "N", "N"]
        assert found[1]["userAddress"] == "大门"
        assert len(await heard(world)) == 3

        upload = {"userid": "li", "device_name": "门禁", "device_id": "d1"}
        upload["user_check_time"] = NINE + 10 * HOUR
        path = "/topapi/attendance/record/upload"
        assert (await world.post(path, upload, world.own)).code == 0
        ask = {"userid": "li", "work_date": "2023-11-15 00:00:00"}
        path = "/topapi/attendance/getupdatedata"
        day = (await world.post(path, ask, world.own)).json["result"]
        assert [e["source_type"] for e in day["attendance_result_list"]] == ["USER", "USER", "ATM"]
        assert len(day["check_record_list"]) == 2

    story(body)


def test_leave_states_touch_the_window() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        for userid, at in (("zhang", START), ("li", START + 20 * DAY)):
            form = office_forms.LeaveAdd(world.corp.corp_id, userid, at, at + 2 * DAY)
            await office.leave(world.core, form)
        ask = {"userid_list": "zhang,li", "start_time": START + DAY, "end_time": START + 3 * DAY}
        ask |= {"offset": 0, "size": 20}
        path = "/topapi/attendance/getleavestatus"
        found = (await world.post(path, ask, world.own)).json["result"]
        assert found["has_more"] is False
        assert [(e["userid"], e["duration_percent"]) for e in found["leave_status"]] == [
            ("zhang", 200)
        ]

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"workDateTo": "2023-11-14"}, 40035),
        ({"workDateTo": "2023-12-14"}, 40035),
        ({"workDateFrom": "yesterday"}, 40035),
        ({"userIdList": []}, 40031),
        ({"userIdList": ["x"] * 51}, 40032),
        ({"limit": 51}, 0),
        ({"limit": 0}, 40069),
        ({"offset": -1}, 40068),
    ],
)
def test_questions_about_attendance_are_checked(changes: dict[str, Any], code: int) -> None:
    async def body(world: World) -> None:
        fields = {"workDateFrom": "2023-11-15", "workDateTo": "2023-11-16"}
        fields |= {"userIdList": ["zhang"], "offset": 0, "limit": 50, **changes}
        reply = await world.post("/attendance/list", fields, world.isv)
        assert reply.code == code if code else reply.code in (40035, 40069)
        assert reply.explained

    story(body)
